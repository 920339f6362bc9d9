"""PDF files, read with PDFium: words and rules of each page, laid out in reading order."""

from __future__ import annotations

import re

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ingestion.documents.composing import compose
from ingestion.documents.limits import Limits
from ingestion.documents.model import Document
from ingestion.documents.pdf_layout import PageLayout, page_layout, pieces_of
from ingestion.documents.pdf_tables import drawing_of
from ingestion.documents.pdf_words import frame_of, words_of
from ingestion.documents.refusal import Refusal

#: A PDF ends with this mark; some servers add a little after it.
_END_MARK = b"%%EOF"
_END_BYTES = 4096
#: Characters whose font does not say what they are: beyond this share the text is not what is seen.
_MOST_UNNAMED = 0.2
#: A cover with text before scanned pages does not make a document that can be read.
_LEAST_PAGES_WITH_TEXT = 0.2
_UNTITLED = ("", "untitled", "(anonymous)", "sans titre", "document1")
_PROGRAM = re.compile(r"^Microsoft (?:Word|PowerPoint|Excel) *- *|\.(?:docx?|pptx?|odt|indd)$")
_RECOGNISE_FR = (
    "Faire reconnaître son texte (OCR), ou demander le fichier d’origine à l’émetteur, puis déposer le résultat"
)
_AGAIN_FR = (
    "Le télécharger ou le copier à nouveau, vérifier qu’il s’ouvre jusqu’à la dernière page, et le déposer entier"
)


def read_pdf(content: bytes, limits: Limits) -> Document:
    """A PDF.

    Raises:
        Refusal: it is cut short, damaged, encrypted, too long, or has no text.
    """
    if _END_MARK not in content[-_END_BYTES:]:
        raise Refusal("le PDF est tronqué : sa fin manque", _AGAIN_FR)
    with _opened(content) as pdf:
        if len(pdf) > limits.pages:
            raise Refusal(
                f"le PDF a {len(pdf)} pages, {limits.pages} au plus sont admises",
                "Vérifier que c’est le bon fichier ; déposer un rapport très long en plusieurs parties",
            )
        pages, unnamed = _pages(pdf, limits)
        title = _title(pdf.get_metadata_value("Title"))
    empty = [page.number for page in pages if not (page.rows or page.turned)]
    _refuse_scan(len(pages), len(empty))
    notes = [f"caractères que leur police ne nomme pas : {unnamed}"] if unnamed else []
    notes += [f"pages sans texte, sans doute des images : {', '.join(map(str, empty))}"] if empty else []
    return compose("pdf", pieces_of(pages), limits, pages=len(pages), title=title, notes=notes)


def _title(title: str) -> str | None:
    """What the file says it is called, without what programs write where nobody gave a title."""
    named = _PROGRAM.sub("", title.strip())
    return None if named.lower() in _UNTITLED else named


def _opened(content: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        if (
            raw.FPDF_GetLastError() in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
            or "password" in str(error).lower()
        ):
            raise Refusal(
                "le PDF est protégé par un mot de passe", "L’enregistrer sans mot de passe et le déposer à nouveau"
            ) from error
        raise Refusal("le PDF est abîmé : il ne s’ouvre pas", _AGAIN_FR) from error


def _pages(pdf: pdfium.PdfDocument, limits: Limits) -> tuple[list[PageLayout], int]:
    """The pages, and how many characters in them cannot be told."""
    pages: list[PageLayout] = []
    characters = unnamed = 0
    for index in range(len(pdf)):
        try:
            page = pdf[index]
        except pdfium.PdfiumError as error:
            raise Refusal(f"le PDF est abîmé : sa page {index + 1} ne se lit pas", _AGAIN_FR) from error
        frame = frame_of(page)
        found = words_of(page, frame)
        characters, unnamed = characters + found.characters, unnamed + found.unnamed
        if characters > limits.characters:
            raise Refusal(
                f"le texte du PDF dépasse {limits.characters} caractères",
                "Vérifier que c’est le bon fichier ; déposer un rapport très long en plusieurs parties",
            )
        pages.append(page_layout(index + 1, frame.size, found, drawing_of(page, frame, limits.rules_per_page)))
        page.close()
    if unnamed > _MOST_UNNAMED * characters:
        raise Refusal(
            "le texte du PDF ne peut pas être décodé : ses polices ne disent pas quels caractères elles dessinent",
            _RECOGNISE_FR,
        )
    return pages, unnamed


def _refuse_scan(pages: int, empty: int) -> None:
    if pages == empty:
        raise Refusal("le PDF ne contient aucun texte : il s’agit sans doute d’une numérisation", _RECOGNISE_FR)
    if pages - empty < _LEAST_PAGES_WITH_TEXT * pages:
        raise Refusal(
            f"le PDF ne contient de texte que sur {pages - empty} de ses {pages} pages : "
            "les autres sont sans doute numérisées",
            _RECOGNISE_FR,
        )
