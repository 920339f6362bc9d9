"""What a finding hangs on in the published snapshot: names instead of codes, files of documents, values touched.

The connection is the guarded one of :mod:`warehouse.reading`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stewardship.typography import NBSP, NNBSP, quantity_fr, safe_text

if TYPE_CHECKING:
    import duckdb

#: More values or targets than this are counted.
_MOST_TOLD = 4

_LABEL = "SELECT label_fr FROM marts.dim_indicator WHERE indicator_code = ?"
_TERRITORY = """
    SELECT DISTINCT territory.name
    FROM marts.fct_observation AS observation
    INNER JOIN marts.dim_territory AS territory USING (territory_key)
    WHERE list_contains(?, observation.observation_id) AND territory.territory_code = ?
"""
_DOCUMENTS = "SELECT report_key, source_name FROM marts.dim_report WHERE source_name IS NOT NULL"
_VALUES = """
    SELECT DISTINCT
        indicator.label_fr,
        territory.name,
        period.label_fr,
        value.value,
        value.value_low,
        value.value_high,
        value.choice,
        indicator.unit
    FROM marts.fct_observation AS observation
    INNER JOIN marts.fct_indicator_value AS value USING (indicator_key, territory_key, period_key)
    INNER JOIN marts.dim_indicator AS indicator USING (indicator_key)
    INNER JOIN marts.dim_territory AS territory USING (territory_key)
    INNER JOIN marts.dim_period AS period USING (period_key)
    WHERE list_contains(?, observation.observation_id) AND observation.superseded_at IS NULL
    ORDER BY ALL
"""
_TARGETS = """
    SELECT DISTINCT
        indicator.label_fr,
        territory.name,
        progress.due_on
    FROM marts.fct_target_progress AS progress
    INNER JOIN marts.dim_indicator AS indicator USING (indicator_key)
    INNER JOIN marts.dim_territory AS territory USING (territory_key)
    WHERE
        list_contains(?, progress.target_observation_id)
        OR list_contains(?, progress.actual_observation_id)
        OR list_contains(?, progress.baseline_observation_id)
    ORDER BY ALL
"""


@dataclass(frozen=True)
class Context:
    """``indicator`` and ``territory`` in French, where the finding has one; ``documents`` the file of each report;
    ``affects`` what the finding touches, a sentence each."""

    indicator: str | None = None
    territory: str | None = None
    documents: Mapping[str, str] = field(default_factory=dict)
    affects: Sequence[str] = ()


def context_of(connection: duckdb.DuckDBPyConnection, finding: Mapping[str, Any]) -> Context:
    """The context of a row of ``quality.finding``."""
    observations = list(finding["observation_ids"] or ())
    labels = connection.execute(_LABEL, [finding["indicator_code"]]).fetchall()
    names = connection.execute(_TERRITORY, [observations, finding["territory_code"]]).fetchall()
    return Context(
        indicator=labels[0][0] if labels else None,
        territory=names[0][0] if len(names) == 1 else None,
        documents=dict(connection.execute(_DOCUMENTS).fetchall()),
        affects=_affects(connection, observations),
    )


def _affects(connection: duckdb.DuckDBPyConnection, observations: list[str]) -> list[str]:
    values = [_value_fr(*row) for row in connection.execute(_VALUES, [observations]).fetchall()]
    targets = [_target_fr(*row) for row in connection.execute(_TARGETS, [observations] * 3).fetchall()]
    return [*_cut(values), *_cut(targets)] or ["Aucune valeur retenue ni aucun objectif suivi n’en dépend."]


def _cut(told: list[str]) -> list[str]:
    others = len(told) - _MOST_TOLD
    if others <= 0:
        return told
    return [*told[:_MOST_TOLD], f"… et {others}{NBSP}autre{'s' if others > 1 else ''}."]


def _value_fr(label: str, place: str, period: str, value: Any, low: Any, high: Any, choice: str, unit: str) -> str:
    where = safe_text(f"{label}, {place}, {period}")
    if value is not None:
        told = quantity_fr(value, unit)
        by_whom = ", choisie par un référent" if choice == "steward_decision" else ""
        return f"Valeur retenue{NNBSP}: {told}{by_whom} ({where})."
    between = f", entre {quantity_fr(low, unit)} et {quantity_fr(high, unit)}" if None not in (low, high) else ""
    return f"Aucune valeur retenue tant que ce n’est pas tranché{between} ({where})."


def _target_fr(label: str, place: str, due: Any) -> str:
    when = f", échéance {due:%d/%m/%Y}" if due else ""
    return f"Objectif suivi{NNBSP}: {safe_text(label)}, {safe_text(place)}{when}."
