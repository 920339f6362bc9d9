"""Syntheses of workshops: every trap of their typography, on texts written for it, then the committed extract."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.extracts_reading import read_folder
from ingestion.periods import MONTHS_FR
from ingestion.workshops import WorkshopExtract, declared_layout, load_layout, parse_workshops, write_extract
from ingestion.workshops.layout import PLACES
from ingestion.workshops.lines import slug
from ingestion.workshops.moments import WEEKDAYS_FR, read_date, read_hours
from warehouse.errors import InputError

EXTRACT = Path(__file__).resolve().parents[2] / "ingestion" / "extracts" / "cnr-na-2022"
LAYOUT = declared_layout("cnr-na-2022")

INTRODUCTION = """\
 1  S y n t h è s e  r é g i o n a l e
1.1 Introduction

3 ateliers ont été organisés en Région Imaginaire en novembre 2022. Les comptes-rendus de chacun de ces ateliers

Département Nombre d’ateliers organisés

98 - Rive - Haute 3

Total  3

Parmi les thématiques, la thématique 1 relative à la forêt. Elle

représente la moitié des contributions collectées.

Thématiques Nbre de
contributions

%

Thématique 1 : planter des
arbres

1 004 50%

Thématique 2 : arroser 1 003 50%

Total 2 007 100%
"""
WORKSHOPS = """\
 2.1 Rive-Haute (98)

Trois ateliers ont été organisés en Rive-Haute

Département Lieu Jour Horaires

98 - Rive - Haute Pin / Chêne Lundi 5 décembre 2022 19h

 Hêtre Jeudi 17 novembre 18h00 à 20h30
Réunion générale 08/12/22

2.1.1 Synthèse départementale

Thématique 1 : planter des arbres

Les ateliers ont tiré les constats suivants :

Il manque des arbres 2

 Les arbres sont vieux 2
 2.1.2 Pin Chêne
Lieu : Salle du bas, PIN-CHÊNE
Jour : 06/12/2022
Horaires : 19H-21H

Participants Nombre

Elus  4
Institutionnels : NC
Professionnels de santé / médico-social : «
Représentants d’associations 6
Usagers du système de santé :
Autres 0

Total 12

Il y a eu 13 participants au débat
 Hêtre le 18 novembre 2022"
 2.1.3 Réunion générale
Jour : 8 décembre 2022
"""


def synthesis(regional: str = "", workshops: str = WORKSHOPS) -> str:
    """A whole synthesis of an invented region, with these count tables in its first theme."""
    return f"{INTRODUCTION}\n 1.2 Thématique 1 : planter des\narbres\n\n{regional}\n{workshops}"


def findings(body: str) -> list[tuple[str | None, str | None, int]]:
    """(group, item, count) of the findings' table of the region."""
    extract = parse_workshops(synthesis(f"Les ateliers ont tiré les constats suivants :\n\n{body}\n"), LAYOUT)
    return [
        (row["group_label_fr"], row["item_label_fr"], row["mentions"])  # type: ignore[misc]
        for row in extract.counts
        if row["territory_key"] == LAYOUT.region
    ]


def items(body: str) -> list[tuple[str | None, int]]:
    """(item, count) below a group of nine that the body goes on with."""
    return [(item, count) for _, item, count in findings(f"Planter 9\n\n{body}") if item]


@pytest.fixture(scope="module")
def sample() -> WorkshopExtract:
    return parse_workshops(synthesis(), LAYOUT)


# --- counts ----------------------------------------------------------------------------------------------------------


def test_groups_are_told_from_items_by_the_missing_bullet() -> None:
    assert findings("Planter 3\n\n Semer des glands 2\n\n Greffer 1\nArroser 1\n\n Creuser un puits 1") == [
        ("Planter", None, 3),
        ("Planter", "Semer des glands", 2),
        ("Planter", "Greffer", 1),
        ("Arroser", None, 1),
        ("Arroser", "Creuser un puits", 1),
    ]


def test_an_item_that_lost_its_bullet_fits_in_what_the_group_lacks() -> None:
    assert findings("Planter 3\n\n Semer 1\nGreffer 2\n\nArroser 1\n\nCreuser 1") == [
        ("Planter", None, 3),
        ("Planter", "Semer", 1),
        ("Planter", "Greffer", 2),
        ("Arroser", None, 1),
        ("Arroser", "Creuser", 1),
    ]


def test_a_line_too_large_for_its_group_opens_another_even_where_the_total_is_wrong() -> None:
    assert findings("Planter 3\n\n Semer 2\nArroser 4\n\n Creuser 4")[2] == ("Arroser", None, 4)


def test_the_space_of_a_page_break_is_no_bullet() -> None:
    assert findings("Planter 2\n\n Semer 2\n Arroser 1\n  Creuser 1") == [
        ("Planter", None, 2),
        ("Planter", "Semer", 2),
        ("Arroser", None, 1),
        ("Arroser", "Creuser", 1),
    ]


def test_a_count_may_stand_alone_below_a_wrapped_label() -> None:
    assert items(" Semer des glands de chêne vert\nau bord des chemins\n\n9") == [
        ("Semer des glands de chêne vert au bord des chemins", 9)
    ]


def test_a_label_may_be_wrapped_across_a_blank_line() -> None:
    assert items("Semer des glands, des faînes et des\n\nsamares,... 9") == [
        ("Semer des glands, des faînes et des samares,...", 9)
    ]


def test_a_count_may_come_before_the_last_words_of_its_label() -> None:
    assert items(" Semer des glands, des faînes et des 8\n samares,...\n\n Greffer 1") == [
        ("Semer des glands, des faînes et des samares,...", 8),
        ("Greffer", 1),
    ]


def test_the_last_words_of_a_label_may_close_the_chapter() -> None:
    assert items(" Semer des glands, des faînes et des 9\n samares,...") == [
        ("Semer des glands, des faînes et des samares,...", 9)
    ]


def test_a_label_may_end_in_a_number() -> None:
    assert items(" Ouvrir la parcelle 1  9") == [("Ouvrir la parcelle 1", 9)]
    assert items(" Ouvrir la parcelle 1\n\n9") == [("Ouvrir la parcelle 1", 9)]


def test_a_wrapped_label_may_break_after_a_number() -> None:
    assert items(" Appliquer la mesure 16\ndu plan des forêts 9") == [("Appliquer la mesure 16 du plan des forêts", 9)]


def test_a_small_letter_after_a_bullet_opens_a_label() -> None:
    assert items(" Semer 8\n\n il manque des glands 1") == [("Semer", 8), ("il manque des glands", 1)]


def test_a_small_letter_below_a_blank_line_continues_nothing() -> None:
    assert items(" Semer 8\n\nil manque des glands 1") == [("Semer", 8), ("il manque des glands", 1)]


def test_a_bullet_at_the_top_of_a_page_makes_an_item_even_where_the_total_is_wrong() -> None:
    assert findings("Planter 3\n\n Semer 2\n  Creuser 5")[2] == ("Planter", "Creuser", 5)


def test_a_page_footer_is_no_count() -> None:
    footer = (
        "Synthèses et comptes-rendus par département\n\nSynthèse des ateliers CNR Santé organisés en région Verte 23"
    )
    assert findings(f"Planter 9\n\n Semer 8\n\n{footer}\n\n Greffer 1") == [
        ("Planter", None, 9),
        ("Planter", "Semer", 8),
        ("Planter", "Greffer", 1),
    ]


def test_quoted_examples_are_left_out_whatever_ends_them() -> None:
    body = (
        " Semer 5\n\nEx : « planter à 25 € » ; « semer\n\nen 2023\n \n\n Greffer 3\n\n"
        "Ex : « greffer sur\n les arbres de 30 ans »\n\n Bouturer 1"
    )
    assert items(body) == [("Semer", 5), ("Greffer", 3), ("Bouturer", 1)]
    group = findings("Planter 1\n\n Semer 1\n\nEx : « semer\n\nen 2023\n \n\nArroser 2\n\n Creuser 2")[2]
    assert group == ("Arroser", None, 2)


def test_tables_without_groups_count_workshops_and_their_header_varies() -> None:
    text = synthesis(
        "Les ateliers ont traité des problématiques suivantes :\n\nProblématiques Nombre\n\nSécheresse 3\n"
        " 1.2.3 Solutions et propositions\nLe nombre 99\n"
        "Les solutions qui ont été envisagées concernent les sujets suivants :\n\nSolutions Nombre\nArrosage 2\n"
        "Les solutions et propositions co-construites par les participants :\n\n"
        "Le nombre indiqué à droite est celui des verbatims. En voici\n12\n\nArroser 4\n\n Creuser 4"
    )
    rows = [row for row in parse_workshops(text, LAYOUT).counts if row["territory_key"] == LAYOUT.region]
    assert [(r["section"], r["item_label_fr"], r["mentions"], r["counted_unit"]) for r in rows] == [
        ("problematique", "Sécheresse", 3, "atelier"),
        ("sujet", "Arrosage", 2, "atelier"),
        ("proposition", None, 4, "verbatim"),
        ("proposition", "Creuser", 4, "verbatim"),
    ]
    assert {row["theme_label_fr"] for row in rows} == {"planter des arbres"}


def test_labels_that_mean_one_topic_become_one() -> None:
    assert findings("Il faut rendre plus attractifs les territoires 1\n\n Semer 1")[0][0] == (
        "Il faut rendre les territoires plus attractifs"
    )


def test_a_label_without_count_is_refused_with_its_line() -> None:
    with pytest.raises(InputError, match=r"003_\w+.txt:\d+: un nombre était attendu après « Semer »"):
        items(" Semer\n\n Greffer 1")
    with pytest.raises(InputError, match="un nombre était attendu"):
        items(" Semer 9\n\nGreffer")


def test_another_form_is_refused() -> None:
    with pytest.raises(InputError, match="il en manque"):
        parse_workshops("Un rapport\nsans titre", LAYOUT)
    without_theme = synthesis(workshops=WORKSHOPS.replace("Thématique 1 : planter des arbres", ""))
    with pytest.raises(InputError, match="une thématique était attendue"):
        parse_workshops(without_theme, LAYOUT)


# --- workshops -------------------------------------------------------------------------------------------------------


def test_workshops_follow_the_table_of_their_department(sample: WorkshopExtract) -> None:
    assert [
        (w["workshop_key"], w["place"], w["held_on"], w["start_time"], w["end_time"]) for w in sample.workshops
    ] == [
        ("98-pin-chene", "Pin / Chêne", date(2022, 12, 5), "19:00", None),
        ("98-hetre", "Hêtre", date(2022, 11, 17), "18:00", "20:30"),
        ("98-reunion-generale", "Réunion générale", date(2022, 12, 8), None, None),
    ]


def test_a_workshop_without_report_shows_though_the_introduction_promises_one(sample: WorkshopExtract) -> None:
    assert [w["has_report"] for w in sample.workshops] == [True, False, True]
    assert said(sample, "98-hetre", "report") == [("report", "0"), ("text", "1")]


def test_a_workshop_known_by_its_report_alone_is_kept() -> None:
    text = synthesis(workshops=WORKSHOPS + " 2.1.4 Orme\nLieu : Orme\nJour : 1er décembre 2022\n")
    workshop = parse_workshops(text, LAYOUT).workshops[-1]
    assert (workshop["workshop_key"], workshop["has_report"], workshop.get("held_on")) == ("98-orme", True, None)


def test_a_heading_may_shorten_the_town_of_the_table() -> None:
    text = synthesis(workshops=WORKSHOPS.replace(" Hêtre Jeudi", " Hêtre - Faculté Jeudi") + " 2.1.4 Hêtre\nPlénière\n")
    workshop = parse_workshops(text, LAYOUT).workshops[1]
    assert (workshop["workshop_key"], workshop["has_report"]) == ("98-hetre-faculte", True)


def test_a_misspelt_heading_is_known_by_the_town_in_its_body() -> None:
    text = synthesis(workshops=WORKSHOPS + " 2.1.4 Hettre\nLieu : HÊTRE\n")
    assert [workshop["place"] for workshop in parse_workshops(text, LAYOUT).workshops if workshop["has_report"]] == [
        "Pin / Chêne",
        "Hêtre",
        "Réunion générale",
    ]


def test_cells_are_kept_as_printed_with_the_reason_of_a_missing_number(sample: WorkshopExtract) -> None:
    cells = [
        (r["participant_category"], r["participants"], r["printed"], r["missing_reason"]) for r in sample.participants
    ]
    assert cells == [
        ("elus", 4, "4", None),
        ("institutionnels", None, "NC", "NC"),
        ("professionnels", None, "«", "text"),
        ("associations", 6, "6", None),
        ("usagers", None, None, "blank"),
        ("autres", 0, "0", None),
        ("total", 12, "12", None),
    ]


def said(extract: WorkshopExtract, workshop: str, attribute: str) -> list[tuple[object, object]]:
    rows = [r for r in extract.statements if r["workshop_key"] == workshop and r["attribute"] == attribute]
    return [(row["stated_in"], row["value"]) for row in rows]


def test_table_report_and_text_are_each_heard(sample: WorkshopExtract) -> None:
    assert said(sample, "98-pin-chene", "date") == [("table", "2022-12-05"), ("report", "2022-12-06")]
    assert said(sample, "98-pin-chene", "start_time") == [("table", "19:00"), ("report", "19:00")]
    assert said(sample, "98-pin-chene", "end_time") == [("report", "21:00")]
    assert said(sample, "98-pin-chene", "participants") == [("report", "12"), ("text", "13")]


def test_a_report_may_date_another_workshop_of_its_department(sample: WorkshopExtract) -> None:
    assert said(sample, "98-hetre", "date") == [("table", "2022-11-17"), ("text", "2022-11-18")]


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("Lundi 5 décembre 2022", date(2022, 12, 5)),
        ("Jeudi 1er décembre", date(2022, 12, 1)),
        ("17 NOVEMBRE 2022", date(2022, 11, 17)),
        ("21/11/22", date(2022, 11, 21)),
        ("31/11/2022", None),
        ("bientôt", None),
    ],
)
def test_dates(printed: str, read: date | None) -> None:
    assert read_date(printed, 2022) == read


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(0, 3))
def test_every_way_of_printing_a_day_reads_back(day: date, way: int) -> None:
    month = MONTHS_FR[day.month - 1]
    printed = (
        f"{day:%d/%m/%Y}",
        f"{day:%d/%m/%y}",
        f"{day.day} {month} {day.year}",
        f"{WEEKDAYS_FR[day.weekday()].title()} {day.day} {month}",
    )[way]
    assert read_date(printed, day.year) == day


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("19h", ["19:00"]),
        ("19H-22H", ["19:00", "22:00"]),
        ("18h00 à 20h30", ["18:00", "20:30"]),
        ("17H00 / 20H30", ["17:00", "20:30"]),
        ("9h30", ["09:30"]),
    ],
)
def test_hours(printed: str, read: list[str]) -> None:
    assert [time for time, _ in read_hours(printed)] == read


# --- headline and whole extract --------------------------------------------------------------------------------------


def test_the_introduction_gives_totals_with_their_parts(sample: WorkshopExtract) -> None:
    values = {row["figure_key"]: row["value"] for row in sample.figures}
    assert values == {
        "ateliers-texte": 3,
        "ateliers-98": 3,
        "ateliers-total": 3,
        "part-contributions-theme-1-texte": 50,
        "contributions-theme-1": 1004,
        "part-contributions-theme-1": 50,
        "contributions-theme-2": 1003,
        "part-contributions-theme-2": 50,
        "contributions-total": 2007,
        "part-contributions-total": 100,
        "ateliers-98-texte": 3,
    }
    assert {row["figure_key"] for row in sample.figures if row["date_is_explicit"]} == {"ateliers-texte"}
    repeats = {row["figure_key"]: row["repeats"] for row in sample.figures if row.get("repeats")}
    assert repeats == {
        "ateliers-total": "ateliers-texte",
        "ateliers-98-texte": "ateliers-98",
        "part-contributions-theme-1": "part-contributions-theme-1-texte",
    }
    roles = Counter((row["link_key"], row["role"]) for row in sample.links)
    assert roles[("contributions-par-theme", "part")] == 2
    assert roles[("ateliers-par-departement", "total")] == 1


def test_every_span_holds_what_is_printed(sample: WorkshopExtract) -> None:
    text = synthesis()
    rows = [*sample.counts, *sample.participants, *sample.statements, *sample.figures]
    spans = [row for row in rows if row["char_start"] is not None]
    assert len(spans) > 40
    for row in spans:
        span = text[row["char_start"] : row["char_end"]]  # type: ignore[misc]
        assert " ".join(span.split()) == row["printed"]
        assert text.count("\n", 0, row["char_start"]) + 1 == row["source_line"]  # type: ignore[arg-type]


def test_another_region_is_one_more_document_file(tmp_path: Path) -> None:
    document, places = tmp_path / "cnr-xx-2023.yml", tmp_path / "places.csv"
    document.write_text(
        "form: cnr-sante\nyear: 2023\nsame_labels: {}\n"
        "report: {report_id: cnr-xx-2023, scope_territory_key: 'region:53'}\n"
        "figures: {workshops_period: '2023', contributions_period: '2023'}\n",
        encoding="utf-8",
    )
    places.write_text(
        "territory_key,name,printed_name,parent_territory_key,commune_territory_key\n"
        "place:98-hetre,Hêtre,Hêtre,department:98,commune:98001\n",
        encoding="utf-8",
    )
    extract = parse_workshops(synthesis(), load_layout(document, places))
    assert extract.workshops[1]["commune_territory_key"] == "commune:98001"
    assert extract.workshops[1]["held_on"] == date(2023, 11, 17)
    assert {row["territory_key"] for row in extract.figures} == {"region:53", "department:98"}


def test_an_extract_written_is_an_extract_read(sample: WorkshopExtract, tmp_path: Path) -> None:
    for folder in (tmp_path / "a", tmp_path / "b"):
        write_extract(sample, folder)
    first, second = read_folder(tmp_path / "a"), read_folder(tmp_path / "b")
    assert first.sha256 == second.sha256
    assert first.frames["count"].height == len(sample.counts)
    assert first.frames["workshop_statement"].height == len(sample.statements)


# --- the committed extract -------------------------------------------------------------------------------------------


def table(name: str) -> list[dict[str, str]]:
    with (EXTRACT / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def counts() -> list[dict[str, str]]:
    return table("counts")


def test_the_committed_extract_is_well_formed() -> None:
    frames = read_folder(EXTRACT).frames
    heights = {name: frame.height for name, frame in frames.items()}
    assert heights == {
        "report": 1,
        "figure": 496,
        "figure_link": 89,
        "policy_parameter": 11,
        "count": 1527,
        "workshop": 47,
        "participation": 45 * 7,
        "workshop_statement": 501,
        "ledger": 3491,
    }
    for frame, key in (("count", "count_key"), ("workshop_statement", "statement_key"), ("workshop", "workshop_key")):
        assert frames[frame][key].n_unique() == heights[frame]


def test_every_group_total_is_the_sum_of_its_items(counts: list[dict[str, str]]) -> None:
    totals: dict[str, int] = {}
    items_of: Counter[str] = Counter()
    for row in counts:
        if row["group_label_fr"]:
            group = row["count_key"][: row["count_key"].index("-g") + 4]
            if row["is_group_total"] == "true":
                totals[group] = int(row["mentions"])
            else:
                items_of[group] += int(row["mentions"])
    assert len(totals) == 304
    assert totals == dict(items_of)


def test_every_regional_line_is_the_sum_of_the_departments(counts: list[dict[str, str]]) -> None:
    region: dict[tuple[str, ...], int] = {}
    departments: Counter[tuple[str, ...]] = Counter()
    for row in counts:
        line = (row["theme_no"], row["section"], row["group_label_fr"], row["item_label_fr"])
        if row["section"] in ("problematique", "sujet"):
            assert row["territory_key"] == "region:75"
        elif row["territory_key"] == "region:75":
            assert line not in region
            region[line] = int(row["mentions"])
        else:
            departments[line] += int(row["mentions"])
    assert len(region) == 284
    assert region == dict(departments)


def test_the_contributions_of_the_introduction_exceed_the_lines_that_were_grouped(counts: list[dict[str, str]]) -> None:
    """Findings and proposals come nearest to the introduction's contributions, and fall short in every theme."""
    grouped: Counter[str] = Counter()
    for row in counts:
        if row["territory_key"] == "region:75" and row["is_group_total"] == "true":
            grouped[row["theme_no"]] += int(row["mentions"])
    stated = {
        row["figure_key"][-1]: int(row["value"])
        for row in table("figures")
        if row["figure_key"].startswith("contributions-theme")
    }
    assert {theme: stated[theme] - grouped[theme] for theme in stated} == {"1": 21, "2": 38, "3": 24, "4": 5}


def test_labels_hold_no_running_text(counts: list[dict[str, str]]) -> None:
    labels = {row[column] for row in counts for column in ("group_label_fr", "item_label_fr", "theme_label_fr")}
    assert not [label for label in labels if "«" in label or label.startswith("Ex") or len(label) > 200]
    assert all(len(row["printed"]) < 60 for name in ("statements", "participants", "figures") for row in table(name))


def test_participants_are_as_printed_where_they_do_not_add_up() -> None:
    totals: dict[str, int] = {}
    parts: Counter[str] = Counter()
    for row in table("participants"):
        if row["participants"] and row["participant_category"] == "total":
            totals[row["workshop_key"]] = int(row["participants"])
        elif row["participants"]:
            parts[row["workshop_key"]] += int(row["participants"])
    wrong = {key: (totals[key], total) for key, total in parts.items() if totals[key] != total}
    assert wrong == {
        "24-nontron": (105, 104),
        "33-bordeaux-cenon": (73, 111),
        "47-villeneuve-sur-lot": (54, 57),
        "64-pau": (95, 100),
    }
    assert Counter(row["missing_reason"] for row in table("participants")) == {
        "": 203,
        "NC": 102,
        "blank": 9,
        "text": 1,
    }


def test_statements_that_differ_are_all_there() -> None:
    values: dict[tuple[str, str], set[str]] = {}
    for row in table("statements"):
        if row["value"]:
            values.setdefault((row["workshop_key"], row["attribute"]), set()).add(row["value"])
    assert {key: said for key, said in values.items() if len(said) > 1} == {
        ("16-confolens", "date"): {"2022-12-05", "2022-11-25"},
        # The list and the heading say 20 h 30; the running text of three reports of one department does not.
        ("24-bergerac", "end_time"): {"20:30", "20:00"},
        ("24-les-eyzies", "end_time"): {"20:30", "20:15"},
        ("24-perigueux", "end_time"): {"20:30", "20:00"},
        ("79-brueil-chaussee", "participants"): {"33", "32"},
        ("87-chateauneuf-la-foret", "report"): {"0", "1"},
    }


def test_workshops_are_as_many_as_the_introduction_says() -> None:
    held = Counter(row["department_territory_key"] for row in table("workshops"))
    figures = {row["figure_key"]: row for row in table("figures")}
    parts = [row for row in table("links") if row["link_key"] == "ateliers-par-departement" and row["role"] == "part"]
    stated = {figures[p["figure_key"]]["territory_key"]: int(figures[p["figure_key"]]["value"]) for p in parts}
    assert stated == dict(held)
    assert sum(stated.values()) == int(figures["ateliers-total"]["value"]) == 47
    assert [row["workshop_key"] for row in table("workshops") if row["has_report"] == "false"] == [
        "87-chateauneuf-la-foret"
    ]


def test_declared_places_are_those_of_the_workshops_and_of_the_figures() -> None:
    """A place that is declared but never read is a misspelling that leaves a workshop without its commune."""
    workshops = {(row["department_territory_key"], slug(row["place"])) for row in table("workshops")}
    figures = {row["territory_key"] for row in table("figures")}
    with (PLACES / "cnr-na-2022.csv").open(encoding="utf-8", newline="") as file:
        unread = [
            row["territory_key"]
            for row in csv.DictReader(file)
            if (row["parent_territory_key"], slug(row["printed_name"])) not in workshops
            and row["territory_key"] not in figures
        ]
    assert unread == []


def test_nothing_of_the_synthesis_waits_for_a_reader() -> None:
    """Every numeral is a figure, a count, a cell or a date, or is dismissed with its reason."""
    ledger = table("ledger")
    assert {row["disposition"] for row in ledger} == {"observed", "part_of", "dismissed"}
    assert all(bool(row["reason"]) == (row["disposition"] == "dismissed") for row in ledger)
    observed = {row["figure_key"] for row in ledger if row["disposition"] == "observed"}
    assert {row["figure_key"] for row in table("figures")} <= observed
    facts = {row["fact_ref"] for row in ledger}
    assert {row["count_key"] for row in table("counts")} <= facts
