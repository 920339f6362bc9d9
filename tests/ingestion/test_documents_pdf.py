"""PDF: reading order, columns, margins, tables, words as printed; and files that are no readable PDF."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import pytest
from documents_samples import BOLD, FONT, drawn, encrypted_pdf, image_page, lines_at, pdf_of
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from ingestion.documents.limits import LIMITS
from ingestion.documents.model import Document
from ingestion.documents.pdf import read_pdf
from ingestion.documents.pdf_layout import reading_order
from ingestion.documents.pdf_rows import rows_of
from ingestion.documents.pdf_tables import Drawing, Stroke, find_grids
from ingestion.documents.pdf_words import Frame, Word
from ingestion.documents.refusal import Refusal

LEFT = [f"colonne de gauche, ligne {n} du texte" for n in "abcdefgh"]
RIGHT = [f"colonne de droite, ligne {n} du texte" for n in "abcdefgh"]
FULL = "Une phrase qui va d’un bord à l’autre de la page, sans égard pour la gouttière des deux colonnes."


def read(*pages: Callable[[Canvas], None]) -> Document:
    return read_pdf(drawn(*pages), LIMITS)


def texts(document: Document, *kinds: str) -> list[str]:
    return [document.text[b.start : b.end] for b in document.blocks if not kinds or b.kind in kinds]


def cells(document: Document) -> list[list[str]]:
    return [[document.text[cell.start : cell.end] for cell in row] for row in document.tables[0].rows]


def draw(canvas: Canvas, *lines: tuple[float, float, str]) -> None:
    for x, y, line in lines:
        canvas.drawString(x, y, line)


def test_two_columns_are_read_one_after_the_other() -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawString(60, 780, FULL)
        for y, left, right in zip(range(740, 600, -13), LEFT, RIGHT, strict=False):
            draw(canvas, (60, y, left), (320, y, right))
        canvas.drawString(60, 560, FULL)

    assert read(page).text.replace("\n\n", "\n").split("\n") == [FULL, *LEFT, *RIGHT, FULL, ""]


def test_columns_with_baselines_of_their_own() -> None:
    def page(canvas: Canvas) -> None:
        lines_at(canvas, 60, 740, LEFT, 13)
        lines_at(canvas, 320, 736, RIGHT, 15)

    assert texts(read(page)) == ["\n".join(LEFT), "\n".join(RIGHT)]


def test_three_columns() -> None:
    columns = [[f"un texte étroit {a}{n}" for n in range(6)] for a in "xyz"]

    def page(canvas: Canvas) -> None:
        for x, column in zip((50, 230, 410), columns, strict=True):
            lines_at(canvas, x, 700, column)

    assert texts(read(page)) == ["\n".join(column) for column in columns]


def test_what_follows_columns_is_read_after_both() -> None:
    def page(canvas: Canvas) -> None:
        lines_at(canvas, 60, 740, LEFT)
        lines_at(canvas, 320, 740, RIGHT[:5])
        canvas.drawString(60, 590, "Suite du texte")

    assert texts(read(page)) == ["\n".join(LEFT), "\n".join(RIGHT[:5]), "Suite du texte"]


def callout(canvas: Canvas, x: float, y: float, number: str, *label: str) -> None:
    canvas.setFont(BOLD, 22)
    canvas.drawString(x, y, number)
    canvas.setFont(FONT, 9)
    lines_at(canvas, x, y - 18, label, 11)


CALLOUTS = (
    ("228", "infirmières", "salariées"),
    ("1 811", "maisons", "de santé"),
    ("37 %", "d’installations", "aidées"),
)


def test_numbers_in_large_print_are_read_with_what_they_count() -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawString(60, 780, FULL)
        for x, words in zip((60, 240, 420), CALLOUTS, strict=True):
            callout(canvas, x, 700, *words)

    assert texts(read(page))[1:] == ["\n".join(words) for words in CALLOUTS]


@pytest.mark.parametrize("rounded", [0, 8])
def test_boxes_side_by_side_are_read_one_after_the_other(rounded: float) -> None:
    def page(canvas: Canvas) -> None:
        canvas.setFillGray(0.95)
        canvas.rect(0, 0, 595, 842, stroke=0, fill=1)
        canvas.setFillGray(0)
        for x, top, words in ((60, 700.4, CALLOUTS[0]), (240, 700, CALLOUTS[1]), (420, 700.2, CALLOUTS[2])):
            canvas.roundRect(x - 8, top - 100, 150, 100, rounded)
            lines_at(canvas, x, top - 30, words)

    assert texts(read(page)) == ["\n".join(words) for words in CALLOUTS]


def test_a_shading_does_not_take_a_table_or_a_paragraph_apart() -> None:
    def page(canvas: Canvas) -> None:
        canvas.setFillGray(0.9)
        canvas.rect(55, 640, 250, 100, stroke=0, fill=1)
        canvas.rect(150, 400, 200, 60, stroke=0, fill=1)
        canvas.setFillGray(0)
        for n, region in enumerate(("Bretagne", "Normandie", "Occitanie", "Corse")):
            draw(canvas, (60, 720 - 20 * n, region), (400, 720 - 20 * n, str(85 + n)))
        lines_at(canvas, 60, 450, [FULL, FULL, FULL])

    document = read(page)
    assert texts(document) == ["Bretagne\t85\nNormandie\t86\nOccitanie\t87\nCorse\t88", "\n".join([FULL] * 3)]


def test_a_list_of_labels_and_numbers_is_no_pair_of_columns() -> None:
    rows = [("Maisons de santé pluriprofessionnelles", "1 778"), ("Centres de santé", "910"), ("Médecins", "85 132")]

    def page(canvas: Canvas) -> None:
        for n, (label, number) in enumerate(rows * 2):
            draw(canvas, (60, 700 - 13 * n, label), (400, 700 - 13 * n, number))

    document = read(page)
    assert [tuple(line.split("\t")) for line in document.text.split("\n") if line] == rows * 2


def test_numbers_side_by_side_stay_apart() -> None:
    document = read(lambda canvas: draw(canvas, (60, 700, "En 2012"), (115, 700, "811 en 2013"), (190, 700, "et plus")))
    assert document.text == "En 2012\t811 en 2013 et plus\n"


@pytest.mark.parametrize("number", ["1 811", "1\u00a0811", "17 200", "1 285 132", "7,6", "+ 37 %"])
def test_a_number_stays_as_it_is_printed(number: str) -> None:
    document = read(lambda canvas: canvas.drawString(60, 700, f"Soit {number} aides"))
    assert document.text.replace("\u00a0", " ") == f"Soit {number} aides\n".replace("\u00a0", " ")


def numbered(canvas: Canvas, number: int, pages: int) -> None:
    canvas.drawString(60, 810, "Accès aux soins – dossier de presse")
    lines_at(canvas, 60, 700, [f"Texte de la page {number}, qui dit {number * 3} choses.", "Et une autre phrase."])
    canvas.drawString(290, 30, f"Page {number} / {pages}")


def test_headers_and_footers_are_told_from_the_text() -> None:
    document = read(*(partial(numbered, number=n, pages=4) for n in range(1, 5)))
    assert texts(document, "header") == ["Accès aux soins – dossier de presse"] * 4
    assert texts(document, "footer") == [f"Page {n} / 4" for n in range(1, 5)]
    assert "dossier" not in "".join(texts(document, "paragraph"))
    roles = [document.line_at(document.text.index(f"Page {n} /")).role for n in range(1, 5)]
    assert roles == ["footer"] * 4
    assert [document.page_at(document.text.index(f"page {n},")) for n in range(1, 5)] == [1, 2, 3, 4]


def test_bare_page_numbers_are_footers_and_other_bare_numbers_are_not() -> None:
    def page(canvas: Canvas, number: int) -> None:
        lines_at(canvas, 60, 700, [f"Texte de la page {number}."])
        canvas.drawString(60, 60, str(100 * number))
        canvas.drawString(290, 30, str(number + 4))

    document = read(*(partial(page, number=n) for n in range(1, 6)))
    assert texts(document, "footer") == ["5", "6", "7", "8", "9"]
    assert [t for t in texts(document, "paragraph") if t.isdigit()] == ["100", "200", "300", "400", "500"]


@pytest.mark.parametrize("foot", ["2", "2 / 2"])
def test_the_number_at_the_foot_of_one_of_few_pages_is_a_footer(foot: str) -> None:
    def last(canvas: Canvas) -> None:
        draw(canvas, (60, 700, FULL), (300, 25, foot))

    document = read(lambda canvas: draw(canvas, (60, 700, FULL), (300, 25, "24")), last)
    assert (texts(document, "footer"), texts(document, "paragraph")) == ([foot], [FULL, "24", FULL])


BARS = ((100, "61"), (200, "78"), (300, "101"), (400, "1 122"))
YEARS = ("2016", "2018", "2020", "2022")


def test_the_values_of_a_chart_go_as_the_years_under_them() -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawString(60, 780, FULL)
        for n, ((x, value), year) in enumerate(zip(BARS, YEARS, strict=True)):
            canvas.drawCentredString(x, 500 + 40 * n, value)
            canvas.drawCentredString(x, 450, year)

    assert texts(read(page)) == [FULL, "\t".join(value for _, value in BARS), "\t".join(YEARS)]


@pytest.mark.parametrize(
    "bars",
    [
        [(100, 620, "61"), (200, 580, "78"), (300, 540, "101")],  # a bar without a value: whose is which
        [(100, 620, "61"), (110, 580, "78"), (300, 540, "101"), (400, 500, "122")],  # two over one year
        [(100, 620, "Total 61"), (200, 580, "78"), (300, 540, "101"), (400, 500, "122")],
    ],
)
def test_numbers_over_years_that_are_no_such_chart_stay_where_they_are(bars: list[tuple[int, int, str]]) -> None:
    def page(canvas: Canvas) -> None:
        for x, y, value in bars:
            canvas.drawCentredString(x, y, value)
        for (x, _), year in zip(BARS, YEARS, strict=True):
            canvas.drawCentredString(x, 450, year)

    assert texts(read(page)) == [*(value for _, _, value in bars), "\t".join(YEARS)]


def test_the_raised_number_that_opens_a_note_is_no_line_of_its_own() -> None:
    def page(canvas: Canvas) -> None:
        lines_at(canvas, 60, 700, [FULL, FULL])
        canvas.setFont(FONT, 6)
        canvas.drawString(60, 104, "1")
        canvas.setFont(FONT, 10)
        canvas.drawString(65, 100, "Hors remplaçants.")

    assert texts(read(page))[-1] == "¹ Hors remplaçants."


def test_a_sentence_that_comes_back_in_the_middle_of_pages_is_text() -> None:
    document = read(*[lambda canvas: canvas.drawString(60, 400, "Objectif : 400 postes.")] * 4)
    assert not texts(document, "header", "footer")


def ruled(canvas: Canvas, rows: Sequence[Sequence[str]], xs: Sequence[float], top: float, height: float = 20) -> None:
    ys = [top - height * n for n in range(len(rows) + 1)]
    canvas.grid(list(xs), ys)
    for row, y in zip(rows, ys, strict=False):
        for text, x in zip(row, xs, strict=False):
            lines_at(canvas, x + 4, y - 13, text.split("\n"), 11)


TABLE = [["Région", "2015", "2016"], ["Bretagne", "85", ""], ["Île-de-France", "120", "157"]]


def test_a_ruled_table_is_read_row_by_row_between_the_paragraphs_around_it() -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawString(60, 760, "Avant le tableau.")
        ruled(canvas, TABLE, [60, 200, 300, 400], 740)
        canvas.drawString(60, 640, "Après le tableau.")

    document = read(page)
    assert cells(document) == TABLE
    assert texts(document) == [
        "Avant le tableau.",
        "Région\t2015\t2016\nBretagne\t85\t\nÎle-de-France\t120\t157",
        "Après le tableau.",
    ]


def test_a_cell_of_several_lines_is_one_cell() -> None:
    rows = [["Dispositif", "Bilan"], ["Maisons\nde santé", "910 ouvertes\nfin 2016"]]
    document = read(lambda canvas: ruled(canvas, rows, [60, 200, 400], 700, 40))
    assert cells(document) == [["Dispositif", "Bilan"], ["Maisons de santé", "910 ouvertes fin 2016"]]


def test_merged_cells_and_rules_drawn_as_thin_surfaces() -> None:
    def page(canvas: Canvas) -> None:
        for y in (700, 680, 660, 640):
            canvas.rect(60, y, 300, 0.6, stroke=0, fill=1)
        for x, bottom, top in ((60, 640, 700), (360, 640, 700), (160, 640, 680), (260, 640, 680)):
            canvas.rect(x, bottom, 0.6, top - bottom, stroke=0, fill=1)
        draw(canvas, (180, 686, "Installations"), (70, 666, "2014"), (170, 666, "2015"), (270, 666, "2016"))
        draw(canvas, (70, 646, "12"), (170, 646, "15"), (270, 646, "19"))

    assert cells(read(page)) == [["Installations"], ["2014", "2015", "2016"], ["12", "15", "19"]]


def test_a_frame_around_text_is_no_table() -> None:
    def page(canvas: Canvas) -> None:
        canvas.rect(50, 600, 400, 150)
        canvas.line(50, 700, 450, 700)
        lines_at(canvas, 60, 730, ["Encadré", "Un texte dans un cadre"])

    assert not read(page).tables


def test_a_page_of_very_many_strokes_is_a_drawing() -> None:
    def page(canvas: Canvas) -> None:
        ruled(canvas, TABLE, [60, 200, 300, 400], 740)
        for n in range(300):
            canvas.line(60 + n, 100, 60 + n, 300)

    assert read_pdf(drawn(page), LIMITS).tables
    assert not read_pdf(drawn(page), replace(LIMITS, rules_per_page=200)).tables


def test_tables_inside_a_form_of_the_page_are_found() -> None:
    def page(canvas: Canvas) -> None:
        canvas.beginForm("tableau")
        canvas.setFont(FONT, 10)
        ruled(canvas, TABLE, [0, 140, 240, 340], 100)
        canvas.endForm()
        canvas.translate(60, 600)
        canvas.doForm("tableau")

    assert cells(read(page)) == TABLE


def test_headings_by_size_and_by_weight() -> None:
    def page(canvas: Canvas) -> None:
        canvas.setFont(FONT, 18)
        canvas.drawString(60, 780, "Un plan d’action")
        canvas.setFont(FONT, 30)
        canvas.drawString(60, 700, "1 811")
        canvas.setFont(BOLD, 10)
        canvas.drawString(60, 650, "Des mesures fortes")
        canvas.setFont(FONT, 10)
        lines_at(canvas, 60, 630, [FULL, FULL, FULL])

    document = read(page)
    assert texts(document, "heading") == ["Un plan d’action", "Des mesures fortes"]
    assert texts(document, "paragraph")[0].replace("\u00a0", " ") == "1 811"


def test_paragraphs_and_items() -> None:
    def page(canvas: Canvas) -> None:
        lines_at(canvas, 60, 700, [FULL, FULL])
        lines_at(canvas, 60, 660, [FULL])
        lines_at(canvas, 80, 640, ["• 400 postes de médecins", "  généralistes salariés", "• une vingtaine de centres"])

    document = read(page)
    assert [block.kind for block in document.blocks] == ["paragraph", "paragraph", "list_item", "list_item"]
    assert texts(document, "list_item")[0] == "• 400 postes de médecins\ngénéralistes salariés"


def test_paragraphs_are_told_apart_where_most_are_of_one_line() -> None:
    ones = [f"Un paragraphe d’une seule ligne, le {n}e" for n in range(2, 10)]

    def page(canvas: Canvas) -> None:
        lines_at(canvas, 60, 760, [FULL] * 4, 12)
        lines_at(canvas, 60, 760 - 3 * 12 - 18, ones, 18)

    assert texts(read(page)) == ["\n".join([FULL] * 4), *ones]


def test_words_cut_at_the_end_of_a_line_are_mended_where_the_document_prints_them_whole() -> None:
    def page(canvas: Canvas) -> None:
        lines_at(
            canvas, 60, 700, ["Des profes-", "sionnels de santé médico-", "sociaux, en 2015-", "2017, dont 12 profes-"]
        )
        lines_at(canvas, 60, 648, ["sionnels. Les professionnels sont là."])

    lines = read(page).text.split("\n")
    assert lines[:3] == ["Des professionnels", "de santé médico-", "sociaux, en 2015-"]
    assert lines[3:5] == ["2017, dont 12 professionnels.", "Les professionnels sont là."]


@pytest.mark.parametrize(
    ("lines", "read_as"),
    [
        (["Une aide pouvant aller jusqu’à 65", "000€ par an pour un médecin."], ["jusqu’à 65 000€", "par an"]),
        (["Une dotation exceptionnelle de 1 234", "567 euros pour cette année-là."], ["de 1 234 567", "euros"]),
        (["Une aide pouvant aller jusqu’à 65", "000€", "par an pour un médecin."], ["jusqu’à 65 000€", "par an"]),
        (["Une dotation pour un total de 1", "234 567 euros cette année-là."], ["de 1 234 567", "euros"]),
        (["Une hausse des installations (+", "14 % des médecins par an)."], ["(+ 14", "% des"]),
        (["Une hausse, de 2015 à l’année 2017", "250 médecins installés en plus."], ["2017", "250 médecins"]),
        (["Une aide de 65", "000 postes qui sont encore à pourvoir."], ["de 65", "000 postes"]),
        (["12 300 45", "678 90 123 456"], ["12 300 45", "678 90"]),
    ],
)
def test_a_number_that_the_end_of_a_full_line_cuts_is_whole(lines: list[str], read_as: list[str]) -> None:
    document = read(lambda canvas: lines_at(canvas, 60, 700, lines))
    first, second = document.text.replace("\u00a0", " ").split("\n")[:2]
    assert first.endswith(read_as[0])
    assert second.startswith(read_as[1])


def set_in_parts(canvas: Canvas, *parts: tuple[float, float, str]) -> None:
    """One line of parts of other sizes and heights."""
    text = canvas.beginText(60, 700)
    for size, rise, part in parts:
        text.setFont(FONT, size)
        text.setRise(rise)
        text.textOut(part)
    canvas.drawText(text)


@pytest.mark.parametrize(
    ("parts", "read_as"),
    [
        ([(10, 0, "Soit 2500"), (6, 4, "2"), (10, 0, " maisons")], "Soit 2500² maisons"),
        ([(10, 0, "Le 1"), (6, 4, "er"), (10, 0, " juin")], "Le 1er juin"),
        ([(10, 0, "Le 1"), (6, 4, " er"), (10, 0, " juin")], "Le 1 er juin"),
        ([(10, 0, "Moins de CO"), (6, -2, "2"), (10, 0, " en 2018")], "Moins de CO2 en 2018"),
        ([(10, 0, "Le P"), (8, 0, "ACTE"), (10, 0, " de santé")], "Le PACTE de santé"),
    ],
)
def test_raised_lowered_and_small_characters_stay_on_their_line(
    parts: list[tuple[float, float, str]], read_as: str
) -> None:
    assert read(lambda canvas: set_in_parts(canvas, *parts)).text == f"{read_as}\n"


def test_turned_pages_turned_text_and_enlarged_text() -> None:
    def page(canvas: Canvas) -> None:
        canvas.setPageRotation(90)
        canvas.rotate(90)
        canvas.translate(0, -595)
        lines_at(canvas, 60, 500, ["Une page couchée", "et sa deuxième ligne"])
        canvas.rotate(90)
        canvas.drawString(100, -700, "Titre d’un axe")

    assert texts(read(page)) == ["Une page couchée\net sa deuxième ligne", "Titre d’un axe"]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_frame_shows_the_four_corners_on_the_page(rotation: int) -> None:
    frame = Frame(10, 20, 110, 220, rotation)
    corners = {frame.shown(x, y) for x in (10, 110) for y in (20, 220)}
    width, height = frame.size
    assert corners == {(x, y) for x in (0, width) for y in (0, height)}
    assert frame.slant(-rotation * 3.141592653589793 / 180) == pytest.approx(0, abs=1e-9)


def test_text_outside_the_visible_box_is_not_read() -> None:
    def page(canvas: Canvas) -> None:
        canvas.setCropBox((0, 300, 595, 842))
        draw(canvas, (60, 700, "Visible 12"), (60, 100, "Coupé 99"))

    assert read(page).text == "Visible 12\n"


@pytest.mark.parametrize(
    ("title", "told"),
    [("Bilan 2016", "Bilan 2016"), ("Microsoft Word - bilan.docx", "bilan"), ("untitled", None), ("", None)],
)
def test_the_title_is_what_a_person_gave(title: str, told: str | None) -> None:
    def page(canvas: Canvas) -> None:
        canvas.setTitle(title)
        canvas.drawString(60, 700, "Texte")

    assert read(page).title == told


def test_pages_without_text_are_told() -> None:
    mixed = read(
        lambda canvas: canvas.drawString(60, 700, "Une page"), image_page, lambda c: c.drawString(60, 700, "Fin")
    )
    assert [(page.start == page.end) for page in mixed.pages] == [False, True, False]
    assert mixed.notes == ("pages sans texte, sans doute des images\u202f: 2",)


@pytest.mark.parametrize("seen", [0, 1])
def test_a_scan_is_refused(seen: int) -> None:
    cover = [lambda canvas: canvas.drawString(60, 700, "Un bordereau")] * seen
    with pytest.raises(Refusal, match="numéris") as caught:
        read(*cover, *[image_page] * 9)
    assert "OCR" in caught.value.next_step


def test_a_pdf_with_a_password_is_refused_and_one_that_only_forbids_printing_is_read() -> None:
    with pytest.raises(Refusal, match="mot de passe"):
        read_pdf(encrypted_pdf("secret"), LIMITS)
    assert read_pdf(encrypted_pdf(""), LIMITS).text == "Un texte protégé de 1811 mots\n"


@pytest.mark.parametrize("keep", [30, 500, 0.3, 0.6, 0.95])
def test_a_pdf_cut_short_is_refused(keep: float) -> None:
    content = pdf_of()
    with pytest.raises(Refusal, match="tronqué"):
        read_pdf(content[: int(keep if keep > 1 else keep * len(content))], LIMITS)


def test_a_pdf_of_nonsense_is_refused() -> None:
    with pytest.raises(Refusal, match="abîmé"):
        read_pdf(b"%PDF-1.7\n" + b"nonsense " * 99 + b"\n%%EOF", LIMITS)


def test_too_many_pages_and_too_many_characters_are_refused() -> None:
    pages = drawn(*[lambda canvas: canvas.drawString(60, 700, "Une page")] * 4)
    with pytest.raises(Refusal, match="4 pages, 3 au plus"):
        read_pdf(pages, replace(LIMITS, pages=3))
    with pytest.raises(Refusal, match="20 caractères"):
        read_pdf(pages, replace(LIMITS, characters=20))


def unnamed(text: str) -> bytes:
    """A PDF whose font keeps the names of its characters to itself, but for those of ASCII."""
    content = drawn(lambda canvas: canvas.drawString(60, 700, text))
    return re.sub(rb"/ToUnicode \d+ 0 R", lambda match: b" " * len(match[0]), content)


def test_a_font_that_does_not_name_its_characters_is_refused() -> None:
    with pytest.raises(Refusal, match="polices") as caught:
        read_pdf(unnamed("éàœûçêîô 12"), LIMITS)
    assert "OCR" in caught.value.next_step


def test_a_few_characters_without_a_name_are_told() -> None:
    document = read_pdf(unnamed("Les 1811 maisons de l'année"), LIMITS)
    assert document.text == "Les 1811 maisons de l'ann\ufffde\n"
    assert document.notes == ("caractères que leur police ne nomme pas\u202f: 1",)


def test_three_hundred_pages() -> None:
    document = read(*(partial(numbered, number=n, pages=300) for n in range(1, 301)))
    assert len(document.pages) == 300
    assert document.page_at(document.text.index("page 250,")) == 250
    assert len(texts(document, "footer")) == 300


PLACES = st.lists(
    st.tuples(st.floats(0, 500), st.floats(0, 700), st.floats(5, 80), st.text("abc1", min_size=1, max_size=8)),
    max_size=40,
)


@settings(deadline=None)
@given(PLACES)
def test_no_word_is_lost_or_doubled_by_the_reading_order(places: list[tuple[float, float, float, str]]) -> None:
    words = [Word(text, x, x + width, y, 10, False, True) for x, y, width, text in places]
    ordered = [word for flow in reading_order(rows_of(words)) for row in flow for word in row.words]
    assert sorted(map(id, ordered)) == sorted(map(id, words))


LINES = st.lists(st.builds(Stroke, st.floats(0, 300), st.floats(0, 100), st.floats(100, 300)), max_size=12)


@settings(deadline=None)
@given(LINES, LINES, PLACES)
def test_a_word_stands_in_one_cell_at_most(
    across: list[Stroke], upright: list[Stroke], places: list[tuple[float, float, float, str]]
) -> None:
    words = [Word(text, x, x + width, y, 10, False, True) for x, y, width, text in places]
    held = [
        id(w)
        for grid in find_grids(Drawing(tuple(across), tuple(upright)), words)
        for row in grid.rows
        for cell in row
        for w in cell
    ]
    assert len(held) == len(set(held))
