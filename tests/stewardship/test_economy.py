"""The most economical explanation, against a search of every value that the figures could have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import chain, combinations, product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stewardship.economy import Edit, edits_of, feasible, lightest_sets, most_economical
from stewardship.economy_sentences import economy_fr

#: As far as two sums of the figures below can reach.
GRID = [Fraction(n, 2) for n in range(19)]
NAMES = ("a", "b", "c", "d")

exact = st.integers(0, 2).map(lambda n: (Fraction(n), Fraction(n)))
ranges = st.tuples(st.integers(0, 2), st.integers(0, 1)).map(lambda t: (Fraction(t[0]), Fraction(t[0] + t[1])))
printed = st.fixed_dictionaries({name: st.one_of(exact, ranges) for name in NAMES})
equal = st.permutations(NAMES).map(lambda n: Edit({n[0]: 1, n[1]: -1}, Fraction(0), Fraction(0)))
rising = st.permutations(NAMES).map(lambda n: Edit({n[0]: -1, n[1]: 1}, Fraction(0), None))
added = st.permutations(NAMES).map(lambda n: Edit({n[0]: 1, n[1]: 1, n[2]: -1}, Fraction(0), Fraction(0)))
bounded = st.tuples(st.sampled_from(NAMES), st.integers(0, 4)).map(
    lambda t: Edit({t[0]: 1}, Fraction(0), Fraction(t[1]))
)
# Two rules at most: their solutions lie on halves, which the grid holds.
systems = st.lists(st.one_of(equal, rising, added, bounded), min_size=1, max_size=2)


def holds(edit: Edit, values: Mapping[str, Fraction]) -> bool:
    total = sum(factor * values[ref] for ref, factor in edit.terms.items())
    return (edit.low is None or total >= edit.low) and (edit.high is None or total <= edit.high)


def satisfiable(edits: Sequence[Edit], bounds: Mapping[str, Any], changed: Sequence[str]) -> bool:
    used = sorted({ref for edit in edits for ref in edit.terms})
    values = [GRID if ref in changed else [v for v in GRID if bounds[ref][0] <= v <= bounds[ref][1]] for ref in used]
    return any(all(holds(e, dict(zip(used, v, strict=True))) for e in edits) for v in product(*values))


@settings(max_examples=60, deadline=None)
@given(edits=systems, bounds=printed)
def test_the_least_number_of_figures_is_found(edits: list[Edit], bounds: dict[str, Any]) -> None:
    subsets = list(chain.from_iterable(combinations(NAMES, size) for size in range(3)))
    for changed in subsets:
        assert feasible(edits, bounds, frozenset(changed)) == satisfiable(edits, bounds, changed)
    if not feasible(edits, bounds, frozenset()):
        found = lightest_sets(edits, bounds, dict.fromkeys(NAMES, 10)) or []
        least = min((len(s) for s in subsets if satisfiable(edits, bounds, s)), default=3)
        assert {len(choice) for choice in found} == {least}
        if least < 3:
            assert set(found) == {s for s in subsets if len(s) == least and satisfiable(edits, bounds, s)}


def figure(ref: str, value: float, role: str = "printing", **more: Any) -> dict[str, Any]:
    return {"ref": ref, "role": role, "printed": f"{value:g}", "value": value, "low": value, "high": value} | more


def evidence(relation: str, *figures: dict[str, Any], computed: float = 0, printed: float = 0) -> dict[str, Any]:
    return {"relation": relation, "figures": list(figures), "arithmetic": {"computed": computed, "printed": printed}}


def told(case: list[tuple[str, dict[str, Any]]]) -> list[list[str]] | None:
    economy = most_economical(case)
    return [[f["ref"] for f in choice] for choice in economy.choices] if economy else None


def test_two_printings_against_one() -> None:
    printings = evidence("contradiction", figure("a", 450), figure("b", 450), figure("c", 700))
    assert told([("impossible", printings)]) == [["c"]]


def test_what_held_keeps_a_figure_from_being_blamed() -> None:
    """The total could be 57 as well as 54, but the text says 54 too."""
    total = evidence(
        "sum", figure("p", 400, "part"), figure("q", 170, "part"), figure("t", 54, "total"), computed=570, printed=54
    )
    text = evidence("statement", figure("t", 54), figure("text", 54))
    assert told([("impossible", total)]) == [["t"]]
    assert told([("impossible", total), ("held", text)]) is not None
    assert ["t"] not in (told([("impossible", total), ("held", text)]) or [])


def test_one_box_is_a_simpler_cause_than_three_places() -> None:
    case = [
        ("impossible", evidence("contradiction", figure(f"{n}4", 10 + n, page=4), figure(f"{n}14", 90 - n, page=14)))
        for n in range(3)
    ]
    assert told(case) == [["04", "14", "24"], ["014", "114", "214"]]


def test_a_hedged_a_quoted_and_a_mistyped_figure_are_doubted_first() -> None:
    assert told([("suspicious", evidence("contradiction", figure("a", 50, qualifier="environ"), figure("b", 80)))]) == [
        ["a"]
    ]
    assert told([("impossible", evidence("contradiction", figure("a", 50, is_quoted=True), figure("b", 80)))]) == [
        ["a"]
    ]


def test_a_growth_is_cleared_by_any_of_its_figures() -> None:
    growth = evidence("growth", figure("g", 12, "growth"), figure("b", 400), figure("l", 470))
    assert told([("impossible", growth)]) == [["g"], ["b"], ["l"]]


def test_nothing_is_said_of_one_figure_or_of_what_held() -> None:
    assert told([("suspicious", evidence("statement", figure("a", 1)))]) is None
    assert told([("held", evidence("contradiction", figure("a", 1), figure("b", 1)))]) is None
    assert told([]) is None


def test_parts_in_excess_of_their_total_are_too_many_even_in_an_open_list() -> None:
    parts = (figure("p", 8, "part"), figure("t", 5, "total"))
    assert edits_of("impossible", evidence("sum", *parts, computed=8, printed=5))[0].low is None
    assert edits_of("impossible", evidence("sum", *parts, computed=5, printed=8))[0].low == 0


def test_an_entangled_case_is_left_alone_in_time() -> None:
    figures = [figure(f"p{n}", 10, "part") for n in range(40)]
    total = evidence("sum", *figures, figure("t", 1000, "total"), computed=400, printed=1000)
    assert len(told([("impossible", total)]) or []) == 41


def test_a_register_is_doubted_last_and_a_share_is_no_count() -> None:
    register = figure(
        "insee@2023|commune:1", 80, "register", printed=None, report_title="Populations de référence 2023"
    )
    case = [("suspicious", evidence("register", figure("a", 70, "stated"), register))]
    assert told(case) == [["a"]]
    share = evidence("statement", figure("s", 75, unit="percent"), figure("a", 70, unit="count"))
    assert told([*case, ("held", share)]) == [["a"]]


def test_an_announced_period_is_one_figure_against_many_days() -> None:
    days = [figure(f"w{n}", n, "table") for n in range(1, 4)]
    assert told([("suspicious", evidence("announced", figure("period", 47, "total"), *days))]) == [["period"]]


def test_a_displaced_column_is_the_explanation() -> None:
    shift = {"key": "s", "territory": "Gironde", "first_line": 101, "last_line": 103, "lines": 3, "moved": "down"}
    line = evidence("sum", figure("p", 2, "part"), figure("t", 5, "total"), computed=2, printed=5)
    case = [("impossible", {**line, "shift": shift}), ("impossible", {**line, "shift": shift}), ("impossible", line)]
    economy = most_economical(case)
    assert economy is not None
    sentence = (economy_fr(economy.as_json()) or "").replace("\u00a0", " ").replace("\u202f", " ")
    assert sentence == (
        "Explication la plus économique : toute une colonne (Gironde), lignes 101 à 103, est décalée d’une ligne trop "
        "bas ; la remettre en place suffirait à lever 2 des 3 incohérences"
    )


def test_that_there_is_none_is_said_with_its_reason() -> None:
    """Announced totals above their tables, which hold among themselves, as the totals do."""
    themes = [("a", 908, 887), ("b", 345, 307)]
    failed = [
        evidence("groups", figure(n, total, "total"), figure(f"{n}1", parts, "part"), computed=parts, printed=total)
        for n, total, parts in themes
    ]
    printed = evidence("sum", figure("a", 908, "part"), figure("b", 345, "part"), figure("all", 1253, "total"))
    printed["arithmetic"] = {"computed": 1253, "printed": 1253}
    tables = [
        evidence("sum", figure(f"{n}1", parts, "total"), figure(f"{n}2", parts, "part")) for n, _, parts in themes
    ]
    economy = most_economical([("suspicious", e) for e in failed] + [("held", e) for e in [printed, *tables]])
    assert economy is not None
    sentence = (economy_fr(economy.as_json()) or "").replace("\u00a0", " ").replace("\u202f", " ")
    assert sentence == (
        "Aucune explication économique : changer quelques-uns des 4 chiffres en cause ne suffirait pas, car ils "
        "entrent aussi dans 3 contrôles respectés. Les chiffres imprimés dépassent tous ce qui est compté (de 21 et "
        "38) : ils comptent sans doute autre chose"
    )


def test_the_sentence() -> None:
    printings = evidence("contradiction", figure("a", 36, page=4, line=59), figure("b", 82, page=12, line=566))
    economy = most_economical([("impossible", printings)])
    assert economy is not None
    sentence = (economy_fr(economy.as_json()) or "").replace("\u00a0", " ").replace("\u202f", " ")
    assert sentence == (
        "Explication la plus économique : changer soit « 36 » (page 4, ligne 59), soit « 82 » (page 12, ligne 566), "
        "suffirait à les accorder"
    )
    assert economy_fr(None) is None
    assert "un seul des 9 chiffres" in (economy_fr({"choices": [[{}]] * 5, "figures": 9}) or "")
