"""What is declared twice, once in Python and once in YAML, says the same thing twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ingestion.dbt_sources import SOURCES_YML, render
from ingestion.schemas import TABLES

MODELS = SOURCES_YML.parent


def test_the_sources_are_those_that_ingestion_declares() -> None:
    assert SOURCES_YML.read_text(encoding="utf-8") == render(), "run `python -m ingestion.dbt_sources`"


def test_every_source_bears_the_name_of_its_asset() -> None:
    (bronze,) = _yaml(SOURCES_YML)["sources"]
    keys = {t["name"]: t["config"]["meta"]["dagster"]["asset_key"] for t in bronze["tables"]}
    assert keys == {name: ["bronze", name] for name in [*TABLES, "current"]}


def test_marts_accept_the_values_that_bronze_accepts() -> None:
    accepted = {(t.name, c.name): set(c.accepted) for t in TABLES.values() for c in t.columns if c.accepted}
    in_marts = dict(_accepted_values())
    for (table, column), (model, name) in ACCEPTED_IN.items():
        assert in_marts[model, name] == accepted[table, column], f"{model}.{name} and bronze {table}.{column} differ"


ACCEPTED_IN = {
    ("figure", "unit"): ("fct_observation", "unit"),
    ("figure", "kind"): ("fct_observation", "kind"),
    ("figure", "value_form"): ("fct_observation", "value_form"),
    ("figure", "obs_status"): ("fct_observation", "obs_status"),
    ("figure", "growth_form"): ("fct_observation", "growth_form"),
    ("figure", "hedge"): ("fct_observation", "hedge"),
    ("figure", "exhibit_kind"): ("fct_observation", "exhibit_kind"),
    ("figure", "statement_origin"): ("fct_observation", "statement_origin"),
    ("figure", "extraction_method"): ("fct_observation", "extraction_method"),
    ("figure", "review_status"): ("fct_observation", "review_status"),
    ("figure_link", "role"): ("fct_observation_link", "role"),
    ("figure_link", "exhaustive"): ("fct_observation_link", "exhaustive"),
    ("policy_parameter", "role"): ("fct_policy_parameter", "role"),
    ("count", "section"): ("dim_topic", "section"),
    ("count", "counted_unit"): ("fct_contribution", "counted_unit"),
    ("participation", "participant_category"): ("fct_workshop_participation", "participant_category"),
    ("participation", "missing_reason"): ("fct_workshop_participation", "missing_reason"),
    ("workshop_statement", "attribute"): ("fct_workshop_statement", "attribute"),
    ("workshop_statement", "stated_in"): ("fct_workshop_statement", "stated_in"),
    ("indicator", "counted_unit"): ("dim_indicator", "counted_unit"),
    ("indicator", "unit"): ("dim_indicator", "unit"),
    ("indicator", "nature"): ("dim_indicator", "nature"),
    ("indicator_relation", "relation"): ("dim_indicator_relation", "relation"),
    ("ledger", "disposition"): ("figure_ledger", "disposition"),
    ("rule", "severity"): ("rule", "severity"),
    ("population", "obs_status"): ("fct_population", "obs_status"),
}


def _accepted_values() -> Iterator[tuple[tuple[str, str], set[str]]]:
    for file in MODELS.rglob("_*.yml"):
        for model in _yaml(file).get("models", []):
            for column in model.get("columns", []):
                for test in column.get("data_tests", []):
                    if isinstance(test, dict) and "accepted_values" in test:
                        values = test["accepted_values"]["arguments"]["values"]
                        yield (model["name"], column["name"]), {str(value) for value in values}


def _yaml(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    return loaded
