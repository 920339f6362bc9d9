"""The short form of the campaign: every step of a refresh is real but dbt's and the audit's, which cost their minute.

Run as ``python small.py HOME OUTSIDE [POINT…]`` in a process of its own; prints as JSON what came of each point. The
working database has the few tables by which a reader tells one version from another, filled from bronze.
"""

from __future__ import annotations

import json
import os
import random
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import duckdb  # noqa: E402
from deliveries import OBSERVATION  # noqa: E402
from killing import FULL_POINTS, SEAL_POINTS, run_in_child  # noqa: E402
from run_campaign import Campaign, Counts, _problems, _served  # noqa: E402

from warehouse.paths import Home  # noqa: E402

#: What dbt makes of the figures, as far as the campaign's readers look.
MODELS = """
CREATE SCHEMA marts;
CREATE SCHEMA quality;
CREATE TABLE marts.dim_report AS
    SELECT r.report_id, r.extract_version FROM {report} AS r JOIN listed AS l USING (input_sha256)
    WHERE l.superseded_at IS NULL;
CREATE TABLE marts.fct_observation AS
    SELECT f.report_id || '#' || f.figure_key AS observation_id, r.extract_version, f.value, l.superseded_at,
        f.indicator_code AS indicator_key, f.territory_key, f.period AS period_key
    FROM {figure} AS f JOIN {report} AS r USING (input_sha256, report_id)
    JOIN listed AS l USING (input_sha256);
CREATE TABLE marts.fct_indicator_value AS
    SELECT DISTINCT indicator_key, territory_key, period_key, false AS has_open_finding FROM marts.fct_observation;
CREATE VIEW marts.v_indicator_printings AS SELECT observation_id FROM marts.fct_observation;
CREATE TABLE quality.check_index AS
    SELECT 'contradiction' AS rule_code, 1 AS expected, 1 AS evaluated, 0 AS held, 1 AS failed, 0 AS not_evaluable;
CREATE TABLE quality.verdict AS
    SELECT 'contradiction' AS rule_code, 'cpts_projets' AS subject_key, 'impossible' AS verdict, 'error' AS severity,
        [observation_id] AS observation_ids,
        to_json({{'relation': 'contradiction', 'subject_fr': 'Projets', 'figures': [
            {{'ref': observation_id, 'printed': CAST(value AS VARCHAR), 'value': CAST(value AS DOUBLE), 'line': 59,
              'report_id': 'ms2022-na-2019', 'report_title': 'Ma santé 2022 en Nouvelle-Aquitaine'}}]}}) AS evidence
    FROM marts.fct_observation WHERE observation_id = '{observation}' AND superseded_at IS NULL;
"""


def build(home: Home) -> None:
    """Make a working database from what bronze lists."""
    home.build.unlink(missing_ok=True)
    with duckdb.connect(str(home.build)) as connection:
        connection.execute(
            "CREATE TEMP TABLE listed AS SELECT DISTINCT version AS input_sha256, superseded_at "
            f"FROM read_parquet('{home.bronze}/current.parquet') WHERE table_name = 'report'"
        )
        tables = {name: f"read_parquet('{home.bronze}/{name}/*.parquet')" for name in ("report", "figure")}
        connection.execute(MODELS.format(observation=OBSERVATION, **tables))


def refreshed(home: Home) -> dict[str, Any]:
    """What ``barometre refresh`` does, with a small build and no audit."""
    from orchestration import refresh as module

    module._run_job = _steps
    result = module.refresh(home, "short campaign")
    return {**result.as_json(), "exit_code": result.exit_code}


def _steps(home: Home, trigger: str, planned_now: Any, started: float) -> Any:
    from orchestration import progress
    from orchestration import refresh as module
    from orchestration.session import opened_session
    from warehouse.build_record import record_build

    with opened_session(home, trigger) as session:
        session.collect()
        progress.report("build")
        build(home)
        progress.report("audit")
        record_build(home.build, session.made_from, [])
        session.settle()
        session.seal_and_swap()
    return module._result(session, planned_now, started)


def tried(campaign: Campaign, name: str) -> dict[str, Any]:
    """Kill a refresh at a point, look as a reader does, refresh again, look at everything."""
    point = next(p for p in (*FULL_POINTS, *SEAL_POINTS) if p.name == name)
    before = campaign.home.current.resolve().name
    campaign.deliver()
    killed = run_in_child(lambda: refreshed(campaign.home), point=point).killed
    served = run_in_child(lambda: _served(campaign.home)).result
    between = campaign.home.current.resolve().name
    after = run_in_child(lambda: refreshed(campaign.home)).result
    return {
        "killed": killed,
        "swapped": between != before,
        "problems": served + run_in_child(lambda: _problems(campaign.home, campaign.counts.delivered)).result,
        "exit_code": after["exit_code"],
        "work": after["work"],
        "published": campaign.home.current.resolve().name != before,
    }


def main(home: Home, outside: Path, points: list[str]) -> None:
    """Make the home, then try each point."""
    os.environ["BAROMETRE_HOME"] = str(home.root)
    import_module("great_expectations")
    campaign = Campaign(home.create(), outside, random.Random(0), Counts())
    first = run_in_child(lambda: refreshed(home)).result
    print(json.dumps({"first": first, **{name: tried(campaign, name) for name in points}}))


if __name__ == "__main__":
    main(Home(Path(sys.argv[1])), Path(sys.argv[2]), sys.argv[3:])
