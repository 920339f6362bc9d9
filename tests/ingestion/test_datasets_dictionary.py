"""The dictionary of datasets' columns, from their contracts."""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml import YAML

from ingestion.datasets.contracts import load_contracts
from ingestion.datasets.dictionary import dataset_columns, published_table
from ingestion.schemas import TABLES

MODELS = Path(__file__).parents[2] / "dbt_project" / "models" / "marts"


def published() -> dict[str, set[str]]:
    """The columns of every fact and dimension."""
    return {
        model["name"]: {column["name"] for column in model["columns"]}
        for file in ("_facts.yml", "_dimensions.yml")
        for model in YAML(typ="safe").load(MODELS / file)["models"]
    }


def test_a_column_is_told_by_its_heading_and_where_its_cells_go() -> None:
    rows = dataset_columns([load_contracts()["insee-populations-legales"]]).rows_by_key("column_name", named=True)
    assert rows["pmun"][0] == {
        "dataset_code": "insee-populations-legales",
        "published_as": "PMUN",
        "is_pattern": False,
        "type": "integer",
        "unit": "personnes",
        "published_in": "marts.fct_population",
        "published_column": "population",
    }
    assert rows["commune"][0]["published_column"] == "territory_key"
    assert rows["label"][0]["published_in"] is None


def test_a_heading_that_carries_a_year_is_told_by_its_pattern() -> None:
    rows = dataset_columns([load_contracts()["insee-estimations-departements"]]).rows_by_key("column_name", named=True)
    assert rows["people"][0]["is_pattern"]
    assert rows["people"][0]["published_column"] == "population"
    assert rows["annee"][0]["published_as"] == "@sheet"


def test_cells_go_to_columns_that_are_published() -> None:
    described = published()
    for row in dataset_columns(load_contracts().values()).drop_nulls("published_in").iter_rows(named=True):
        assert row["published_column"] in described[row["published_in"].removeprefix("marts.")], row


def test_every_dataset_is_told_once_a_column() -> None:
    contracts = load_contracts()
    rows = dataset_columns(contracts.values())
    assert rows.height == sum(len(contract.columns) for contract in contracts.values())
    assert not rows.select("dataset_code", "column_name").is_duplicated().any()


def test_every_table_of_datasets_is_published_under_the_name_told() -> None:
    described = published()
    for table in (table for table in TABLES.values() if table.family == "dataset" and table.name != "dataset"):
        assert published_table(table.name).removeprefix("marts.") in described, table.name
