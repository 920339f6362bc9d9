"""What is wrong with ``config/stewards.yml``, for ``barometre status``: refused as a whole, or naming what is not.

A code that nothing bears does not refuse the file: the report may be on its way. But nobody would notice a misspelt
one, so it is told until it means something.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from warehouse.errors import InputError, NothingPublished

if TYPE_CHECKING:
    from ingestion.reference.fragments import Entry
    from stewardship.stewards import Stewards
    from warehouse.paths import Home

_KNOWN_SQL = {
    "indicator": "SELECT indicator_code FROM marts.dim_indicator",
    # Rules speak of concepts that no indicator has: a reading by machine, a whole dataset.
    "concept": "SELECT concept_code FROM marts.dim_indicator UNION SELECT concept_code FROM quality.verdict",
    "measure": "SELECT measure_code FROM marts.dim_measure",
    "report": "SELECT report_id FROM marts.dim_report",
    "dataset": "SELECT dataset_code FROM marts.dim_dataset",
    "territory": "SELECT territory_key FROM marts.dim_territory",
}


def stewards_problems(home: Home) -> list[str]:
    """What an operator must correct in the file of stewards, with file and line; empty without a file."""
    from stewardship.stewards import read_stewards

    try:
        entry = read_stewards(home)
    except InputError as error:
        return [str(error)]
    return [] if entry is None else list(unknown_codes(entry, _known(home)))


def unknown_codes(entry: Entry[Stewards], known: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """A sentence for each code of a rule that is not among the ``known`` of its kind; other kinds are not judged."""
    for index, rule in enumerate(entry.value.ownership):
        for kind, code in rule.claims:
            if code not in known.get(kind, {code}):
                problem = f"no {kind} of the published snapshot is called {code!r}: nothing is owned by this"
                yield str(entry.refused(problem, "Correct it, or wait until it is published.", at=("ownership", index)))


def _known(home: Home) -> dict[str, frozenset[str]]:
    """The codes in the published snapshot by kind, and the datasets that have a contract.

    Nothing where there is no snapshot, or one of another version of the code: then no code can be judged.
    """
    import duckdb

    from ingestion.datasets.contracts import load_contracts
    from warehouse.reading import connect_snapshot

    try:
        with connect_snapshot(home.current) as connection:
            known = {
                kind: frozenset(code for (code,) in connection.execute(query).fetchall() if code)
                for kind, query in _KNOWN_SQL.items()
            }
    except (NothingPublished, duckdb.Error):
        return {}
    return known | {"dataset": known["dataset"] | frozenset(load_contracts())}
