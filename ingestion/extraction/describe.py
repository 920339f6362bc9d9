"""What a report says of itself: title, publisher, territory, date. A reviewer corrects what is guessed wrong."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath

from ingestion.documents.model import Document
from ingestion.extraction.gazetteer import NATIONAL, Mention
from ingestion.extraction.lexicon import Lexicon, load_lexicon
from ingestion.extraction.moments import Moment, find_moments
from ingestion.extraction.phrases import tokens
from ingestion.extraction.reading import About
from ingestion.extraction.surroundings import Surroundings
from ingestion.extraction.words import fold
from ingestion.periods import NOT_STATED, parse_period

UNKNOWN_LICENCE = "non précisée par le document"
UNKNOWN_PUBLISHER = "non précisé par le document"
#: Stands for a date that the document does not give, which every report must have: nobody takes it for a real one.
UNKNOWN_DATE = date(1900, 1, 1)

#: Where a cover, its date and its publisher are looked for, in characters.
_COVER = 3_000
_LONGEST_TITLE = 200
_LONGEST_ID = 48
#: A region is a report's own when more than half of the regions and departments named are it or lie in it.
_MAJORITY = 0.5

Cells = dict[str, str | None]


@dataclass(frozen=True)
class _Text:
    """What is looked at more than once."""

    around: Surroundings
    mentions: list[Mention]
    moments: list[Moment]


def describe(document: Document, name: str, lexicon: Lexicon | None = None) -> tuple[About, Cells]:
    """What is known of a report before its figures, and the cells of its ``report.yml``.

    ``name`` is the file's. What the document does not say has an honest default: the country, an unknown publisher and
    licence, and for the date the last year spoken of as past.
    """
    known = lexicon or load_lexicon()
    folded, every = fold(document.text), tokens(fold(document.text))
    mentions = known.gazetteer.mentions(document.text, folded, every, "", NATIONAL)
    seen = _Text(Surroundings(document.text), mentions, find_moments(folded, None))
    scope, (published, precision) = _scope(seen), _date(seen)
    about = About(report_id_of(name), scope, published, _period(published, precision))
    return about, _cells(document, name, about, precision, known, seen)


def _cells(document: Document, name: str, about: About, precision: str, known: Lexicon, seen: _Text) -> Cells:
    return {
        "report_id": about.report_id,
        "title": _title(document, seen) or PurePath(name).stem,
        "publisher": _publisher(document.text, known),
        "scope_territory_key": about.scope_territory_key,
        "published_on": (about.published_on or UNKNOWN_DATE).isoformat(),
        "published_precision": precision,
        "source_name": name,
        "source_sha256": document.text_sha256,
        "licence": UNKNOWN_LICENCE,
        "supersedes_report_id": None,
        "extract_version": "1",
    }


def report_id_of(name: str) -> str:
    """An identifier made of a file's name: small letters, digits and dashes."""
    letters = unicodedata.normalize("NFKD", PurePath(name).stem.lower().replace("œ", "oe"))
    slug = re.sub(r"[^a-z0-9]+", "-", "".join(c for c in letters if not unicodedata.combining(c))).strip("-")
    return slug[:_LONGEST_ID].strip("-") or "rapport"


def _title(document: Document, seen: _Text) -> str | None:
    """What the file calls itself, else the first title of the text."""
    if document.title and document.title.strip():
        return " ".join(document.title.split())[:_LONGEST_TITLE]
    first = next((p for p in seen.around.paragraphs[:40] if p.is_title), None)
    return " ".join(document.text[first.start : first.end].split())[:_LONGEST_TITLE] if first else None


def _publisher(text: str, known: Lexicon) -> str:
    """The publishing body named first on the cover, else the one named most often."""
    hits = known.publishers.find(text, tokens(fold(text)))
    if not hits:
        return UNKNOWN_PUBLISHER
    cover = [hit for hit in hits if hit.start < _COVER]
    named = Counter(hit.means for hit in hits)
    return cover[0].means if cover else min(named, key=lambda name: (-named[name], name))


def _scope(seen: _Text) -> str:
    """The region that most of the places named lie in; the country where they do not agree."""
    named = Counter(m.territory_key for m in seen.mentions if m.territory_key.startswith(("region:", "former_region:")))
    national = sum(m.territory_key == NATIONAL for m in seen.mentions)
    if not named:
        return NATIONAL
    key, times = min(named.items(), key=lambda item: (-item[1], item[0]))
    others = sum(named.values()) - times
    on_cover = any(m.territory_key == key and m.start < _COVER for m in seen.mentions)
    return key if on_cover and times > (times + others + national) * _MAJORITY else NATIONAL


def _date(seen: _Text) -> tuple[date | None, str]:
    """The day or month on the cover, else the last year spoken of as past."""
    cover = [m for m in seen.moments if m.start < _COVER and m.role == "at"]
    for granularity in ("day", "month"):
        for moment in cover:
            period = parse_period(moment.code)
            if period.granularity == granularity and period.start_date:
                return period.start_date, granularity
    years = [y for m in seen.moments if m.role in ("at", "since") and (y := parse_period(m.code).year)]
    return (date(_last_often(years), 1, 1), "year") if years else (None, "year")


def _last_often(years: list[int]) -> int:
    """The last year that is named at least a third as often as the one named most: later ones are plans."""
    times = Counter(years)
    often = max(times.values())
    return max(year for year, count in times.items() if 3 * count >= often)


def _period(published: date | None, precision: str) -> str:
    if published is None:
        return NOT_STATED
    return published.isoformat()[: {"day": 10, "month": 7, "year": 4}[precision]]
