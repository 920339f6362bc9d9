"""Every form of a report is read into the same model: same words, and places that hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from documents_samples import CONTENT, docx_of, html_of, odt_of, pdf_of, text_of
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.documents.composing import clean, compose, piece_of, table_of
from ingestion.documents.limits import LIMITS
from ingestion.documents.model import Document
from ingestion.documents.plain_text import read_text
from ingestion.documents.read import read_document
from ingestion.documents.refusal import Refusal
from ingestion.documents.wire import encoded, from_json, to_json

WRITERS: dict[str, Callable[[], bytes]] = {
    "rapport.txt": text_of,
    "rapport.pdf": pdf_of,
    "rapport.html": html_of,
    "rapport.docx": docx_of,
    "rapport.odt": odt_of,
}


def read(tmp_path: Path, name: str, content: bytes) -> Document:
    path = tmp_path / name
    path.write_bytes(content)
    return read_document(path, name)


def check_places(document: Document) -> None:
    """Lines tile the text; pages, blocks, tables and cells lie in it; numbers count what they say."""
    assert "\n".join(document.text[line.start : line.end] for line in document.lines) == document.text.removesuffix(
        "\n" if document.form != "text" else ""
    )
    for line in document.lines:
        assert line.number == document.text.count("\n", 0, line.start) + 1
        assert document.line_at(line.start) == document.line_at(line.end) == line
    for table in document.tables:
        for row in table.rows:
            assert all(table.start <= cell.start <= cell.end <= table.end for cell in row)
    ends = 0
    for block in document.blocks:
        assert ends <= block.start < block.end <= len(document.text)
        assert document.block_at(block.start) == document.block_at(block.end - 1) == block
        assert document.page_at(block.start) == block.page
        ends = block.end + 1
    for page in document.pages:
        assert all(document.page_at(at) == page.number for at in {page.start, page.end} if page.start < page.end)


@pytest.mark.parametrize("name", WRITERS)
def test_one_content_gives_the_same_words_in_every_form(tmp_path: Path, name: str) -> None:
    document = read(tmp_path, name, WRITERS[name]())
    assert document.text.split() == CONTENT.words()
    check_places(document)


@pytest.mark.parametrize("name", [name for name in WRITERS if not name.endswith((".txt", ".pdf"))])
def test_headings_items_and_tables_are_told_apart(tmp_path: Path, name: str) -> None:
    document = read(tmp_path, name, WRITERS[name]())
    kinds = [block.kind for block in document.blocks]
    assert kinds == ["heading", "paragraph", "heading", "paragraph", "list_item", "list_item", "table", "paragraph"]
    cells = [[document.text[cell.start : cell.end] for cell in row] for row in document.tables[0].rows]
    assert cells == [["Région", "2015", "2016"], ["Île-de-France", "120", "157"], ["Bretagne", "85", "91"]]


def test_the_sha256_is_that_of_the_text(tmp_path: Path) -> None:
    first = read(tmp_path, "a.docx", docx_of())
    again = read(tmp_path, "b.odt", odt_of())
    assert first.text == again.text
    assert first.text_sha256 == again.text_sha256
    assert first.text_sha256 != replace(first, text=first.text + "x").text_sha256


TEXTS = st.text(st.sampled_from("ab1 \n\t\r•-\u00a0é\ufeff"), min_size=1, max_size=60)


@settings(deadline=None)
@given(TEXTS.filter(lambda text: text.strip() and not text.startswith("\ufeff")))
def test_places_in_plain_text_hold(text: str) -> None:
    document = read_text(text.encode(), "rapport.txt")
    assert document.text == text
    check_places(document)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["paragraph", "heading", "header", "footer"]), TEXTS), max_size=8))
def test_places_in_composed_text_hold(parts: list[tuple[str, str]]) -> None:
    pieces = [piece_of(kind, text, number // 2 + 1) for number, (kind, text) in enumerate(parts)]  # type: ignore[arg-type]
    pieces.append(table_of([["Région", "", "2016"], ["", ""], ["Bretagne", "91"]], len(parts) + 1))
    document = compose("pdf", [piece for piece in pieces if piece], LIMITS, pages=len(parts) + 1)
    check_places(document)
    assert from_json(to_json(document)) == document
    roles = {document.line_at(block.start).role for block in document.blocks if block.kind in ("header", "footer")}
    assert roles == {block.kind for block in document.blocks} & {"header", "footer"}


def test_rows_without_words_are_left_out_and_empty_cells_stay() -> None:
    table = table_of([["Région", "", "2016"], [" ", ""], ["Bretagne", "91"]])
    assert table is not None
    assert table.rows == (("Région", "", "2016"), ("Bretagne", "91"))
    assert compose("docx", [table], LIMITS).text == "Région\t\t2016\nBretagne\t91\n"


@pytest.mark.parametrize(
    ("printed", "seen"),
    [
        ("l’oﬃce", "l’office"),
        ("e\u0301tudiants", "étudiants"),
        ("pro\u00adfession", "profession"),
        ("1\u00a0811 et 17\u202f200", "1\u00a0811 et 17\u202f200"),
        ("a \t\n b\u200b ", "a b"),
        ("25\u00ad000", "25000"),
        ("m² et 1er", "m² et 1er"),
        ("x\ud83dy", "x\ufffdy"),
    ],
)
def test_text_is_as_it_is_seen(printed: str, seen: str) -> None:
    assert clean(printed) == seen


def test_a_document_longer_than_the_limit_is_refused() -> None:
    piece = piece_of("paragraph", "mot " * 100)
    assert piece is not None
    with pytest.raises(Refusal, match="300 caractères"):
        compose("pdf", [piece], replace(LIMITS, characters=300))


@pytest.mark.parametrize(
    "change",
    [
        {"lines": []},
        {"text": "autre chose que ce que disent les lignes"},
        {"pages": [[0, 10_000]]},
        {"blocks": [[0, 3, "poème", None]]},
        {"blocks": [[3, 1, "heading", None]]},
        {"tables": [[0, 5, 12, []]]},
        {"notes": [1]},
        {"form": "exe"},
        {"lines": [["0", 5, None, "body"]]},
    ],
)
def test_an_answer_that_is_no_document_is_not_taken(change: dict[str, object]) -> None:
    document = compose("odt", [piece for piece in [piece_of("heading", "Un titre")] if piece], LIMITS)
    with pytest.raises(ValueError, match=r"\w"):
        from_json({**to_json(document), **change})


def test_answers_are_utf8_whatever_the_text_holds() -> None:
    assert encoded({"document": "é\ud800"}) == '{"document":"é?"}'.encode()
