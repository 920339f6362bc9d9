"""The graph that Dagster shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from dagster import AssetCheckSeverity, AssetKey

from expectations.audit import AuditResult
from expectations.suite import Check
from orchestration.definitions import _demand_result, inputs_asset
from warehouse.paths import Home


def test_drafts_under_the_home_may_be_called_anything(home: Path) -> None:
    """A draft of a report that the repository has, and one whose name no asset could bear."""
    made = Home(home).create()
    for name in ("pts2-2015", "mon rapport (été)"):
        (made.local_extracts / name).mkdir()
    keys = [key.to_user_string() for key in inputs_asset(made).keys]
    assert keys.count("report/pts2_2015") == 1
    assert "report/mon_rapport___t__" in keys


CHECK = Check("marts.dim_report.unique", "dim_report", "La clé est unique.", "warning", found="…")


@pytest.mark.parametrize(
    ("result", "passed", "severity", "told"),
    [
        (AuditResult(CHECK.name, "Trouvé : a.", "warning", False), False, AssetCheckSeverity.WARN, "Trouvé : a."),
        # An expectation that raised is ours to mend, whatever it was to guard.
        (AuditResult(CHECK.name, "Panne.", "warning", False, raised=True), False, AssetCheckSeverity.ERROR, "Panne."),
        (AuditResult(CHECK.name, "Vrai.", "warning", True), True, AssetCheckSeverity.WARN, "Vrai."),
        (None, True, AssetCheckSeverity.WARN, "La clé est unique. Non évalué."),
    ],
)
def test_a_demand_of_the_audit_is_a_check_with_its_sentence(
    result: AuditResult | None, passed: bool, severity: AssetCheckSeverity, told: str
) -> None:
    shown = _demand_result(CHECK, result)
    assert (shown.asset_key, shown.check_name) == (AssetKey(["marts", "dim_report"]), "unique")
    assert (shown.passed, shown.severity, shown.description) == (passed, severity, told)
    assert shown.metadata["evaluated"].value is (result is not None)
    assert shown.metadata["broken"].value is (result is not None and result.raised)
