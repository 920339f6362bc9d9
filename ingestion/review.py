"""What a person decides of an extract: pure functions from one state of its rows to the next.

What belongs here: accepting, changing and rejecting a figure, and settling a numeral that was left pending. Nothing is
read or written here; every decision gives a new :class:`Draft` or raises a :class:`DecisionError` in French and leaves
the one before as it was.

``extraction_method`` says how a row was read, ``review_status`` whether a person checked it. An accepted row keeps its
method and becomes reviewed; a row whose meaning or place a person changed is that person's reading: ``manual``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from ingestion.describing import period_of
from ingestion.drafts import (
    FIGURES,
    LINKS,
    PARAMETERS,
    REGISTER,
    DecisionError,
    Draft,
    Row,
    overlap,
    placed,
    span_of,
    start_of,
    with_tables,
)
from ingestion.numbers import (
    Interval,
    UnknownHedgeError,
    UnreadableFigureError,
    hedge_class,
    interval,
    normalise_printed,
    parse_in_unit,
    reads_as,
    same_printed,
)
from ingestion.periods import PeriodError, parse_period
from ingestion.report_file import REPORT_FILE, read_report
from ingestion.schemas import EXHIBIT_KINDS, GROWTH_FORMS, HEDGES, KINDS, OBS_STATUSES, VALUE_FORMS

_ACCEPTED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "kind": KINDS,
        "value_form": VALUE_FORMS,
        "obs_status": OBS_STATUSES,
        "growth_form": ("", *GROWTH_FORMS),
        "hedge": ("", *HEDGES),
        "exhibit_kind": EXHIBIT_KINDS,
        "date_is_explicit": ("true", "false"),
    }
)
KIND_OF_NATURE: Mapping[str, str] = MappingProxyType(
    {"share": "share", "growth": "growth", "amount": "amount", "capacity": "capacity"}
)
FORM_OF_NATURE: Mapping[str, str] = MappingProxyType({"share": "share", "growth": "growth"})
STATUS_OF_KIND: Mapping[str, str] = MappingProxyType({"target": "target", "estimate": "estimated", "amount": "rule"})
MAX_REASON = 200
MAX_NAME = 80


@dataclass(frozen=True)
class Codes:
    """What rows may name: the unit of every indicator by its code, and the territories."""

    units: Mapping[str, str]
    territories: frozenset[str]


@dataclass(frozen=True)
class Item:
    """One thing that awaits a person: a figure nobody checked, or (``figure_key`` null) a numeral left pending."""

    figure_key: str | None
    line: int | None
    start: int | None
    end: int | None
    printed: str


# --- what awaits a person --------------------------------------------------------------------------------------------


def awaiting(draft: Draft) -> list[Item]:
    """The figures that nobody checked, then the numerals left pending, each in the order of the document."""
    figures = [_item(row, row["figure_key"]) for row in draft.figures if row["review_status"] == "unreviewed"]
    numerals = [_item(row, None) for row in draft.ledger if row["disposition"] == "pending"]
    return [*sorted(figures, key=_place), *sorted(numerals, key=_place)]


def _item(row: Row, key: str | None) -> Item:
    line, start, end = (
        int(cell) if (cell := row.get(name)) else None for name in ("source_line", "char_start", "char_end")
    )
    return Item(key, line, start, end, row["printed"])


def _place(item: Item) -> tuple[int, str]:
    return (-1 if item.start is None else item.start), item.figure_key or ""


def kind_of(kind: str, nature: str) -> str:
    """The kind of a figure once its indicator has this nature: a promise or an estimate stays one."""
    return kind if kind in ("target", "estimate") else KIND_OF_NATURE.get(nature, "actual")


def cells_of_kind(kind: str, nature: str, unit: str) -> Row:
    """The finer cells that go with a kind, as the committed extracts have them most often; a person may change them.

    ``nature`` and ``unit`` are the indicator's: an announced share is a share, an announced growth a growth.
    """
    form = FORM_OF_NATURE.get(nature, "parameter" if kind == "amount" else "level")
    if nature == "growth" and unit == "multiple":
        form = "multiple"
    growth_form = "" if nature != "growth" else unit if unit in ("multiple", "points") else "total"
    status = STATUS_OF_KIND.get(kind, "observed")
    return {"kind": kind, "value_form": form, "obs_status": status, "growth_form": growth_form}


def hedged(qualifier: str) -> Row:
    """The cells of a term of approximation as printed; of none, both are empty.

    Raises:
        DecisionError: no class is known for this wording.
    """
    told = normalise_printed(qualifier)
    try:
        return {"qualifier": told, "hedge": hedge_class(told) if told else ""}
    except UnknownHedgeError as error:
        raise DecisionError(str(error)) from error


def interval_of(row: Row) -> Interval:
    """The true values that a figure's print allows, by :func:`ingestion.numbers.interval`.

    Raises:
        DecisionError: the print cannot be read in the figure's unit.
    """
    stored = Decimal(row["value"]) if row.get("value") else None
    try:
        return interval(
            stored, row["printed"], row.get("hedge") or None, row["unit"], row["value_form"], row["obs_status"]
        )
    except (UnreadableFigureError, KeyError) as error:
        raise DecisionError(f"« {row['printed']} » ne se lit pas dans l’unité {row['unit']} ({error})") from error


@dataclass(frozen=True)
class Account:
    """What a review came to, in numbers of figures and numerals."""

    accepted: int
    modified: int
    rejected: int
    observed: int
    dismissed: int
    is_redescribed: bool
    left: int


def account(before: Draft, after: Draft) -> Account:
    """What happened between two states of an extract. A numeral of a rejected figure is counted with its figure."""
    old = {row["figure_key"]: row for row in before.figures}
    now = {row["figure_key"]: row for row in after.figures}
    settled = [row for key, row in now.items() if key in old and _is_settled(old[key], row)]
    modified = sum(_is_changed(old[row["figure_key"]], row) for row in settled)
    pending = {row["char_start"] for row in before.ledger if row["disposition"] == "pending"}
    dismissed = sum(row["disposition"] == "dismissed" and row["char_start"] in pending for row in after.ledger)
    return Account(
        accepted=len(settled) - modified,
        modified=modified,
        rejected=len(old.keys() - now.keys()),
        observed=len(now.keys() - old.keys()),
        dismissed=dismissed,
        is_redescribed=before.files[REPORT_FILE] != after.files[REPORT_FILE],
        left=len(awaiting(after)),
    )


def _is_settled(before: Row, after: Row) -> bool:
    return before["review_status"] == "unreviewed" and after["review_status"] == "reviewed"


def _is_changed(before: Row, after: Row) -> bool:
    """Whether a person made a figure say something else: a proposal that follows its report's date was accepted."""
    apart = {"review_status", "reviewed_by", "extraction_method", "repeats"}
    names = (before.keys() | after.keys()) - apart
    return after["extraction_method"] == "manual" and any(before.get(n, "") != after.get(n, "") for n in names)


# --- decisions -------------------------------------------------------------------------------------------------------


def accept(draft: Draft, key: str, by: str, text: str, codes: Codes) -> Draft:
    """The figure is right as it is: it becomes reviewed, by whom, and how it was read stays."""
    return _settled(draft, key, {**draft.figure(key), **_reviewed(by)}, text, codes)


def modify(draft: Draft, key: str, changes: Row, by: str, text: str, codes: Codes) -> Draft:
    """The figure is another than was read: ``changes`` are its cells by name, the span included.

    Unit and value follow the indicator and the print. Changes that change nothing accept the figure.
    """
    before = draft.figure(key)
    changed = {name: cell for name, cell in changes.items() if cell != before.get(name, "")}
    if not changed:
        return accept(draft, key, by, text, codes)
    after = {**before, **changed, **_reviewed(by), "extraction_method": "manual"}
    return _settled(draft, key, measured(after, text, codes), text, codes)


def dismiss(draft: Draft, key: str, reason: str) -> Draft:
    """The figure is none: it leaves the extract with what hangs on it, and its numerals are dismissed with a reason."""
    told, gone = _reason(reason), draft.figure(key)
    figures = tuple(_repointed(row, gone, draft.figures) for row in draft.figures if row["figure_key"] != key)
    ledger = tuple(_released(row, key, figures, told) for row in draft.ledger)
    return with_tables(draft, {FIGURES: figures, REGISTER: ledger, **_unbound(draft, key)})


def observe(draft: Draft, row: Row, by: str, text: str, codes: Codes) -> Draft:
    """A numeral that was none yet is a figure: ``row`` has its meaning and its span; the rest follows from them."""
    key = new_key(draft, row["indicator_code"])
    fixed = {"figure_key": key, "statement_origin": "publisher", "extraction_method": "manual", **_reviewed(by)}
    figure = measured({**row, **fixed}, text, codes)
    overlapped = next((other for other in draft.figures if overlap(other, figure)), None)
    if overlapped is not None:
        raise DecisionError(f"ce chiffre empiète sur la figure « {overlapped['figure_key']} »")
    return _settled(with_tables(draft, {FIGURES: (*draft.figures, figure)}), key, figure, text, codes)


def dismiss_numeral(draft: Draft, start: int, reason: str) -> Draft:
    """A numeral left pending is no figure, for a reason."""
    told = _reason(reason)
    settled = {"disposition": "dismissed", "reason": told, "figure_key": ""}
    if not any(_is_pending_at(row, start) for row in draft.ledger):
        raise DecisionError("ce nombre n’attend plus de décision")
    return with_tables(
        draft, {REGISTER: tuple({**row, **settled} if _is_pending_at(row, start) else row for row in draft.ledger)}
    )


def blank(draft: Draft, place: Row) -> Row:
    """What is said of a numeral before anything is known of it: the report's own territory and date, a plain value."""
    report, _ = read_report("", draft.files)
    return {
        **place,
        "indicator_code": "",
        "territory_key": report["scope_territory_key"],
        "period": period_of(report),
        "date_is_explicit": "false",
        "kind": "actual",
        "value_form": "level",
        "obs_status": "observed",
        "exhibit_kind": "text",
        "extraction_method": "manual",
    }


def new_key(draft: Draft, indicator_code: str) -> str:
    """A key for one more figure of an indicator: never one that the extract has."""
    taken = {row["figure_key"] for row in draft.figures} | {row.get("figure_key") for row in draft.ledger}
    stem = re.sub(r"[^a-z0-9]+", "-", indicator_code.lower()).strip("-") or "figure"
    keys = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 2))
    return next(key for key in keys if key not in taken)


def reviewer(name: str) -> str:
    """A person's name as it is kept.

    Raises:
        DecisionError: it is empty or too long to be one.
    """
    folded = normalise_printed(name)
    if not folded or len(folded) > MAX_NAME or not folded.isprintable():
        raise DecisionError(f"un nom d’au plus {MAX_NAME} caractères était attendu")
    return folded


def _settled(draft: Draft, key: str, figure: Row, text: str, codes: Codes) -> Draft:
    """The draft with this figure in place of the one of its key, and the ledger told; refused where it cannot stand."""
    check_figure(figure, text, codes)
    before = draft.figure(key)
    figures = tuple(figure if row is before else row for row in draft.figures)
    if span_of(before) == span_of(figure) and _is_told(draft, key):
        return with_tables(draft, {FIGURES: figures})
    ledger = _accounted(draft, figure)
    return with_tables(draft, {FIGURES: tuple(sorted(figures, key=start_of)), REGISTER: ledger})


def _reviewed(by: str) -> Row:
    return {"review_status": "reviewed", "reviewed_by": reviewer(by)}


def _reason(reason: str) -> str:
    told = normalise_printed(reason)
    if not told or len(told) > MAX_REASON or not told.isprintable():
        raise DecisionError(f"un motif d’au plus {MAX_REASON} caractères était attendu")
    return told


# --- what a figure must be -------------------------------------------------------------------------------------------


def check_figure(row: Row, text: str, codes: Codes) -> None:
    """A figure stands at its place in the text, and names what exists.

    Raises:
        DecisionError: for the first thing that does not hold.
    """
    for name, accepted in _ACCEPTED.items():
        if row.get(name, "") not in accepted:
            raise DecisionError(f"{name} : une valeur parmi {', '.join(filter(None, accepted))} était attendue")
    if row["indicator_code"] not in codes.units:
        raise DecisionError(f"l’indicateur « {row['indicator_code']} » n’existe pas")
    if row["territory_key"] not in codes.territories:
        raise DecisionError(f"le territoire « {row['territory_key']} » n’existe pas")
    if row["unit"] != codes.units[row["indicator_code"]]:
        raise DecisionError(f"l’unité {row['unit']} n’est pas celle de l’indicateur")
    for name in ("period", "base_period"):
        check_period(row.get(name, ""), required=name == "period")
    interval_of(row)
    _check_value(row)
    check_place(row, text)


def check_place(row: Row, text: str) -> None:
    """A figure with a span stands there, on its line.

    Raises:
        DecisionError: it does not.
    """
    span = span_of(row)
    if span is None:
        return
    start, end = span
    line = text.count("\n", 0, start) + 1
    if not same_printed(text[start:end], row["printed"]) or row.get("source_line") != str(line):
        raise DecisionError(f"« {row['printed']} » n’est pas à sa place dans le texte (caractères {start} à {end})")


def span_near(text: str, printed: str, start: int, end: int) -> tuple[int, int]:
    """Where a figure as a person types it stands: on the lines of ``start``–``end``, sharing a character with them.

    White space may differ from the text's. The stretch found first is given.

    Raises:
        DecisionError: it does not stand there.
    """
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    for at in _printed_in(text, printed, first, last if last >= 0 else len(text)):
        if at[0] < end and start < at[1]:
            return at
    raise DecisionError(f"« {normalise_printed(printed)} » n’est pas imprimé à cet endroit")


def span_on_line(draft: Draft, text: str, line: int, printed: str) -> tuple[int, int]:
    """Where a figure that nobody found stands on a line: the first stretch printed so that no figure has yet.

    Raises:
        DecisionError: there is none.
    """
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    first = starts[line - 1] if 1 <= line <= len(starts) else len(text)
    last = text.find("\n", first)
    for at in _printed_in(text, printed, first, last if last >= 0 else len(text)):
        if not any(overlap(row, placed(text, *at)) for row in draft.figures):
            return at
    raise DecisionError(
        f"« {normalise_printed(printed)} » n’est pas imprimé à la ligne {line}, ou y est déjà une figure"
    )


def _printed_in(text: str, printed: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Each stretch between two offsets that reads as a person types it; white space may differ."""
    spaced = r"\s+".join(map(re.escape, printed.split()))
    for found in re.finditer(rf"(?=({spaced}))", text[first:last]) if spaced else ():
        yield first + found.start(1), first + found.end(1)


def measured(row: Row, text: str, codes: Codes) -> Row:
    """The figure with the unit of its indicator, and the value that its print has in that unit.

    Raises:
        DecisionError: there is no such indicator, or its unit is not one that the print can be read in.
    """
    unit = codes.units.get(row["indicator_code"])
    if unit is None:
        raise DecisionError(f"l’indicateur « {row['indicator_code']} » n’existe pas")
    check_place(row, text)
    try:
        read = parse_in_unit(row["printed"], unit)
    except UnreadableFigureError as error:
        raise DecisionError(f"{error} : cet indicateur est en {unit}") from error
    ends = (read.low, read.high) if read.form == "range" else (None, None)
    values = dict(zip(("value", "value_low", "value_high"), (read.value, *ends), strict=True))
    return {**row, "unit": unit, **{name: _cell(value, row.get(name)) for name, value in values.items()}}


def _cell(value: Decimal | None, written: str | None) -> str:
    """A value as the cell that it has already, where that says the same."""
    if value is None:
        return ""
    if written and Decimal(written) == value:
        return written
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _check_value(row: Row) -> None:
    value, low, high = (Decimal(cell) if (cell := row.get(n)) else None for n in ("value", "value_low", "value_high"))
    if not reads_as(row["printed"], row["unit"], value, low, high):
        raise DecisionError(f"« {row['printed']} » ne se lit pas {row.get('value', '')} en {row['unit']}")


def check_period(code: str, *, required: bool = True) -> None:
    """A text is a period code of :mod:`ingestion.periods`.

    Raises:
        DecisionError: it is none.
    """
    if not code and not required:
        return
    try:
        parse_period(code)
    except PeriodError as error:
        raise DecisionError(
            f"« {code} » n’est pas un code de période : 2018-01-01, 2015-10, 2019-Q2, 2019-H1, 2018, AY2019, FLU2018, "
            "start:2019, end:2018, since:2015, by:2017, 2015/2017 ou not_stated"
        ) from error


# --- the ledger and what hangs on a figure ---------------------------------------------------------------------------


def _is_pending_at(row: Row, start: int) -> bool:
    return row["disposition"] == "pending" and row["char_start"] == str(start)


def _is_told(draft: Draft, key: str) -> bool:
    return not draft.ledger or any(row.get("figure_key") == key for row in draft.ledger)


def _accounted(draft: Draft, figure: Row) -> tuple[Row, ...]:
    """The ledger once a figure stands at its span: the first numeral in it is observed, the others are part of it.

    What the figure held before and holds no more is pending again.
    """
    key, before, seen = figure["figure_key"], draft.figure(figure["figure_key"]), False
    rows: list[Row] = []
    for row in draft.ledger:
        is_free = row.get("figure_key", "") in ("", key)
        if is_free and overlap(row, figure):
            rows.append({**row, "disposition": "part_of" if seen else "observed", "figure_key": key, "reason": ""})
            seen = True
        elif row.get("figure_key") == key and overlap(row, before):
            rows.append({**row, "disposition": "pending", "figure_key": "", "reason": ""})
        else:
            rows.append(row)
    return tuple(rows)


def _released(row: Row, key: str, figures: Iterable[Row], reason: str) -> Row:
    """A numeral of a figure that goes: another figure's where one stands there, dismissed otherwise."""
    if row.get("figure_key") != key:
        return row
    heir = next((figure for figure in figures if overlap(row, figure)), None)
    if heir is not None:
        return {**row, "disposition": "observed", "figure_key": heir["figure_key"]}
    return {**row, "disposition": "dismissed", "figure_key": "", "reason": reason}


def _repointed(row: Row, gone: Row, figures: Iterable[Row]) -> Row:
    """A mention that repeats a figure that goes repeats what that one did, or the first of those that repeated it."""
    if row.get("repeats") != gone["figure_key"]:
        return row
    first = min((r for r in figures if r.get("repeats") == gone["figure_key"]), key=start_of)
    heir = gone.get("repeats") or (first["figure_key"] if first is not row else "")
    return {**row, "repeats": heir}


def _unbound(draft: Draft, key: str) -> dict[str, tuple[Row, ...]]:
    """Links and parameters without a figure that goes; a link needs two figures to bind anything."""
    links = [row for row in draft.tables.get(LINKS, ()) if row["figure_key"] != key]
    members = [row["link_key"] for row in links]
    return {
        LINKS: tuple(row for row in links if members.count(row["link_key"]) > 1),
        PARAMETERS: tuple(row for row in draft.tables.get(PARAMETERS, ()) if row["figure_key"] != key),
    }
