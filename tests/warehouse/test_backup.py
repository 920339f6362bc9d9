"""Backup and restore: what cannot be rebuilt comes back whole, and nothing else is ever put in place."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa

from warehouse import backup
from warehouse.backup import BackedUp, BackupError, back_up
from warehouse.errors import BarometreError, LockHeld, StateTooNew, UsageError
from warehouse.paths import Home
from warehouse.restore import member_problem, restore
from warehouse.state import Input, StateStore
from warehouse.state_copy import export_state, has_rows, import_state
from warehouse.state_opening import create_engine
from warehouse.state_tables import REVISION, metadata

NOW = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
DELIVERED = b"delivered once, by somebody who is gone"
SHA = sha256(DELIVERED).hexdigest()


@pytest.fixture
def used(home: Path) -> Home:
    """A home that people used: an input in the archive and in the state store, configuration, waiting files."""
    at = Home(home).create()
    files = {
        f"archive/{SHA[:2]}/{SHA}": DELIVERED,
        f"archive/{SHA[:2]}/{SHA}.json": b"{}",
        "config/stewards.yml": "référents: []\n".encode(),
        "config/extracts/brouillon d’été/figures.csv": b"figure_key\n",
        "quarantine/0123456789abcdef/broken.zip": b"zip",
        "quarantine/0123456789abcdef/reason.json": b"{}",
        "landing/waiting.csv": b"a;b",
        "landing/half.csv.part": b"a;",
        "archive/.incoming-x": b"x",
        "bronze/figure/empty.parquet": b"rebuilt",
        "build.duckdb": b"rebuilt",
        "snapshots/20300101T000000000000Z-aaaaaaaaaaaa.duckdb": b"rebuilt",
    }
    for name, content in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(content)
    (home / "landing" / "link.csv").symlink_to("/etc/hostname")
    with StateStore.open(at, now=NOW) as store:
        store.record_input(Input(SHA, "x.zip", len(DELIVERED), "extract", NOW, "r-2026", 2))
        number = store.begin_refresh(trigger="test", input_set="f" * 64, inputs={"a": "b"}, started_at=NOW)
        store.mark_prepared(number, "1.duckdb")
        store.mark_published(number, finished_at=NOW)
    return at


def save(home: Home, target: Path) -> BackedUp:
    return back_up(home, target, NOW)


def fresh(tmp_path: Path) -> Home:
    return Home(tmp_path / "fresh")


def contents(folder: Path) -> dict[str, bytes]:
    """Everything that can be told from the outside: files by relative name."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_what_cannot_be_rebuilt_comes_back(used: Home, tmp_path: Path) -> None:
    saved = save(used, tmp_path / "b.tar")
    assert saved.damaged == ()
    again = fresh(tmp_path)
    restored = restore(again, saved.path, NOW)
    assert (restored.members, restored.made_at) == (8, "2026-03-01T08:30:00+00:00")
    expected = {
        name: content
        for name, content in contents(used.root).items()
        if name.split("/")[0] in ("archive", "config", "quarantine", "landing")
        and name not in ("landing/half.csv.part", "landing/link.csv", "archive/.incoming-x")
    }
    found = contents(again.root)
    assert {name: found[name] for name in expected} == expected
    assert found.keys() - expected.keys() == {"state.sqlite", "refresh.lock"}
    with StateStore.open(again, now=NOW) as store, StateStore.open(used, now=NOW) as before:
        assert store.all_inputs() == before.all_inputs()
        assert store.refresh_rows(sealed_at=NOW) == before.refresh_rows(sealed_at=NOW)


@pytest.mark.parametrize(
    "name", [b"caf\xe9.csv", b"a\\..\\x.csv", b"two\nlines.csv", "été ".encode() * 30, b"-rf", b"C:x", b"a."]
)
def test_whatever_a_file_is_called_it_comes_back(used: Home, tmp_path: Path, name: bytes) -> None:
    (used.landing / os.fsdecode(name)).write_bytes(b"a;b")
    again = fresh(tmp_path)
    restore(again, save(used, tmp_path / "b.tar").path, NOW)
    assert (again.landing / os.fsdecode(name)).read_bytes() == b"a;b"


def test_a_backup_is_one_private_tar_that_any_tool_reads(used: Home, tmp_path: Path) -> None:
    saved = save(used, tmp_path)
    assert saved.path == tmp_path / "barometre-20260301T083000Z.tar"
    assert saved.path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == [saved.path.name]
    with tarfile.open(saved.path, "r:") as tar:
        assert tar.getnames()[-1] == "manifest.json"
        manifest = json.load(tar.extractfile("manifest.json"))
    assert manifest["schema_revision"] == REVISION
    assert {"python", "barometre"} <= manifest["versions"].keys()


def test_damage_in_the_archive_is_told(used: Home, tmp_path: Path) -> None:
    (used.archive / SHA[:2] / SHA).write_bytes(b"bit rot")
    assert save(used, tmp_path).damaged == (f"archive/{SHA[:2]}/{SHA}",)


HOLDER = """
import sys
from pathlib import Path
from warehouse.lock import refresh_lock
with refresh_lock(Path(sys.argv[1]), "a refresh"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_backup_needs_no_lock_and_a_restore_does(used: Home, tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(used.lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        saved = save(used, tmp_path / "b.tar")
        with pytest.raises(LockHeld, match="a refresh"):
            restore(used, saved.path, NOW)


@pytest.mark.parametrize("name", ["home/b.tar", "home/landing/b.tar", "nowhere/b.tar", "there.tar"])
def test_a_target_that_cannot_be_meant_is_refused(used: Home, tmp_path: Path, name: str) -> None:
    (tmp_path / "there.tar").write_bytes(b"an older backup")
    with pytest.raises(UsageError):
        save(used, tmp_path / name)
    assert (tmp_path / "there.tar").read_bytes() == b"an older backup"


def test_a_backup_that_fails_leaves_nothing(used: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_add_bytes", full)
    with pytest.raises(BackupError, match="No space left"):
        save(used, tmp_path / "b.tar")
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


@pytest.mark.parametrize(
    "occupied",
    ["archive/ab/x", "config/stewards.yml", "build.duckdb", "barometre.duckdb", "notes.txt", "landing/x.zip"],
)
def test_a_home_that_is_used_is_left_alone(used: Home, tmp_path: Path, occupied: str) -> None:
    saved, again = save(used, tmp_path / "b.tar"), fresh(tmp_path)
    (again.root / occupied).parent.mkdir(parents=True)
    (again.root / occupied).write_bytes(b"mine")
    with pytest.raises(UsageError, match=occupied):
        restore(again, saved.path, NOW)
    assert (again.root / occupied).read_bytes() == b"mine"
    assert contents(again.root).keys() == {occupied, "refresh.lock"}


def test_a_store_with_rows_makes_a_home_used(used: Home, tmp_path: Path) -> None:
    saved, again = save(used, tmp_path / "b.tar"), fresh(tmp_path)
    with StateStore.open(again, now=NOW) as store:
        store.record_input(Input(SHA, "x", 1, "extract", NOW))
    with pytest.raises(UsageError, match="rows"):
        restore(again, saved.path, NOW)


def test_a_home_that_was_only_looked_at_is_empty(used: Home, tmp_path: Path) -> None:
    saved, again = save(used, tmp_path / "b.tar"), fresh(tmp_path)
    with StateStore.open(again.create(), now=NOW):
        (again.dagster / "dagster.yaml").write_text("telemetry:\n")
    (again.root / ".restore-killed").mkdir()
    (again.root / ".restore-killed" / "half").write_bytes(b"x")
    restore(again, saved.path, NOW)
    assert (again.archive / SHA[:2] / SHA).read_bytes() == DELIVERED
    assert has_rows(again.state_url)
    assert not list(again.root.glob(".restore*"))


def refused(home: Home, path: Path, words: str, error: type[Exception] = BackupError) -> None:
    """The restore is refused, and the home is as empty as before."""
    with pytest.raises(error, match=words):
        restore(home, path, NOW)
    assert contents(home.root).keys() <= {"refresh.lock"}


def test_a_file_cut_short_anywhere_is_refused(used: Home, tmp_path: Path) -> None:
    whole = save(used, tmp_path / "b.tar").path.read_bytes()
    manifest_at = whole.index(b'"format"')
    for size in (0, 100, 512, 600, 5_000, len(whole) // 2, manifest_at - 513, manifest_at + 10):
        (tmp_path / "cut.tar").write_bytes(whole[:size])
        refused(fresh(tmp_path), tmp_path / "cut.tar", "cut short|cannot be restored|cannot be read")


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    (tmp_path / "b.tar").write_bytes(b"PK\x03\x04" + b"x" * 10_000)
    refused(fresh(tmp_path), tmp_path / "b.tar", "cannot be restored")
    refused(fresh(tmp_path), tmp_path / "absent.tar", "does not exist", UsageError)


def test_a_byte_changed_is_refused(used: Home, tmp_path: Path) -> None:
    whole = bytearray(save(used, tmp_path / "b.tar").path.read_bytes())
    whole[whole.index(DELIVERED)] ^= 1
    (tmp_path / "b.tar").write_bytes(whole)
    refused(fresh(tmp_path), tmp_path / "b.tar", "damaged")


Change = Callable[[tarfile.TarInfo, bytes], list[tuple[tarfile.TarInfo, bytes]]]


def rewritten(source: Path, target: Path, change: Change) -> Path:
    """The backup with each member changed, dropped or followed by others; its manifest follows, as a forger's would."""
    with tarfile.open(source) as tar:
        read = [(info, tar.extractfile(info).read()) for info in tar]
    members = [pair for info, content in read[:-1] for pair in change(info, content)]
    manifest = json.loads(read[-1][1])
    manifest["members"] = [
        {"name": info.name, "bytes": len(content), "sha256": sha256(content).hexdigest()} for info, content in members
    ]
    written = json.dumps(manifest).encode()
    manifest_info = tarfile.TarInfo("manifest.json")
    with tarfile.open(target, "w") as tar:
        for info, content in [*members, (manifest_info, written)]:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return target


def renamed(name: str) -> Change:
    return lambda info, content: [(info.replace(name=name) if info.name.startswith("landing") else info, content)]


@pytest.mark.parametrize(
    "name",
    [
        "/etc/cron.d/x",
        "../outside",
        "landing/../../outside",
        "landing/./x",
        "config/.ssh/authorized_keys",
        "snapshots/x.duckdb",
        "barometre.duckdb",
        "archive",
        "x",
    ],
)
def test_a_member_that_reaches_elsewhere_is_refused(used: Home, tmp_path: Path, name: str) -> None:
    forged = rewritten(save(used, tmp_path / "b.tar").path, tmp_path / "forged.tar", renamed(name))
    refused(fresh(tmp_path), forged, "in the backup")
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.GNUTYPE_SPARSE],
)
def test_only_regular_files_are_put_in_place(kind: bytes) -> None:
    info = tarfile.TarInfo("config/x")
    assert member_problem(info) is None
    info.type = kind
    assert member_problem(info) == "is not a regular file"


def test_a_link_as_manifest_is_no_manifest(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "b.tar", "w") as tar:
        info = tarfile.TarInfo("manifest.json")
        info.type, info.linkname = tarfile.SYMTYPE, "elsewhere"
        tar.addfile(info)
    refused(fresh(tmp_path), tmp_path / "b.tar", "no manifest")


def test_twice_the_same_name_is_refused(used: Home, tmp_path: Path) -> None:
    forged = rewritten(
        save(used, tmp_path / "b.tar").path, tmp_path / "forged.tar", lambda info, content: [(info, content)] * 2
    )
    refused(fresh(tmp_path), forged, "cannot be restored")


def test_a_backup_without_its_state_is_refused(used: Home, tmp_path: Path) -> None:
    forged = rewritten(
        save(used, tmp_path / "b.tar").path,
        tmp_path / "forged.tar",
        lambda info, content: [] if info.name == "state.sqlite" else [(info, content)],
    )
    refused(fresh(tmp_path), forged, r"state\.sqlite")


@pytest.mark.parametrize(("part", "value"), [("FORMAT", 2), ("REVISION", "9999")])
def test_a_backup_of_a_newer_version_is_refused(
    used: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, value: object
) -> None:
    with StateStore.open(used, now=NOW):
        pass
    described = backup._described

    def newer(*arguments: object) -> bytes:
        content = json.loads(described(*arguments))
        content |= {"format": value} if part == "FORMAT" else {"schema_revision": value}
        return json.dumps(content).encode()

    monkeypatch.setattr(backup, "_described", newer)
    saved = save(used, tmp_path / "b.tar")
    refused(fresh(tmp_path), saved.path, "newer version", StateTooNew)


#: A database whose tables may be dropped, as in test_state.
POSTGRES = os.environ.get("BAROMETRE_TEST_POSTGRES")


@pytest.fixture(params=["sqlite", *(["postgresql"] if POSTGRES else [])])
def another_store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store elsewhere."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'elsewhere.sqlite'}"
    engine = create_engine(str(POSTGRES))
    with engine.begin() as connection:
        metadata.drop_all(connection)
        connection.execute(sa.text("DROP TABLE IF EXISTS alembic_version"))
    engine.dispose()
    return str(POSTGRES)


def test_a_state_store_moves_to_another_engine_and_back(
    used: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, another_store: str
) -> None:
    """Rows go over as rows when a URL names the store."""
    with StateStore.open(used, now=NOW) as store:
        before = [store.all_inputs(), store.refresh_rows(sealed_at=NOW), store.last_published()]
    saved = save(used, tmp_path / "b.tar")
    monkeypatch.setenv("BAROMETRE_STATE_URL", another_store)
    moved = fresh(tmp_path)
    restore(moved, saved.path, NOW)
    assert not moved.state_path.exists()
    with StateStore.open(moved, now=NOW) as store:
        assert [store.all_inputs(), store.refresh_rows(sealed_at=NOW), store.last_published()] == before
        number = store.begin_refresh(trigger="next", input_set="f" * 64, inputs={}, started_at=NOW)
    assert number == 2, "numbers go on"
    back = save(moved, tmp_path / "back.tar")
    monkeypatch.delenv("BAROMETRE_STATE_URL")
    again = Home(tmp_path / "again")
    restore(again, back.path, NOW)
    with StateStore.open(again, now=NOW) as store:
        assert store.all_inputs() == before[0]


def test_rows_are_never_copied_over_rows(used: Home, tmp_path: Path) -> None:
    export_state(used, tmp_path / "state.sqlite", NOW)
    with pytest.raises(BarometreError, match="rows already"):
        import_state(used, tmp_path / "state.sqlite", NOW)
    assert has_rows(used.state_url)


def test_a_damaged_member_is_known_by_its_name() -> None:
    member = backup.Member(f"archive/{SHA[:2]}/{SHA}", 1, SHA)
    assert not backup.is_damaged(member)
    assert backup.is_damaged(replace(member, sha256="0" * 64))
    assert not backup.is_damaged(replace(member, name=f"{member.name}.json", sha256="0" * 64))
