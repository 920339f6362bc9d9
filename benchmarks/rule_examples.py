"""One planted fault for each rule that faults drawn at random seldom reach: its subjects are few in the extracts.

Where the extracts already contradict each other on the subject, it is made to hold first, then struck.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.rule_world import World

#: How much a verdict asks of a steward; what is not comparable is asked too.
_GRAVITY = {"impossible": 3, "suspicious": 2, "not_comparable": 1}
_TABLES = ("report", "figure", "figure_link", "count", "workshop", "ledger")


@dataclass(frozen=True)
class Example:
    """What happens, as a reader would say it; SQL that makes the subject hold, SQL that strikes it."""

    told: str
    strike: Sequence[str]
    prepare: Sequence[str] = ()


def _value(figure: str, value: float, half: float = 0.0) -> str:
    ends = f"value = {value}, value_low = {value - half}, value_high = {value + half}"
    return f"UPDATE bronze.figure SET {ends} WHERE report_id || '#' || figure_key = '{figure}'"


_OTHER_EDITION = "SELECT * REPLACE (report_id || '-bis' AS report_id) FROM bronze.{} WHERE report_id = 'ms2022-2019'"
EXAMPLES: Mapping[str, Example] = {
    "comparability": Example(
        "the one indicator that two reports have in common is left out of one of them",
        ["DELETE FROM bronze.figure WHERE report_id = 'ms2022-na-2019' AND figure_key IN ('msp', 'msp-box')"],
    ),
    "workshop_without_report": Example(
        "a workshop's own report is gone from the document",
        ["UPDATE bronze.workshop SET has_report = false WHERE workshop_key = '19-ussel'"],
    ),
    "theme_contributions": Example(
        "a line of a theme's tables is ten times what was counted",
        ["UPDATE bronze.count SET mentions = 10 * mentions WHERE count_key LIKE 'region-75-t3-%'"],
        [_value("cnr-na-2022#contributions-theme-3", 219)],
    ),
    "shares_total": Example(
        "one of the shares of a whole is ten points too high",
        [_value("cnr-na-2022#24-bergerac-population-part", 42.2, 0.05)],
    ),
    "annual_growth": Example(
        "the growth in all is not what the growth per year makes",
        [_value("cnr-na-2022#33-libourne-urgences-croissance", 28.7, 0.05)],
        [_value("cnr-na-2022#33-libourne-urgences-croissance", 35.5, 0.05)],
    ),
    "average_of_parts": Example(
        "two digits of a department's rate change places",
        [_value("cnr-na-2022#24-bergerac-ald-dordogne", 12.2, 0.05)],
        [_value("cnr-na-2022#24-bergerac-ald-dordogne", 21.2, 0.05)],
    ),
    "unit_slip": Example(
        "a level is ten times what lies between its neighbours",
        [_value("pts2-2015#msp-2014", 5200)],
    ),
    "forecast_pace": Example(
        "a forecast gets a zero too many",
        [_value("pts2-2015#mcs-fin-2015", 6000)],
    ),
    "edition_difference": Example(
        "a document appears again with another figure",
        [
            "UPDATE bronze.figure SET value = value + 1, value_low = value_low + 1, value_high = value_high + 1 "
            "WHERE report_id = 'ms2022-2019-bis' AND figure_key = 'asalee-postes'"
        ],
        [
            "INSERT INTO bronze.report SELECT * REPLACE (report_id || '-bis' AS report_id, 'bis' AS source_sha256, "
            "'ms2022-2019' AS supersedes_report_id) FROM bronze.report WHERE report_id = 'ms2022-2019'",
            *(f"INSERT INTO bronze.{table} {_OTHER_EDITION.format(table)}" for table in ("figure", "figure_link")),
        ],
    ),
    "review_wanted": Example(
        "a figure of a reviewed document is what a machine proposed",
        [
            "UPDATE bronze.figure SET extraction_method = 'automatic', review_status = 'unreviewed' "
            "WHERE report_id = 'pts2-2015' AND figure_key = 'msp-2013'"
        ],
    ),
}


def verdict_of(world: World, rule: str) -> str | None:
    """What the rule says of its example: the gravest verdict that it did not give before; None where it says nothing.

    ``world`` is the true one; it is as it was when this returns.
    """
    example = EXAMPLES[rule]
    for table in _TABLES:
        world.connection.execute(f"CREATE OR REPLACE TABLE bronze.kept_{table} AS FROM bronze.{table}")
    before = _after(world, rule, example.prepare)
    struck = _after(world, rule, example.strike)
    for table in _TABLES:
        world.connection.execute(f"CREATE OR REPLACE TABLE bronze.{table} AS FROM bronze.kept_{table}")
        world.connection.execute(f"DROP TABLE bronze.kept_{table}")
    _follow(world, rule)
    graver = [v for subject, v in struck.items() if _grave(v) > _grave(before.get(subject))]
    return max(graver, key=_grave, default=None)


def _after(world: World, rule: str, statements: Sequence[str]) -> dict[str, str]:
    """Verdicts by subject once the statements ran."""
    for statement in statements:
        world.connection.execute(statement)
    _follow(world, rule)
    return {verdict["subject_key"]: verdict["verdict"] for verdict in world.verdicts([rule])}


def _follow(world: World, rule: str) -> None:
    """Make again what the rule reads of the tables that examples change."""
    wanted = {f"verdict_{rule}"}
    for model in reversed(world.models.values()):
        if model.name in wanted:
            wanted |= {read.partition(".")[2] for read in model.reads if not read.startswith("bronze.")}
    for model in world.descendants(_TABLES):
        if model.name in wanted:
            world.make(model.name)


def _grave(verdict: str | None) -> int:
    return _GRAVITY.get(verdict or "", 0)
