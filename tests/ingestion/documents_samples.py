"""Documents for the tests of the readers, written by other libraries than those that read them.

``CONTENT`` is one small report that is written in every form, so that what is read can be compared.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import docx
import odfdo
import reportlab
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

FONT, BOLD = "Vera", "Vera-Bold"
pdfmetrics.registerFont(TTFont(FONT, str(Path(reportlab.__file__).parent / "fonts" / "Vera.ttf")))
pdfmetrics.registerFont(TTFont(BOLD, str(Path(reportlab.__file__).parent / "fonts" / "VeraBd.ttf")))


@dataclass(frozen=True)
class Content:
    """A report in parts: (kind, text), a table's text being its rows."""

    title: str
    parts: tuple[tuple[str, Any], ...]

    def words(self) -> list[str]:
        """Its words in reading order."""
        found = self.title.split()
        for kind, content in self.parts:
            cells = [cell for row in content for cell in row] if kind == "table" else [content]
            found += [word for cell in cells for word in cell.split()]
        return found


CONTENT = Content(
    title="Accès aux soins : bilan",
    parts=(
        ("paragraph", "Au 1er octobre 2019, 17\u00a0200 aides ont été versées, soit 7,6 millions d’euros (+ 37 %)."),
        ("heading", "Les maisons de santé"),
        (
            "paragraph",
            "Près de 1\u00a0811 maisons étaient ouvertes, contre 910 fin 2016 ; l’œuvre « collective » continue.",
        ),
        ("item", "400 postes de médecins généralistes"),
        ("item", "une vingtaine de centres"),
        ("table", (("Région", "2015", "2016"), ("Île-de-France", "120", "157"), ("Bretagne", "85", "91"))),
        ("paragraph", "Les chiffres sont provisoires."),
    ),
)


def text_of(content: Content = CONTENT) -> bytes:
    """Plain text."""
    lines = [content.title, ""]
    for kind, part in content.parts:
        lines += ["\t".join(row) for row in part] if kind == "table" else [part]
        lines.append("")
    return "\n".join(lines).encode()


def html_of(content: Content = CONTENT, encoding: str = "utf-8") -> bytes:
    """A page with a menu, a script and a style around the report."""
    tags = {"paragraph": "p", "heading": "h2", "item": "li"}
    body = [f"<h1>{escape(content.title)}</h1>"]
    for kind, part in content.parts:
        if kind == "table":
            rows = ("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in part)
            body.append(f"<table><tbody>{''.join(rows)}</tbody></table>")
        else:
            body.append(f"<{tags[kind]}>{escape(part)}</{tags[kind]}>")
    page = (
        f"<!DOCTYPE html><html lang=fr><head><meta charset={encoding}><title>Bilan</title><style>p {{}}</style></head>"
        f"<body><nav><a href=/>Accueil 999</a></nav><script>var x = 12345;</script>"
        f"<main>{''.join(body)}</main></body></html>"
    )
    return page.encode(encoding)


def docx_of(content: Content = CONTENT) -> bytes:
    """A Word document, written by python-docx."""
    document = docx.Document()
    document.add_heading(content.title, 1)
    for kind, part in content.parts:
        if kind == "table":
            table = document.add_table(len(part), len(part[0]))
            for row, texts in zip(table.rows, part, strict=True):
                for cell, text in zip(row.cells, texts, strict=True):
                    cell.text = text
        elif kind == "heading":
            document.add_heading(part, 2)
        else:
            document.add_paragraph(part, style="List Bullet" if kind == "item" else None)
    return saved(document)


def odt_of(content: Content = CONTENT) -> bytes:
    """An OpenDocument text, written by odfdo."""
    document = odfdo.Document("text")
    body = document.body
    body.clear()
    body.append(odfdo.Header(1, content.title))
    for kind, part in content.parts:
        if kind == "table":
            table = odfdo.Table("Régions")
            for texts in part:
                row = odfdo.Row()
                for text in texts:
                    row.append_cell(odfdo.Cell(text=text))
                table.append_row(row)
            body.append(table)
        elif kind == "heading":
            body.append(odfdo.Header(2, part))
        else:
            body.append(odfdo.List([part]) if kind == "item" else odfdo.Paragraph(part))
    return saved(document)


def pdf_of(content: Content = CONTENT) -> bytes:
    """A PDF with a ruled table, written by reportlab."""
    plain = ParagraphStyle("plain", fontName=FONT, fontSize=10, leading=13, spaceAfter=10)
    heading = ParagraphStyle("heading", parent=plain, fontName=BOLD, fontSize=15, leading=20, spaceBefore=10)
    story: list[Any] = [Paragraph(escape(content.title), heading)]
    for kind, part in content.parts:
        if kind == "table":
            style = [("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("FONT", (0, 0), (-1, -1), FONT, 10)]
            story += [Table(part, style=TableStyle(style)), Spacer(1, 12)]
        else:
            story.append(Paragraph(escape(part), heading if kind == "heading" else plain))
    stream = io.BytesIO()
    SimpleDocTemplate(stream, pagesize=A4).build(story)
    return stream.getvalue()


def saved(document: Any) -> bytes:
    """What a document of python-docx or odfdo saves."""
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def drawn(*pages: Callable[[Canvas], None], **options: Any) -> bytes:
    """A PDF of A4 pages, each drawn by a function on a canvas with the font set."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, **options)
    for page in pages:
        canvas.setFont(FONT, 10)
        page(canvas)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def lines_at(canvas: Canvas, x: float, y: float, lines: Iterable[str], leading: float = 13) -> None:
    """Draws lines from a place downward."""
    for number, line in enumerate(lines):
        canvas.drawString(x, y - number * leading, line)


def encrypted_pdf(password: str) -> bytes:
    """A PDF that asks for a password, unless it is empty."""
    encryption = StandardEncryption(password, ownerPassword="owner", canPrint=0)
    return drawn(lambda canvas: canvas.drawString(72, 700, "Un texte protégé de 1811 mots"), encrypt=encryption)


def image_page(canvas: Canvas) -> None:
    """A page that is nothing but a picture."""
    from PIL import Image

    stream = io.BytesIO()
    Image.effect_noise((60, 80), 50).save(stream, "PNG")
    stream.seek(0)
    canvas.drawImage(ImageReader(stream), 0, 0, *A4)


def rewritten(package: bytes, changed: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip with some parts replaced or added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as before, zipfile.ZipFile(stream, "w", compression) as after:
        for member in before.infolist():
            if member.filename not in changed:
                after.writestr(member, before.read(member))
        for name, content in changed.items():
            after.writestr(name, content)
    return stream.getvalue()
