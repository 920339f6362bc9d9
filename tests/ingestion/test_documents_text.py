"""Plain text stands unchanged; what is no text, or in another encoding, is said in French."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest
from documents_samples import docx_of, encrypted_pdf, html_of, odt_of, pdf_of, rewritten

from ingestion.documents.forms import form_of, looks_like
from ingestion.documents.limits import MIB, Limits
from ingestion.documents.plain_text import likely_encoding, read_text
from ingestion.documents.read import read_document
from warehouse.errors import InputError

EXTRACTS = Path(__file__).resolve().parents[2] / "ingestion" / "extracts"
PHRASE = "Près de 1\u00a0811 médecins ont été installés à l’été ; c’est une évolution.\n"


def refusal(tmp_path: Path, name: str, content: bytes, limits: Limits | None = None) -> InputError:
    """The error that reading a file of this content raises."""
    path = tmp_path / "delivered"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_document(path, name, limits or Limits())
    assert caught.value.file == name
    return caught.value


def test_carriage_returns_and_other_separators_stay_in_the_line() -> None:
    document = read_text("a\r\nb\x0cc\u2028d\n\ne".encode(), "rapport.txt")
    assert [document.text[line.start : line.end] for line in document.lines] == ["a\r", "b\x0cc\u2028d", "", "e"]
    assert [block.kind for block in document.blocks] == ["paragraph", "paragraph"]


def test_the_byte_order_mark_is_no_part_of_the_text() -> None:
    assert read_text(b"\xef\xbb\xbfBilan", "rapport.txt").text == "Bilan"


def test_items_of_a_list_are_blocks() -> None:
    document = read_text(
        "Mesures :\n• 400 postes\nsur deux ans\n- 150 maisons\n\n-12 % en 2018".encode(), "rapport.txt"
    )
    blocks = [(block.kind, document.text[block.start : block.end]) for block in document.blocks]
    assert blocks == [
        ("paragraph", "Mesures :"),
        ("list_item", "• 400 postes\nsur deux ans"),
        ("list_item", "- 150 maisons"),
        ("paragraph", "-12 % en 2018"),
    ]


@pytest.mark.parametrize(
    ("codec", "label"),
    [
        ("cp1252", "Windows-1252"),
        ("mac_roman", "Mac OS Roman"),
        ("cp850", "DOS (code page 850)"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
    ],
)
def test_another_encoding_is_named(tmp_path: Path, codec: str, label: str) -> None:
    error = refusal(tmp_path, "rapport.txt", ("Bilan\n" + PHRASE * 20).encode(codec, "replace"))
    assert f"semble être en {label}" in error.expectation
    assert "UTF-8" in error.next_step


def test_the_line_of_the_first_odd_byte_is_told(tmp_path: Path) -> None:
    error = refusal(tmp_path, "rapport.txt", b"Bilan\n\xc3\xa9t\xc3\xa9\nann\xe9e\n")
    assert error.line == 3
    assert "0xe9" in error.expectation


def test_likely_encoding_goes_by_french_letters() -> None:
    assert likely_encoding("été".encode("cp850")) == "DOS (code page 850)"


def test_a_file_of_digits_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "chiffres.txt"
    with path.open("wb") as stream:
        stream.write(b"1234567890" * 10_000)
        stream.truncate(200_000_000)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("it was read"))
    with pytest.raises(InputError, match="d’au plus 32 Mio était attendu, le fichier en fait 191"):
        read_document(path, "chiffres.txt")


def test_a_pdf_that_is_too_large_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, "r.pdf", pdf_of() + b"\0" * 2 * MIB, Limits(file_bytes=MIB))
    assert "un PDF d’au plus 1 Mio" in error.expectation


def test_a_text_of_too_many_characters_is_refused(tmp_path: Path) -> None:
    assert "10 caractères" in refusal(tmp_path, "r.txt", b"Un rapport trop long", Limits(characters=10)).expectation


@pytest.mark.parametrize("content", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\0" * 1000])
def test_an_empty_file_is_said_to_be_empty(tmp_path: Path, content: bytes) -> None:
    assert refusal(tmp_path, "rapport.txt", content).expectation == "le fichier est vide"


@pytest.mark.parametrize(
    ("first", "form"),
    [
        (pdf_of(), "pdf"),
        (b"\r\n\r\n" + pdf_of(), "pdf"),
        (docx_of(), "docx"),
        (odt_of(), "odt"),
        (html_of(), "html"),
        (b"\xef\xbb\xbf<!-- ici --><HTML><body>Bilan", "html"),
        ("<html><body>été".encode("utf-16"), "html"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN">', "html"),
        (b"<h1>Bilan</h1><p>Un bilan</p>", "html"),
        (b"Le taux est <10 % et >5 %.", "text"),
        (b"<b>Un texte avec une balise</b>", "text"),
        ("Année".encode("cp1252"), "text"),
        ("Année 2018".encode("utf-16-le"), "text"),
        (b'<?xml version="1.0"?><finess/>', None),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 20, None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", None),
        (b"{\\rtf1\\ansi", None),
        (b"un peu de texte\0\0\0puis du binaire", None),
        (bytes(range(1, 256)) * 10, None),
        (rewritten(b"PK\x05\x06" + b"\0" * 18, {"figures.csv": b"a,b"}), None),
    ],
)
def test_the_form_is_told_by_content(first: bytes, form: str | None) -> None:
    assert form_of(first[:65536], "sans-suffixe") == form


def test_a_word_file_is_known_by_its_parts_wherever_they_stand() -> None:
    padded = rewritten(b"PK\x05\x06" + b"\0" * 18, {"aaa.bin": bytes(100_000), "word/document2.xml": b"<x/>"}, 0)
    assert form_of(padded[:65536], "rapport") is None
    assert form_of(padded[:65536], "rapport", ["aaa.bin", "word/document2.xml"]) == "docx"


@pytest.mark.parametrize("kind", ["spreadsheet", "presentation", "text-template"])
def test_other_documents_of_the_same_office_are_none(kind: str) -> None:
    other = odt_of().replace(b"opendocument.text", f"opendocument.{kind}".encode(), 1)
    assert form_of(other[:65536], "rapport.odt") is None


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 20, "une image PNG"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ancienne forme (.doc"),
        (b"{\\rtf1\\ansi", "un document RTF"),
        (rewritten(b"PK\x05\x06" + b"\0" * 18, {"figures.csv": b"a,b"}), "une archive zip"),
        (b"abc\0def" * 9, "un fichier binaire"),
        (b'<?xml version="1.0"?><finess/>', "un fichier XML"),
    ],
)
def test_what_is_no_document_is_named(tmp_path: Path, content: bytes, what: str) -> None:
    error = refusal(tmp_path, "rapport", content)
    assert what in error.expectation
    assert what.removeprefix("ancienne forme ") in looks_like(content)
    assert "PDF" in error.next_step


@pytest.mark.parametrize(
    ("name", "content", "announced", "found"),
    [
        ("rapport.pdf", html_of(), "un PDF", "une page HTML"),
        ("rapport.pdf", PHRASE.encode(), "un PDF", "un texte"),
        ("rapport.TXT", pdf_of(), "un texte", "un PDF"),
        ("rapport.odt", docx_of(), "un document OpenDocument", "un document Word"),
        ("rapport.docx", odt_of(), "un document Word", "un document OpenDocument"),
    ],
)
def test_a_wrong_suffix_is_told(tmp_path: Path, name: str, content: bytes, announced: str, found: str) -> None:
    error = refusal(tmp_path, name, content)
    assert f"annonce {announced}" in error.expectation
    assert found in error.expectation
    assert "renommer" in error.next_step


@pytest.mark.parametrize("name", ["rapport", "rapport.2019", "bilan v1.final", "rapport.md"])
def test_a_name_that_announces_nothing_is_not_held_against_a_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / "delivered"
    path.write_bytes(PHRASE.encode())
    assert read_document(path, name).form == "text"


def test_a_cut_zip_is_said_to_be_cut(tmp_path: Path) -> None:
    assert "tronqué ou abîmé" in refusal(tmp_path, "rapport.docx", docx_of()[:-300]).expectation


def test_no_message_is_in_english_or_ends_with_two_stops(tmp_path: Path) -> None:
    for name, content in (("r.pdf", encrypted_pdf("x")), ("r.docx", docx_of()[:-300]), ("r.txt", b"\xff\xfea\0")):
        error = refusal(tmp_path, name, content)
        assert not {"the", "was", "expected", "file"} & {*str(error).split()}
        assert not error.next_step.endswith(".")


@pytest.mark.parametrize("number", ["000", "001", "002", "003", "004"])
def test_the_reports_are_read_as_they_are(documents: Path, number: str) -> None:
    path = next((documents / "reports").glob(f"{number}_*.txt"))
    start = time.process_time()
    document = read_document(path, path.name)
    assert time.process_time() - start < 0.5
    assert document.text.encode() == path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    assert document.lines[-1].number == document.text.count("\n") + 1


def test_reviewed_figures_stand_on_their_lines(documents: Path) -> None:
    by_sha = {
        (document := read_document(path, path.name)).text_sha256: document
        for path in (documents / "reports").glob("*.txt")
    }
    checked = 0
    for folder in EXTRACTS.iterdir():
        report = (folder / "report.yml").read_text()
        document = next(document for sha, document in by_sha.items() if sha in report)
        for row in csv.DictReader((folder / "figures.csv").open()) if (folder / "figures.csv").exists() else ():
            if row["char_start"]:
                assert document.line_at(int(row["char_start"])).number == int(row["source_line"])
                checked += 1
    assert checked > 100
