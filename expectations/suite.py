"""Running declared checks over tables of one DuckDB file with Great Expectations.

A :class:`Check` says in French what must be true; :func:`run_checks` returns one :class:`CheckResult` each. Great
Expectations reports an exception as a failed expectation: here "it raised" (ours to mend) and "it is false" (somebody
else's) are two different fields. It also passes an empty suite and truncates the rows it shows to 200: no check at all
is an error here, and a row check returns one row holding the whole list of what it found.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from warehouse.errors import BarometreError

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.expectations.expectation import Expectation

Severity = Literal["blocking", "warning"]


class NothingEvaluated(BarometreError):
    """A guard that checked nothing: an empty suite would have passed."""

    def __init__(self, guard: str) -> None:
        super().__init__(f"The {guard} evaluated no expectation at all. Look at what it was given.")


@dataclass(frozen=True)
class Check:
    """One expectation on one table.

    Exactly one of the three forms is given: ``columns`` (the table has these columns and no other), ``rows`` (the table
    has any) or ``found`` (SQL giving the offending values as one column ``found``; ``{batch}`` is the table; nothing
    may be found). ``schema`` is null for a table of the file's default schema.
    """

    name: str
    table: str
    sentence: str
    severity: Severity = "blocking"
    schema: str | None = None
    columns: tuple[str, ...] = ()
    rows: bool = False
    found: str | None = None

    def expectation(self) -> Expectation:
        """The Great Expectations form of the check."""
        from great_expectations import expectations as gxe

        if self.columns:
            return gxe.ExpectTableColumnsToMatchSet(column_set=list(self.columns), exact_match=True, **self._told)
        if self.rows:
            return gxe.ExpectTableRowCountToBeBetween(min_value=1, **self._told)
        # One row with a list escapes the limit of 200 rows.
        query = f"SELECT list(found) AS found FROM ({self.found}) AS offending HAVING count(*) > 0"
        return gxe.UnexpectedRowsExpectation(unexpected_rows_query=query, **self._told)

    @property
    def _told(self) -> dict[str, Any]:
        gx_severity = "critical" if self.severity == "blocking" else "warning"
        return {"description": self.sentence, "severity": gx_severity, "meta": {"check": self.name}}


@dataclass(frozen=True)
class CheckResult:
    """What became of a check. ``raised`` holds the exception's message when the check itself broke."""

    check: Check
    success: bool
    found: tuple[Any, ...] = field(default=())
    raised: str | None = None


def run_checks(path: Path, checks: Sequence[Check], *, guard: str) -> list[CheckResult]:
    """Run every check on the DuckDB file, read-only, and let go of the file before returning.

    Raises :class:`NothingEvaluated` when there is no check, or when one got lost on the way.
    """
    if not checks:
        raise NothingEvaluated(guard)
    from expectations.duckdb_source import connection_string

    context = _context()
    source = context.data_sources.add_duckdb(
        "file",
        connection_string=connection_string(path),
        kwargs={"connect_args": {"read_only": True}},
        create_temp_table=False,
    )
    try:
        batches = groupby(sorted(checks, key=_address), key=_address)
        results = [result for address, group in batches for result in _run_batch(source, address, group)]
    finally:
        source.dispose()
    if len(results) != len(checks):
        raise NothingEvaluated(guard)
    return results


def _address(check: Check) -> tuple[str, str]:
    return check.schema or "", check.table


def _context() -> Any:
    """An ephemeral context: no file, no network, no progress bar."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def _run_batch(source: Any, address: tuple[str, str], group: Iterable[Check]) -> list[CheckResult]:
    """Validate one table with its checks; the order of the results is Great Expectations' own."""
    import great_expectations as gx

    schema, table = address
    checks = {check.name: check for check in group}
    suite = gx.ExpectationSuite(f"{schema}.{table}", expectations=[c.expectation() for c in checks.values()])
    asset = source.add_table_asset(f"{schema}.{table}", table_name=table, schema_name=schema or None)
    batch = asset.add_batch_definition_whole_table("whole").get_batch()
    validated = batch.validate(suite, result_format="COMPLETE")
    return [_result(checks[r.expectation_config.meta["check"]], r) for r in validated.results]


def _result(check: Check, result: ExpectationValidationResult) -> CheckResult:
    raised = raised_message(result.exception_info or {})
    rows = ((result.result or {}).get("details") or {}).get("unexpected_rows") or [{"found": []}]
    found = () if raised else tuple(rows[0].get("found") or ())
    return CheckResult(check, bool(result.success) and raised is None, found, raised)


def raised_message(exception_info: dict[str, Any]) -> str | None:
    """The exception's message, from either shape that Great Expectations gives: flat, or keyed by a metric's id."""
    infos = [exception_info] if "raised_exception" in exception_info else list(exception_info.values())
    messages = [i.get("exception_message") or "exception" for i in infos if i.get("raised_exception")]
    return "; ".join(messages) or None
