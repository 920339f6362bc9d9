"""Every misbehaviour of a server that we know of, on loopback: what comes is whole and the data, or is refused."""

from __future__ import annotations

import socket
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

import pytest
from misbehaving import (
    NOW,
    Answer,
    Server,
    TestClock,
    chunked,
    compressed,
    conditional,
    cut,
    endless,
    hung_up,
    ranged,
    redirect,
    stalled,
    status,
    whole,
)

from ingestion.fetching.contract import DATA_TYPES
from ingestion.fetching.failures import FetchFailed
from ingestion.fetching.transfer import USER_AGENT, Transferred, Transfers, Wanted
from ingestion.fetching.waiting import Limits

BODY = b"code;effectif\n" + b"".join(b"%02d;%d\n" % (i, i * i) for i in range(60))
V1, V2 = '"v1"', '"v2"'
MONDAY, TUESDAY = "Mon, 16 Nov 2026 08:00:00 GMT", "Tue, 17 Nov 2026 08:00:00 GMT"
LOGIN = b"\xef\xbb\xbf  <!-- SSO --><!DOCTYPE html><html><form>Identifiez-vous</form></html>"


class Fetcher:
    """One address of the server, asked as a contract would."""

    def __init__(self, transfers: Transfers, folder: Path, server: Server) -> None:
        self.transfers, self.server, self.part = transfers, server, folder / "source.part"

    def __call__(self, address: str, **wanted: object) -> Transferred | None:
        return self.transfers.fetch(Wanted(address, DATA_TYPES, **wanted), self.part)  # type: ignore[arg-type]

    def bytes(self, *answers: Answer, **wanted: object) -> bytes:
        got = self(self.server.gives("/data.csv", *answers), **wanted)
        assert got is not None
        content = got.path.read_bytes()
        assert (got.sha256, got.bytes) == (sha256(content).hexdigest(), len(content))
        assert not self.part.exists()
        return content

    def refusal(self, *answers: Answer, path: str = "/data.csv", **wanted: object) -> FetchFailed:
        with pytest.raises(FetchFailed) as caught:
            self(self.server.gives(path, *answers), **wanted)
        return caught.value


@pytest.fixture
def fetcher(transfers: Transfers, tmp_path: Path, server: Server) -> Fetcher:
    return Fetcher(transfers, tmp_path, server)


class TestWhole:
    def test_it_says_who_asks_and_asks_for_the_bytes_as_they_are(self, fetcher: Fetcher) -> None:
        assert fetcher.bytes(whole(BODY)) == BODY
        headers = fetcher.server.headers()
        assert headers["User-Agent"] == USER_AGENT
        assert "Barometre/" in USER_AGENT
        assert headers["Accept-Encoding"] == "identity"
        assert {"If-None-Match", "If-Modified-Since", "Range", "Cookie"}.isdisjoint(headers)

    def test_chunks_of_unknown_length(self, fetcher: Fetcher) -> None:
        assert fetcher.bytes(chunked(BODY)) == BODY

    def test_what_is_compressed_for_the_way_is_inflated(self, fetcher: Fetcher) -> None:
        assert fetcher.bytes(compressed(BODY)) == BODY

    def test_a_bomb_is_not(self, fetcher: Fetcher) -> None:
        refused = fetcher.refusal(compressed(b"\0" * (1 << 20)), max_bytes=1 << 16)
        assert "unpacks to more than 65536 bytes" in refused.sentence
        assert list(fetcher.part.parent.iterdir()) == []

    @pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
    def test_other_compressions_were_not_asked_for(self, fetcher: Fetcher, encoding: str) -> None:
        assert "which was not asked for" in fetcher.refusal(whole(BODY, Content_Encoding=encoding)).sentence

    def test_what_is_said_to_be_compressed_and_is_not(self, fetcher: Fetcher) -> None:
        assert "damaged gzip" in fetcher.refusal(whole(BODY, Content_Encoding="gzip")).sentence

    def test_the_name_is_the_servers_and_safe(self, fetcher: Fetcher) -> None:
        named = whole(BODY, Content_Disposition='attachment; filename="../../liste 2026.csv"')
        got = fetcher(fetcher.server.gives("/a/b.csv", named))
        assert got is not None
        assert got.name == "_.._liste 2026.csv"
        got = fetcher(fetcher.server.gives("/a/b%20c.csv?x=1", whole(BODY)))
        assert got is not None
        assert got.name == "b c.csv"


class TestUnchanged:
    def test_both_validators_are_sent_and_304_is_nothing_new(self, fetcher: Fetcher) -> None:
        address = fetcher.server.gives("/data.csv", conditional(BODY, V1, MONDAY))
        assert fetcher(address, etag=V1, last_modified=MONDAY) is None
        headers = fetcher.server.headers()
        assert (headers["If-None-Match"], headers["If-Modified-Since"]) == (V1, MONDAY)

    def test_a_weak_etag_is_good_enough_to_ask(self, fetcher: Fetcher) -> None:
        address = fetcher.server.gives("/data.csv", conditional(BODY, 'W/"v1"'))
        assert fetcher(address, etag='W/"v1"') is None

    def test_changed_bytes_under_the_same_address_come(self, fetcher: Fetcher) -> None:
        got = fetcher(fetcher.server.gives("/data.csv", conditional(BODY, V2, TUESDAY)), etag=V1, last_modified=MONDAY)
        assert got is not None
        assert (got.etag, got.last_modified, got.path.read_bytes()) == (V2, TUESDAY, BODY)

    def test_a_304_that_nobody_asked_for_is_a_fault(self, fetcher: Fetcher) -> None:
        assert "answers HTTP 304" in fetcher.refusal(status(304)).sentence


class TestAskedAgain:
    @pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504])
    def test_what_may_pass_is_asked_again(self, fetcher: Fetcher, clock: TestClock, code: int) -> None:
        assert fetcher.bytes(status(code), status(code), whole(BODY)) == BODY
        assert clock.slept == [1.0, 2.0]

    def test_the_server_says_how_long(self, fetcher: Fetcher, clock: TestClock) -> None:
        at = format_datetime(NOW.replace(minute=2), usegmt=True)
        assert fetcher.bytes(status(429, Retry_After="37"), status(503, Retry_After=at), whole(BODY)) == BODY
        assert clock.slept == [37.0, pytest.approx(120.0 - 37.0)]

    def test_one_that_asks_for_too_long_is_left_for_another_day(self, fetcher: Fetcher, clock: TestClock) -> None:
        refused = fetcher.refusal(status(429, Retry_After="3600"))
        assert (refused.kind, refused.retry_after, clock.slept) == ("busy", 3600.0, [])
        assert "HTTP 429, and asks for 3600 s" in refused.sentence

    def test_five_times_at_most(self, fetcher: Fetcher, clock: TestClock) -> None:
        refused = fetcher.refusal(status(503))
        assert (len(fetcher.server.asked), clock.slept) == (5, [1.0, 2.0, 4.0, 8.0])
        assert "(5 attempts)" in refused.sentence

    @pytest.mark.parametrize(
        ("code", "kind"), [(401, "forbidden"), (403, "forbidden"), (404, "missing"), (410, "missing"), (400, "failed")]
    )
    def test_what_cannot_pass_is_asked_once(self, fetcher: Fetcher, code: int, kind: str) -> None:
        refused = fetcher.refusal(status(code))
        assert (refused.kind, len(fetcher.server.asked)) == (kind, 1)
        assert f"HTTP {code}" in refused.sentence

    def test_a_door_shut_in_the_face(self, fetcher: Fetcher) -> None:
        assert fetcher.bytes(hung_up, whole(BODY)) == BODY
        assert fetcher.refusal(hung_up).kind == "cut"

    def test_nobody_there_is_told_in_a_line_and_soon(self, fetcher: Fetcher, clock: TestClock) -> None:
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            with pytest.raises(FetchFailed) as caught:
                fetcher(f"http://127.0.0.1:{nobody.getsockname()[1]}/data.csv")
        assert (caught.value.kind, len(clock.slept)) == ("unreachable", 1)
        assert caught.value.sentence.startswith("no network, or 127.0.0.1 does not answer: ")
        assert "object at 0x" not in caught.value.sentence


class TestResumed:
    def test_a_cut_transfer_goes_on_where_it_broke_off(self, fetcher: Fetcher) -> None:
        assert fetcher.bytes(cut(BODY, 100, ETag=V1), ranged(BODY, ETag=V1)) == BODY
        headers = fetcher.server.headers()
        assert (headers["Range"], headers["If-Range"]) == ("bytes=100-", V1)

    def test_also_in_another_run(self, fetcher: Fetcher) -> None:
        refused = fetcher.refusal(cut(BODY, 100, Last_Modified=MONDAY))
        assert (refused.kind, fetcher.part.stat().st_size) == ("cut", 100)
        assert fetcher.bytes(ranged(BODY, Last_Modified=MONDAY)) == BODY
        assert fetcher.server.headers()["If-Range"] == MONDAY

    def test_a_rest_that_is_cut_too(self, fetcher: Fetcher) -> None:
        def rest(to: object) -> None:
            whole_rest = BODY[100:]
            to.head(
                206,
                {
                    "Content-Length": str(len(whole_rest)),
                    "ETag": V1,  # type: ignore[attr-defined]
                    "Content-Range": f"bytes 100-{len(BODY) - 1}/{len(BODY)}",
                },
            )
            to.wfile.write(whole_rest[:50])  # type: ignore[attr-defined]

        assert fetcher.bytes(cut(BODY, 100, ETag=V1), rest, ranged(BODY, ETag=V1)) == BODY
        assert fetcher.server.headers()["Range"] == "bytes=150-"

    def test_a_rest_shorter_than_it_says_the_whole_is(self, fetcher: Fetcher) -> None:
        short = whole(BODY[100:200], 206, Content_Range=f"bytes 100-199/{len(BODY)}", ETag=V1)
        assert fetcher.bytes(cut(BODY, 100, ETag=V1), short, ranged(BODY, ETag=V1)) == BODY

    @pytest.mark.parametrize("proof", [{}, {"ETag": 'W/"v1"', "Last_Modified": MONDAY}])
    def test_not_where_nothing_proves_that_the_rest_belongs_to_it(
        self, fetcher: Fetcher, proof: dict[str, str]
    ) -> None:
        assert fetcher.bytes(cut(BODY, 100, **proof), whole(BODY, **proof)) == BODY
        assert "Range" not in fetcher.server.headers()

    def test_another_version_meanwhile_is_taken_whole(self, fetcher: Fetcher) -> None:
        new = BODY.replace(b"49", b"50")
        assert fetcher.bytes(cut(BODY, 100, ETag=V1), ranged(new, ETag=V2)) == new

    def test_nor_is_a_rest_of_another_version_glued_on(self, fetcher: Fetcher) -> None:
        new = BODY.replace(b"49", b"50")
        other = whole(new[100:], 206, Content_Range=f"bytes 100-{len(new) - 1}/{len(new)}", ETag=V2)
        assert fetcher.bytes(cut(BODY, 100, ETag=V1), other, whole(new, ETag=V2)) == new

    def test_nor_one_that_begins_elsewhere(self, fetcher: Fetcher) -> None:
        other = whole(BODY[90:], 206, Content_Range=f"bytes 90-{len(BODY) - 1}/{len(BODY)}", ETag=V1)
        assert fetcher.bytes(cut(BODY, 100, ETag=V1), other, whole(BODY, ETag=V1)) == BODY

    def test_a_file_that_shrank_is_begun_again(self, fetcher: Fetcher) -> None:
        small = BODY[:60]
        shrunk = status(416, Content_Range=f"bytes */{len(small)}")
        assert fetcher.bytes(cut(BODY, 100, ETag=V1), shrunk, whole(small, ETag=V2)) == small
        assert "Range" not in fetcher.server.headers()

    def test_chunks_that_break_off(self, fetcher: Fetcher) -> None:
        assert fetcher.bytes(chunked(BODY, is_cut=True), chunked(BODY)) == BODY
        assert fetcher.refusal(chunked(BODY, is_cut=True)).kind == "cut"

    def test_a_length_that_lies(self, fetcher: Fetcher) -> None:
        refused = fetcher.refusal(whole(BODY, Content_Length=str(len(BODY) + 1)))
        assert (refused.kind, len(fetcher.server.asked)) == ("cut", 5)

    def test_a_server_that_falls_silent(self, fetcher: Fetcher) -> None:
        assert fetcher.bytes(stalled(BODY, 100, ETag=V1), ranged(BODY, ETag=V1)) == BODY
        assert fetcher.server.headers()["Range"] == "bytes=100-"


class TestTooSlow:
    def test_a_drip_is_turned_off(self, tmp_path: Path, server: Server) -> None:
        """Each look at the clock is ten seconds later, and seven bytes came."""
        slow = Transfers(Limits(read=5.0, attempts=1), TestClock(step=10.0), lambda: 0.0)
        refused = Fetcher(slow, tmp_path, server).refusal(endless(b"a;b;c;\n"))
        assert (refused.kind, "drips" in refused.sentence) == ("slow", True)

    def test_what_came_of_a_drip_is_gone_on_from(self, tmp_path: Path, server: Server) -> None:
        slow = Transfers(Limits(read=5.0, attempts=1), TestClock(step=10.0), lambda: 0.0)
        fetcher = Fetcher(slow, tmp_path, server)
        fetcher.refusal(endless(BODY[:7], ETag=V1))
        assert fetcher.part.stat().st_size >= 7

    def test_nothing_takes_longer_than_all_of_the_time(self, tmp_path: Path, server: Server) -> None:
        """Fast enough, and without end."""
        long = Transfers(Limits(read=5.0, window=1e9, total=100.0), TestClock(step=10.0), lambda: 0.0)
        refused = Fetcher(long, tmp_path, server).refusal(endless(b"x" * 4096))
        assert (refused.kind, "not whole after 100 s" in refused.sentence) == ("slow", True)


class TestRefused:
    def test_a_login_page_at_another_host(self, fetcher: Fetcher) -> None:
        refused = fetcher.refusal(redirect("https://sso.example.org/login?next=data"))
        assert "redirected to sso.example.org, a host that the contract does not name" in refused.sentence
        assert len(fetcher.server.asked) == 1

    def test_a_login_page_at_the_same_host(self, fetcher: Fetcher) -> None:
        fetcher.server.gives("/login", whole(LOGIN, Content_Type="text/html"))
        refused = fetcher.refusal(redirect("/login"))
        assert (refused.kind, "HTML page instead of data" in refused.sentence) == ("refused", True)

    def test_an_error_page_that_says_it_is_csv(self, fetcher: Fetcher) -> None:
        assert "HTML page under another type" in fetcher.refusal(whole(LOGIN)).sentence
        assert list(fetcher.part.parent.iterdir()) == []

    def test_another_type(self, fetcher: Fetcher) -> None:
        refused = fetcher.refusal(whole(BODY, Content_Type="image/png"))
        assert "gave image/png; expected text/csv" in refused.sentence

    def test_no_type_is_judged_by_the_bytes(self, fetcher: Fetcher) -> None:
        assert fetcher.bytes(whole(BODY, Content_Type="")) == BODY
        assert "HTML page" in fetcher.refusal(whole(LOGIN, Content_Type="")).sentence

    def test_another_form(self, fetcher: Fetcher) -> None:
        assert "gave no zip" in fetcher.refusal(whole(BODY), form="zip").sentence

    def test_too_small(self, fetcher: Fetcher) -> None:
        assert "at least 9999 were expected" in fetcher.refusal(whole(BODY), min_bytes=9999).sentence
        assert "gave 0 bytes" in fetcher.refusal(whole(b"")).sentence
        assert "nothing but blanks" in fetcher.refusal(whole(b" \n\n ")).sentence

    def test_too_large_is_not_even_begun(self, fetcher: Fetcher) -> None:
        assert "more than 100 bytes" in fetcher.refusal(whole(BODY), max_bytes=100).sentence

    def test_too_large_without_saying_so(self, fetcher: Fetcher) -> None:
        assert "more than 100000 bytes" in fetcher.refusal(endless(b"x" * 4096), max_bytes=100_000).sentence
        assert list(fetcher.part.parent.iterdir()) == []


class TestRedirects:
    @pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
    def test_within_a_host_they_are_followed(self, fetcher: Fetcher, code: int) -> None:
        fetcher.server.gives("/2026/data.csv", whole(BODY, ETag=V1))
        got = fetcher(fetcher.server.gives("/latest", redirect("/2026/data.csv", code)))
        assert got is not None
        assert (got.name, got.final_address) == ("data.csv", fetcher.server.address("/2026/data.csv"))
        assert got.moved_to == (got.final_address if code in (301, 308) else None)

    def test_to_another_host_only_where_the_contract_names_it(self, fetcher: Fetcher) -> None:
        other = fetcher.server.gives("/2026/data.csv", whole(BODY)).replace("127.0.0.1", "localhost")
        latest = fetcher.server.gives("/latest", redirect(other, 301))
        with pytest.raises(FetchFailed, match="a host that the contract does not name"):
            fetcher(latest)
        assert fetcher(latest, redirect_hosts=("localhost",)) is not None

    def test_never_to_plain_http_elsewhere(self, fetcher: Fetcher) -> None:
        refused = fetcher.refusal(redirect("http://example.org/data.csv"), redirect_hosts=("example.org",))
        assert "https was expected, http found" in refused.sentence

    @pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://127.0.0.1:99999/", "//"])
    def test_never_to_anything_else(self, fetcher: Fetcher, target: str) -> None:
        assert fetcher.refusal(redirect(target)).kind == "refused"

    def test_not_in_circles(self, fetcher: Fetcher) -> None:
        fetcher.server.gives("/b", redirect("/data.csv"))
        assert "redirects more than 5 times" in fetcher.refusal(redirect("/b")).sentence
        assert len(fetcher.server.asked) == 6

    def test_names_in_raw_utf8_are_followed(self, fetcher: Fetcher) -> None:
        fetcher.server.gives("/m%C3%A9decins.csv", whole(BODY))
        raw = "/médecins.csv".encode().decode("latin-1")
        assert fetcher(fetcher.server.gives("/latest", redirect(raw))) is not None


class TestNonsense:
    """Headers that mean nothing are none."""

    @pytest.mark.parametrize(
        "headers",
        [
            {"ETag": "x" * 5000},
            {"Last_Modified": "hier"},
            {"Content_Disposition": "attachment; filename*=klingon''%ff"},
            {"Content_Type": ";;;"},
            {"Retry_After": "²"},
        ],
    )
    def test_the_data_come_all_the_same(self, fetcher: Fetcher, headers: dict[str, str]) -> None:
        assert fetcher.bytes(whole(BODY, **headers), per_minute=600) == BODY

    @pytest.mark.parametrize("said", ["bytes 100-", "bytes x-y/z", "100-200/300", f"bytes {'9' * 5000}-1/1", ""])
    def test_a_rest_that_does_not_say_where_it_begins_is_none(self, fetcher: Fetcher, said: str) -> None:
        odd = whole(BODY[100:], 206, Content_Range=said, ETag=V1)
        assert fetcher.bytes(cut(BODY, 100, ETag=V1), odd, whole(BODY, ETag=V1)) == BODY


class TestPoliteness:
    def test_no_more_requests_a_minute_than_the_contract_says(self, fetcher: Fetcher, clock: TestClock) -> None:
        for _ in range(4):
            fetcher.bytes(whole(BODY), per_minute=2)
        assert clock.slept == [60.0]

    def test_a_proxy_of_the_environment_is_used_but_for_this_machine(
        self, transfers: Transfers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import urllib3

        monkeypatch.setenv("https_proxy", "http://proxy.example.org:3128")
        assert isinstance(transfers._pool("https://www.data.gouv.fr/x"), urllib3.ProxyManager)
        assert not isinstance(transfers._pool("http://127.0.0.1/x"), urllib3.ProxyManager)
