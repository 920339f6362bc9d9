"""The file of stewards reaches the findings of a refresh, whatever is in it, and asks for no build."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from orchestration.decide import WITHOUT_DBT
from orchestration.fingerprints import fingerprints
from orchestration.session import opened_session
from warehouse.paths import Home

STEWARDS = """\
default: ada
stewards: [{id: ada, name: Ada}, {id: bea, name: Bea}]
ownership: [{steward: bea, territory: region:75}]
"""


@pytest.fixture
def built(home: Path) -> Home:
    """A home whose working database has two verdicts, one of them on a commune of the region 75."""
    at = Home(home).create()
    with duckdb.connect(str(at.build)) as connection:
        connection.execute(
            """
            CREATE SCHEMA marts; CREATE SCHEMA quality;
            CREATE TABLE marts.dim_indicator (indicator_key VARCHAR, concept_code VARCHAR, measure_key VARCHAR);
            CREATE TABLE marts.dim_measure (measure_key VARCHAR, parent_measure_key VARCHAR);
            CREATE TABLE marts.dim_territory AS SELECT
                'commune:33063' AS territory_key, 'department:33' AS parent_territory_key,
                '75' AS region_code, '33' AS department_code;
            CREATE TABLE quality.verdict AS SELECT
                'contradiction' AS rule_code, subject_key, 'impossible' AS verdict, 'error' AS severity,
                territory_key, ['a#1', 'a#2'] AS observation_ids, NULL AS decision_id, '{}'::JSON AS evidence
            FROM (VALUES ('s1', 'commune:33063'), ('s2', 'not_stated:none')) AS subjects (subject_key, territory_key);
            CREATE TABLE quality.check_index AS SELECT
                'contradiction' AS rule_code, 2 AS expected, 2 AS evaluated, 0 AS held, 2 AS failed, 0 AS not_evaluable;
            """
        )
    return at


def settled(home: Home) -> list[str | None]:
    with opened_session(home, "test") as session:
        session.settle()
        return sorted((row["steward"] for row in session.store.findings_rows()), key=str)


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        (None, [None, None]),
        (STEWARDS, ["Ada", "Bea"]),
        (STEWARDS.replace("default: ada", "default: eve"), [None, None]),
    ],
)
def test_findings_are_settled_with_their_owners(built: Home, text: str | None, owners: list[str | None]) -> None:
    if text:
        built.stewards.write_text(text, encoding="utf-8")
    assert settled(built) == owners


def test_another_file_asks_for_no_build(built: Home) -> None:
    before = fingerprints(built)
    built.stewards.write_text(STEWARDS, encoding="utf-8")
    changed = {name for name, value in fingerprints(built).items() if value != before[name]}
    assert changed
    assert changed <= WITHOUT_DBT
