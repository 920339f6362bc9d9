"""What a dataset's contract says of its bronze rows, checked again behind its transform."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from expectations.datasets import contract_checks
from expectations.inputs import InputReport, KnownCodes, check_inputs
from ingestion.datasets.contract_model import Contract
from ingestion.datasets.contracts import load_contracts
from ingestion.schemas import TABLES

CODE = "insee-populations-legales"
KNOWN = KnownCodes(
    frozenset(),
    frozenset({"commune:33063", "region:75", "municipal_arrondissement:75101"}),
    frozenset({"2017", "2018"}),
)
ROW = {
    "dataset_key": f"{CODE}@2017",
    "territory_key": "commune:33063",
    "period": "2017",
    "population_kind": "municipale",
    "sex": "T",
    "population": 254436.0,
    "obs_status": "observed",
    "is_aggregate": False,
    "input_sha256": "a" * 64,
}
DATASET = {
    "dataset_key": f"{CODE}@2017",
    "dataset_code": CODE,
    "title": "Populations légales",
    "publisher": "INSEE",
    "vintage": "2017",
    "licence": "Licence Ouverte 2.0",
    "source_sha256": "a" * 64,
    "input_sha256": "a" * 64,
}


def rows(table: str, *given: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(given), schema=TABLES[table].schema)


@pytest.fixture(scope="module")
def report() -> InputReport:
    return check_inputs(
        {
            "dataset": rows("dataset", DATASET),
            "population": rows(
                "population",
                ROW,
                ROW | {"territory_key": "municipal_arrondissement:75101"},
                ROW | {"territory_key": "region:75"},
                ROW | {"sex": "F"},
                ROW | {"period": "2018"},
                ROW | {"territory_key": "region:75", "dataset_key": "another@2017"},
            ),
        },
        KNOWN,
    )


def test_rows_that_are_not_as_the_contract_says_are_refused_one_by_one(report: InputReport) -> None:
    assert {(r.expectation, r.rows) for r in report.refusals} == {
        (f"population.{CODE}.level.territory_key", (2,)),
        (f"population.{CODE}.contract.sex", (3,)),
        (f"population.{CODE}.vintage.period", (4,)),
    }
    assert report.refused_rows("population") == {2, 3, 4}


def test_a_refusal_names_the_dataset_and_what_its_contract_says(report: InputReport) -> None:
    sentences = {r.expectation: r.sentence for r in report.refusals}
    assert sentences[f"population.{CODE}.contract.sex"] == f"{CODE} : sex est l’une des valeurs du contrat : T."


@pytest.mark.parametrize("contract", load_contracts().values(), ids=lambda contract: contract.code)
def test_every_packaged_contract_has_a_suite_over_columns_of_its_tables(contract: Contract) -> None:
    checks = contract_checks(contract)
    assert {check.table for check in checks} == {table.name for table in contract.tables}
    for check in checks:
        assert check.name.rsplit(".", 1)[1] in {column.name for column in TABLES[check.table].columns}
