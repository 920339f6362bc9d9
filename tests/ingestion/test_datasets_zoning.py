"""Zonings by commune: what is odd in the files, and what they say as published."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.datasets.contracts import load_contracts
from ingestion.datasets.delivery import Delivery, read_delivery
from ingestion.datasets.recognition import recognised_in
from warehouse.errors import InputError

SAMPLE = Path(__file__).with_name("datasets_sample")


def deliver(path: Path, *, vintage: str | None = None, whole: bool = False) -> Delivery:
    contract = load_contracts()[recognised_in(path)]
    if not whole:
        contract = contract.model_copy(update={"at_least": 1})
    return read_delivery(contract, path, path.name, "0" * 64, vintage=vintage)


def counts(read: Delivery) -> tuple[int, int, int, int]:
    account = read.account
    assert account.lines == account.loaded + account.set_aside + account.quarantined
    return account.lines, account.loaded, account.set_aside, account.quarantined


# Nurses


def test_nurses_zones_with_arrondissements_and_results_that_are_none() -> None:
    read = deliver(SAMPLE / "zonage-infirmiers-2024.csv")
    assert read.dataset_key == "cartosante-zonage-infirmiers@2024"
    assert counts(read) == (6, 5, 1, 0)
    assert read.frames["zoning"].select("territory_key", "zone").rows() == [
        ("commune:01004", "très dotée"),
        ("commune:2A004", "surdotée"),
        ("commune:33063", "intermédiaire"),
        ("municipal_arrondissement:75101", "sous-dotée"),
        ("commune:97617", "très sous-dotée"),
    ]
    assert read.frames["dataset"]["territory_vintage"].to_list() == ["2025"]


def test_a_zoning_that_says_nowhere_of_which_year_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "zonage-raw.csv"
    path.write_bytes((SAMPLE / "zonage-infirmiers-2024.csv").read_bytes())
    with pytest.raises(InputError, match="vintage was expected") as refused:
        deliver(path)
    assert "--as cartosante-zonage-infirmiers@VINTAGE" in refused.value.next_step
    assert deliver(path, vintage="2024").dataset_key == "cartosante-zonage-infirmiers@2024"


def test_nurses_zones_as_published(documents: Path) -> None:
    """Counts by zone are those of the file's own description; two overseas collectivities have no zone."""
    path = documents / "opendata" / "cartosante-zonage-infirmiers" / "zonage-raw.csv"
    read = deliver(path, vintage="2024", whole=True)
    assert counts(read) == (34_919, 34_917, 2, 0)
    assert dict(read.frames["zoning"]["zone"].value_counts().rows()) == {
        "très sous-dotée": 1_400,
        "sous-dotée": 4_257,
        "intermédiaire": 15_676,
        "très dotée": 8_792,
        "surdotée": 4_792,
    }
