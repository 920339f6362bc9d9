"""What form a document has, told by its content; its name only has to agree.

A PDF called ``.txt`` is most often the wrong file, so a name that announces another form is told to the sender, who
knows. A name that announces nothing is not held against a file.
"""

from __future__ import annotations

import codecs
import re
import zipfile
from collections.abc import Collection
from pathlib import Path, PurePath

from ingestion.documents.model import Form
from ingestion.documents.refusal import Refusal

HEAD_BYTES = 64 << 10
ODT_TYPE = b"application/vnd.oasis.opendocument.text"
FORM_FR: dict[Form, str] = {
    "text": "un texte",
    "pdf": "un PDF",
    "html": "une page HTML",
    "docx": "un document Word (.docx)",
    "odt": "un document OpenDocument (.odt)",
}
DELIVER_FR = "Déposer le rapport en texte UTF-8, PDF, HTML, Word (.docx) ou OpenDocument (.odt)"

_SUFFIXES: dict[str, Form] = {
    ".txt": "text",
    ".text": "text",
    ".md": "text",
    ".pdf": "pdf",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".docx": "docx",
    ".odt": "odt",
}
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_WIDE = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_OTHERS_FR = {
    b"\xd0\xcf\x11\xe0": "un fichier Office d’ancienne forme (.doc, .xls, .ppt) ou protégé par un mot de passe",
    b"{\\rtf": "un document RTF",
    b"%!PS": "un fichier PostScript",
    b"\x89PNG": "une image PNG",
    b"\xff\xd8\xff": "une image JPEG",
    b"GIF8": "une image GIF",
    b"II*\0": "une image TIFF",
    b"MM\0*": "une image TIFF",
    b"PAR1": "un fichier Parquet",
    b"\x1f\x8b": "un fichier compressé (gzip)",
    b"7z\xbc\xaf": "une archive 7z",
    b"Rar!": "une archive RAR",
}
_MARKUP = re.compile(
    rb"^(?:\s|<\?xml[^>]*\?>|<!--.*?-->)*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_FRAGMENT = re.compile(
    rb"^\s*<(?:article|blockquote|div|h[1-6]|main|meta|ol|p|section|table|title|ul)\b[^<]*>.*?</\w+>",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(rb"^\s*<\?xml\b")
_CONTROLS = bytes({*range(9), *range(14, 32)} - {27})
#: A stray control character is a fault of typing; a file with more of them than this share is no text.
_MOST_CONTROLS = 0.02
#: Word calls its main part so; services that write Word files number it.
_WORD_BODY = re.compile(r"word/document\d*\.xml")


def form_of(first: bytes, name: str, members: Collection[str] = ()) -> Form | None:
    """The form of a document by its first 64 KiB and, of a zip, the names of its files; None where it is no document.

    A text in another encoding is a text here: reading it says which one. ``name`` decides nothing but what a zip
    whose files cannot be seen in ``first`` is worth opening as.
    """
    if first.startswith(_ZIP):
        return _form_of_zip(first, name, members)
    if b"%PDF-" in first[:1024]:
        return "pdf"
    if any(first.startswith(magic) for magic in _OTHERS_FR):
        return None
    seen = _narrowed(first)
    if b"\0" in seen or len(seen) - len(seen.translate(None, _CONTROLS)) > _MOST_CONTROLS * len(seen):
        return None
    if _MARKUP.match(seen) or _FRAGMENT.match(seen):
        return "html"
    return None if _XML.match(seen) else "text"


def form_of_file(path: Path, name: str) -> Form:
    """The form of a file that can be read.

    Raises:
        Refusal: it is empty, no document, or its name announces another form.
    """
    with path.open("rb") as stream:
        first = stream.read(HEAD_BYTES)
    if not first.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise Refusal("le fichier est vide", "Le déposer à nouveau, entier")
    form = form_of(first, name, _members(path) if first.startswith(_ZIP) else ())
    if form is None:
        raise Refusal(f"un rapport était attendu, le contenu est celui d’{looks_like(first)}", DELIVER_FR)
    _refuse_other_name(form, name)
    return form


def looks_like(first: bytes) -> str:
    """What content that is no document seems to be, in French, with its article."""
    if first.startswith(_ZIP):
        return "une archive zip qui n’est ni un document Word ni un document OpenDocument"
    known = next((what for magic, what in _OTHERS_FR.items() if first.startswith(magic)), None)
    return known or ("un fichier XML" if _XML.match(first) else "un fichier binaire")


def _form_of_zip(first: bytes, name: str, members: Collection[str]) -> Form | None:
    if b"mimetype" + ODT_TYPE in first[:256] and not first[30:256].partition(ODT_TYPE)[2].startswith(b"-"):
        return "odt"
    if any(_WORD_BODY.fullmatch(member) for member in members or _names_seen(first)):
        return "docx"
    repacked = {"content.xml", "mimetype", "META-INF/manifest.xml"} <= {*members}
    return "odt" if repacked and PurePath(name).suffix.lower() == ".odt" else None


def _names_seen(first: bytes) -> list[str]:
    """The names in those local headers of a zip that its beginning shows."""
    found = re.finditer(rb"PK\x03\x04.{22}(..).{2}", first, re.DOTALL)
    return [first[m.end() : m.end() + int.from_bytes(m[1], "little")].decode("utf-8", "replace") for m in found]


def _members(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Refusal(
            "le document est tronqué ou abîmé : son archive zip ne s’ouvre pas",
            "L’ouvrir dans le logiciel qui l’a écrit, l’enregistrer à nouveau et le déposer entier",
        ) from error


def _narrowed(first: bytes) -> bytes:
    """The beginning without a mark of byte order; of a text of two or four bytes a character, in UTF-8."""
    codec = wide_codec(first)
    return first.decode(codec, "replace").encode() if codec else first.removeprefix(codecs.BOM_UTF8)


def wide_codec(first: bytes) -> str | None:
    """The encoding of a text of several bytes a character, by its mark or by the null bytes of Latin letters."""
    marked = next((codec for mark, codec in _WIDE.items() if first.startswith(mark)), None)
    start = first[:512]
    if marked or len(start) < 4:
        return marked
    if start[1::2].count(0) > 0.4 * len(start):
        return "utf-16-le"
    return "utf-16-be" if start[::2].count(0) > 0.4 * len(start) else None


def _refuse_other_name(form: Form, name: str) -> None:
    suffix = PurePath(name).suffix.lower()
    announced = _SUFFIXES.get(suffix, form)
    if announced != form:
        own = next(known for known, its in _SUFFIXES.items() if its == form)
        raise Refusal(
            f"le nom finit par {suffix} et annonce {FORM_FR[announced]}, le contenu est celui d’{FORM_FR[form]}",
            f"Vérifier que c’est le bon fichier ; si oui, le renommer en {own} et le déposer à nouveau",
        )
