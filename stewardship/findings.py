"""Findings as stewards read them: lists and cards from the published snapshot, in French.

The connection is the guarded one of :mod:`warehouse.reading`; nothing here needs the state store.
"""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from stewardship.context import context_of
from stewardship.economy_sentences import economy_fr
from stewardship.explanations import ladder_fr
from stewardship.next_steps import next_steps_fr
from stewardship.sentences import (
    arithmetic_fr,
    places_fr,
    read_evidence,
    territory_fr,
    verdict_fr,
)
from stewardship.typography import NNBSP, is_unsafe, listed_fr, number_fr, safe_text
from warehouse.errors import UsageError

if TYPE_CHECKING:
    import duckdb
    from rich.table import Table
    from rich.text import Text

Row = dict[str, Any]
Found = TypeVar("Found")

SEVERITY_FR = {"error": "erreur", "warning": "avertissement", "info": "information"}
STATUS_FR = {
    "open": "ouverte",
    "changed": "modifiée",
    "acknowledged": "prise en compte",
    "assigned": "attribuée",
    "waived": "sous dérogation",
    "settled": "tranchée",
    "correction_pending": "correction demandée",
    "resolved": "résolue",
    "reopened": "rouverte",
}
DECISION_FR = {
    "retain": "valeur retenue",
    "keep_both": "les deux valeurs sont gardées",
    "not_comparable": "non comparables",
    "publisher_error": "erreur de l’éditeur",
    "our_error": "erreur de notre fait",
}
_OWNED_FR = {
    "indicator": "l’indicateur",
    "concept": "le concept",
    "measure": "la mesure",
    "report": "le rapport",
    "dataset": "le jeu de données",
    "territory": "le territoire",
}
#: The worst first, then the widest gap: the order in which a steward should read.
_ORDER = """
    CASE severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END,
    abs(gap_pct) DESC NULLS LAST, rule_code, finding_id
"""
_CARD_WIDTH = 110
#: Code of the territory of what is printed without one.
_NOT_STATED = "none"
_HEADING_WIDTH = 13


def list_findings(
    connection: duckdb.DuckDBPyConnection,
    *,
    severity: str | None = None,
    rule: str | None = None,
    territory: str | None = None,
    status: str | None = None,
    steward: str | None = None,
) -> list[Row]:
    """Findings of the snapshot, the worst first; resolved ones only when ``status`` asks for them.

    ``territory`` is a code (``33``) or a key (``department:33``; findings keep the code only); ``steward`` is a
    name, in capitals or not. Rows have the columns
    of ``quality.finding`` and hold JSON values only: times in ISO 8601 UTC, gaps as numbers, evidence as an object.
    """
    wanted = {
        "severity = ?": severity,
        "rule_code = ?": rule,
        "territory_code = ?": territory.rpartition(":")[2] if territory else None,
        "status = ?": status,
        "lower(steward) = lower(trim(?))": steward,
    }
    chosen = {condition: value for condition, value in wanted.items() if value is not None}
    where = " AND ".join([*chosen, *([] if status else ["status <> 'resolved'"])])
    query = f"SELECT * FROM quality.finding WHERE {where} ORDER BY {_ORDER}"
    return [_finding(row) for row in _rows(connection, query, *chosen.values())]


def show_finding(connection: duckdb.DuckDBPyConnection, reference: str) -> Row:
    """One finding by its identifier or the beginning of it, with its ``rule``, ``history``, ``decisions``, the other
    findings of its ``case``, and its ``context`` (:class:`stewardship.context.Context`).

    Raises:
        UsageError: no finding, or more than one, begins so.
    """
    found = _rows(connection, "SELECT * FROM quality.finding WHERE starts_with(finding_id, ?)", reference)
    finding = _finding(only_one(found, reference))
    identity = finding["finding_id"]
    rules = _rows(connection, "SELECT * FROM quality.rule WHERE rule_code = ?", finding["rule_code"])
    history = "SELECT * FROM quality.finding_history WHERE finding_id = ? ORDER BY happened_at"
    decisions = "SELECT * FROM quality.decision WHERE finding_id = ? ORDER BY decided_at, decision_id"
    case = f"SELECT finding_id, message_fr FROM quality.finding WHERE case_id = ? AND finding_id <> ? ORDER BY {_ORDER}"
    return {
        **finding,
        "rule": _plain(rules[0]) if rules else None,
        "history": [_plain(row) for row in _rows(connection, history, identity)],
        "decisions": [_plain(row) for row in _rows(connection, decisions, identity)],
        "case": [_plain(row) for row in _rows(connection, case, finding["case_id"], identity)],
        "context": asdict(context_of(connection, finding)),
    }


def only_one(found: Sequence[Found], reference: str) -> Found:
    """The one finding whose identifier begins with ``reference``.

    Raises:
        UsageError: there is none, or more than one.
    """
    if len(found) != 1:
        raise UsageError(
            f"{len(found) or 'Aucune'} incohérence{'s' if found else ''} dont l’identifiant commence par "
            f"{safe_text(reference)!r}. Voir « barometre findings list »."
        )
    return found[0]


def as_json(content: Any) -> str:
    """JSON in which characters that could steer a terminal are written as escapes."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=2)
    return "".join(json.dumps(c)[1:-1] if is_unsafe(c) and c != "\n" else c for c in text)


def summary_fr(rows: Sequence[Mapping[str, Any]]) -> str:
    """« 3 incohérences : 2 erreurs et 1 information »."""
    if not rows:
        return "Aucune incohérence."
    counts = Counter(row["severity"] for row in rows)
    parts = [_counted(counts[severity], word) for severity, word in SEVERITY_FR.items() if counts[severity]]
    return f"{_counted(len(rows), 'incohérence')}{NNBSP}: {listed_fr(parts)}"


def print_findings(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print the list of findings as a table."""
    from rich.console import Console

    Console().print(findings_table(rows))


def print_finding(found: Mapping[str, Any]) -> None:
    """Print the card of a finding."""
    print(finding_card(found))


def findings_table(rows: Iterable[Mapping[str, Any]]) -> Table:
    """The list as a table for the terminal. Texts are put in as they are, never read as mark-up."""
    from rich.table import Table
    from rich.text import Text

    listed = list(rows)
    cases = Counter(row["case_id"] for row in listed)
    table = Table(title=summary_fr(listed), title_justify="left", show_lines=True)
    table.add_column("Identifiant", no_wrap=True)
    table.add_column("Incohérence", overflow="fold")
    colours = {"error": "red", "warning": "yellow"}
    for row in listed:
        facts = Text("\n").join(
            [
                Text(safe_text(row["finding_id"])),
                Text(_said(SEVERITY_FR, row["severity"]), style=colours.get(row["severity"], "")),
                Text(_said(STATUS_FR, row["status"])),
                Text(safe_text(row["rule_code"])),
                *_case_of(row, cases),
            ]
        )
        table.add_row(facts, Text(safe_text(row["message_fr"])))
    return table


def _case_of(row: Mapping[str, Any], cases: Mapping[str, int]) -> list[Text]:
    """« cas 1a2b3c4d (3) », where several findings of the list have one cause."""
    from rich.text import Text

    number = cases[row["case_id"]]
    return [Text(f"cas {safe_text(row['case_id'])[:8]} ({number})", style="dim")] if number > 1 else []


def finding_card(found: Mapping[str, Any]) -> str:
    """The full card of a finding (see :func:`show_finding`), in French, as plain text."""
    title = f"Incohérence {found['finding_id']}"
    state = f"{_said(SEVERITY_FR, found['severity'])}, {_said(STATUS_FR, found['status'])}"
    blocks = [safe_text(f"{title} ({state})"), "", *_wrapped("", found["message_fr"]), ""]
    for heading, texts in _sections(found):
        for index, text in enumerate(texts):
            blocks += _wrapped("" if index else heading, text)
    return "\n".join(blocks)


def _sections(found: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    evidence, rule, context = found["evidence"], found["rule"] or {}, found["context"]
    arithmetic = arithmetic_fr(evidence)
    steps = next_steps_fr(found["verdict"], found["status"], evidence, context["documents"], found["finding_id"])
    # What was found and what to do come first; what it hangs on and what became of it come after.
    sections = [
        ("Verdict", [verdict_fr(found["verdict"], evidence)]),
        ("Chiffres", places_fr(evidence)),
        ("Calcul", [arithmetic] if arithmetic else []),
        ("Explications", ladder_fr(evidence)),
        ("Piste", [economy_fr(evidence.get("economy")) or ""]),
        ("À faire", [f"{place}. {step}" for place, step in enumerate(steps, 1)] if len(steps) > 1 else steps),
        ("Conséquence", list(context["affects"])),
        ("Même cause", [f"{other['finding_id']} {other['message_fr']}" for other in found["case"]]),
        ("Règle", [f"{rule.get('title_fr') or ''} ({found['rule_code']})".strip(), rule.get("definition_fr") or ""]),
        ("Indicateur", [_indicator(found)]),
        ("Territoire", [_territory(found)]),
        ("Période", [found["period_label"] or ""]),
        ("Référent", [_steward(found)]),
        ("Constatée", [_seen(_day(found["first_seen_at"]), _day(found["last_seen_at"]))]),
        ("Dérogation", _waiver(found)),
        ("Tranchée", [_decision(decision) for decision in found["decisions"]]),
        ("Historique", [_event(event, found["message_fr"]) for event in found["history"]]),
    ]
    return [(heading, kept) for heading, texts in sections if (kept := [text for text in texts if text.strip()])]


def _indicator(found: Mapping[str, Any]) -> str:
    label, code = found["context"]["indicator"], found["indicator_code"] or ""
    return f"{label} ({code})" if label and code else code


def _seen(first: str, last: str) -> str:
    return f"le {first}" if first == last else f"du {first} au {last}"


def _territory(found: Mapping[str, Any]) -> str:
    told = read_evidence(found["evidence"])
    of_result = told.result.details.get("territory") if told.result else None
    name = territory_fr(told.figures) or of_result or found["context"]["territory"]
    code = found["territory_code"] or ""
    if code == _NOT_STATED:
        return "non précisé par le document"
    return f"{name} ({code})" if name and code else name or code


def _steward(found: Mapping[str, Any]) -> str:
    """Who owns it, and which rule of the stewards' file says so, unless a person assigned it to somebody else."""
    steward, ownership = found["steward"], found["evidence"].get("ownership") or {}
    if steward is None:
        return "aucun référent désigné"
    if ownership.get("steward") != steward:
        return str(steward)
    if ownership.get("by") == "default":
        return f"{steward} (référent par défaut{NNBSP}: personne d’autre n’en est désigné responsable)"
    return f"{steward} (pour {_said(_OWNED_FR, ownership.get('by'))} {ownership.get('code')})"


def _waiver(found: Mapping[str, Any]) -> list[str]:
    until = found["waived_until"]
    return [f"jusqu’au {_day(until)}{NNBSP}: {found['waiver_reason']}"] if until else []


def _decision(decision: Mapping[str, Any]) -> str:
    retained = decision["retained_observation_id"]
    what = _said(DECISION_FR, decision["decision"]) + (f" ({retained})" if retained else "")
    return f"{_day(decision['decided_at'])}, {decision['decided_by']}{NNBSP}: {what}. {decision['reason']}"


def _event(event: Mapping[str, Any], message: str) -> str:
    """What happened, and why unless the card says it already."""
    author = event["actor"] or "le moteur de règles"
    told = f"{_day(event['happened_at'])}, {_said(STATUS_FR, event['status'])} par {author}"
    return told if event["why"] == message else f"{told}{NNBSP}: {event['why']}"


def _wrapped(heading: str, text: str) -> list[str]:
    first = safe_text(heading).ljust(_HEADING_WIDTH) if heading else " " * _HEADING_WIDTH
    later = " " * _HEADING_WIDTH
    return textwrap.wrap(
        safe_text(text),
        width=_CARD_WIDTH,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _day(iso: str) -> str:
    """« 01/03/2026 » from an ISO date or time."""
    return f"{date.fromisoformat(iso[:10]):%d/%m/%Y}"


def _said(words: Mapping[str, str], code: Any) -> str:
    return words.get(code, safe_text(code))


def _counted(number: int, word: str) -> str:
    return f"{number_fr(number)} {word}{'s' if number > 1 else ''}"


def _rows(connection: duckdb.DuckDBPyConnection, query: str, *values: Any) -> list[Row]:
    cursor = connection.execute(query, list(values))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _finding(row: Row) -> Row:
    evidence = row["evidence"]
    return _plain(row) | {"evidence": json.loads(evidence) if evidence else {}}


def _plain(row: Row) -> Row:
    """The row in values that JSON has."""
    return {name: _plain_value(value) for name, value in row.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
