"""First point of Great Expectations: what newly arrived inputs must be before they become bronze.

The suites are derived from :mod:`ingestion.schemas`, those of datasets from their contracts besides; what neither can
say (hard ranges, which columns hold codes, which rows hang on others) is data below. Bad data never raises: a failed
expectation refuses its rows or its input, everything else goes on, and an expectation that itself broke is kept apart
because no steward can mend it.

Shares beyond 100 % are not refused here: a report may print one, and then the ``share_range`` rule publishes it
flagged. Values that no reading of a text can give (a negative number of people) are.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.datasets import dataset_checks
from expectations.suite import Check, CheckResult, run_checks
from ingestion.schemas import TABLES, TEXT, Column, Table

if TYPE_CHECKING:
    import polars as pl

ROW_INDEX = "row_index"
INPUT = "input_sha256"

# Lowest and highest value that can mean anything, whatever the source prints.
RANGES: dict[tuple[str, str], tuple[int, int | None]] = {
    ("figure", "source_line"): (1, None),
    ("figure", "source_page"): (1, None),
    ("figure", "char_start"): (0, None),
    ("count", "theme_no"): (1, None),
    ("count", "mentions"): (0, None),
    ("participation", "participants"): (0, None),
    ("ledger", "char_start"): (0, None),
    ("report", "extract_version"): (1, None),
    ("population", "population"): (0, None),
    ("population", "age_from"): (0, 150),
    ("population", "age_to"): (0, 150),
    ("accessibility", "apl"): (0, None),
    ("professional", "headcount"): (0, None),
    ("professional", "density"): (0, None),
    ("facility", "capacity"): (0, None),
    ("maternity", "obstetric_beds"): (0, None),
    ("maternity", "delivery_rooms"): (0, None),
    ("maternity", "births"): (0, None),
    ("classification", "share"): (0, 100),
    ("rule", "level"): (0, 5),
}

# Lower end, upper end: the first is never above the second.
ORDERED: dict[str, tuple[tuple[str, str], ...]] = {
    "figure": (("value_low", "value_high"), ("char_start", "char_end"), ("as_of_low", "as_of_high")),
    "policy_parameter": (("valid_from", "valid_to"),),
    "count": (("char_start", "char_end"),),
    "ledger": (("char_start", "char_end"),),
    "territory": (("valid_from", "valid_to"),),
    "period": (("start_date", "end_date"),),
    "population": (("age_from", "age_to"),),
    "facility": (("opened_on", "closed_on"),),
}

CODE_COLUMNS = {
    "indicator_code": "indicator",
    "denominator_indicator": "indicator",
    "from_indicator_code": "indicator",
    "to_indicator_code": "indicator",
    "territory_key": "territory",
    "scope_territory_key": "territory",
    "department_territory_key": "territory",
    "commune_territory_key": "territory",
    "parent_territory_key": "territory",
    "group_territory_key": "territory",
    "member_territory_key": "territory",
    "period": "period",
    "base_period": "period",
    "cumulated_since": "period",
}
CODE_NAMES = {"indicator": "indicateurs", "territory": "territoires", "period": "périodes"}

# A row that names another one of its input goes when the other is refused. The ledger stays: it lists every numeral.
REFERENCES = (
    *((t.name, "report_id", "report", "report_id") for t in TABLES.values() if t.family == "extract"),
    ("figure", "repeats", "figure", "figure_key"),
    ("figure_link", "figure_key", "figure", "figure_key"),
    ("policy_parameter", "figure_key", "figure", "figure_key"),
    ("participation", "workshop_key", "workshop", "workshop_key"),
    ("workshop_statement", "workshop_key", "workshop", "workshop_key"),
)

# Rows that are summed together, by the columns that say which: a sum over what is left of them would accuse the report
# of our own gap, so one refused row takes the others with it and the rule says that it could not be evaluated.
SUMMED = (
    ("figure_link", ("report_id", "link_key")),
    ("participation", ("report_id", "workshop_key")),
    ("count", ("report_id", "theme_no")),
)


@dataclass(frozen=True)
class KnownCodes:
    """The codes that inputs may use."""

    indicator: frozenset[str]
    territory: frozenset[str]
    period: frozenset[str]


@dataclass(frozen=True)
class Refusal:
    """What an expectation refused, or that it raised.

    ``rows`` are positions in the frame given, ``keys`` their keys, ``inputs`` the versions they came from. With
    ``whole_input`` every row of those inputs goes; with ``raised`` nothing does: the guard itself is broken.
    """

    table: str
    expectation: str
    sentence: str
    rows: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    whole_input: bool = False
    raised: bool = False


@dataclass(frozen=True)
class InputReport:
    """Every refusal, and how many expectations were evaluated."""

    refusals: tuple[Refusal, ...]
    evaluated: int

    @property
    def faults(self) -> tuple[Refusal, ...]:
        """Expectations that raised: ours to mend."""
        return tuple(r for r in self.refusals if r.raised)

    @property
    def refused_inputs(self) -> frozenset[str]:
        """Input versions refused as a whole."""
        return frozenset(i for r in self.refusals if r.whole_input for i in r.inputs)

    def refused_rows(self, table: str) -> frozenset[int]:
        """Positions of the rows of this table refused one by one."""
        return frozenset(row for r in self.refusals if r.table == table and not r.whole_input for row in r.rows)

    def accepted(self, frames: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
        """The frames without what was refused."""
        return {name: _kept(frame, self, name).drop(ROW_INDEX) for name, frame in frames.items()}


def check_inputs(frames: Mapping[str, pl.DataFrame], known: KnownCodes) -> InputReport:
    """Check the newly arrived rows of every table together; nothing arrived, nothing to check.

    ``frames`` maps a bronze table to its rows with the columns of its schema, ``input_sha256`` included; several inputs
    may share a frame. Raises :class:`expectations.suite.NothingEvaluated` when rows came in and nothing was evaluated.
    """
    if not frames:
        return InputReport((), 0)
    checks = [check for name, frame in frames.items() for check in table_checks(TABLES[name], frame.columns)]
    checks += dataset_checks(frames)
    with tempfile.TemporaryDirectory(prefix="barometre-inputs-") as folder:
        path = Path(folder) / "inputs.duckdb"
        _load(path, frames, known)
        results = run_checks(path, checks, guard="input guard")
    failed = {result.check.table for result in results if not result.success}
    report = decide(results, {name: row_labels(TABLES[name], frames[name]) for name in failed})
    return with_dependents(report, frames)


def table_checks(table: Table, present: Sequence[str]) -> list[Check]:
    """The suite of one table. Columns that are absent fail the structure once, and nothing else."""
    expected = (*(c.name for c in table.columns), INPUT)
    structure = Check(
        f"{table.name}.columns",
        table.name,
        f"La table {table.name} a exactement les colonnes attendues.",
        columns=(*expected, ROW_INDEX),
    )
    if set(present) != set(expected):
        return [structure]
    checks = [structure, *(c for column in table.columns for c in _column_checks(table, column)), _key_check(table)]
    if table.name == "report" or table.family == "dataset":
        checks.append(Check(f"{table.name}.rows", table.name, f"La table {table.name} a des lignes.", rows=True))
    return [*checks, *(_order_check(table.name, *pair) for pair in ORDERED.get(table.name, ()))]


def _column_checks(table: Table, column: Column) -> list[Check]:
    checks = []
    if column.required:
        blank = f" OR trim({column.name}) = ''" if column.type == TEXT else ""
        checks.append(
            _rows(table.name, "required", column.name, f"{column.name} est renseigné.", f"{column.name} IS NULL{blank}")
        )
    if column.accepted:
        values = ", ".join(f"'{value}'" for value in column.accepted)
        sentence = f"{column.name} est l’une des valeurs : {', '.join(column.accepted)}."
        checks.append(_rows(table.name, "accepted", column.name, sentence, f"{column.name} NOT IN ({values})"))
    if limits := RANGES.get((table.name, column.name)):
        checks.append(_range_check(table.name, column.name, *limits))
    if (codes := CODE_COLUMNS.get(column.name)) and table.key != (column.name,):
        sentence = f"{column.name} figure dans la liste des {CODE_NAMES[codes]}."
        unknown = f"{column.name} NOT IN (SELECT code FROM known_{codes})"
        checks.append(_rows(table.name, "known", column.name, sentence, unknown))
    return checks


def _range_check(table: str, column: str, low: int, high: int | None) -> Check:
    above = "" if high is None else f" OR {column} > {high}"
    sentence = f"{column} est au moins {low}." if high is None else f"{column} est compris entre {low} et {high}."
    return _rows(table, "range", column, sentence, f"{column} < {low}{above}")


def _order_check(table: str, low: str, high: str) -> Check:
    return _rows(table, "order", low, f"{low} ne dépasse pas {high}.", f"{low} > {high}")


def _rows(table: str, kind: str, column: str, sentence: str, condition: str) -> Check:
    found = f"SELECT {ROW_INDEX} AS found FROM {{batch}} WHERE {condition}"
    return Check(f"{table}.{kind}.{column}", table, sentence, found=found)


def _key_check(table: Table) -> Check:
    """Both rows of a duplicate key are found: nothing says which one is right."""
    key = ", ".join((INPUT, *table.key))
    found = f"SELECT {ROW_INDEX} AS found FROM {{batch}} QUALIFY count(*) OVER (PARTITION BY {key}) > 1"
    sentence = f"La clé ({', '.join(table.key)}) est unique dans un même envoi."
    return Check(f"{table.name}.unique", table.name, sentence, found=found)


def _load(path: Path, frames: Mapping[str, pl.DataFrame], known: KnownCodes) -> None:
    import duckdb
    import polars as pl

    codes = {
        f"known_{kind}": pl.DataFrame({"code": sorted(getattr(known, kind))}, schema={"code": pl.String()})
        for kind in CODE_NAMES
    }
    numbered = {name: frame.with_row_index(ROW_INDEX) for name, frame in frames.items()}
    with duckdb.connect(str(path)) as connection:
        for name, frame in (codes | numbered).items():
            connection.register("arriving", frame.to_arrow())
            connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM arriving')
            connection.unregister("arriving")


@dataclass(frozen=True)
class RowLabel:
    """Where a row comes from and what it is called."""

    input_sha256: str
    key: str


def row_labels(table: Table, frame: pl.DataFrame) -> list[RowLabel]:
    """One label per row, in the frame's order."""
    names = [name for name in (INPUT, *table.key) if name in frame.columns]
    inputs = [INPUT] if INPUT in names else []
    rows = frame.select(names).iter_rows(named=True)
    return [
        RowLabel(
            "".join(str(row[i]) for i in inputs),
            "|".join("" if row[name] is None else str(row[name]) for name in names if name != INPUT),
        )
        for row in rows
    ]


def decide(results: Iterable[CheckResult], labels: Mapping[str, Sequence[RowLabel]]) -> InputReport:
    """What each failed expectation refuses.

    Wrong columns or no rows refuse the inputs of the table; so does a refused row of ``report``, without which an
    extract says nothing. Any other failure refuses its rows alone. An expectation that raised refuses nothing.
    """
    evaluated = list(results)
    failed = [r for r in evaluated if not r.success]
    return InputReport(tuple(_refusal(r, labels[r.check.table]) for r in failed), len(evaluated))


def _refusal(result: CheckResult, labels: Sequence[RowLabel]) -> Refusal:
    check = result.check
    if result.raised is not None:
        return Refusal(check.table, check.name, f"{check.sentence} ({result.raised})", raised=True)
    rows = tuple(sorted(int(row) for row in result.found)) if check.found else tuple(range(len(labels)))
    return Refusal(
        check.table,
        check.name,
        check.sentence,
        rows=rows,
        keys=tuple(labels[row].key for row in rows),
        inputs=tuple(sorted({labels[row].input_sha256 for row in rows})),
        whole_input=check.found is None or check.table == "report",
    )


def with_dependents(report: InputReport, frames: Mapping[str, pl.DataFrame]) -> InputReport:
    """Add the rows that name a row refused or absent, or that are summed with one, until nothing hangs in the air."""
    while added := [
        *(r for reference in REFERENCES if (r := _orphans(report, frames, *reference))),
        *(r for summed in SUMMED if (r := _bereft(report, frames, *summed))),
    ]:
        report = InputReport((*report.refusals, *added), report.evaluated)
    return report


def _orphans(
    report: InputReport, frames: Mapping[str, pl.DataFrame], child: str, column: str, parent: str, target: str
) -> Refusal | None:
    if child == parent == "report" or child not in frames or parent not in frames:
        return None
    if not {column, INPUT} <= set(frames[child].columns) or not {target, INPUT} <= set(frames[parent].columns):
        return None
    parents = _kept(frames[parent], report, parent).select(INPUT, target)
    children = _kept(frames[child], report, child).filter(_is_set(column))
    orphans = children.join(parents, left_on=[INPUT, column], right_on=[INPUT, target], how="anti")
    sentence = f"{column} désigne une ligne acceptée de la table {parent}."
    return _dependent(child, f"{child}.refers.{column}", sentence, orphans)


def _bereft(
    report: InputReport, frames: Mapping[str, pl.DataFrame], table: str, together: tuple[str, ...]
) -> Refusal | None:
    """The rows left of what is summed with a refused one."""
    import polars as pl

    if table not in frames or not {INPUT, *together} <= set(frames[table].columns):
        return None
    numbered = frames[table].with_row_index(ROW_INDEX)
    refused = numbered.filter(pl.col(ROW_INDEX).is_in(list(report.refused_rows(table))))
    left = _kept(frames[table], report, table).join(refused, on=[INPUT, *together], how="semi")
    sentence = f"Les lignes de la table {table} qui s’additionnent ({', '.join(together)}) sont toutes acceptées."
    return _dependent(table, f"{table}.summed.{together[-1]}", sentence, left)


def _dependent(table: str, expectation: str, sentence: str, refused: pl.DataFrame) -> Refusal | None:
    if refused.is_empty():
        return None
    labels = row_labels(TABLES[table], refused)
    return Refusal(
        table,
        expectation,
        sentence,
        rows=tuple(refused[ROW_INDEX].to_list()),
        keys=tuple(label.key for label in labels),
        inputs=tuple(sorted({label.input_sha256 for label in labels})),
    )


def _is_set(column: str) -> pl.Expr:
    import polars as pl

    return pl.col(column).is_not_null()


def _kept(frame: pl.DataFrame, report: InputReport, table: str) -> pl.DataFrame:
    """The rows left, with their position in the frame given as ``row_index``."""
    import polars as pl

    numbered = frame.with_row_index(ROW_INDEX)
    left = numbered.filter(~pl.col(ROW_INDEX).is_in(list(report.refused_rows(table))))
    return left.filter(~pl.col(INPUT).is_in(list(report.refused_inputs))) if INPUT in frame.columns else left
