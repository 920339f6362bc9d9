"""French sentences: one example per relation, missing pieces, hostile text, and any JSON at all."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stewardship.sentences import arithmetic_fr, message_fr, places_fr, read_evidence, verdict_fr
from stewardship.typography import number_fr, quantity_fr, safe_text

NA = {"report_id": "ms2022-na-2019", "report_title": "Ma santé 2022 en Nouvelle-Aquitaine"}
CNR = {"report_id": "cnr-na-2022", "report_title": "Notre santé, parlons-en"}


def figure(printed: str | None, value: float | None = None, **more: Any) -> dict[str, Any]:
    return {**NA, "role": "printing", "printed": printed, "value": value, "unit": "count", **more}


def evidence(relation: str, figures: list[dict[str, Any]], subject: str = "projets de CPTS", **arithmetic: Any) -> Any:
    return {"relation": relation, "subject_fr": subject, "figures": figures, "arithmetic": arithmetic}


def plain(text: str) -> str:
    """Without the no-break spaces, to be read in a test."""
    return text.replace("\u202f", " ").replace("\u00a0", " ")


CPTS = evidence(
    "contradiction",
    [figure("36", 36, line=52), figure("32", 32, line=598)],
    "Projets de CPTS en Nouvelle-Aquitaine",
    form="compare",
    computed=36,
    printed=32,
)


def edition(*figures: Any, **arithmetic: Any) -> Any:
    return evidence("edition", list(figures), "CPTS en projet", form="compare", **arithmetic)


BEFORE = figure("36", 36, role="earlier", line=12)
AFTER = figure("45", 45, role="later", line=13, report_id="edition-2")
REVIEW = evidence(
    "review",
    [figure("12", 12, role="proposed", label_fr="proposés"), figure("1", 1, role="pending", label_fr="en attente")],
    "Lecture automatique",
    form="compare",
)


FROZEN = evidence(
    "frozen",
    [figure("15/12/2024", role="received"), figure("annuelle", role="cadence")],
    "Source figée",
    form="compare",
)


class TestDocuments:
    """What is told of a document rather than of its numbers."""

    @pytest.mark.parametrize(
        ("told", "verdict", "gap", "words"),
        [
            (
                edition(BEFORE, AFTER, computed=36, printed=45),
                "suspicious",
                9,
                "imprime « 36 » (Ma santé 2022 en Nouvelle-Aquitaine, ligne 12), la nouvelle « 45 » (Ma santé 2022 en "
                "Nouvelle-Aquitaine, ligne 13) ; écart de 9, à vérifier.",
            ),
            (edition(BEFORE, {**AFTER, "value": 36, "territory": "France"}), "suspicious", 0, "(France, Ma santé"),
            (edition(BEFORE), "suspicious", None, "la nouvelle ne l’imprime plus au même endroit ; à vérifier."),
            (edition({**AFTER, "role": "added"}), "explained", None, "la nouvelle édition ajoute « 45 » (Ma santé"),
            (edition(), "suspicious", None, "à vérifier."),
            (
                REVIEW,
                "suspicious",
                None,
                "Lecture automatique : 12 chiffres proposés et 1 chiffre en attente dans le registre (Ma santé 2022 en "
                "Nouvelle-Aquitaine) ; à relire avec « barometre review ms2022-na-2019 ».",
            ),
            (evidence("review", []), "suspicious", None, "aucun chiffre"),
            (
                FROZEN,
                "suspicious",
                None,
                "Source figée : rien de nouveau depuis le 15/12/2024, pour une périodicité annuelle (Ma santé 2022 en "
                "Nouvelle-Aquitaine) ; à vérifier.",
            ),
            (evidence("frozen", []), "suspicious", None, "rien de nouveau depuis le"),
        ],
    )
    def test_sentences(self, told: Any, verdict: str, gap: Any, words: str) -> None:
        assert words in plain(message_fr(told, verdict=verdict, gap=gap))

    def test_only_two_editions_of_one_figure_are_computed_with(self) -> None:
        assert arithmetic_fr(edition(BEFORE, AFTER, computed=36, printed=45)) == "36 contre 45, écart 9"
        assert arithmetic_fr(edition(*[{**AFTER, "role": "added"}] * 2)) is None
        assert arithmetic_fr(REVIEW) is None
        assert arithmetic_fr(FROZEN) is None

    def test_the_card_says_what_to_do_with_a_document(self) -> None:
        assert verdict_fr("suspicious", REVIEW).startswith("À relire\u202f:")
        assert verdict_fr("explained", edition()).startswith("Nouveau\u202f:")
        assert verdict_fr("suspicious", FROZEN).startswith("Figée\u202f:")


NURSES = evidence(
    "comparability",
    [
        figure("367", 367, counted_unit="poste", champ_fr="postes du protocole", period_label="2019", line=170),
        figure("228", 228, counted_unit="personne", champ_fr="infirmiers", period_label="2015", line=9) | CNR,
        figure("167", 167, counted_unit="etp", champ_fr="infirmiers", period_label="2015", line=9) | CNR,
    ],
    "Infirmiers",
    form="compare",
)


class TestComparability:
    def test_it_says_what_is_counted_and_by_what_it_differs(self) -> None:
        assert plain(message_fr(NURSES, verdict="not_comparable")) == (
            "Infirmiers : « 367 » (postes, 2019, Ma santé 2022 en Nouvelle-Aquitaine, ligne 170), « 228 » (personnes, "
            "2015, Notre santé, parlons-en, ligne 9) et « 167 » (équivalents temps plein, 2015, même document, "
            "ligne 9) diffèrent par l’unité comptée (postes, personnes, équivalents temps plein) et par le champ "
            "(« postes du protocole », « infirmiers ») ; valeurs non comparables en l’état."
        )

    def test_a_share_and_its_denominator_in_the_same_words_are_told_once(self) -> None:
        shares = [
            figure("10 %", 10, unit="percent", champ_fr=of, denominator_fr=of)
            for of in ("médecins", "médecins libéraux")
        ]
        told = plain(message_fr(evidence("comparability", shares), verdict="not_comparable"))
        assert told.count("« médecins »") == 1
        assert "diffèrent par le champ (« médecins », « médecins libéraux »)" in told

    def test_indicators_that_differ_in_name_only_are_named(self) -> None:
        figures = [figure("4 000", 4000, label_fr=label) for label in ("Assistants", "Cabinets équipés")]
        told = plain(message_fr(evidence("comparability", figures), verdict="not_comparable"))
        assert "diffèrent par ce qu’ils désignent (Assistants, Cabinets équipés)" in told

    def test_the_card_counts_nothing_and_asks_once(self) -> None:
        assert arithmetic_fr(NURSES) is None
        assert verdict_fr("not_comparable", NURSES) != verdict_fr("not_comparable")
        assert plain(places_fr(NURSES)[0]).startswith("« 367 » (2019, postes, postes du protocole, Ma santé")


class TestMessage:
    def test_contradiction(self) -> None:
        assert message_fr(CPTS, verdict="impossible", gap=Decimal("4.0000")) == (
            "Projets de CPTS en Nouvelle-Aquitaine\u202f: «\u00a036\u00a0» (Ma santé 2022 en Nouvelle-Aquitaine, "
            "ligne\u00a052) et «\u00a032\u00a0» (même document, ligne\u00a0598)\u202f; écart de 4."
        )

    @pytest.mark.parametrize(
        ("verdict", "gap", "end"),
        [
            ("impossible", -4, "; écart de 4 (12,5 %)."),
            ("suspicious", 4, "; écart de 4 (12,5 %), à vérifier."),
            ("explained", 4, "; écart de 4 (12,5 %), expliqué."),
            ("not_comparable", 4, "; valeurs non comparables en l’état."),
            ("impossible", None, "; valeurs incompatibles."),
            ("suspicious", None, "; à vérifier."),
            ("explained", 0, "; différence expliquée."),
        ],
    )
    def test_the_end_tells_the_verdict(self, verdict: str, gap: int | None, end: str) -> None:
        assert plain(message_fr(CPTS, verdict=verdict, gap=gap, gap_pct=12.5)).endswith(end)

    def test_two_reports_two_territories_and_a_hedge(self) -> None:
        found = evidence(
            "contradiction",
            [
                figure("1 000", 1000, qualifier="près de", page=3, line=9, territory="Gironde"),
                figure("800", 800, line=7, territory="Landes") | CNR,
            ],
        )
        assert plain(message_fr(found, verdict="not_comparable")) == (
            "Projets de CPTS : « près de 1 000 » (Gironde, Ma santé 2022 en Nouvelle-Aquitaine, page 3, ligne 9) et "
            "« 800 » (Landes, Notre santé, parlons-en, ligne 7) ; valeurs non comparables en l’état."
        )

    def test_of_many_printings_the_two_furthest_apart_are_named(self) -> None:
        printings = [figure(str(n), n, line=n) for n in (32, 36, 34)]
        found = evidence("contradiction", printings, form="compare", computed=36, printed=32)
        assert plain(message_fr(found, verdict="impossible", gap=4)) == (
            "Projets de CPTS : « 32 » (Ma santé 2022 en Nouvelle-Aquitaine, ligne 32) et « 36 » (même document, "
            "ligne 36), sur 3 mentions ; écart de 4."
        )
        assert plain(arithmetic_fr(found) or "") == "36 contre 32, écart 4"

    def test_many_printings_are_counted_not_listed(self) -> None:
        found = evidence("contradiction", [figure(str(n), n, line=n) for n in range(1, 10)])
        text = plain(message_fr(found, verdict="impossible"))
        assert "« 6 » (même document, ligne 6) et 3 autres ;" in text
        assert "« 7 »" not in text

    def test_sum(self) -> None:
        parts = [figure(str(n), n, role="part", line=10 + i) for i, n in enumerate((83, 72, 119))]
        total = figure("279", 279, role="total", line=9)
        found = evidence("sum", [total, *parts], form="sum", computed=274, printed=279)
        assert plain(message_fr(found, verdict="impossible", gap=5)) == (
            "Projets de CPTS : total imprimé « 279 » (Ma santé 2022 en Nouvelle-Aquitaine, ligne 9), mais « 83 », "
            "« 72 » et « 119 » (même document, lignes 10 à 12) font 274 ; écart de 5."
        )
        assert plain(arithmetic_fr(found) or "") == "83 + 72 + 119 = 274, imprimé 279, écart 5"

    def test_a_sum_of_rounded_parts_tells_its_interval(self) -> None:
        parts = [figure("10", 10, role="part"), figure("20", 20, role="part") | CNR]
        found = evidence("sum", [*parts, figure("40", 40, role="total")], form="sum", computed=30) | {}
        found["arithmetic"] |= {"computed_low": 29, "computed_high": 31}
        text = plain(message_fr(found, verdict="impossible"))
        assert "mais « 10 » (Ma santé 2022 en Nouvelle-Aquitaine) et « 20 » (Notre santé, parlons-en) font" in text
        assert "font entre 29 et 31 ;" in text

    def test_shares_that_do_not_make_a_hundred(self) -> None:
        parts = [figure(f"{n} %", n, role="part", unit="percent", line=4) for n in (48, 39, 18)]
        found = evidence("sum", parts, form="sum", computed=105, printed=100)
        assert plain(message_fr(found, verdict="impossible", gap=5)) == (
            "Projets de CPTS : « 48 % », « 39 % » et « 18 % » (Ma santé 2022 en Nouvelle-Aquitaine, ligne 4) "
            "font 105 %, au lieu de 100 % ; écart de 5 points."
        )

    def test_many_parts_are_counted(self) -> None:
        parts = [figure(str(n), n, role="part", line=n) for n in range(20, 33)]
        found = evidence("groups", [figure("300", 300, role="total", line=3), *parts], form="sum", computed=338)
        assert "mais les 13 parties (même document, lignes 20 à 32) font 338 ;" in plain(
            message_fr(found, verdict="impossible", gap=38)
        )

    def test_a_group_whose_members_are_counted(self) -> None:
        found = evidence("groups", [figure("9 régions", 9, role="stated", line=3)], form="compare", computed=10)
        assert plain(message_fr(found, verdict="impossible", gap=1)) == (
            "Projets de CPTS : « 9 régions » (Ma santé 2022 en Nouvelle-Aquitaine, ligne 3), "
            "mais le compte donne 10 ; écart de 1."
        )

    def test_cumulative(self) -> None:
        found = evidence(
            "cumulative",
            [
                figure("1 870", 1870, line=3, period_label="fin 2018"),
                figure("1 790", 1790, line=8, period_label="fin 2019"),
            ],
        )
        assert plain(message_fr(found, verdict="impossible", gap=80)) == (
            "Projets de CPTS : un cumul ne peut pas baisser, or « 1 870 » (fin 2018, Ma santé 2022 en "
            "Nouvelle-Aquitaine, ligne 3) est suivi de « 1 790 » (fin 2019, même document, ligne 8) ; écart de 80."
        )

    def test_growth(self) -> None:
        found = evidence(
            "growth",
            [
                figure("+ 37 %", 37, role="growth", unit="percent", line=1),
                figure("400", 400, role="base", line=2, period_label="2017"),
                figure("470", 470, role="level", line=3, period_label="2018"),
            ],
            form="ratio",
            computed=17.5,
            printed=37,
        )
        assert plain(message_fr(found, verdict="impossible", gap=19.5)) == (
            "Projets de CPTS : évolution imprimée « + 37 % » (Ma santé 2022 en Nouvelle-Aquitaine, ligne 1), alors "
            "que de « 400 » (2017, même document, ligne 2) à « 470 » (2018, même document, ligne 3) le calcul donne "
            "17,5 % ; écart de 19,5 points."
        )
        assert plain(arithmetic_fr(found) or "") == "(470 − 400) ÷ 400 = 17,5 %, imprimé 37 %, écart 19,5 points"

    @pytest.mark.parametrize(
        ("low", "high", "limits"),
        [(0, 100, " (de 0 à 100 %)"), (0, None, " (au moins 0 %)"), (None, 100, " (au plus 100 %)"), (None, None, "")],
    )
    def test_range(self, low: int | None, high: int | None, limits: str) -> None:
        found = evidence("range", [figure("104 %", 104, unit="percent", line=5)])
        found["arithmetic"] = {"form": "compare", "computed_low": low, "computed_high": high}
        assert plain(message_fr(found, verdict="impossible", gap=4)) == (
            "Projets de CPTS : « 104 % » (Ma santé 2022 en Nouvelle-Aquitaine, ligne 5) sort des bornes possibles"
            f"{limits} ; écart de 4 points."
        )

    def test_range_with_printed_bounds(self) -> None:
        found = evidence(
            "range", [figure("71", 71), figure("72", 72, role="bound"), figure("88", 88, role="bound")], "moyenne"
        )
        text = plain(message_fr(found, verdict="impossible"))
        assert text.startswith("Moyenne : « 71 » (")
        assert "sort des bornes possibles (« 72 » (" in text

    def test_part_whole(self) -> None:
        found = evidence(
            "part_whole",
            [
                figure("1 250", 1250, role="part", line=3, territory="Nouvelle-Aquitaine"),
                figure("1 180", 1180, role="whole", line=8, territory="France") | CNR,
            ],
        )
        assert plain(message_fr(found, verdict="impossible", gap=70)) == (
            "Projets de CPTS : la partie « 1 250 » (Nouvelle-Aquitaine, Ma santé 2022 en Nouvelle-Aquitaine, ligne 3) "
            "dépasse le tout « 1 180 » (France, Notre santé, parlons-en, ligne 8) ; écart de 70."
        )

    def test_statement(self) -> None:
        found = evidence(
            "statement", [figure("plus de la moitié", None, role="stated", line=3), figure("48,7 %", 48.7, line=8)]
        )
        assert plain(message_fr(found, verdict="suspicious")) == (
            "Projets de CPTS : l’énoncé « plus de la moitié » (Ma santé 2022 en Nouvelle-Aquitaine, ligne 3) ne "
            "s’accorde pas avec « 48,7 % » (même document, ligne 8) ; à vérifier."
        )

    def test_a_statement_made_twice(self) -> None:
        times = [
            figure("14 h", 840, line=3, unit="minutes", role="table"),
            figure("14 h 30", 870, line=80, unit="minutes", role="report"),
        ]
        found = evidence("statement", times, "heure de l’atelier", form="compare", computed=840, printed=870)
        assert plain(message_fr(found, verdict="suspicious", gap=30)) == (
            "Heure de l’atelier : « 14 h » (tableau, Ma santé 2022 en Nouvelle-Aquitaine, ligne 3) et « 14 h 30 » "
            "(compte rendu, même document, ligne 80) ; écart de 30 minutes, à vérifier."
        )
        assert plain(arithmetic_fr(found) or "") == "14 h contre 14 h 30, écart 30 minutes"

    def test_something_announced_and_found_nowhere(self) -> None:
        announced = figure("Pau", 1, role="table", line=20)
        found = evidence("statement", [announced], "compte rendu de l’atelier", form="compare", computed=0, printed=1)
        assert plain(message_fr(found, verdict="suspicious", gap=1)) == (
            "Compte rendu de l’atelier : annoncé « Pau » (tableau, Ma santé 2022 en Nouvelle-Aquitaine, ligne 20), "
            "mais absent du document ; à vérifier."
        )
        assert arithmetic_fr(found) is None

    def test_an_empty_cell_is_no_part(self) -> None:
        cells = [figure("12", 12, role="part", line=4), figure(None, role="part", line=5), figure("NC", role="part")]
        found = evidence("sum", [*cells, figure("15", 15, role="total", line=9)], form="sum", computed=12, printed=15)
        text = plain(message_fr(found, verdict="impossible", gap=3))
        assert "mais « 12 » et « NC » (même document, ligne 4) font 12 ;" in text

    def test_percentages_that_differ_by_points_tell_no_percent(self) -> None:
        found = evidence("contradiction", [figure("20 %", 20, unit="percent"), figure("25 %", 25, unit="percent")])
        assert plain(message_fr(found, verdict="impossible", gap=5, gap_pct=25.0)).endswith("; écart de 5 points.")


class TestMissingAndHostile:
    @pytest.mark.parametrize("nothing", [None, {}, [], "", 3, {"figures": 3, "arithmetic": "x"}, {"figures": [None]}])
    def test_no_evidence_still_makes_a_sentence(self, nothing: Any) -> None:
        assert plain(message_fr(nothing, verdict="impossible")) == (
            "Chiffres comparés : aucun chiffre transmis ; valeurs incompatibles."
        )
        assert arithmetic_fr(nothing) is None

    def test_a_figure_without_text_shows_its_value(self) -> None:
        assert places_fr({"figures": [{"value": 1234.5, "unit": "eur"}]}) == [
            "«\u00a01\u202f234,5\u202f€\u00a0» (source non précisée)"
        ]

    def test_control_characters_are_shown(self) -> None:
        found = evidence("contradiction", [figure("3\u001b[31m6\u202e", 36, report_title="a\nb\tc\u0000")])
        text = message_fr(found, verdict="impossible")
        assert "«\u00a03\\u001b[31m6\\u202e\u00a0» (a b c\\u0000)" in text

    json = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=6,
    )
    number = st.none() | st.integers() | st.floats() | st.decimals() | st.just("1e999999999") | st.text(max_size=3)
    figures = st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "role": st.sampled_from(["total", "part", "base", "growth", "bound", "stated"]) | json,
                "printed": st.text(max_size=8) | json,
                "value": number,
                "low": number,
                "high": number,
                "unit": st.sampled_from(["percent", "eur", "hours", "multiple", "count"]) | json,
                "line": number,
                "page": number,
                "report_id": st.text(max_size=3) | json,
                "report_title": st.text(max_size=8) | json,
                "territory": json,
            },
        ),
        max_size=9,
    )
    anything = st.fixed_dictionaries(
        {
            "relation": st.sampled_from(
                ["contradiction", "sum", "cumulative", "growth", "range", "part_whole", "statement", "groups", "?"]
            ),
            "figures": figures,
        },
        optional={
            "subject_fr": st.text(max_size=8) | json,
            "arithmetic": st.fixed_dictionaries(
                {"form": st.sampled_from(["sum", "difference", "ratio", "compare"]) | json},
                optional=dict.fromkeys(
                    ("computed", "printed", "computed_low", "computed_high", "printed_low", "printed_high"), number
                ),
            ),
        },
    )

    @given(found=json | anything, gap=number, gap_pct=st.none() | st.floats())
    @settings(max_examples=150, deadline=None)
    def test_any_evidence_makes_one_safe_line(self, found: Any, gap: Any, gap_pct: float | None) -> None:
        texts = [message_fr(found, verdict="suspicious", gap=gap, gap_pct=gap_pct), *places_fr(found)]
        for text in [*texts, arithmetic_fr(found) or ""]:
            assert not {unicodedata.category(c) for c in text} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
        assert texts[0].endswith(".")


class TestNumbers:
    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            (0, "0"),
            (-0.0, "0"),
            (36, "36"),
            (Decimal("4.0000"), "4"),
            (1811, "1 811"),
            (7600000, "7 600 000"),
            (1234.5, "1 234,5"),
            (-12.34567, "−12,3457"),
            ("3.5", "3,5"),
            (0.1 + 0.2, "0,3"),
            (1e300, "1,0000E+300"),
            (None, "?"),
            (True, "?"),
            (float("nan"), "?"),
            (float("inf"), "?"),
            ("n.d.", "?"),
        ],
    )
    def test_number(self, value: Any, shown: str) -> None:
        assert plain(number_fr(value)) == shown

    @pytest.mark.parametrize(("value", "shown"), [(6.25, "6,3"), (-0.05, "−0,1"), (0.04, "0"), (1234.95, "1 235")])
    def test_a_half_is_rounded_up(self, value: float, shown: str) -> None:
        assert plain(number_fr(value, 1)) == shown

    @pytest.mark.parametrize(
        ("value", "unit", "shown"),
        [
            (12.5, "percent", "12,5 %"),
            (273.2394, "percent", "273,24 %"),
            (0.2345, "count", "0,2345"),
            (1, "hours", "1 heure"),
            (2, "hours", "2 heures"),
            (1.5, "points", "1,5 point"),
            (300, "eur_per_month", "300 € par mois"),
            (2, "multiple", "× 2"),
            (3, "count", "3"),
            (3, None, "3"),
            (140, "per_100000", "140 pour 100 000"),
        ],
    )
    def test_quantity(self, value: float, unit: str | None, shown: str) -> None:
        assert plain(quantity_fr(value, unit)) == shown

    def test_no_break_spaces_of_a_printing_stay(self) -> None:
        assert safe_text(" 1\u202f700 \n lits\u00a0") == "1\u202f700 lits\u00a0"


class TestArithmetic:
    def test_difference_is_later_minus_earlier(self) -> None:
        found = evidence(
            "cumulative",
            [figure("400", 400), figure("470", 470), figure("60", 60, role="stated")],
            form="difference",
            computed=70,
            printed=60,
        )
        assert plain(arithmetic_fr(found) or "") == "470 − 400 = 70, imprimé 60, écart 10"

    def test_a_growth_per_year_is_not_told_as_that_of_the_levels(self) -> None:
        figures = [
            figure("10 %", 10, role="growth", unit="percent"),
            figure("100", 100, role="base"),
            figure("144", 144, role="level"),
        ]
        found = evidence("growth", figures, form="ratio", computed=20, printed=10)
        assert plain(arithmetic_fr(found) or "") == "de 100 à 144, calcul = 20 %, imprimé 10 %, écart 10 points"

    def test_multiples(self) -> None:
        figures = [
            figure("x 3,5", 3.5, role="growth", unit="multiple"),
            figure("174", 174, role="base"),
            figure("600", 600, role="level"),
        ]
        found = evidence("growth", figures, form="ratio", computed=600 / 174, printed=3.5)
        found["arithmetic"] |= {"printed_low": 3.45, "printed_high": 3.55}
        assert plain(arithmetic_fr(found) or "") == ("600 ÷ 174 = × 3,45, imprimé × 3,5 (de 3,45 à 3,55), écart 0,05")

    def test_figures_that_are_not_all_the_terms_make_no_addition(self) -> None:
        found = evidence("sum", [figure("1", 1, role="part"), figure("2", 2, role="part")])
        found["arithmetic"] = {"form": "sum", "computed": 9, "printed": 8}
        assert arithmetic_fr(found) == "9, imprimé 8, écart 1"

    def test_compare(self) -> None:
        assert plain(arithmetic_fr(CPTS) or "") == "36 contre 32, écart 4"

    def test_intervals_are_told_where_they_are_wider_than_the_number(self) -> None:
        found = evidence("sum", [figure("1", 1, role="part"), figure(None, None, role="part", low=2, high=3)])
        found["arithmetic"] = {"form": "sum", "computed": 3.5, "computed_low": 3, "computed_high": 4, "printed": 9}
        assert plain(arithmetic_fr(found) or "") == "1 + [2 ; 3] = 3,5 (de 3 à 4), imprimé 9, écart 5,5"


class TestAdvice:
    def test_every_verdict_is_told(self) -> None:
        verdicts = ("impossible", "suspicious", "not_comparable", "explained")
        assert len({verdict_fr(verdict) for verdict in verdicts}) == 4
        assert " :" not in "".join(verdict_fr(verdict) for verdict in verdicts)

    def test_what_was_decided_and_what_is_absent_say_so(self) -> None:
        assert "un référent l’a décidé" in verdict_fr("not_comparable", {**NURSES, "decision_id": "d1"})
        absent = evidence("statement", [figure("Pau", None)], computed=0, printed=1)
        assert "nulle part" in verdict_fr("suspicious", absent)

    def test_the_subject_starts_the_sentence(self) -> None:
        assert read_evidence({"subject_fr": "médecins de la CPAM"}).subject == "Médecins de la CPAM"


class TestTerritory:
    """A sentence that is forwarded must say where, unless it is about the whole country."""

    @staticmethod
    def _evidence(*territories: str, role: str = "printing") -> dict[str, object]:
        figures = [
            {"role": "total" if role == "sum" and i == 0 else role, "printed": str(i), "value": i, "territory": name}
            for i, name in enumerate(territories)
        ]
        return {"relation": "contradiction", "subject_fr": "Projets de CPTS", "figures": figures, "arithmetic": {}}

    def test_the_common_territory_is_named(self) -> None:
        assert read_evidence(self._evidence("Creuse", "Creuse")).subject == "Projets de CPTS, Creuse"

    def test_the_country_goes_without_saying(self) -> None:
        assert read_evidence(self._evidence("France", "France")).subject == "Projets de CPTS"

    def test_different_territories_are_told_of_each_figure(self) -> None:
        assert read_evidence(self._evidence("Creuse", "Vienne")).subject == "Projets de CPTS"

    def test_a_sum_is_where_its_total_is(self) -> None:
        evidence = self._evidence("Nouvelle-Aquitaine", "Bordeaux", "Limoges", role="sum")
        assert read_evidence(evidence).subject == "Projets de CPTS, Nouvelle-Aquitaine"
