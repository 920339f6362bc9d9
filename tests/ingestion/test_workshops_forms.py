"""A synthesis of another region, read by its form alone; and another form, read by its declaration alone."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from ingestion.automatic import read_automatically
from ingestion.documents.plain_text import read_text
from ingestion.documents.read import read_document
from ingestion.extracts_reading import read_members
from ingestion.figures.ledger import unaccounted
from ingestion.figures.numerals import find_numerals
from ingestion.verification import verify_spans
from ingestion.workshops import (
    Layout,
    WorkshopExtract,
    combined,
    extract_files,
    parse_workshops,
    recognise_form,
    write_extract,
)
from ingestion.workshops.layout import LAYOUTS, PLACES
from ingestion.workshops.lines import folded, split_lines, without_footers
from ingestion.workshops.rows import Row
from warehouse.errors import InputError

FOOTER = """\
Synthèses et comptes-rendus par département

Synthèse des ateliers CNR Santé organisés en région Bretagne 7
"""
INTRODUCTION = """\
 1  S y n t h è s e  r é g i o n a l e
1.1 Introduction

4 ateliers ont été organisés en Région Bretagne de manière ouverte en mars et

avril 2024 dans le cadre du CNR Santé. Les comptes-rendus de chacun de ces ateliers suivent.

Département Nombre d’ateliers organisés

29 – Finistère 2
56 - Morbihan 2

Total  4

Parmi les 2 thématiques proposées, la thématique 2 relative à la mer est la plus discutée. Elle

représente le tiers des contributions collectées.

Thématiques Nbre de
contributions

%

Thématique 1 : écouter le
vent

1 200 67%

Thématique 2 : tenir la barre 600 33%

Total 1 800 100%

"""
REGION = """\
 1.2 Thématique 1 : écouter le
vent

1.2.1 Principaux enseignements

Sur 9 pages, du vent.
 1.2.2 Problématiques

Les ateliers ont traité des problématiques suivantes :

Problématiques Nombre

Force du vent 8 3

Les ateliers ont tiré les constats suivants :

Le vent tourne 5

 Il tourne au nord
de la pointe

3

 Il tombe 2
"""
FINISTERE = f"""\
 2  S y n t h è s e s  e t  c o m p t e s - r e n d u s  p a r  d é p a r t e m e n t

2.1 Finistère (29)

Deux ateliers ont été organisés dans le Finistère

Département Lieu Jour Horaires

29 – Finistère Quimper Mardi 12 mars 2024 18h30

 Brest - Technopôle 02/04/2024 18H-20H30

{FOOTER}
2.1.1 Synthèse départementale

Thématique 1 : écouter le vent

Les ateliers ont tiré les constats suivants :

Le vent tourne 3

 Il tourne au nord de la pointe 3
 2.1.2 Quimper

Lieu : Salle 3, QUIMPER

Jour : Mardi 12 mars

Horaires : 18h30

Participants

Participants Nombre

Elus  4

Institutionnels : NC

Professionnels de santé / médico-social : 10

Représentants d'associations : 2

Usagers du système de santé :

Autres 0

Total 17

La réunion CNR santé du 12 mars 2024 a rassemblé 18 participants

Thématique 1 : écouter le vent

 Ouvrir 3 maisons du vent
 2.1.3 Brest
Jour : 2 avril 2024
"""
MORBIHAN = """\
2.2 Morbihan (56)

Deux ateliers ont été organisés dans le Morbihan

Département Lieu Jour Horaires

56 - Morbihan Vannes Lundi 8 avril 2024 20h

 Réunion départementale 10/04/2024

2.2.1 Synthèse départementale

Thématique 1 : écouter le vent

Les ateliers ont tiré les constats suivants :

Le vent tourne 2

 Il tombe 2
 2.2.2 Vannes
Lieu : Vannes
Jour : Lundi 8 avril 2024
Horaires : 20h
"""
SYNTHESIS = INTRODUCTION + REGION + FINISTERE + MORBIHAN


def layout_of(text: str, folder: Path = LAYOUTS) -> Layout:
    layout = recognise_form(text, "bretagne.txt", folder)
    assert layout is not None
    return layout


@pytest.fixture(scope="module")
def layout() -> Layout:
    return layout_of(SYNTHESIS)


@pytest.fixture(scope="module")
def extract(layout: Layout) -> WorkshopExtract:
    return parse_workshops(SYNTHESIS, layout)


# --- what the form leaves to each document ---------------------------------------------------------------------------


def test_region_year_and_title_are_read_from_the_text(layout: Layout) -> None:
    assert dict(layout.report) == {
        "report_id": "cnr-bretagne-2024",
        "title": "Synthèse des ateliers CNR Santé organisés en région Bretagne",
        "publisher": "ARS Bretagne",
        "licence": "non précisée par le document",
        "scope_territory_key": "region:53",
        "published_on": date(2024, 1, 1),
        "published_precision": "year",
        "source_name": "bretagne.txt",
        "extract_version": 1,
    }
    assert (layout.year, layout.contributions_period) == (2024, "2024")


@pytest.mark.parametrize(
    ("sentence", "region", "period"),
    [
        ("4 ateliers ont été organisés en Région Île-de-France en mars 2024", "region:11", "2024-03"),
        ("4 ateliers ont été organisés en région Pays de la Loire en mai, juin 2023", "region:52", "2023-05/2023-06"),
        ("4 ateliers ont été organisés en Région PROVENCE-ALPES-COTE D'AZUR", "region:93", "2024"),
        ("4 ateliers ont été organisés dans la région des Hauts-de-France", "region:32", "2024"),
        # Its departments are of one region: no name is needed.
        ("4 ateliers ont été organisés en Région", "region:53", "2024"),
    ],
)
def test_each_region_is_known_by_its_name_or_by_its_departments(sentence: str, region: str, period: str) -> None:
    start = SYNTHESIS.index("4 ateliers")
    text = SYNTHESIS[:start] + sentence + "\n\n" + SYNTHESIS[SYNTHESIS.index("Département Nombre") :]
    found = layout_of(text)
    assert (found.region, found.workshops_period) == (region, period)


@pytest.mark.parametrize(
    ("sentence", "published_on", "precision"),
    [
        ("Document publié le 12 mai 2024.", date(2024, 5, 12), "day"),
        ("Synthèse publiée en mai 2024.", date(2024, 5, 1), "month"),
        ("Synthèse publiée en 2025.", date(2025, 1, 1), "year"),
    ],
)
def test_a_printed_date_of_publication_is_kept_with_its_precision(
    sentence: str, published_on: date, precision: str
) -> None:
    report = layout_of(SYNTHESIS.replace("Parmi les", f"{sentence}\n\nParmi les")).report
    assert (report["published_on"], report["published_precision"]) == (published_on, precision)


def test_a_document_that_is_declared_goes_before_what_its_text_says() -> None:
    text = SYNTHESIS.replace("Bretagne", "Nouvelle-Aquitaine")
    assert layout_of(text).report["report_id"] == "cnr-nouvelle-aquitaine-2024"
    of_that_year = layout_of(text.replace("2024", "2022"))
    assert of_that_year.report["report_id"] == "cnr-na-2022"
    assert of_that_year.report["source_name"] == "bretagne.txt"
    assert of_that_year.communes
    assert of_that_year.same_labels


@pytest.mark.parametrize("heading", ["1.1 Introduction", "2.1 Finistère (29)", "2.1.1 Synthèse départementale"])
def test_a_text_without_a_heading_of_the_form_is_no_synthesis(heading: str) -> None:
    text = SYNTHESIS.replace(heading, "").replace("2.2 Morbihan (56)", "").replace("2.2.1 Synthèse", "")
    assert recognise_form(text) is None


def test_a_region_that_nothing_tells_is_an_error_in_french() -> None:
    text = SYNTHESIS.replace("Région Bretagne", "Région Armorique").replace("Morbihan (56)", "Gironde (33)")
    with pytest.raises(InputError, match="la région de la synthèse n’est pas reconnue") as caught:
        recognise_form(text, "armorique.txt")
    assert (caught.value.file, caught.value.line) == ("armorique.txt", 2)


def test_a_year_that_nothing_tells_is_an_error_in_french() -> None:
    with pytest.raises(InputError, match="l’année des ateliers n’est pas reconnue"):
        recognise_form(SYNTHESIS.replace("2024", ""))


# --- what is read ----------------------------------------------------------------------------------------------------


def test_workshops_have_the_commune_that_bears_their_name(extract: WorkshopExtract) -> None:
    assert [(w["workshop_key"], w["commune_territory_key"], w.get("held_on")) for w in extract.workshops] == [
        ("29-quimper", "commune:29232", date(2024, 3, 12)),
        ("29-brest-technopole", None, date(2024, 4, 2)),
        ("56-vannes", "commune:56260", date(2024, 4, 8)),
        ("56-reunion-departementale", None, date(2024, 4, 10)),
    ]
    assert [w["has_report"] for w in extract.workshops] == [True, True, True, False]


def test_a_missing_table_of_participants_is_no_fault(extract: WorkshopExtract) -> None:
    assert {row["workshop_key"] for row in extract.participants} == {"29-quimper"}
    assert [row["participants"] for row in extract.participants] == [4, None, 10, 2, None, 0, 17]


def test_counts_are_whole_where_lines_are_torn(extract: WorkshopExtract) -> None:
    assert [(r["territory_key"], r["group_label_fr"], r["item_label_fr"], r["mentions"]) for r in extract.counts] == [
        ("region:53", None, "Force du vent 8", 3),
        ("region:53", "Le vent tourne", None, 5),
        ("region:53", "Le vent tourne", "Il tourne au nord de la pointe", 3),
        ("region:53", "Le vent tourne", "Il tombe", 2),
        ("department:29", "Le vent tourne", None, 3),
        ("department:29", "Le vent tourne", "Il tourne au nord de la pointe", 3),
        ("department:56", "Le vent tourne", None, 2),
        ("department:56", "Le vent tourne", "Il tombe", 2),
    ]


def test_the_introduction_gives_its_figures(extract: WorkshopExtract) -> None:
    assert {row["figure_key"]: (row["value"], row["period"]) for row in extract.figures} == {
        "ateliers-texte": (4, "2024-03/2024-04"),
        "ateliers-29": (2, "2024-03/2024-04"),
        "ateliers-29-texte": (2, "2024-03/2024-04"),
        "ateliers-56": (2, "2024-03/2024-04"),
        "ateliers-56-texte": (2, "2024-03/2024-04"),
        "ateliers-total": (4, "2024-03/2024-04"),
        "part-contributions-theme-2-texte": (extract.figures[4]["value"], "2024"),
        "contributions-theme-1": (1200, "2024"),
        "part-contributions-theme-1": (67, "2024"),
        "contributions-theme-2": (600, "2024"),
        "part-contributions-theme-2": (33, "2024"),
        "contributions-total": (1800, "2024"),
        "part-contributions-total": (100, "2024"),
    }


def test_the_files_are_an_extract_that_stands_in_its_text(extract: WorkshopExtract) -> None:
    read = read_members("cnr-bretagne-2024", extract_files(extract))
    assert {name: frame.height for name, frame in read.frames.items()} == {
        "report": 1,
        "figure": len(extract.figures),
        "figure_link": len(extract.links),
        "count": 8,
        "workshop": 4,
        "participation": 7,
        "workshop_statement": len(extract.statements),
        "ledger": len(extract.ledger),
    }
    assert verify_spans(read, SYNTHESIS) is None


def test_bullets_that_a_reader_kept_tell_items_from_groups(layout: Layout, extract: WorkshopExtract) -> None:
    kept = SYNTHESIS.replace("\n Il to", "\n• Il to").replace("\n Brest", "\n\uf0b7 Brest")
    read = parse_workshops(kept, layout)
    assert [row["count_key"] for row in read.counts] == [row["count_key"] for row in extract.counts]
    assert [row["workshop_key"] for row in read.workshops] == [row["workshop_key"] for row in extract.workshops]


def test_a_label_without_a_count_names_the_document_and_the_line(layout: Layout) -> None:
    with pytest.raises(InputError, match="un nombre était attendu après « Il tombe »") as caught:
        parse_workshops(SYNTHESIS.replace("Il tombe 2\n 2.2.2", "Il tombe\n 2.2.2"), layout)
    line = SYNTHESIS[: SYNTHESIS.index("Il tombe 2\n 2.2.2")].count("\n") + 1
    assert (caught.value.file, caught.value.line) == ("bretagne.txt", line)


def test_a_document_in_pdf_is_read_alike(layout: Layout, extract: WorkshopExtract, tmp_path: Path) -> None:
    """Its text has bullets, a page footer in the middle of a heading, blank lines where the text file has none."""
    document = read_document(typeset(SYNTHESIS, tmp_path / "bretagne.pdf"), "bretagne.pdf")
    assert "• Il tourne au nord\n\nde la pointe" in document.text
    assert re.search(r"écouter le\n+.*Bretagne 1\n+vent\n", document.text)
    found = recognise_form(document.text, "bretagne.pdf")
    assert found is not None
    assert found.report == {**layout.report, "source_name": "bretagne.pdf"}
    read = parse_workshops(document.text, found)
    for table in ("counts", "workshops", "participants", "statements", "figures", "links"):
        ours, theirs = ([without_place(row) for row in getattr(one, table)] for one in (extract, read))
        assert theirs == ours


def typeset(text: str, path: Path) -> Path:
    """A text as a PDF: bullets where it has a space instead, page footers of its own."""
    canvas = Canvas(str(path), pagesize=A4)
    top = height = 800
    for line in without_footers(split_lines(text), [re.compile("^Synthèses et comptes"), re.compile(r"Bretagne \d+$")]):
        is_item = line.bulleted and not line.content[:1].isdigit()
        if line.content:
            canvas.drawString(62 if is_item else 50, height, "• " * is_item + folded(line.content))
        height -= 12
        if height < 60 or line.content == "1.2 Thématique 1 : écouter le":
            canvas.drawString(50, 30, f"{FOOTER.splitlines()[-1][:-1]}{canvas.getPageNumber()}")
            canvas.showPage()
            height = top
    canvas.save()
    return path


def without_place(row: Row) -> Row:
    """A row without what depends on the lines of its document."""
    return {name: cell for name, cell in row.items() if name not in {"source_line", "char_start", "char_end"}}


# --- the ledger ------------------------------------------------------------------------------------------------------


def entries(extract: WorkshopExtract) -> dict[tuple[str, str], object]:
    """What became of each numeral, by the words of its line and the numeral."""
    lines = SYNTHESIS.split("\n")
    return {
        (lines[int(str(row["source_line"])) - 1].strip(), str(row["printed"])): row.get("reason")
        or row.get("figure_key")
        or row.get("fact_ref")
        for row in extract.ledger
    }


@pytest.mark.parametrize(
    ("line", "numeral", "became"),
    [
        ("1.1 Introduction", "1.1", "numéro de titre"),
        ("1  S y n t h è s e  r é g i o n a l e", "1", "numéro de titre"),
        (
            "avril 2024 dans le cadre du CNR Santé. Les comptes-rendus de chacun de ces ateliers suivent.",
            "2024",
            "année d’une date déjà portée par une figure",
        ),
        (
            "Parmi les 2 thématiques proposées, la thématique 2 relative à la mer est la plus discutée. Elle",
            "2",
            "numéro de thématique",
        ),
        ("29 – Finistère 2", "29", "code ou nom de département"),
        ("29 – Finistère 2", "2", "ateliers-29"),
        ("Thématique 2 : tenir la barre 600 33%", "2", "numéro de thématique"),
        ("Thématique 2 : tenir la barre 600 33%", "33", "part-contributions-theme-2"),
        ("Total 1 800 100%", "1 800", "contributions-total"),
        ("Total 1 800 100%", "100", "part-contributions-total"),
        ("représente le tiers des contributions collectées.", "tiers", "part-contributions-theme-2-texte"),
        ("1.2 Thématique 1 : écouter le", "1.2", "numéro de titre"),
        ("Force du vent 8 3", "3", "region-53-t1-problematique-01"),
        ("3", "3", "region-53-t1-constat-g01-01"),
        ("2.1 Finistère (29)", "29", "code ou nom de département"),
        ("Deux ateliers ont été organisés dans le Finistère", "Deux", "ateliers-29-texte"),
        ("Brest - Technopôle 02/04/2024 18H-20H30", "04", "29-brest-technopole.date.table"),
        ("Brest - Technopôle 02/04/2024 18H-20H30", "30", "29-brest-technopole.end_time.table"),
        ("Synthèse des ateliers CNR Santé organisés en région Bretagne 7", "7", "numéro de page"),
        ("Lieu : Salle 3, QUIMPER", "3", "nom ou adresse du lieu de l’atelier"),
        ("Jour : Mardi 12 mars", "12", "29-quimper.date.report"),
        ("Elus  4", "4", "29-quimper|elus"),
        ("La réunion CNR santé du 12 mars 2024 a rassemblé 18 participants", "18", "29-quimper.participants.text"),
    ],
)
def test_the_ledger_says_what_became_of_the_numerals_of_the_form(
    extract: WorkshopExtract, line: str, numeral: str, became: str
) -> None:
    assert entries(extract)[line, numeral] == became


def test_the_other_numerals_of_a_date_are_part_of_it(extract: WorkshopExtract) -> None:
    of_date = [row for row in extract.ledger if row.get("fact_ref") == "29-brest-technopole.date.table"]
    assert [(row["printed"], row["disposition"]) for row in of_date] == [
        ("02", "observed"),
        ("04", "part_of"),
        ("2024", "part_of"),
    ]


def test_only_running_text_and_labels_are_left_to_their_reader(extract: WorkshopExtract) -> None:
    accounted = {
        offset for row in extract.ledger for offset in range(int(str(row["char_start"])), int(str(row["char_end"])))
    }
    lines = SYNTHESIS.split("\n")
    left = [
        (lines[SYNTHESIS.count("\n", 0, numeral.start)].strip(), numeral.printed)
        for numeral in find_numerals(SYNTHESIS)
        if numeral.start not in accounted
    ]
    assert left == [
        ("Sur 9 pages, du vent.", "9"),
        ("Force du vent 8 3", "8"),
        ("Ouvrir 3 maisons du vent", "3"),
    ]


def test_no_numeral_has_two_entries(extract: WorkshopExtract) -> None:
    spans = sorted((int(str(row["char_start"])), int(str(row["char_end"]))) for row in extract.ledger)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))


# --- rows read by hand -----------------------------------------------------------------------------------------------


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / name).read_text(encoding="utf-8"))))


def append(folder: Path, name: str, **cells: str) -> None:
    path = folder / name
    header = path.read_text(encoding="utf-8").split("\n", 1)[0].split(",")
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, header, lineterminator="\n").writerow({k: v for k, v in cells.items() if k in header})


@pytest.fixture
def folder(extract: WorkshopExtract, tmp_path: Path) -> Path:
    """The extract's folder with one figure read by hand: three houses of the wind, and what goes with it."""
    write_extract(extract, tmp_path)
    start = SYNTHESIS.index("3 maisons")
    place = {
        "printed": "3",
        "source_line": str(SYNTHESIS.count("\n", 0, start) + 1),
        "char_start": str(start),
        "char_end": str(start + 1),
    }
    figure = rows_of(tmp_path, "figures.csv")[0] | {
        "figure_key": "maisons",
        "extraction_method": "manual",
        "value": "3",
    }
    append(tmp_path, "figures.csv", **figure | place)
    append(tmp_path, "ledger.csv", **place, disposition="observed", figure_key="maisons")
    append(tmp_path, "links.csv", link_key="maisons", figure_key="maisons", role="part", exhaustive="no")
    append(tmp_path, "links.csv", link_key="maisons", figure_key="ateliers-29", role="total", exhaustive="no")
    return tmp_path


def test_rows_read_by_hand_stay_when_the_document_is_parsed_again(extract: WorkshopExtract, folder: Path) -> None:
    write_extract(extract, folder)
    once = {path.name: path.read_bytes() for path in folder.iterdir()}
    write_extract(extract, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == once
    assert [row["figure_key"] for row in rows_of(folder, "figures.csv")][-1] == "maisons"
    assert len(rows_of(folder, "figures.csv")) == len(extract.figures) + 1
    assert [row["figure_key"] for row in rows_of(folder, "links.csv")][-2:] == ["maisons", "ateliers-29"]
    ledger = rows_of(folder, "ledger.csv")
    assert len(ledger) == len(extract.ledger) + 1
    assert [int(row["char_start"]) for row in ledger] == sorted(int(row["char_start"]) for row in ledger)


def test_rows_of_the_parser_that_it_does_not_give_any_more_go(extract: WorkshopExtract, folder: Path) -> None:
    for name in ("figures.csv", "counts.csv"):
        path = folder / name
        path.write_text(path.read_text(encoding="utf-8").replace("ateliers-56,", "ateliers-65,"), encoding="utf-8")
    append(
        folder,
        "ledger.csv",
        printed="9",
        source_line="1",
        char_start="1",
        char_end="2",
        disposition="observed",
        fact_ref="gone",
    )
    write_extract(extract, folder)
    assert "ateliers-65" not in {row["figure_key"] for row in rows_of(folder, "figures.csv")}
    assert "gone" not in {row["fact_ref"] for row in rows_of(folder, "ledger.csv")}


def test_a_numeral_that_the_parser_accounts_for_is_not_dismissed_by_hand(
    extract: WorkshopExtract, folder: Path
) -> None:
    entry = dict(rows_of(folder, "ledger.csv")[4], disposition="dismissed", reason="autre", figure_key="", fact_ref="")
    append(folder, "ledger.csv", **entry)
    write_extract(extract, folder)
    assert "autre" not in {row["reason"] for row in rows_of(folder, "ledger.csv")}


# --- running text read by a machine ----------------------------------------------------------------------------------


def draft(extract: WorkshopExtract) -> dict[str, bytes]:
    """What a machine might draft of the same text: three figures, one of them in a table that the parser reads."""
    figures, ledger = [], []
    proposed = (("9 pages", "9", "pages"), ("3 maisons", "3", "maisons"), ("4 ateliers", "4", "ateliers"))
    for words, printed, key in proposed:
        start = SYNTHESIS.index(words)
        line = SYNTHESIS.count("\n", 0, start) + 1
        place = {"printed": printed, "source_line": line, "char_start": start, "char_end": start + len(printed)}
        said = {"figure_key": key, "value": printed, "extraction_method": "automatic", "repeats": "ateliers"}
        figures.append(extract.figures[0] | place | said)
        ledger.append({**place, "disposition": "observed", "figure_key": key, "fact_ref": None})
    start = SYNTHESIS.index("8 3")
    place = {"printed": "8", "source_line": 1, "char_start": start, "char_end": start + 1}
    ledger.append({**place, "disposition": "observed", "figure_key": "gone", "fact_ref": None})
    return extract_files(replace(extract, figures=tuple(figures), links=(), ledger=tuple(ledger)))


def test_what_a_machine_reads_stands_beside_what_the_parser_reads(extract: WorkshopExtract) -> None:
    both = combined(extract, draft(extract))
    assert [row["figure_key"] for row in both.figures[len(extract.figures) :]] == ["pages", "maisons"]
    assert {row["repeats"] for row in both.figures[len(extract.figures) :]} == {None}
    said = {str(row["printed"]): row for row in both.ledger if row not in extract.ledger}
    assert {printed: (row["disposition"], row["figure_key"]) for printed, row in said.items()} == {
        "9": ("observed", "pages"),
        "3": ("observed", "maisons"),
        "8": ("pending", None),
    }
    assert unaccounted(SYNTHESIS, both.ledger) == []
    read_members("cnr-bretagne-2024", extract_files(both))


def test_the_chapters_of_the_departments_are_told(extract: WorkshopExtract) -> None:
    assert [key for _, key in extract.chapters] == ["department:29", "department:56"]
    assert SYNTHESIS[extract.chapters[0][0] :].startswith("2.1 Finistère (29)")


def test_no_numeral_of_the_running_text_of_an_unseen_synthesis_is_left_out() -> None:
    said = "Dans le Morbihan, 42 médecins généralistes libéraux exercent, dont 38 % à plus de 70 km de la mer."
    text = SYNTHESIS.replace("2.1 Finistère (29)", f"{said}\n\n2.1 Finistère (29)", 1)
    assert said in text
    frames = read_automatically(read_text(text.encode(), "synthese.txt"), "synthese.txt").frames
    ledger = frames["ledger"].to_dicts()
    assert unaccounted(text, ledger) == []
    start = text.index(said)
    running = {row["printed"] for row in ledger if start <= row["char_start"] < start + len(said)}
    assert running == {"42", "38", "70"}
    assert frames["count"].height > 0
    assert set(frames["figure"]["extraction_method"]) >= {"parser"}


# --- another form ----------------------------------------------------------------------------------------------------

OTHER_WORDS = (
    ("1.1 Introduction", "A - Présentation"),
    ("1.2 Thématique 1 : ", "B2 Axe 1 - "),
    ("1.2.", "B2."),
    ("Thématiques Nbre", "Axes Nbre"),
    ("Thématique ", "Axe "),
    ("Axe 1 : ", "Axe 1 - "),
    ("Axe 2 : ", "Axe 2 - "),
    ("2.1 Finistère (29)", "C1 Département du Finistère, 29"),
    ("2.2 Morbihan (56)", "C2 Département du Morbihan, 56"),
    ("2.1.", "C1."),
    ("2.2.", "C2."),
    ("Synthèse départementale", "Bilan"),
    ("Elus  4", "Conseillers municipaux | 4"),
    ("Participants Nombre", "Qui Combien"),
    ("NC", "non connu"),
    ("Le vent tourne", "Le vent change"),
    ("Les ateliers ont tiré les constats suivants :", "Constats :"),
)
OTHER_FORM = (
    (r"'^1\.1 Introduction$'", "'^A - Présentation$'"),
    (r"'^1\.\d+ Thématique \d+ : \S'", r"'^B\d+ Axe \d+ - \S'"),
    (r"'^1\.\d+\.\d+ \S.*$'", r"'^B\d+\.\d+ \S.*$'"),
    (
        r"'^(?:1\.\d+ )?Thématique (?P<no>\d+) : (?P<label>\S.*)$'",
        r"'^(?:B\d+ )?Axe (?P<no>\d+) - (?P<label>\S.*)$'",
    ),
    (
        r"'^2\.\d+ (?P<name>\S.*) \((?P<code>\d\d|2[AB]|97\d)\)$'",
        r"'^C\d+ Département (?:de |du )(?P<name>\S.*), (?P<code>\d\d|2[AB])$'",
    ),
    (r"'^2\.\d+\.1 Synthèse départementale$'", r"'^C\d+\.1 Bilan$'"),
    (r"'^2\.\d+\.\d+ (?P<place>\S.*)$'", r"'^C\d+\.\d+ (?P<place>\S.*)$'"),
    (r"'^Les ateliers ont tiré les constats suivants'", "'^Constats :$'"),
    (r"'^[ÉE]lus ?:?(?P<cell>.*)$'", r"'^Conseillers municipaux ?\|?(?P<cell>.*)$'"),
    (r"'^Participants Nombre$'", "'^Qui Combien$'"),
    ("['NC']", "['non connu']"),
    ("'^Thématiques Nbre de'", "'^Axes Nbre de'"),
    ("report_id: cnr-{slug}-{year}", "report_id: autre-{slug}-{year}"),
    ("numéro de titre", "rang d’un titre"),
)


def replaced(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


def test_another_form_is_one_more_file(tmp_path: Path, extract: WorkshopExtract) -> None:
    form = replaced((LAYOUTS / "cnr-sante.yml").read_text(encoding="utf-8"), OTHER_FORM)
    (tmp_path / "autre-forme.yml").write_text(form, encoding="utf-8")
    (tmp_path / "cnr-sante.yml").write_bytes((LAYOUTS / "cnr-sante.yml").read_bytes())
    text = replaced(SYNTHESIS, OTHER_WORDS)
    assert recognise_form(text) is None
    layout = layout_of(text, tmp_path)
    assert layout.report["report_id"] == "autre-bretagne-2024"
    read = parse_workshops(text, layout)
    assert [(r["count_key"], r["mentions"]) for r in read.counts] == [
        (r["count_key"], r["mentions"]) for r in extract.counts
    ]
    assert [row["participants"] for row in read.participants] == [row["participants"] for row in extract.participants]
    assert read.participants[1]["missing_reason"] == "NC"
    assert [w["workshop_key"] for w in read.workshops] == [w["workshop_key"] for w in extract.workshops]
    assert {row["figure_key"] for row in read.figures} == {row["figure_key"] for row in extract.figures}
    assert "rang d’un titre" in {row.get("reason") for row in read.ledger}
    assert layout_of(SYNTHESIS, tmp_path).report["report_id"] == "cnr-bretagne-2024"


def test_every_declared_document_names_a_form_and_has_its_towns() -> None:
    documents = [path for path in LAYOUTS.glob("*.yml") if "\nform: " in path.read_text(encoding="utf-8")]
    assert documents
    for path in documents:
        assert (PLACES / path.with_suffix(".csv").name).is_file()
