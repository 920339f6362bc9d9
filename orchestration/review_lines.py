"""What a person who reviews sees, in French: a figure in its lines, what is proposed, what can be chosen.

What comes from a document is shown, never obeyed: control and direction characters as their code, no mark-up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ingestion.choices import Choice, Choices
from ingestion.describing import period_of
from ingestion.documents.model import Document
from ingestion.drafts import DecisionError, Draft, Row, span_of
from ingestion.periods import PeriodError, parse_period
from ingestion.review import Account, Item, awaiting, interval_of
from ingestion.review_hints import Hints
from stewardship.typography import NNBSP, is_unsafe, listed_fr, number_fr, quantity_fr, quoted_fr

KIND_FR = {
    "actual": "constaté",
    "target": "objectif",
    "estimate": "estimation",
    "growth": "évolution",
    "share": "part",
    "amount": "montant",
    "capacity": "capacité",
}
FORM_FR = {
    "level": "niveau",
    "increment": "accroissement",
    "growth": "évolution",
    "multiple": "multiple",
    "share": "part",
    "rank": "rang",
    "threshold": "seuil",
    "parameter": "paramètre",
}
STATUS_FR = {
    "observed": "observé",
    "provisional": "provisoire",
    "estimated": "estimé",
    "forecast": "prévu",
    "target": "visé",
    "rule": "règle",
}
METHOD_FR = {"manual": "par une personne", "parser": "par un lecteur de tableaux", "automatic": "par l’extracteur"}
#: Lines of context on each side, and characters of a long line on each side of the figure.
AROUND_LINES, AROUND_CHARACTERS = 2, 240
#: The same in tables, where a line is one of many.
LISTED_CHARACTERS = 80
_HEADING = 13


@dataclass(frozen=True)
class ContextLine:
    """One line of the text around a figure; ``marked`` is the part of it that the figure takes."""

    number: int
    before: str
    marked: str
    after: str


def shown(text: str) -> str:
    """A stretch of a document as one line that a terminal can show; blanks at its ends stay."""
    folded = re.sub(r"[ \t\r\n\f\v]+", " ", text)
    return "".join(f"\\u{ord(c):04x}" if is_unsafe(c) else c for c in folded)


def context(
    text: str, start: int, end: int, around: int = AROUND_LINES, most: int = AROUND_CHARACTERS
) -> list[ContextLine]:
    """The lines that a span stands on and ``around`` others on each side; ``most`` characters on each side of it."""
    first, last = start, end
    for _ in range(around + 1):
        first = text.rfind("\n", 0, first) if first >= 0 else first
        last = text.find("\n", last + 1) if last >= 0 and last < len(text) else -1
    offset, number = first + 1, text.count("\n", 0, first + 1) + 1
    lines = []
    for line in text[offset : last if last >= 0 else len(text)].split("\n"):
        low, high = (min(max(at - offset, 0), len(line)) for at in (start, end))
        lines.append(_cut(number, line, low, high, most))
        offset, number = offset + len(line) + 1, number + 1
    return lines


def line_of(text: str, start: int, end: int) -> str:
    """The one line that a figure stands in, cut around it, as a terminal can show it."""
    line = context(text, start, end, 0, LISTED_CHARACTERS)[0]
    return shown(line.before + line.marked + line.after).strip()


def _cut(number: int, line: str, low: int, high: int, most: int) -> ContextLine:
    before, after = line[:low], line[high:]
    if len(before) > most:
        before = f"…{before[-most:]}"
    if len(after) > most:
        after = f"{after[:most]}…"
    return ContextLine(number, before, line[low:high], after)


def print_context(lines: Sequence[ContextLine]) -> None:
    """Print lines of context with the figure highlighted, and between brackets for who sees no colours."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 1))
    for line in lines:
        told = Text(shown(line.before))
        if line.marked:
            told.append(f"[{shown(line.marked)}]", style="bold reverse")
        table.add_row(Text(f"{line.number:>6} │", style="dim"), told.append(shown(line.after)))
    Console(highlight=False).print(table)


def proposal_lines(row: Row, choices: Choices, score: float | None = None) -> list[str]:
    """What a figure is said to be, line by line."""
    told = {
        "Indicateur": _named(choices.indicators, row["indicator_code"]),
        "Territoire": _named(choices.territories, row["territory_key"]),
        "Période": f"{period_fr(row['period'])}, {_explicit(row)}",
        "Base": period_fr(row["base_period"]) if row.get("base_period") else None,
        "Cumul depuis": period_fr(row["cumulated_since"]) if row.get("cumulated_since") else None,
        "Nature": kind_fr(row),
        "Valeur": value_fr(row),
        "Approximation": quoted_fr(row["qualifier"]) if row.get("qualifier") else None,
        "Rapporté à": row.get("denominator_fr"),
        "Ambiguïté": row.get("ambiguity_fr"),
        "Répète": row.get("repeats"),
        "Source citée": row.get("cited_source"),
        "Lu": METHOD_FR[row["extraction_method"]],
        "Score": number_fr(score, 2) if score is not None else None,
    }
    return [f"  {heading:<{_HEADING}} {shown(line)}" for heading, line in told.items() if line]


def description_lines(report: Row, choices: Choices) -> list[str]:
    """What the report is said to be, line by line."""
    told = {
        "Titre": report["title"],
        "Éditeur": report["publisher"],
        "Territoire": _named(choices.territories, report["scope_territory_key"]),
        "Date": period_fr(period_of(report)),
        "Licence": report["licence"],
    }
    return [f"  {heading:<{_HEADING}} {shown(line)}" for heading, line in told.items()]


def kind_fr(row: Row) -> str:
    """« objectif (niveau, visé) »: the short label, then what it is made of."""
    return f"{KIND_FR[row['kind']]} ({FORM_FR[row['value_form']]}, {STATUS_FR[row['obs_status']]})"


def period_fr(code: str) -> str:
    """A period as it reads, with its code; the code alone where it cannot be read."""
    try:
        return f"{parse_period(code).label_fr} ({code})"
    except PeriodError:
        return f"{code} (illisible)"


def value_fr(row: Row) -> str:
    """The value with its unit and the interval that its print allows."""
    try:
        low, high = interval_of(row)
    except DecisionError as error:
        return str(error)
    value = quantity_fr(row["value"], row["unit"]) if row.get("value") else "fourchette"
    return f"{value} ({_interval_fr(low, high, row['unit'])})"


def account_fr(account: Account) -> str:
    """« 3 figures acceptées et 1 rejetée ; 12 attendent encore »."""
    words = {
        "acceptée": account.accepted,
        "modifiée": account.modified,
        "rejetée": account.rejected,
        "ajoutée": account.observed,
    }
    parts = [f"{count} {word}{'s' if count > 1 else ''}" for word, count in words.items() if count]
    if account.dismissed:
        parts.append(f"{account.dismissed} nombre{'s' if account.dismissed > 1 else ''} sans figure")
    if account.is_redescribed:
        parts.insert(0, "fiche corrigée")
    left = f"{account.left} attend{'ent' if account.left > 1 else ''} encore" if account.left else "plus rien n’attend"
    return f"{listed_fr(parts) or 'aucune décision'}{NNBSP}; {left}"


def drafted_fr(report_id: str, version: int, rows: Sequence[Mapping[str, Any]], *, is_new: bool) -> str:
    """« bilan, version 1 : 12 figures proposées, 30 nombres en attente. »"""
    figures = sum(row["figure_key"] is not None for row in rows)
    news = "" if is_new else f" Rien de nouveau{NNBSP}: ce texte avait déjà été lu ainsi."
    return (
        f"{report_id}, version {version}{NNBSP}: figures proposées, {figures}{NNBSP}; "
        f"nombres en attente, {len(rows) - figures}.{news}"
    )


def choice_line(number: int, choice: Choice) -> str:
    """One line of what can be chosen."""
    return f"  {number:>2}  {shown(choice.label)} ({shown(choice.code)}) · {shown(choice.detail)}"


#: The score below which what a pending number might say is not told to people: it would lead them astray.
LEAST_TOLD = 0.1


def item_rows(draft: Draft, choices: Choices, hints: Hints, document: Document | None) -> list[dict[str, Any]]:
    """What awaits a person, for lists: plain values. The line of the document is shown and kept nowhere."""
    figures = {row["figure_key"]: row for row in draft.figures}
    return [
        _item_row(
            item, figures.get(item.figure_key or "") or hints.rows.get(item.start or 0, {}), choices, hints, document
        )
        for item in awaiting(draft)
    ]


def _item_row(item: Item, row: Row, choices: Choices, hints: Hints, document: Document | None) -> dict[str, Any]:
    code, span = row.get("indicator_code", ""), span_of(row)
    score = hints.scores.get(span) if span else None
    told = row if item.figure_key or score is None or score >= LEAST_TOLD else {}
    return {
        "figure_key": item.figure_key,
        "line": item.line,
        "page": document.page_at(item.start) if document and item.start is not None else None,
        "printed": row.get("printed", item.printed),
        "indicator_code": code or None,
        "territory_key": row.get("territory_key"),
        "period": row.get("period"),
        "kind": row.get("kind"),
        "score": score,
        "proposal": _proposal_fr(told, choices, is_pending=item.figure_key is None),
        "text": line_of(document.text, item.start, item.end)
        if document and item.start is not None and item.end
        else None,
    }


def _proposal_fr(row: Row, choices: Choices, *, is_pending: bool) -> str:
    """« Maisons de santé · Nouvelle-Aquitaine · 2019 · constaté », what is not sure between question marks."""
    code = row.get("indicator_code")
    if not code:
        return "en attente"
    names = [one.label if (one := choices.indicators.get(code)) else code]
    names.append(one.label if (one := choices.territories.get(row["territory_key"])) else row["territory_key"])
    told = " · ".join([*names, parse_period(row["period"]).label_fr, KIND_FR[row["kind"]]])
    return f"en attente, peut-être{NNBSP}: {told}" if is_pending else told


def _named(choices: Mapping[str, Choice], code: str) -> str:
    if code not in choices:
        return f"{code} (inconnu)"
    choice = choices[code]
    return f"{choice.label} ({code})"


def _explicit(row: Row) -> str:
    return "imprimée" if row.get("date_is_explicit") == "true" else "non imprimée"


def _interval_fr(low: Decimal | None, high: Decimal | None, unit: str) -> str:
    if low is not None and low == high:
        return "exactement"
    if high is None:
        return f"{quantity_fr(low, unit)} ou plus" if low is not None else "sans borne"
    return (
        f"de {number_fr(low)} à {quantity_fr(high, unit)}" if low is not None else f"jusqu’à {quantity_fr(high, unit)}"
    )
