"""The extract that a machine drafts of a report that nobody described: complete, honest about itself, unreviewed.

A text of a declared form (a synthesis of workshops) is parsed by its layout. Of its running text, and of any other
text, figures are found and proposed from the lexicon; what is not sure enough is left pending in the ledger. The same
text and reference data always give the same extract.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from ingestion.documents.plain_text import read_text
from ingestion.extracts_reading import Extract, read_members
from warehouse.errors import InputError

if TYPE_CHECKING:
    from ingestion.documents.model import Document
    from ingestion.drafts import Row
    from ingestion.extraction.describe import Cells
    from ingestion.extraction.lexicon import Lexicon
    from ingestion.extraction.reading import About
    from ingestion.reissuing import Earlier
    from ingestion.workshops import Layout

_LOG = logging.getLogger(__name__)
#: Digits of the text's hash in a report_id: enough to tell any two texts of one title apart.
_HASH_DIGITS = 8
#: Letters of a title in a report_id, which people type.
_LONGEST_TITLE = 40
#: Digits of an ISO date that a precision leaves; of one that is not told, the whole date.
_DIGITS = {"day": 10, "month": 7, "year": 4, "": 10}


def read_automatically(
    document: Document, name: str, earlier: Earlier | None = None, lexicon: Lexicon | None = None
) -> Extract:
    """An extract of a document that is called ``name``.

    ``earlier`` is the report of which the document is a new edition: what both print is led over from its extract.
    ``lexicon`` spares reading the reference data for each of many documents.
    """
    files = _parsed(document, name, earlier, lexicon) or _proposed(document, name, earlier, lexicon)
    return read_members(name, files)


def identifier(title: str, sha256: str) -> str:
    """A report_id made of a title's words and of the text's hash: the same for the same text, whenever it comes."""
    letters = unicodedata.normalize("NFKD", title.lower().replace("œ", "oe"))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    short = words if len(words) <= _LONGEST_TITLE else words[: _LONGEST_TITLE + 1].rpartition("-")[0]
    return f"{short or words[:_LONGEST_TITLE] or 'rapport'}-{sha256[:_HASH_DIGITS]}"


def _parsed(document: Document, name: str, earlier: Earlier | None, known: Lexicon | None) -> dict[str, bytes] | None:
    """The files of a text of a declared form; None for any other, and for one that its layout does not read after all:
    another producer may have kept the headings and changed the tables."""
    from ingestion.workshops import combined, extract_files, parse_workshops, recognise_form

    try:
        layout = recognise_form(document.text, name)
        extract = parse_workshops(document.text, layout) if layout else None
    except InputError as error:
        _LOG.warning("%s has a declared form that its layout does not read: %s", name, error)
        return None
    if layout is None or extract is None:
        return None
    title = str(extract.report["title"])
    own = {**_own_cells(title, document, earlier), "source_name": name}
    extract = replace(extract, report={**extract.report, **own, "extract_version": 1})
    files = extract_files(combined(extract, _running_text(document, name, layout, extract.chapters, known)))
    return _reissued(files, earlier, document)


def _running_text(
    document: Document, name: str, layout: Layout, chapters: tuple[tuple[int, str], ...], known: Lexicon | None
) -> dict[str, bytes]:
    """The draft of a synthesis of workshops as if it were prose: what its layout does not read is taken from it.

    A figure that names no place is that of its chapter's department.
    """
    from ingestion.extraction.describe import describe
    from ingestion.extraction.draft import draft_extract
    from ingestion.extraction.lexicon import load_lexicon
    from ingestion.extraction.propose import propose

    lexicon = known or load_lexicon()
    about, cells = describe(document, name, lexicon)
    about = replace(about, scope_territory_key=layout.region, published_period=str(layout.year), chapters=chapters)
    return draft_extract(document, about, cells, propose(document, lexicon, about))


def _proposed(document: Document, name: str, earlier: Earlier | None, known: Lexicon | None) -> dict[str, bytes]:
    """The files of a narrative report: what is sure enough as figures, every numeral in the ledger."""
    from ingestion.extraction.describe import describe
    from ingestion.extraction.draft import draft_extract
    from ingestion.extraction.lexicon import load_lexicon
    from ingestion.extraction.propose import propose

    lexicon = known or load_lexicon()
    about, cells = describe(document, name, lexicon)
    if earlier is not None:
        before, _ = describe(read_text(earlier.text.encode(), earlier.report_id), earlier.report_id, lexicon)
        earlier = None if _is_older(about, before) else earlier
        if earlier is not None:
            is_redated = before.published_on != about.published_on
            about, cells = _as_before(about, cells, earlier.rows("report")[0], is_redated=is_redated)
    own = _own_cells(cells["title"] or "", document, earlier)
    about = replace(about, report_id=own["report_id"])
    files = draft_extract(document, about, {**cells, **own}, propose(document, lexicon, about))
    return _reissued(files, earlier, document)


def _is_older(about: About, before: About) -> bool:
    """Whether a document says that it appeared before the one that it resembles: then it is no edition of it."""
    return (
        about.published_on is not None and before.published_on is not None and about.published_on < before.published_on
    )


def _as_before(about: About, cells: Cells, report: Row, *, is_redated: bool) -> tuple[About, Cells]:
    """What people said of the report that the document is an edition of goes before what is read of its cover."""
    names = ["title", "publisher", "scope_territory_key", "licence"]
    about = replace(about, scope_territory_key=report["scope_territory_key"])
    if not is_redated:
        names += ["published_on", "published_precision"]
        digits = _DIGITS[report["published_precision"]]
        about = replace(about, published_period=report["published_on"][:digits])
    return about, cells | {name: report[name] for name in names}


def _own_cells(title: str, document: Document, earlier: Earlier | None) -> dict[str, str]:
    own = {"report_id": identifier(title, document.text_sha256)}
    return own | ({"supersedes_report_id": earlier.report_id} if earlier else {})


def _reissued(files: dict[str, bytes], earlier: Earlier | None, document: Document) -> dict[str, bytes]:
    if earlier is None:
        return files
    from ingestion.figures.finding import find_figures
    from ingestion.reissuing import reissued

    return reissued(files, earlier, document, find_figures(document))
