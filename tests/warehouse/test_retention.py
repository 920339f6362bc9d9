"""Which snapshots stay: by count, by age, by what is served; and settings that cannot be misread."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.errors import UsageError
from warehouse.paths import Home
from warehouse.retention import Candidate, Retention, candidates, prune, to_prune
from warehouse.settings import read_settings
from warehouse.snapshots import list_snapshots, manifest_path, remove_leftovers, snapshot_name

NOW = datetime(2030, 6, 1, 12, tzinfo=UTC)


def aged(*days: float) -> list[Candidate]:
    """Snapshots of these ages, named by their age in days."""
    return [Candidate(Path(f"{age:g}"), NOW - timedelta(days=age), 1) for age in days]


def gone(found: list[Candidate], retention: Retention, *protected: str) -> list[str]:
    return [candidate.path.name for candidate in to_prune(found, retention, protected, NOW)]


@pytest.mark.parametrize(
    ("ages", "retention", "protected", "expected"),
    [
        ([], Retention(), [], []),
        ([1, 2, 30, 40], Retention(keep=4, keep_days=0), [], []),
        ([30, 1, 40, 2], Retention(keep=3, keep_days=0), [], ["40"]),
        ([1, 2, 3, 40], Retention(keep=1, keep_days=7), [], ["40"]),
        ([1, 2, 3, 40], Retention(keep=1, keep_days=2), [], ["2", "3", "40"]),
        ([1, 2, 3, 4], Retention(keep=1, keep_days=7, at_most=2), [], ["3", "4"]),
        ([1, 2, 30, 40], Retention(keep=1, keep_days=0), ["40"], ["2", "30"]),
        ([-3, 1, 30], Retention(keep=1, keep_days=7), [], ["30"]),
    ],
    ids=["none", "count", "order", "age", "edge", "at most", "protected", "clock stepped back"],
)
def test_what_goes(ages: list[float], retention: Retention, protected: list[str], expected: list[str]) -> None:
    assert gone(aged(*ages), retention, *protected) == expected


@given(
    ages=st.lists(st.integers(-5, 60), unique=True, max_size=40),
    keep=st.integers(1, 10),
    days=st.integers(0, 30),
    more=st.integers(0, 10),
    data=st.data(),
)
def test_what_stays_whatever_happens(ages: list[int], keep: int, days: int, more: int, data: st.DataObject) -> None:
    found, retention = aged(*ages), Retention(keep, days, keep + more)
    protected = data.draw(st.lists(st.sampled_from([str(age) for age in ages]), max_size=2) if ages else st.just([]))
    left = {str(age) for age in ages} - set(gone(found, retention, *protected))
    newest = {str(age) for age in sorted(ages)[:keep]}
    assert newest | set(protected) <= left
    assert len(left - set(protected)) <= retention.at_most
    assert all(age < days or str(age) in newest | set(protected) for age in map(int, left))


def plant(home: Home, age_days: float, manifest: str | None = "whole") -> Path:
    """A snapshot of this age, with its manifest."""
    home.snapshots.mkdir(parents=True, exist_ok=True)
    sealed_at = NOW - timedelta(days=age_days)
    path = home.snapshots / snapshot_name(sealed_at, "a" * 64)
    path.write_bytes(b"x" * 100)
    path.chmod(0o444)
    if manifest is not None:
        whole = json.dumps({"sealed_at": sealed_at.isoformat()})
        manifest_path(path).write_text(whole if manifest == "whole" else manifest)
    return path


def serve(home: Home, path: Path) -> None:
    home.current.unlink(missing_ok=True)
    home.current.symlink_to(path.relative_to(home.root))


def test_files_go_with_their_manifest_and_write_ahead_log(home: Path) -> None:
    at = Home(home)
    newest, old = plant(at, 1), plant(at, 20)
    old.with_name(f"{old.name}.wal").write_bytes(b"left by a client")
    serve(at, newest)
    pruned = prune(at, Retention(keep=1, keep_days=7), (), NOW, dry_run=True)
    assert (pruned.snapshots, pruned.bytes, old.exists()) == ((old.name,), 100, True)
    assert prune(at, Retention(keep=1, keep_days=7), (), NOW) == pruned
    assert {path.name for path in at.snapshots.iterdir()} == {newest.name, manifest_path(newest).name}


def test_the_current_one_stays_however_old(home: Path) -> None:
    at = Home(home)
    newest, older, oldest = plant(at, 10), plant(at, 20), plant(at, 30)
    serve(at, oldest)
    prune(at, Retention(keep=1, keep_days=0), (), NOW)
    assert (newest.exists(), older.exists(), oldest.exists()) == (True, False, True)


@pytest.mark.parametrize(
    "manifest", [None, "", "{}", "[]", '{"sealed_at": "yesterday"}', '{"sealed_at": "2020-01-01T00:00:00"}']
)
def test_what_has_no_readable_manifest_is_not_judged(home: Path, manifest: str | None) -> None:
    at = Home(home)
    plant(at, 1)
    strange = plant(at, 50, manifest)
    prune(at, Retention(keep=1, keep_days=0), (), NOW)
    assert strange.exists()


def test_a_file_of_another_name_is_not_ours(home: Path) -> None:
    at = Home(home)
    plant(at, 1)
    kept = plant(at, 50).rename(at.snapshots / "copy-for-anne.duckdb")
    manifest_path(kept).write_text(json.dumps({"sealed_at": "2020-01-01T00:00:00+00:00"}))
    assert [candidate.path for candidate in candidates(at.snapshots)] != [kept]
    prune(at, Retention(keep=1, keep_days=0), (), NOW)
    assert kept.exists()


def test_a_prune_killed_half_way_leaves_what_a_refresh_removes(home: Path) -> None:
    at = Home(home)
    newest, old = plant(at, 1), plant(at, 20)
    manifest_path(old).unlink()
    assert [snapshot.path for snapshot in list_snapshots(at.snapshots, at.current)] == [newest]
    assert remove_leftovers(at.snapshots) == [old]


class TestSettings:
    def test_a_home_without_the_file_has_the_defaults(self, home: Path) -> None:
        assert read_settings(Home(home)).snapshots.retention == Retention(keep=30, keep_days=7, at_most=100)

    def test_what_is_written_counts(self, home: Path) -> None:
        self._write(home, "snapshots:\n  keep: 3\n  keep_days: 0\n")
        assert read_settings(Home(home)).snapshots.retention == Retention(keep=3, keep_days=0, at_most=100)

    def test_a_file_of_comments_is_the_defaults(self, home: Path) -> None:
        self._write(home, "# snapshots:\n#   keep: 3\n")
        assert read_settings(Home(home)).snapshots.retention == Retention()

    @pytest.mark.parametrize(
        ("text", "named"),
        [
            ("snapshots:\n  kep: 300\n", "snapshots.kep"),
            ("snapshot:\n  keep: 300\n", "snapshot"),
            ("snapshots:\n  keep: 0\n", "snapshots.keep"),
            ("snapshots:\n  keep: '30'\n", "snapshots.keep"),
            ("snapshots:\n  keep: true\n", "snapshots.keep"),
            ("snapshots:\n  keep: 3\n  keep: 30\n", "keep"),
            ("snapshots:\n  keep: 50\n  at_most: 40\n", "at_most (40) is below keep (50)"),
            ("snapshots: [\n", "cannot be read"),
            ("- 3\n", "the file"),
            ("snapshots:\n", "snapshots"),
        ],
    )
    def test_what_it_may_not_hold_is_refused_by_name(self, home: Path, text: str, named: str) -> None:
        self._write(home, text)
        with pytest.raises(UsageError) as refused:
            read_settings(Home(home))
        assert named in str(refused.value)
        assert "settings.yml" in str(refused.value)

    def _write(self, home: Path, text: str) -> None:
        Home(home).config.mkdir(parents=True, exist_ok=True)
        (Home(home).config / "settings.yml").write_text(text, encoding="utf-8")
