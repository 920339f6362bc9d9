"""The explanation ladder: what could make a finding no error of the figures, tested before anybody is asked.

Five tests in the order in which a steward would make them: do the figures count the same thing (perimeter), at the same
date (date), does one round the other (rounding), did a later document correct an earlier one (revision), is one a slip
of the other's digits (transcription)? Each is answered yes, no or unknown from the evidence alone; unknown is never no.

Pure functions over the ``evidence`` of a verdict. :func:`ladder` gives codes, kept in the finding's evidence;
:func:`ladder_fr` renders them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from math import log10
from typing import Any, Literal

from stewardship import dataset_sentences
from stewardship.typography import NBSP, NNBSP, as_number, number_fr, quoted_fr, safe_text, typeset_fr

Answer = Literal["yes", "no", "unknown"]
Rung = dict[str, Any]
Figures = Sequence[Mapping[str, Any]]

#: What is asked about documents, dates or promises is no disagreement of two numbers: nothing to explain.
UNEXPLAINED = frozenset(
    {
        "edition",
        "review",
        "comparability",
        "announced",
        "future",
        "promise",
        "pace",
        "copy",
        "facility_register",
        "frozen",
        *dataset_sentences.RELATIONS,
    }
)
_RESULTS = {"total", "whole", "growth", "share", "ratio", "multiple", "stated", "result"}
#: Parts differ from their total in scope and place by nature: only what they count must be the same.
_BY_PARTS = {"sum", "groups", "part_whole", "average"}
#: Both sides are printed, so that either may round the other; elsewhere one of them is computed.
_PRINTED_TWICE = {"contradiction", "statement", "part_whole", "cumulative"}
#: A growth or a multiple is often printed to the nearest 5; a count of people is not.
_GROWTH_UNITS = {"percent", "multiple", "points"}
#: Two numbers a power of ten apart, but for what a year changes.
_SAME_SCALE = Decimal("0.4")
#: A twentieth more or less, as a power of ten.
_NEARLY = Decimal("0.021")
_PROVISIONAL = {"provisional", "estimated", "forecast"}


def ladder(evidence: Mapping[str, Any]) -> list[Rung]:
    """The five answers, each ``{"test", "answer"}``; ``"slip"`` where a slip of digits is found: the figure's ``ref``,
    its ``kind`` (scale, swap, digit or unit) and what it ``would_be``; ``"shift"`` where the figure belongs to a column
    that is displaced by one line."""
    figures = [figure for figure in evidence.get("figures") or () if isinstance(figure, Mapping)]
    relation = str(evidence.get("relation"))
    if relation in dataset_sentences.RELATIONS - dataset_sentences.WITHOUT_ARITHMETIC and figures:
        return _dataset_ladder(relation, figures)
    if relation in UNEXPLAINED or len(figures) < 2:
        return []
    slip = next(_slips(relation, figures, evidence.get("arithmetic") or {}), None)
    shift = evidence.get("shift") if isinstance(evidence.get("shift"), Mapping) else None
    found = {"shift": shift} if shift else {"slip": slip} if slip else {}
    return [
        {"test": "perimeter", "answer": _perimeter(relation, figures)},
        {"test": "date", "answer": _date(relation, figures)},
        {"test": "rounding", "answer": _rounding(relation, figures, evidence.get("arithmetic") or {})},
        {"test": "revision", "answer": _revision(figures)},
        {"test": "transcription", "answer": "yes" if found else "no", **found},
    ]


def slips(evidence: Mapping[str, Any]) -> set[str]:
    """The figures that a slip of digits separates from what would clear the finding, were they alone at fault."""
    figures = [figure for figure in evidence.get("figures") or () if isinstance(figure, Mapping)]
    found = _slips(str(evidence.get("relation")), figures, evidence.get("arithmetic") or {})
    return {str(slip["ref"]) for slip in found if slip["ref"]}


def ladder_fr(evidence: Mapping[str, Any]) -> list[str]:
    """The answers of a finding's evidence as lines of a card."""
    rungs = evidence.get("explanations")
    if rungs == []:
        return [typeset_fr(_NOT_ASKED)]
    return [_told(rung, evidence) for rung in rungs if isinstance(rung, Mapping)] if isinstance(rungs, list) else []


def shifted_fr(shift: Mapping[str, Any]) -> str:
    """« la colonne de Gironde, lignes 101 à 109, est imprimée une ligne trop bas »."""
    territory = f" ({safe_text(shift['territory'])})" if shift.get("territory") else ""
    lines = f"lignes{NBSP}{shift.get('first_line')} à{NBSP}{shift.get('last_line')}"
    return f"toute une colonne{territory}, {lines}, est décalée d’une ligne {_MOVED.get(str(shift.get('moved')), '')}"


def slip_of(one: Decimal, other: Decimal) -> str | None:
    """How a number could have been written for another: ``scale`` (a power of ten), ``swap`` (two neighbouring digits
    exchanged) or ``digit`` (one digit for another; a number of one digit is not one digit away from anything)."""
    if one == other or not one or not other:
        return None
    if (one / other).normalize().as_tuple().digits == (1,):
        return "scale"
    left, right = (format(number.copy_abs().normalize(), "f") for number in (one, other))
    if len(left) != len(right) or (one < 0) != (other < 0):
        return None
    differing = [index for index, (a, b) in enumerate(zip(left, right, strict=True)) if a != b]
    if len(differing) == 1 and sum(c.isdigit() for c in left) > 1:
        return "digit" if left[differing[0]].isdigit() and right[differing[0]].isdigit() else None
    if len(differing) != 2 or differing[1] != differing[0] + 1:
        return None
    here = slice(differing[0], differing[1] + 1)
    return "swap" if left[here] == right[here][::-1] else None


def rounds_to(exact: Decimal, printed: Decimal, *, to_fives: bool = False) -> bool:
    """Whether ``printed`` is ``exact`` rounded or cut to a power of ten no larger than itself (or to half of one)."""
    if exact == printed or not printed:
        return False
    steps = [Decimal(1).scaleb(exponent) for exponent in range(-4, printed.adjusted() + 1)]
    steps += [step * 5 for step in steps] if to_fives else []
    return any(
        (exact / step).quantize(Decimal(1), rounding) * step == printed
        for step in steps
        for rounding in (ROUND_HALF_UP, ROUND_DOWN)
    )


# The tests


def _dataset_ladder(relation: str, figures: Figures) -> list[Rung]:
    """Numbers of one dataset: the rule leaves out territories that changed, and says what each number stands beside."""
    explained = all(figure.get("status") == "explained" for figure in figures)
    other_date = any(figure.get("beside_label") not in (None, figure.get("period_label")) for figure in figures)
    slip = next(_dataset_slips(figures), None)
    return [
        {"test": "perimeter", "answer": "no" if relation in {"dataset_step", "dataset_revision"} else "unknown"},
        {"test": "date", "answer": "yes" if relation == "dataset_density" and other_date else "no"},
        {"test": "rounding", "answer": "yes" if relation == "dataset_total" and explained else "no"},
        {"test": "revision", "answer": _dataset_revised(relation, explained)},
        {"test": "transcription", "answer": "yes" if slip else "no", **({"slip": slip} if slip else {})},
    ]


def _dataset_revised(relation: str, explained: bool) -> Answer:
    if relation != "dataset_revision":
        return "no"
    return "yes" if explained else "unknown"


def _dataset_slips(figures: Figures) -> Iterator[Rung]:
    for figure in figures:
        value, beside = as_number(figure.get("value")), as_number(figure.get("beside"))
        if value is None or beside is None or not value or not beside:
            continue
        power = round(log10(abs(value / beside)))
        scaled = value.scaleb(-power)
        if power and abs(scaled / beside - 1) < _SAME_SCALE:
            yield {"ref": figure.get("ref"), "kind": "scale", "would_be": float(scaled)}
        elif kind := slip_of(value, beside):
            yield {"ref": figure.get("ref"), "kind": kind, "would_be": float(beside)}


def _perimeter(relation: str, figures: Figures) -> Answer:
    if relation == "share":
        # A share and what it is made of count different things by nature.
        return "unknown"
    counted = _known(figures, "counted_unit") - {"none"}
    if len(counted) > 1:
        return "yes"
    if relation in _BY_PARTS or relation == "growth":
        return "no" if all(figure.get("counted_unit") for figure in figures) else "unknown"
    if any(len(_known(figures, name)) > 1 for name in ("champ_fr", "denominator_fr", "territory")):
        return "yes"
    stated = [bool(figure.get("denominator_fr")) for figure in figures]
    told = all(figure.get("champ_fr") for figure in figures) and (all(stated) or not any(stated))
    return "no" if told else "unknown"


def _date(relation: str, figures: Figures) -> Answer:
    if not all(figure.get("period_key") for figure in figures):
        return "unknown"
    dated = all(figure.get("is_dated") for figure in figures)
    if relation not in {"cumulative", "growth"} and len(_known(figures, "period_key")) > 1:
        return "yes"
    return "no" if dated else "unknown"


def _rounding(relation: str, figures: Figures, arithmetic: Mapping[str, Any]) -> Answer:
    sides = _sides(relation, figures, arithmetic)
    if not sides:
        return "unknown"
    to_fives = relation == "growth" and _unit(figures) in _GROWTH_UNITS
    one, other = sides
    either_way = relation in _PRINTED_TWICE and rounds_to(other, one)
    rounded = rounds_to(one, other, to_fives=to_fives) or either_way
    return "yes" if rounded else "no"


def _revision(figures: Figures) -> Answer:
    if len(_known(figures, "report_id")) < 2:
        return "no"
    return "yes" if _known(figures, "status") & _PROVISIONAL else "unknown"


def _slips(relation: str, figures: Figures, arithmetic: Mapping[str, Any]) -> Iterator[Rung]:
    for figure, wanted in _wanted(relation, figures, arithmetic):
        value = as_number(figure.get("value"))
        if value is not None and wanted >= 0 and (kind := slip_of(value, wanted)):
            yield {"ref": figure.get("ref"), "kind": kind, "would_be": float(wanted)}
        elif value is not None and relation == "share" and _is_of_another_unit(value, wanted):
            yield {"ref": figure.get("ref"), "kind": "unit", "would_be": float(wanted)}


def _is_of_another_unit(printed: Decimal, computed: Decimal) -> bool:
    """Whether a rate is what was computed times a power of ten, as far as rounding lets one tell."""
    if printed <= 0 or computed <= 0:
        return False
    power = (printed / computed).log10()
    nearest = power.to_integral_value()
    return bool(nearest) and abs(power - nearest) <= _NEARLY


def _wanted(
    relation: str, figures: Figures, arithmetic: Mapping[str, Any]
) -> Iterable[tuple[Mapping[str, Any], Decimal]]:
    """Each figure with the value that would clear the finding, were it the only one at fault."""
    sides = _sides(relation, figures, arithmetic)
    if not sides or relation in {"growth", "cumulative", "range"}:
        return
    one, other = sides
    if relation not in {"sum", "groups"}:
        for figure in figures:
            value = as_number(figure.get("value"))
            if value in (one, other):
                yield figure, other if value == one else one
        return
    results = [figure for figure in figures if figure.get("role") in _RESULTS]
    yield from ((figure, one) for figure in results)
    for part in figures:
        value = as_number(part.get("value"))
        if part not in results and value is not None:
            yield part, value + other - one


def _sides(relation: str, figures: Figures, arithmetic: Mapping[str, Any]) -> tuple[Decimal, Decimal] | None:
    """What was computed (or the one side) and what was printed (or the other)."""
    if relation == "statement" and len(_known(figures, "unit") & {"days", "minutes"}):
        return None
    computed, printed = (as_number(arithmetic.get(name)) for name in ("computed", "printed"))
    return (computed, printed) if computed is not None and printed is not None else None


def _known(figures: Figures, name: str) -> set[Any]:
    return {figure[name] for figure in figures if figure.get(name)}


def _unit(figures: Figures) -> str | None:
    result = next((figure for figure in figures if figure.get("role") in _RESULTS), figures[0])
    return result.get("unit")


# French

_TESTS = {
    "perimeter": "Périmètre",
    "date": "Date",
    "rounding": "Arrondi",
    "revision": "Révision",
    "transcription": "Transcription",
}
_ANSWERS = {
    ("perimeter", "yes"): "oui, l’unité comptée, le champ ou le dénominateur diffère",
    ("perimeter", "no"): "non, les chiffres comptent la même chose",
    ("perimeter", "unknown"): "on ne sait pas, le document ne dit pas tout de ce qui est compté",
    ("date", "yes"): "oui, les chiffres ne sont pas donnés à la même date",
    ("date", "no"): "non, les dates sont imprimées et ne l’expliquent pas",
    ("date", "unknown"): "on ne sait pas, un chiffre au moins est imprimé sans date",
    ("rounding", "yes"): "oui, l’un est l’arrondi de l’autre",
    ("rounding", "no"): "non, aucun arrondi usuel ne mène de l’un à l’autre",
    ("rounding", "unknown"): "on ne sait pas, il n’y a pas deux nombres à rapprocher",
    ("revision", "yes"): "oui, l’un des chiffres est provisoire ou estimé, dans un autre document",
    ("revision", "no"): "non, tout est imprimé dans le même document",
    ("revision", "unknown"): "on ne sait pas, les documents diffèrent et aucun ne parle de révision",
    ("transcription", "yes"): "possible",
    ("transcription", "no"): "rien ne l’indique, ni chiffre changé, ni chiffres intervertis, ni zéro de trop",
}
_SLIPS = {
    "scale": "une puissance de dix sépare",
    "swap": "deux chiffres intervertis séparent",
    "digit": "un seul chiffre sépare",
    "unit": "une puissance de dix, à peu de chose près, sépare",
}
_NOT_ASKED = "Sans objet : la question ne porte pas sur deux nombres qui devraient être égaux"
_MOVED = {"down": "trop bas", "up": "trop haut"}


def _told(rung: Mapping[str, Any], evidence: Mapping[str, Any]) -> str:
    test, answer = str(rung.get("test")), str(rung.get("answer"))
    said = _ANSWERS.get((test, answer), safe_text(answer))
    slip, shift = rung.get("slip"), rung.get("shift")
    if isinstance(shift, Mapping):
        said = f"oui, {shifted_fr(shift)}"
    if isinstance(slip, Mapping):
        slipped: Mapping[str, Any] = next((f for f in evidence.get("figures") or () if f.get("ref") == slip["ref"]), {})
        printed = slipped.get("printed") or number_fr(slipped.get("value"))
        between = f"{quoted_fr(safe_text(printed))} de{NBSP}{number_fr(slip.get('would_be'))}"
        said = f"{said}, {_SLIPS.get(str(slip.get('kind')), 'peu de chose sépare')} {between}"
    return typeset_fr(f"{_TESTS.get(test, safe_text(test))}{NNBSP}: {said}")
