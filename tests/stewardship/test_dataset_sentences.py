"""Sentences about open datasets: how many numbers fail, of how many, and the worst; explanations that fit them."""

from __future__ import annotations

from typing import Any

import pytest

from stewardship.economy import most_economical
from stewardship.explanations import ladder, ladder_fr
from stewardship.next_steps import next_steps_fr
from stewardship.sentences import arithmetic_fr, message_fr, places_fr, verdict_fr


def number(value: float | None, beside: float | None = None, **more: Any) -> dict[str, Any]:
    place = {"territory": "Gironde", "period_label": "2023", "label_fr": "Population municipale"}
    return {
        "ref": "d@2023|department:33",
        "role": "stated",
        "value": value,
        "beside": beside,
        "unit": "count",
        **place,
        **more,
    }


def evidence(relation: str, *figures: dict[str, Any], cause: str = "x", failed: int = 1, **more: Any) -> dict[str, Any]:
    worst = figures[0] if figures else {}
    arithmetic = {"form": "compare", "computed": worst.get("beside"), "printed": worst.get("value")}
    counts = {"compared": 1372, "failed": failed, "cause": cause}
    return (
        {"relation": relation, "subject_fr": "Populations 2023", "figures": list(figures), "arithmetic": arithmetic}
        | counts
        | more
    )


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            evidence("dataset_total", number(16540, 16451, beside_fr="534 territoires")),
            "1 somme sur 1 372 ne tombe pas juste, Population municipale (Gironde, 2023) : 16 540 au lieu de 16 451, "
            "somme de 534 territoires ;",
        ),
        (
            evidence("dataset_total", number(16540, 16451), failed=3),
            "3 sommes sur 1 372 ne tombent pas juste, à commencer par Population municipale",
        ),
        (
            evidence("dataset_density", number(700.5, 70.24, beside_label="2020", label_fr="Cardiologues")),
            "1 densité sur 1 372 ne s’accorde pas avec l’effectif et la population, Cardiologues (Gironde, 2023) : "
            "700,5 au lieu de 70,24 avec la population de 2020 ;",
        ),
        (
            evidence("dataset_step", number(31000, 3000, beside_label="2020"), cause="facteur"),
            "1 nombre sur 1 372 est dix, cent ou mille fois celui d’une date voisine, ou l’inverse, "
            "Population municipale (Gironde, 2023) : 31 000, à côté de 3 000 (2020) ;",
        ),
        (
            evidence("dataset_step", number(5000, 3000), cause="évolution", failed=2),
            "2 nombres sur 1 372 évoluent tout autrement que ceux des autres territoires, à commencer par",
        ),
        (evidence("dataset_step", number(-12), cause="signe"), "1 nombre sur 1 372 est négatif, Population"),
        (
            evidence("dataset_revision", number(580, 520, beside_fr="Populations 2022"), failed=2),
            "2 nombres sur 1 372 diffèrent de « Populations 2022 », à commencer par Population municipale "
            "(Gironde, 2023) : 580 au lieu de 520 ;",
        ),
        (
            evidence(
                "dataset_coverage",
                number(10, beside_label="territoire", beside_fr="Populations 2022"),
                number(10, beside_label="ligne", beside_fr="Populations 2022", territory="Creuse"),
                number(None, beside_label="série", beside_fr="Populations 2022", label_fr="Sages-femmes"),
                number(None, beside_label="date", beside_fr="Populations 2022", period_label="2019"),
                failed=104,
            ),
            "il manque, par rapport à « Populations 2022 » (sur 1 372 lignes), Gironde, "
            "Population municipale (Creuse), Sages-femmes, 2019 et 100 autres ;",
        ),
        (
            evidence("dataset_copy", number(34000, 34200, territory=None, beside_label="2022")),
            "1 série sur 1 372 redonne les nombres d’une autre date, Population municipale (2023) : 34 000 des 34 200 "
            "nombres comparés sont ceux de la date voisine (2022) ;",
        ),
        (evidence("dataset_total", failed=2), "2 sommes sur 1 372 ne tombent pas juste ;"),
    ],
)
def test_a_vintage_is_told_with_its_counts_and_its_worst_number(told: dict[str, Any], said: str) -> None:
    message = plain(message_fr(told, verdict="suspicious"))
    assert message.startswith("Populations 2023")
    assert said in message


def test_the_gap_of_the_worst_number_ends_the_sentence() -> None:
    told = evidence("dataset_total", number(16540, 16451))
    assert plain(message_fr(told, verdict="impossible", gap=89, gap_pct=0.54)).endswith("; écart de 89 (0,5 %).")


def test_a_card_lists_the_worst_and_counts_the_rest() -> None:
    told = evidence("dataset_total", number(5, 4), number(7, 6), failed=3)
    assert [plain(line) for line in places_fr(told)] == [
        "Population municipale (Gironde, 2023) : 5 au lieu de 4",
        "Population municipale (Gironde, 2023) : 7 au lieu de 6",
        "et 1 autre",
    ]


def test_what_compares_no_two_numbers_has_no_arithmetic() -> None:
    assert arithmetic_fr(evidence("dataset_copy", number(34000, 34200))) is None
    assert (
        plain(arithmetic_fr(evidence("dataset_total", number(16540, 16451))) or "") == "16 451 contre 16 540, écart 89"
    )


def test_verdict_and_next_step_speak_of_the_dataset() -> None:
    told = evidence("dataset_total", number(5, 4))
    assert "jeu de données" in verdict_fr("impossible", told)
    assert "éditeur" in next_steps_fr("impossible", "open", told)[0]


@pytest.mark.parametrize(
    ("told", "test", "answer"),
    [
        (evidence("dataset_step", number(31000, 3000)), "transcription", "yes"),
        (evidence("dataset_step", number(5000, 3100)), "transcription", "no"),
        (evidence("dataset_total", number(1432, 1342)), "transcription", "yes"),
        (evidence("dataset_density", number(76, 7, beside_label="2019")), "date", "yes"),
        (evidence("dataset_density", number(76, 7, beside_label="2023")), "date", "no"),
        (evidence("dataset_total", number(5, 4, status="explained")), "rounding", "yes"),
        (evidence("dataset_revision", number(5, 4, status="explained")), "revision", "yes"),
        (evidence("dataset_revision", number(5, 4, status="suspicious")), "revision", "unknown"),
        (evidence("dataset_step", number(5000, 3100)), "perimeter", "no"),
    ],
)
def test_the_ladder_answers_from_the_numbers(told: dict[str, Any], test: str, answer: str) -> None:
    assert {rung["test"]: rung["answer"] for rung in ladder(told)}[test] == answer


def test_a_slip_is_told_with_its_number() -> None:
    told = evidence("dataset_step", number(31000, 3000))
    lines = [plain(line) for line in ladder_fr(told | {"explanations": ladder(told)})]
    assert lines[-1] == "Transcription : possible, une puissance de dix sépare « 31 000 » de 3 100"


def test_nothing_is_explained_where_no_two_numbers_disagree() -> None:
    assert ladder(evidence("dataset_coverage", number(10))) == []
    assert most_economical([("impossible", evidence("dataset_total", number(5, 4)))]) is None


def test_codes_that_the_reference_lacks_are_named_to_those_who_build_it() -> None:
    told = evidence("reference_codes", number(None, label_fr="Villenouvelle (33999)", territory=None), failed=3)
    assert plain(message_fr(told, verdict="suspicious")) == (
        "Populations 2023 : la nomenclature de référence est à reconstruire, elle ne connaît pas 3 codes sur 1 372 : "
        "Villenouvelle (33999) et 2 autres ; à vérifier."
    )
    assert arithmetic_fr(told) is None
    assert ladder(told) == []
    assert "quarantaine" in verdict_fr("suspicious", told)
    assert "Reconstruire" in next_steps_fr("suspicious", "open", told)[0]
