"""The most economical explanation of a case: the fewest figures whose change would clear all that failed.

After I. P. Fellegi and D. Holt, "A systematic approach to automatic edit and imputation" (JASA 71, 1976): of all sets
of figures for which values exist that satisfy every rule, those that failed and those that held alike, the lightest.
A figure weighs less the less it is to be relied upon: printed with a term of approximation, quoted from elsewhere, one
slip of the pen away from what is wanted. Which figure is wrong, nobody knows from arithmetic; sets of one weight are
all told.

Pure functions. A rule is linear in its figures (:class:`Edit`); a growth is not, and counts as cleared once one of its
figures changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from math import comb
from operator import itemgetter
from typing import Any

from stewardship import dataset_sentences
from stewardship.explanations import slips
from stewardship.typography import as_number

Figure = Mapping[str, Any]
#: A coefficient by figure, and the largest value that their sum may have.
Inequality = tuple[dict[str, Fraction], Fraction]

FAILED = frozenset({"impossible", "suspicious"})
#: Beyond it nobody could act upon the answer: the case is told without one.
_MOST_EDITS, _MOST_CHANGES, _MOST_SETS, _MOST_CHOICES, _MOST_ROWS = 500, 4, 600, 256, 500
_WHOLE, _LESS, _REGISTER = 10, 2, 5
#: What is asked of whole documents is no matter of figures to change.
_NOT_OF_FIGURES = frozenset({"edition", "review", "comparability", "frozen", *dataset_sentences.RELATIONS})


@dataclass(frozen=True)
class Edit:
    """``low`` <= sum of ``terms`` <= ``high``, an absent end being unbounded; or, where ``terms`` cannot say what the
    rule asks, ``any_of``: a rule that failed is cleared as soon as one of these figures changes."""

    terms: Mapping[str, int]
    low: Fraction | None = None
    high: Fraction | None = None
    any_of: frozenset[str] = frozenset()

    @property
    def refs(self) -> frozenset[str]:
        """The figures that the rule is about."""
        return self.any_of | self.terms.keys()


@dataclass(frozen=True)
class Economy:
    """The lightest sets of figures, each in the order of the evidence, and how many figures were in question.

    Without a set: ``shift``, the displaced column that explains ``cleared`` of the findings; or none is in reach:
    ``held`` is how many rules that hold name the same figures, ``gaps`` by how much each finding fails (printed less
    computed)."""

    choices: tuple[tuple[Figure, ...], ...]
    figures: int
    findings: int = 1
    held: int = 0
    gaps: tuple[float, ...] = ()
    shift: Mapping[str, Any] | None = None
    cleared: int = 0

    def as_json(self) -> dict[str, Any]:
        """What the evidence of each finding of the case keeps of it."""
        told: dict[str, Any] = {"choices": [list(choice) for choice in self.choices], "figures": self.figures}
        if self.shift:
            told |= {"shift": dict(self.shift), "cleared": self.cleared, "findings": self.findings}
        elif not self.choices:
            told |= {"held": self.held, "gaps": list(self.gaps), "findings": self.findings}
        return told


def most_economical(case: Sequence[tuple[str, Mapping[str, Any]]]) -> Economy | None:
    """The explanation of a case: its verdicts with their evidence, those that failed and those of the same figures
    that held. None where nothing failed, or where no two figures are in question."""
    figures = {str(f["ref"]): f for _, evidence in case for f in _figures(evidence)}
    failing = [evidence for verdict, evidence in case if verdict in FAILED]
    failed = {ref for evidence in failing for ref in (str(f["ref"]) for f in _figures(evidence))}
    edits = [edit for verdict, evidence in case for edit in edits_of(verdict, evidence)]
    if len(failed) < 2 or not edits:
        return None
    if shift := next((e["shift"] for e in failing if isinstance(e.get("shift"), Mapping)), None):
        cleared = sum(
            isinstance(e.get("shift"), Mapping) and e["shift"].get("key") == shift.get("key") for e in failing
        )
        return Economy((), len(failed), len(failing), shift=shift, cleared=cleared)
    slipped = {ref for evidence in failing for ref in slips(evidence)}
    weights = {ref: weight(figures[ref], ref in slipped) for ref in figures if ref in failed}
    sets = _lightest(edits, figures, weights) if len(edits) <= _MOST_EDITS else None
    if sets is None:
        alike = len({evidence.get("relation") for evidence in failing}) == 1
        gaps = tuple(gap for evidence in failing if alike and (gap := _gap(evidence)) is not None)
        return Economy((), len(failed), len(failing), held=len(case) - len(failing), gaps=gaps)
    told = tuple(tuple(_told(figures[ref]) for ref in choice) for choice in _together(sets, figures) if choice)
    return Economy(told, len(failed), len(failing)) if told else None


def _lightest(
    edits: Sequence[Edit], figures: Mapping[str, Figure], weights: Mapping[str, int]
) -> list[list[tuple[str, ...]]] | None:
    """The lightest sets of each part of the case that hangs together; None where one has none in reach."""
    parts = []
    for component in _components(edits):
        concerned = {ref for edit in component for ref in edit.refs}
        bounds = {ref: _bounds(figures[ref]) for ref in concerned}
        within = {ref: weights[ref] for ref in figures if ref in weights and ref in concerned}
        if not feasible(component, bounds, frozenset()):
            lightest = lightest_sets(component, bounds, within)
            if lightest is None:
                return None
            parts.append(lightest)
    return parts


def _gap(evidence: Mapping[str, Any]) -> float | None:
    arithmetic = evidence.get("arithmetic") or {}
    computed, printed = (as_number(arithmetic.get(name)) for name in ("computed", "printed"))
    return float(printed - computed) if computed is not None and printed is not None else None


def weight(figure: Figure, is_slip: bool = False) -> int:
    """How much a figure is to be relied upon."""
    doubts = (bool(figure.get("qualifier")), bool(figure.get("is_quoted")), is_slip)
    # What a register gives is printed in no report: a report is doubted before it.
    return _WHOLE - _LESS * sum(doubts) + (0 if figure.get("printed") else _REGISTER)


def lightest_sets(
    edits: Sequence[Edit], bounds: Mapping[str, tuple[Fraction, Fraction | None]], weights: Mapping[str, int]
) -> list[tuple[str, ...]] | None:
    """Every set of figures of the least weight whose change satisfies all edits; None where there is none in reach."""
    sizes = range(1, _MOST_CHANGES + 1)
    if sum(comb(len(weights), size) for size in sizes) > _MOST_SETS:
        sizes = range(1, 2)
    sets = [(sum(weights[ref] for ref in chosen), chosen) for size in sizes for chosen in combinations(weights, size)]
    sets.sort(key=itemgetter(0))
    found: list[tuple[str, ...]] = []
    least = 0
    for total, chosen in sets:
        if found and total > least:
            break
        if feasible(edits, bounds, frozenset(chosen)):
            least = total
            found.append(chosen)
    return found or None


def feasible(
    edits: Iterable[Edit], bounds: Mapping[str, tuple[Fraction, Fraction | None]], changed: frozenset[str]
) -> bool:
    """Whether values exist that satisfy every edit, the figures ``changed`` having any value of 0 or more and the
    others one of their interval: Fourier-Motzkin elimination."""
    rows: list[Inequality] = []
    for edit in edits:
        if edit.any_of and not edit.any_of & changed:
            return False
        rows += [_known(row, bounds, changed) for row in _inequalities(edit)]
    variables = {ref for terms, _ in rows for ref in terms}
    for ref in variables:
        low, high = (Fraction(0), None) if ref in changed else bounds[ref]
        rows.append(({ref: Fraction(-1)}, -low))
        rows += [({ref: Fraction(1)}, high)] if high is not None else []
    while variables and len(rows) <= _MOST_ROWS:
        # The figure in the fewest inequalities first: what is left grows least.
        ref = min(variables, key=lambda name: (sum(name in terms for terms, _ in rows), name))
        variables.remove(ref)
        rows = _eliminate(rows, ref)
        if any(not terms and limit < 0 for terms, limit in rows):
            return False
    return all(limit >= 0 for terms, limit in rows if not terms)


def _known(
    row: Inequality, bounds: Mapping[str, tuple[Fraction, Fraction | None]], changed: frozenset[str]
) -> Inequality:
    """The inequality with the figures that have one value only taken to the other side."""
    terms, limit = row
    exact = {ref for ref in terms if ref not in changed and bounds[ref][0] == bounds[ref][1]}
    moved = sum((terms[ref] * bounds[ref][0] for ref in exact), Fraction(0))
    return {ref: factor for ref, factor in terms.items() if ref not in exact}, limit - moved


def edits_of(verdict: str, evidence: Mapping[str, Any]) -> list[Edit]:
    """What a rule asks of the figures that it names."""
    relation = str(evidence.get("relation"))
    if verdict not in FAILED and verdict != "held":
        return []
    refs = [str(figure["ref"]) for figure in _figures(evidence)]
    if relation in _LINEAR and len(refs) > 1 and (edits := _LINEAR[relation](evidence, refs)):
        return edits
    if relation == "range" and len(refs) == 1:
        low, high = (_fraction((evidence.get("arithmetic") or {}).get(f"computed_{end}")) for end in ("low", "high"))
        return [Edit({refs[0]: 1}, low, high)]
    if verdict not in FAILED or relation in _NOT_OF_FIGURES or not refs:
        return []
    if relation == "announced":
        # Each workshop that lies outside contradicts the announcement by itself.
        return [Edit({}, any_of=frozenset({refs[0], ref})) for ref in refs[1:]]
    return [Edit({}, any_of=frozenset(refs))]


def _equal(evidence: Mapping[str, Any], refs: Sequence[str]) -> list[Edit]:
    """Figures that say one thing; a share and the count that it is of are no equals."""
    if len({figure.get("unit") for figure in _figures(evidence)}) > 1:
        return []
    return [Edit({refs[0]: 1, ref: -1}, Fraction(0), Fraction(0)) for ref in refs[1:]]


def _added(evidence: Mapping[str, Any], refs: Sequence[str]) -> list[Edit]:
    totals = {str(figure["ref"]) for figure in _figures(evidence) if figure.get("role") == "total"}
    if len(totals) != 1:
        return [Edit({}, any_of=frozenset(refs))]
    arithmetic = evidence.get("arithmetic") or {}
    computed, printed = (_fraction(arithmetic.get(name)) for name in ("computed", "printed"))
    # Parts that exceed their total are too many whether or not the list is complete.
    is_exact = computed is None or printed is None or computed <= printed
    return [Edit({ref: -1 if ref in totals else 1 for ref in refs}, Fraction(0) if is_exact else None, Fraction(0))]


def _rising(_: Mapping[str, Any], refs: Sequence[str]) -> list[Edit]:
    return [Edit({refs[0]: -1, refs[1]: 1}, Fraction(0), None)]


_LINEAR = {
    "contradiction": _equal,
    "statement": _equal,
    "sum": _added,
    "groups": _added,
    "cumulative": _rising,
    "part_whole": _rising,
}


def _inequalities(edit: Edit) -> list[Inequality]:
    rows: list[Inequality] = []
    if edit.terms and edit.high is not None:
        rows.append(({ref: Fraction(factor) for ref, factor in edit.terms.items()}, edit.high))
    if edit.terms and edit.low is not None:
        rows.append(({ref: Fraction(-factor) for ref, factor in edit.terms.items()}, -edit.low))
    return rows


def _eliminate(rows: Iterable[Inequality], ref: str) -> list[Inequality]:
    """The inequalities that remain for the other figures when one may have any value that its own allow."""
    above: list[Inequality] = []
    below: list[Inequality] = []
    kept: dict[Any, Inequality] = {}
    for terms, limit in rows:
        factor = terms.get(ref, Fraction(0))
        if factor:
            scaled = {other: value / abs(factor) for other, value in terms.items() if other != ref}
            (above if factor > 0 else below).append((scaled, limit / abs(factor)))
        else:
            kept[_named(terms), limit] = (terms, limit)
    for (upper, high), (lower, low) in product(above, below):
        terms = {other: upper.get(other, Fraction(0)) + lower.get(other, Fraction(0)) for other in {*upper, *lower}}
        terms = {other: value for other, value in terms.items() if value}
        kept[_named(terms), high + low] = (terms, high + low)
    return list(kept.values())


def _named(terms: Mapping[str, Fraction]) -> tuple[tuple[str, Fraction], ...]:
    return tuple(sorted(terms.items()))


def _components(edits: Sequence[Edit]) -> Iterator[list[Edit]]:
    """The edits that hang together by their figures."""
    left = list(edits)
    while left:
        component, refs = [left.pop()], set[str]()
        grown = True
        while grown:
            refs = {ref for edit in component for ref in edit.refs}
            near = [edit for edit in left if edit.refs & refs]
            left = [edit for edit in left if not edit.refs & refs]
            component += near
            grown = bool(near)
        yield component


def _together(parts: Sequence[Sequence[tuple[str, ...]]], figures: Mapping[str, Figure]) -> tuple[tuple[str, ...], ...]:
    """One set per component; where several would do, those that lie in the fewest places: one box, one table."""
    order = list(figures)
    number = 1
    for part in parts:
        number *= len(part)
    if number > _MOST_CHOICES:
        return ()
    chosen = [tuple(sorted((ref for refs in choice for ref in refs), key=order.index)) for choice in product(*parts)]
    places = [len({_place(figures[ref]) for ref in choice}) for choice in chosen]
    return tuple(choice for choice, count in zip(chosen, places, strict=True) if count == min(places))


def _told(figure: Figure) -> Figure:
    told = ("ref", "printed", "qualifier", "value", "label_fr", "report_id", "report_title", "page", "line")
    return {name: figure.get(name) for name in told}


def _place(figure: Figure) -> tuple[Any, Any]:
    return figure.get("report_id"), figure.get("page")


def _figures(evidence: Mapping[str, Any]) -> list[Figure]:
    listed = evidence.get("figures")
    return [f for f in listed if isinstance(f, Mapping) and f.get("ref")] if isinstance(listed, list) else []


def _bounds(figure: Figure) -> tuple[Fraction, Fraction | None]:
    """What the printing of a figure allows: an absent end is open, and without either the value is exact."""
    low, high = _fraction(figure.get("low")), _fraction(figure.get("high"))
    if low is None and high is None:
        low = high = _fraction(figure.get("value"))
    return low if low is not None else Fraction(0), high


def _fraction(value: Any) -> Fraction | None:
    number = as_number(value)
    return Fraction(number) if number is not None else None
