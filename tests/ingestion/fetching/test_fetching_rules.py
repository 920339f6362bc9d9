"""What is decided without a network: addresses, pauses, pace, what contracts may say, what archives may hold."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import tarfile
import zipfile
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ingestion.fetching.addresses import file_name, objection, redirect_objection, redirected
from ingestion.fetching.contract import DropFolder, Fetch, InseeMelodi, Unpack, Url
from ingestion.fetching.failures import FetchFailed
from ingestion.fetching.unpacking import tar_member, unpacked
from ingestion.fetching.verification import check_content, check_integrity, check_media_type
from ingestion.fetching.waiting import (
    LONGEST_PAUSE_SECONDS,
    MOST_RETRY_AFTER_SECONDS,
    Limits,
    Pace,
    pause_before,
    retry_after,
    wait_for_turn,
)
from ingestion.landing import safe_name

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
BLOCK = TypeAdapter(Fetch)
A = "https://example.org/a.csv"


class TestAddresses:
    @pytest.mark.parametrize(
        "address", [A, "https://example.org:8443/x?y=%C3%A9", "http://127.0.0.1:8000/x", "http://[::1]/x"]
    )
    def test_https_and_this_machine(self, address: str) -> None:
        assert objection(address) is None

    @pytest.mark.parametrize(
        ("address", "because"),
        [
            ("http://example.org/a.csv", "https was expected"),
            ("http://127.0.0.1.example.org/", "https was expected"),
            ("http://10.0.0.1/", "https was expected"),
            ("ftp://example.org/a.csv", "https was expected"),
            ("https:///a.csv", "with a host"),
            ("a.csv", "with a host"),
            ("https://me:secret@example.org/", "without a user name"),
            ("https://example.org/é.csv", "printable ASCII"),
            ("https://example.org/a b.csv", "printable ASCII"),
            ("https://example.org/a\r\nHost: b", "printable ASCII"),
            ("https://example.org:x/", "no address"),
        ],
    )
    def test_nothing_else(self, address: str, because: str) -> None:
        assert because in str(objection(address))

    def test_redirects_stay_where_the_contract_says(self) -> None:
        assert redirect_objection(A, "https://example.org/b.csv", ()) is None
        assert redirect_objection(A, "https://files.example.org/b.csv", ("files.example.org",)) is None
        assert "does not name" in str(redirect_objection(A, "https://example.org.evil.net/b.csv", ()))
        assert "https was expected" in str(redirect_objection(A, "http://example.org/b.csv", ()))
        assert "from https" in str(redirect_objection(A, "http://127.0.0.1/b.csv", ("127.0.0.1",)))

    @given(st.text(), st.text())
    def test_whatever_a_server_says_is_an_address_or_refused(self, location: str, disposition: str) -> None:
        target = redirected(A, location)
        if redirect_objection(A, target, ()) is None:
            assert target.startswith("https://example.org")
        name = file_name(A, disposition)
        assert name
        assert name == safe_name(name)

    @pytest.mark.parametrize("location", ["http://[", "https://[::1", "//[x]/", "https://example.org:port/", "\ud800"])
    def test_nor_does_nonsense_break_anything(self, location: str) -> None:
        refused = redirect_objection(A, redirected(A, location), ())
        assert refused is not None or location == "\ud800"

    def test_what_could_steer_a_terminal_is_shown(self) -> None:
        assert FetchFailed("failed", "a\x1b[2Jb\u202ec").sentence == "a\\x1b[2Jb\\x202ec"


class TestWaiting:
    @given(st.integers(2, 60), st.none() | st.floats(0, 1e4), st.floats(0, 1))
    def test_pauses_grow_to_a_limit_and_respect_the_server(
        self, attempt: int, asked: float | None, chance: float
    ) -> None:
        pause = pause_before(attempt, asked, chance)
        assert pause >= (asked or 0)
        assert 0.5 <= pause <= max(LONGEST_PAUSE_SECONDS, asked or 0)
        assert pause_before(attempt + 1, asked, chance) >= pause

    @given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
    def test_a_date_is_as_good_as_seconds(self, at: datetime) -> None:
        at = at.replace(microsecond=0, tzinfo=UTC)
        assert retry_after(format_datetime(at, usegmt=True), NOW) == min(
            max(0.0, (at - NOW) / timedelta(seconds=1)), MOST_RETRY_AFTER_SECONDS
        )

    @pytest.mark.parametrize(
        ("value", "seconds"),
        [
            ("120", 120.0),
            (" 7 ", 7.0),
            (None, None),
            ("soon", None),
            ("-1", None),
            ("²", None),
            ("9" * 5000, 30 * 86400.0),
        ],
    )
    def test_what_says_nothing_is_nothing(self, value: str | None, seconds: float | None) -> None:
        assert retry_after(value, NOW) == seconds

    @given(st.text())
    def test_any_text_is_a_wait_or_nothing(self, value: str) -> None:
        assert 0 <= (retry_after(value, NOW) or 0) <= MOST_RETRY_AFTER_SECONDS

    @given(st.lists(st.floats(0, 600), min_size=1, max_size=80), st.integers(1, 30))
    def test_never_more_than_so_many_in_any_minute(self, gaps: list[float], per_minute: int) -> None:
        now, asked = 0.0, list[float]()
        for gap in gaps:
            now += gap / 100
            now += wait_for_turn(asked, now, per_minute)
            asked.append(now)
        assert all(later - earlier >= 60 - 1e-6 for earlier, later in zip(asked, asked[per_minute:], strict=False))

    def test_a_pace_is_judged_once_a_window(self) -> None:
        limits = Limits(window=30.0, bytes_per_second=100.0)
        began = Pace(0.0)
        assert began.after(29.0, 0, limits) == began
        assert began.after(30.0, 2999, limits) is None
        assert began.after(30.0, 3000, limits) == Pace(30.0, 3000)
        assert Pace(30.0, 3000).after(60.0, 3001, limits) is None, "a good start does not excuse a drip"


class TestContract:
    def test_what_is_not_declared_is_as_careful_as_can_be(self) -> None:
        block = BLOCK.validate_python({"kind": "url", "address": A})
        assert isinstance(block, Url)
        assert (block.redirect_hosts, block.unpack, block.max_bytes) == ((), None, 256 << 20)
        assert "text/html" not in block.media_types

    def test_people_may_go_on_delivering(self) -> None:
        assert BLOCK.validate_python({"kind": "drop_folder"}) == DropFolder()

    @pytest.mark.parametrize(
        ("block", "because"),
        [
            ({"kind": "url"}, "address"),
            ({"kind": "url", "address": "http://example.org/a.csv"}, "https was expected"),
            ({"kind": "url", "address": A, "max_bytes": 2 << 30}, "less than or equal"),
            ({"kind": "url", "address": A, "retries": 99}, "Extra inputs"),
            ({"kind": "url", "address": A, "media_types": []}, "at least 1"),
            ({"kind": "telepathy"}, "does not match any of the expected tags"),
            ({"kind": "datagouv_resource", "resource": "cs1100502"}, "should match pattern"),
            ({"kind": "insee_melodi", "dataset": "DS_BPE?x", "filters": {}}, "should match pattern"),
            ({"kind": "insee_melodi", "dataset": "DS_BPE", "requests_per_minute": 31}, "less than or equal"),
            ({"kind": "opendatasoft_export", "portal": "https://example.org/", "datasets": ["a"]}, "slash at its end"),
            ({"kind": "opendatasoft_export", "portal": "https://example.org", "datasets": ["a/../b"]}, "match pattern"),
            (
                {"kind": "npm_package", "registry": "https://example.org", "package": "../x", "member": "x"},
                "match pattern",
            ),
        ],
    )
    def test_a_mistake_is_refused_where_it_stands(self, block: dict[str, object], because: str) -> None:
        with pytest.raises(ValidationError, match=because):
            BLOCK.validate_python(block)

    def test_the_limits_of_melodi_are_insees(self) -> None:
        block = BLOCK.validate_python({"kind": "insee_melodi", "dataset": "DS_BPE"})
        assert isinstance(block, InseeMelodi)
        assert (block.page_size, block.requests_per_minute) == (100_000, 30)


class TestContent:
    @pytest.mark.parametrize(
        "page",
        [
            b"<!DOCTYPE html><title>503</title>",
            b"\n\n  <HTML><body>Maintenance</body></HTML>",
            b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x">',
            b"<script>location='/login'</script>",
            b"<h1>It works!</h1>",
        ],
    )
    def test_pages_are_no_data(self, tmp_path: Path, page: bytes) -> None:
        (tmp_path / "x").write_bytes(page)
        with pytest.raises(FetchFailed, match="an HTML page"):
            check_content(tmp_path / "x", A)

    @pytest.mark.parametrize("data", [b"a;b\n<5;1\n", b"<?xml version='1.0'?><data/>", b'{"html": 1}', b"PK\x03\x04"])
    def test_data_are_no_pages(self, tmp_path: Path, data: bytes) -> None:
        (tmp_path / "x").write_bytes(data)
        check_content(tmp_path / "x", A)

    def test_types_are_compared_without_their_parameters(self) -> None:
        check_media_type("Text/CSV; charset=utf-8", ("text/csv",), A)
        check_media_type("application/vnd.x", ("application/*",), A)
        with pytest.raises(FetchFailed, match="an HTML page"):
            check_media_type("text/html", ("*/*",), A)

    def test_a_published_hash_is_compared(self, tmp_path: Path) -> None:
        (tmp_path / "x").write_bytes(b"data")
        right = "sha512-" + base64.b64encode(hashlib.sha512(b"data").digest()).decode()
        check_integrity(tmp_path / "x", right, A)
        for wrong in (right.replace("sha512", "sha256"), "sha1-xxx", right[:-4] + "AA=="):
            with pytest.raises(FetchFailed):
                check_integrity(tmp_path / "x", wrong, A)


class TestUnpacking:
    @staticmethod
    def zipped(tmp_path: Path, **members: bytes) -> Path:
        path = tmp_path / "x.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(f"dossier/{name}.csv", content)
        return path

    @pytest.mark.parametrize("member", ["DS_data.csv", "*_data.csv", "dossier/DS_data.csv"])
    def test_one_member_is_the_data(self, tmp_path: Path, member: str) -> None:
        path, target = self.zipped(tmp_path, DS_data=b"1", DS_metadata=b"2"), tmp_path / "out"
        assert unpacked(Unpack(form="zip", member=member), path, target, A) == "DS_data.csv"
        assert target.read_bytes() == b"1"

    @pytest.mark.parametrize("member", [None, "*.csv", "other.csv"])
    def test_none_or_several_are_told(self, tmp_path: Path, member: str | None) -> None:
        path = self.zipped(tmp_path, DS_data=b"1", DS_metadata=b"2")
        with pytest.raises(FetchFailed, match=r"it holds dossier/DS_data.csv, dossier/DS_metadata.csv"):
            unpacked(Unpack(form="zip", member=member), path, tmp_path / "out", A)

    def test_bombs_and_damage_are_refused(self, tmp_path: Path) -> None:
        path = self.zipped(tmp_path, a=b"\0" * (4 << 20))
        with pytest.raises(FetchFailed, match="more than 1048576 bytes"):
            unpacked(Unpack(form="zip"), path, tmp_path / "out", A, most=1 << 20)
        path.write_bytes(path.read_bytes()[:-30])
        with pytest.raises(FetchFailed, match="damaged zip"):
            unpacked(Unpack(form="zip"), path, tmp_path / "out", A)
        path.write_bytes(gzip.compress(b"data")[:-3])
        with pytest.raises(FetchFailed, match="damaged gzip"):
            unpacked(Unpack(form="gzip"), path, tmp_path / "out", A)

    def test_a_gzip_is_one_file(self, tmp_path: Path) -> None:
        (tmp_path / "data.csv.gz").write_bytes(gzip.compress(b"data"))
        assert unpacked(Unpack(form="gzip"), tmp_path / "data.csv.gz", tmp_path / "out", A) == "data.csv"
        assert (tmp_path / "out").read_bytes() == b"data"

    def test_a_tar_gives_regular_files_only(self, tmp_path: Path) -> None:
        path, content = tmp_path / "x.tgz", b"[]"
        with tarfile.open(path, "w:gz") as archive:
            link = tarfile.TarInfo("package/data/link.json")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(link)
            info = tarfile.TarInfo("package/data/communes.json")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        assert tar_member(path, "package/data/communes.json", tmp_path / "out", A) == "communes.json"
        for absent in ("package/data/link.json", "data/communes.json"):
            with pytest.raises(FetchFailed, match="has no file"):
                tar_member(path, absent, tmp_path / "out", A)
