"""What a steward found not to compare is settled, stays settled, and comes back when the decision no longer holds."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from command_line import Command
from homes import copy_of

from warehouse.paths import Home
from warehouse.state import StateStore
from warehouse.state_tables import decision, finding

COUNTED = ("counted_unit", "champ_fr", "denominator_fr", "definition_version")


@pytest.fixture(scope="module")
def decided(refreshed_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Command:
    """A home where two things were found not to compare: a family, and two figures of one indicator."""
    barometre = copy_of(refreshed_home, tmp_path_factory.mktemp("decided") / "home")
    for rule, code in (("comparability", "asalee_infirmiers"), ("cumulative_falls", "ptmg_signes_cumul")):
        decide(barometre, rule, code, "not_comparable", datetime(2026, 1, 1, tzinfo=UTC))
    # Of a copied home, the working database reads the original's files until it is built.
    code, result = barometre("refresh", "--force")
    assert (code, result["outcome"], result["transitions"]) == (0, "published", {"settled": 2}), result
    return barometre


def decide(barometre: Command, rule: str, indicator: str, what: str, at: datetime) -> None:
    """Decide about a finding, for what its evidence says."""
    with StateStore.open(Home(barometre.home), now=at) as store, store.transaction() as connection:
        about = sa.select(finding).where(finding.c.rule_code == rule, finding.c.indicator_code == indicator)
        found = connection.execute(about).mappings().one()
        figures = found["evidence"]["figures"]
        guard = {f["ref"]: {n: f[n] for n in COUNTED} if rule == "comparability" else f["value"] for f in figures}
        row = {"decision_id": f"{rule} {at:%Y-%m}", "finding_id": found["finding_id"], "decision": what, "guard": guard}
        connection.execute(decision.insert().values(**row, decided_by="Ada", decided_at=at, reason="postes, personnes"))


def of(barometre: Command, rule: str, indicator: str) -> dict[str, Any]:
    [row] = barometre.sql(
        f"SELECT verdict, severity, status, evidence FROM quality.finding WHERE rule_code = '{rule}' "
        f"AND indicator_code = '{indicator}'"
    )
    return dict(zip(("verdict", "severity", "status", "evidence"), row, strict=True))


@pytest.mark.parametrize(
    ("rule", "indicator"), [("comparability", "asalee_infirmiers"), ("cumulative_falls", "ptmg_signes_cumul")]
)
def test_what_was_decided_is_told_as_settled(decided: Command, rule: str, indicator: str) -> None:
    found = of(decided, rule, indicator)
    assert (found["verdict"], found["severity"], found["status"]) == ("not_comparable", "info", "settled")
    assert json.loads(found["evidence"])["decision_id"] == f"{rule} 2026-01"
    named = decided.sql(f"SELECT DISTINCT rule_code FROM quality.verdict WHERE decision_id = '{rule} 2026-01'")
    assert named == [(rule,)]


JUDGED = "SELECT * EXCLUDE (evidence) FROM quality.verdict ORDER BY ALL"


def test_a_sealing_again_says_what_a_full_refresh_says(decided: Command) -> None:
    """Taken back, the question is asked again; taken once more, all is as dbt built it."""
    built = decided.sql(JUDGED)
    decide(decided, "comparability", "asalee_infirmiers", "keep_both", datetime(2026, 2, 1, tzinfo=UTC))
    code, result = decided("refresh")
    assert (code, result["work"], result["transitions"]) == (0, "reseal", {"changed": 1}), result
    assert of(decided, "comparability", "asalee_infirmiers")["status"] == "changed"
    assert of(decided, "cumulative_falls", "ptmg_signes_cumul")["status"] == "settled"
    decide(decided, "comparability", "asalee_infirmiers", "not_comparable", datetime(2026, 3, 1, tzinfo=UTC))
    code, result = decided("refresh")
    assert (code, result["work"], result["transitions"]) == (0, "reseal", {"settled": 1}), result
    again = [
        tuple("comparability 2026-01" if v == "comparability 2026-03" else v for v in row)
        for row in decided.sql(JUDGED)
    ]
    assert sorted(again, key=repr) == sorted(built, key=repr)
