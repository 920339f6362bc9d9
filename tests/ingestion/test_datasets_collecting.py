"""Datasets from the drop folder to bronze: recognised, archived, remembered, vintages beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import polars as pl
import pytest

from ingestion import landing, receiving
from ingestion.arrivals import Arrival, Known, frames_of
from ingestion.collect import decide_versions, write_bronze
from ingestion.datasets import contracts
from ingestion.gathering import gather
from ingestion.receiving import clear_landed, deliver, receive_landed
from warehouse.errors import UsageError
from warehouse.paths import Home

SAMPLE = Path(__file__).with_name("datasets_sample")
COMMUNES = (SAMPLE / "Communes.csv").read_bytes()
LATER = COMMUNES.replace(b"254436", b"257068")
CODE = "insee-populations-legales"


@dataclass
class DatasetHome:
    """A home, and what its state store would remember; refreshes up to bronze."""

    home: Home
    known: dict[str, Known] = field(default_factory=dict)
    now: datetime = datetime(2031, 1, 1, tzinfo=UTC)
    read: int = 0

    def refresh(self, deliveries: Mapping[str, bytes] | None = None) -> dict[str, Arrival]:
        """Drop files, and refresh an hour later; the arrivals by name."""
        for name, content in (deliveries or {}).items():
            (self.home.landing / name).write_bytes(content)
        self.now += timedelta(hours=1)
        received = receive_landed(self.home, self.known, self.now)
        arrivals = decide_versions(gather(self.home, self.known, received, self.now, "recipe"))
        self.read = sum(arrival.content is not None for arrival in arrivals)
        for a in arrivals:
            self.known[a.sha256] = Known(a.sha256, a.kind, a.received_at, a.status, a.source, a.version)
        write_bronze(self.home, arrivals, frames_of(arrivals), [], "recipe")
        clear_landed(self.home, received)
        return {arrival.name: arrival for arrival in arrivals}

    def populations(self, *, superseded: bool = False) -> dict[tuple[str, str], float]:
        """Municipal population of Bordeaux by dataset key and version, from the files that count."""
        listed = pl.read_parquet(self.home.bronze / "current.parquet").filter(pl.col("table_name") == "population")
        wanted = listed.filter(pl.col("superseded_at").is_not_null() == superseded)
        found: dict[tuple[str, str], float] = {}
        for path in wanted["path"]:
            rows = pl.read_parquet(self.home.bronze / path).filter(
                pl.col("territory_key") == "commune:33063", pl.col("population_kind") == "municipale"
            )
            found |= {(row[0], row[1]): row[2] for row in rows.select("dataset_key", "period", "population").rows()}
        return found


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DatasetHome:
    return new_home(tmp_path, monkeypatch)


def new_home(root: Path, patch: pytest.MonkeyPatch) -> DatasetHome:
    """No extract of the repository, no waiting for files to rest, and contracts that take files of four rows."""
    small = {code: c.model_copy(update={"at_least": 1}) for code, c in contracts.load_contracts().items()}
    patch.setattr(receiving, "PACKAGED", root / "packaged")
    patch.setattr(landing, "QUIET_SECONDS", 0.0)
    patch.setattr("ingestion.datasets.collecting.load_contracts", lambda: small)
    return DatasetHome(Home(root / "home").create())


def test_a_dropped_file_is_recognised_archived_and_read(store: DatasetHome) -> None:
    arrivals = store.refresh({"whatever.txt": COMMUNES, "effectifs.csv": (SAMPLE / "effectifs.csv").read_bytes()})
    assert {(a.kind, a.source, a.vintage, a.status) for a in arrivals.values()} == {
        ("dataset", CODE, "2017", "accepted"),
        ("dataset", "cnam-effectifs-densites", "2024", "accepted"),
    }
    assert store.populations() == {(f"{CODE}@2017", "2017"): 254436.0}
    assert list(store.home.landing.iterdir()) == []


def test_what_was_accepted_stays_without_being_read_again(store: DatasetHome) -> None:
    store.refresh({"Communes.csv": COMMUNES})
    again = store.refresh({"renamed.csv": COMMUNES})
    assert store.read == 0
    assert [a.status for a in again.values()] == ["accepted"]
    assert store.populations() == {(f"{CODE}@2017", "2017"): 254436.0}


def test_a_file_that_names_no_vintage_is_refused_until_a_person_says_it(store: DatasetHome) -> None:
    refused = store.refresh({"Communes.csv": LATER})["Communes.csv"]
    assert refused.reason is not None
    assert f"--as {CODE}@VINTAGE" in refused.reason["next_step"]
    given = store.home.root / "Communes.csv"
    given.write_bytes(LATER)
    deliver(store.home, given, store.now, f"{CODE}@2018")
    accepted = store.refresh()["Communes.csv"]
    assert (accepted.vintage, accepted.status) == ("2018", "accepted")
    with pytest.raises(UsageError, match="No dataset is called"):
        deliver(store.home, given, store.now, "populations")


def test_what_a_person_said_by_mistake_is_said_again(store: DatasetHome) -> None:
    given = store.home.root / "Communes.csv"
    given.write_bytes(LATER)
    deliver(store.home, given, store.now, f"{CODE}@2081")
    store.refresh()
    assert store.populations() == {(f"{CODE}@2081", "2081"): 257068.0}
    deliver(store.home, given, store.now, f"{CODE}@2018")
    store.refresh()
    assert store.populations() == {(f"{CODE}@2018", "2018"): 257068.0}
    deliver(store.home, given, store.now, f"{CODE}@2018")
    store.refresh()
    assert store.read == 0


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_vintages_stay_beside_each_other_whatever_their_order(store: DatasetHome, order: tuple[int, ...]) -> None:
    for index in order:
        given = store.home.root / "Communes.csv"
        given.write_bytes((COMMUNES, LATER)[index])
        deliver(store.home, given, store.now, f"{CODE}@{(2017, 2018)[index]}")
        store.refresh()
    assert store.populations() == {(f"{CODE}@2017", "2017"): 254436.0, (f"{CODE}@2018", "2018"): 257068.0}
    assert store.populations(superseded=True) == {}


def test_the_same_vintage_again_is_a_correction(store: DatasetHome) -> None:
    store.refresh({"Communes.csv": COMMUNES})
    corrected = COMMUNES.replace(b"70659", b"70660")
    store.refresh({"Communes.csv": corrected})
    assert [known.status for known in store.known.values()] == ["superseded", "accepted"]
    assert len(store.populations()) == len(store.populations(superseded=True)) == 1


def test_rows_refused_are_told_with_their_place_and_the_rest_is_taken(store: DatasetHome) -> None:
    many = b"".join(f"01{n:03};Exemple {n};{n};0;{n}\n".encode() for n in (1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))
    more = b"".join(f"33{n:03};Exemple {n};{n};0;{n}\n".encode() for n in (1, 2, 3, 4, 5, 6, 7))
    arrival = store.refresh({"Communes.csv": COMMUNES + many + more + b"99999;Nulle part;1;0;1\n"})["Communes.csv"]
    assert arrival.status == "accepted"
    assert [(r["file"], r["lines"], r["column"], r["keys"]) for r in arrival.rejections] == [
        ("Communes.csv", [26], "DEPCOM", ["99999"])
    ]
