"""The explanation ladder: what each test answers, and that it answers unknown where the evidence does not tell."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stewardship.explanations import ladder, ladder_fr, rounds_to, slip_of, slips

KNOWN = {
    "counted_unit": "contrat",
    "champ_fr": "contrats en cours",
    "period_key": "2019-09",
    "is_dated": True,
    "report_id": "a",
    "status": "observed",
    "territory": "Gironde",
}


def figure(ref: str, value: float, **more: Any) -> dict[str, Any]:
    return {"ref": ref, "role": "printing", "printed": str(value), "value": value, **KNOWN} | more


def evidence(relation: str, figures: list[dict[str, Any]], computed: float, printed: float) -> dict[str, Any]:
    return {"relation": relation, "figures": figures, "arithmetic": {"computed": computed, "printed": printed}}


def answers(told: dict[str, Any]) -> dict[str, str]:
    return {rung["test"]: rung["answer"] for rung in ladder(told)}


def two(one: float, other: float, relation: str = "contradiction", **of_the_other: Any) -> dict[str, Any]:
    return evidence(relation, [figure("a#1", one), figure("a#2", other, **of_the_other)], one, other)


def told_of(relation: str, computed: float, printed: float, **of_the_printed: Any) -> dict[str, Any]:
    """A number printed against what another figure, of no matter here, gives."""
    return evidence(relation, [figure("a#1", printed, **of_the_printed), figure("a#2", 1)], computed, printed)


def test_two_printings_of_one_document() -> None:
    assert answers(two(45, 48)) == {
        "perimeter": "no",
        "date": "no",
        "rounding": "no",
        "revision": "no",
        "transcription": "yes",
    }


@pytest.mark.parametrize(
    ("test", "told", "answer"),
    [
        ("perimeter", two(45, 48, counted_unit="projet"), "yes"),
        ("perimeter", two(45, 48, denominator_fr="EHPAD"), "unknown"),
        ("perimeter", two(45, 48, champ_fr=None), "unknown"),
        ("perimeter", two(45, 48, "sum", champ_fr="une partie"), "no"),
        ("perimeter", two(45, 48, "sum", counted_unit="personne"), "yes"),
        ("date", two(45, 48, period_key="2019"), "yes"),
        ("date", two(45, 48, is_dated=False), "unknown"),
        ("date", two(45, 48, period_key=None), "unknown"),
        # A later figure that is lower is of another date by nature.
        ("date", two(72, 45, "cumulative", period_key="2020"), "no"),
        ("rounding", two(728, 730), "yes"),
        ("rounding", two(730, 728), "yes"),
        ("rounding", two(4, 7), "no"),
        # What is computed is printed nowhere: it rounds nothing.
        ("rounding", told_of("sum", 730, 728, role="total"), "no"),
        ("rounding", told_of("growth", 273.24, 275, role="growth", unit="percent"), "yes"),
        ("rounding", told_of("growth", 273.24, 277, role="growth", unit="percent"), "no"),
        ("revision", two(45, 48, report_id="b"), "unknown"),
        ("revision", two(45, 48, report_id="b", status="provisional"), "yes"),
        ("transcription", two(72, 27), "yes"),
        ("transcription", two(72, 45), "no"),
    ],
)
def test_each_test_answers_from_the_evidence(test: str, told: dict[str, Any], answer: str) -> None:
    assert answers(told)[test] == answer


def test_what_is_no_calculation_is_not_explained() -> None:
    assert [ladder(two(1, 2, relation)) for relation in ("edition", "comparability", "promise")] == [[], [], []]
    assert ladder({}) == []
    assert ladder(evidence("statement", [figure("a#1", 1)], 0, 1)) == []


def test_a_share_counts_other_things_than_its_numerator_and_may_be_of_another_unit() -> None:
    rate = evidence("share", [figure("r#1", 123, role="share"), figure("n#1", 376, role="part")], 11.94, 123)
    assert answers(rate) | {"perimeter": "unknown", "transcription": "yes"} == answers(rate)
    assert ladder(rate)[-1]["slip"]["kind"] == "unit"
    assert answers(evidence("share", [figure("r#1", 150), figure("n#1", 376)], 11.94, 150))["transcription"] == "no"


def test_a_displaced_column_is_a_transcription() -> None:
    shift = {"territory": "Gironde", "first_line": 101, "last_line": 103, "moved": "up"}
    told = {**two(45, 48, "sum"), "shift": shift}
    lines = ladder_fr({**told, "explanations": ladder(told)})
    assert lines[4].replace("\u202f", " ").replace("\u00a0", " ") == (
        "Transcription : oui, toute une colonne (Gironde), lignes 101 à 103, est décalée d’une ligne trop haut"
    )


def test_a_part_may_be_the_slip() -> None:
    parts = [figure("p#1", 17), figure("p#2", 83)]
    told = evidence("sum", [*parts, figure("t#1", 95, role="total")], 100, 95)
    assert slips(told) == {"p#1"}


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        (36, 32, "digit"),
        (27, 72, "swap"),
        (600, 60, "scale"),
        (7.6, 7600, "scale"),
        (4, 7, None),
        (36, 36, None),
        (0, 10, None),
        (-36, 32, None),
        (1.5, 115, None),
        (1234, 1243, "swap"),
        (1234, 4231, None),
    ],
)
def test_slips_of_the_pen(one: float, other: float, kind: str | None) -> None:
    assert slip_of(Decimal(str(one)), Decimal(str(other))) == kind
    assert slip_of(Decimal(str(other)), Decimal(str(one))) == kind


@given(st.integers(10, 10**6), st.integers(1, 5))
def test_a_number_is_no_slip_nor_rounding_of_itself_and_ten_times_is(number: int, power: int) -> None:
    value = Decimal(number)
    assert slip_of(value, value) is None
    assert not rounds_to(value, value)
    assert slip_of(value, value.scaleb(power)) == "scale"


@given(st.integers(1, 10**6), st.integers(0, 4))
def test_every_rounding_is_recognised(number: int, power: int) -> None:
    step = 10**power
    rounded = (number + step // 2) // step * step
    assert rounds_to(Decimal(number), Decimal(rounded)) == (rounded not in (0, number))


def test_lines_of_the_card() -> None:
    told = two(45, 48)
    lines = [
        line.replace("\u202f", " ").replace("\u00a0", " ") for line in ladder_fr({**told, "explanations": ladder(told)})
    ]
    assert lines[0] == "Périmètre : non, les chiffres comptent la même chose"
    assert lines[4] == "Transcription : possible, un seul chiffre sépare « 45 » de 48"
    assert ladder_fr(told) == []
    assert ladder_fr({**told, "explanations": []})[0].startswith("Sans objet")
