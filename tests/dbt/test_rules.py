"""The unit tests of the rules' SQL, on models without rows: dbt learns the types of a given input from its table."""

from __future__ import annotations

from pathlib import Path

import pytest
from bronze_rows import INPUTS
from bronze_sample import write_bronze

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"


def test_the_unit_tests_of_the_rules_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    write_bronze(tmp_path, INPUTS)
    for name, folder in (("BAROMETRE_HOME", ""), ("DBT_TARGET_PATH", "target"), ("DBT_LOG_PATH", "logs")):
        monkeypatch.setenv(name, str(tmp_path / folder))
    folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    try:
        assert dbtRunner().invoke(["--quiet", "run", "--empty", *folders]).success
        chosen = ["--select", "test_type:unit,path:models/verdicts", "test_type:unit,path:models/quality"]
        outcome = dbtRunner().invoke(["--quiet", "test", *chosen, *folders])
    finally:
        DuckDBConnectionManager.close_all_connections()
    assert outcome.success, [f"{r.node.name}: {r.message}" for r in outcome.result if r.message]
    assert len(outcome.result) > 30
