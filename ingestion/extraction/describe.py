"""What a report says of itself: title, publisher, territory, date. A reviewer corrects what is guessed wrong."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
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
from ingestion.territories import scan_territories, split_key

UNKNOWN_LICENCE = "non précisée par le document"
UNKNOWN_PUBLISHER = "non précisé par le document"
#: Stands for a date that the document does not give, which every report must have: nobody takes it for a real one.
UNKNOWN_DATE = date(1900, 1, 1)

#: Where a cover, its date and its publisher are looked for, in characters.
_COVER = 3_000
_FIRST_PARAGRAPHS = 60
_MOST_WORDS_OF_TITLE = 16
_KIND_OF_REPORT = re.compile(
    r"\b(?:rapport|bilan|synthese|plan|pacte|schema|strategie|dossier|diagnostic|projet regional|etude|enquete|"
    r"feuille de route|programme|panorama|portrait|etat des lieux)\b"
)
_CONTACT = re.compile(r"@|www\.|\bcontact", re.IGNORECASE)
_EXHIBIT = re.compile(r"\W*(?:tableau|figure|graphique|carte|encadre|source|lecture|sommaire)\b")
_LONGEST_TITLE = 200
_LONGEST_ID = 48
_HOLDS_THEN = re.compile(r"\b(?:au|du|entre le|et le)\s+$")
#: A region is a report's own when more than half of the places named are it or lie in it.
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
    title, publisher = _title(document, seen) or PurePath(name).stem, _publisher(document.text, known)
    scope = _own_place(title, known) or _own_place(publisher, known) or _scope(seen)
    published, precision = _date(seen)
    about = About(report_id_of(name), scope, published, _period(published, precision))
    return about, {"title": title, "publisher": publisher} | _cells(document, name, about, precision)


def _cells(document: Document, name: str, about: About, precision: str) -> Cells:
    return {
        "report_id": about.report_id,
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
    """What the file calls itself, else the first line that says what kind of report it is, else the first title."""
    if document.title and document.title.strip():
        return " ".join(document.title.split())[:_LONGEST_TITLE]
    paragraphs = seen.around.paragraphs[:_FIRST_PARAGRAPHS]
    lines = (line for p in paragraphs if not p.is_source for line in _complete(document.text[p.start : p.end]))
    named = next((line for line in lines if _is_named(line)), None)
    titles = (title for p in paragraphs if p.is_title for title in _readings(document.text[p.start : p.end]))
    first = named or next((title for title in titles if _may_name(title)), None)
    return first[:_LONGEST_TITLE] if first else None


def _readings(title: str) -> tuple[str, str]:
    """A title of one or several lines, and its first line."""
    return " ".join(title.split()), title.strip().split("\n")[0].strip()


def _may_name(title: str) -> bool:
    """Whether a title may be the report's own: short, and neither a contact nor the title of a table."""
    short = len(title.split()) <= _MOST_WORDS_OF_TITLE and "," not in title and not title.endswith(":")
    return short and not _CONTACT.search(title) and not _EXHIBIT.match(fold(title))


def _complete(paragraph: str) -> Iterator[str]:
    """The first line of a paragraph, if the next one does not go on with it."""
    lines = [line.strip() for line in paragraph.strip().split("\n")]
    if len(lines) == 1 or not lines[1][:1].islower():
        yield lines[0]


def _is_named(line: str) -> bool:
    """Whether a line is the name of a report: it begins like a title and says what the document is."""
    short = (
        3 <= len(line.split()) <= _MOST_WORDS_OF_TITLE
        and line[0].isupper()
        and "," not in line
        and line[-1] not in ".;:"
    )
    return short and bool(_KIND_OF_REPORT.search(fold(line)))


def _publisher(text: str, known: Lexicon) -> str:
    """The publishing body named first on the cover, else the one named most often."""
    hits = known.publishers.find(text, tokens(fold(text)))
    if not hits:
        return UNKNOWN_PUBLISHER
    cover = [hit for hit in hits if hit.start < _COVER]
    named = Counter(hit.means for hit in hits)
    return cover[0].means if cover else min(named, key=lambda name: (-named[name], name))


def _own_place(name: str, known: Lexicon) -> str | None:
    """The one region that a title or a publisher's name holds, else the one department; null where several are."""
    mentions = known.gazetteer.mentions(name, fold(name), tokens(fold(name)), "", NATIONAL)
    for level in ("region", "department"):
        keys = {m.territory_key for m in mentions if split_key(m.territory_key)[0] == level}
        if keys:
            return keys.pop() if len(keys) == 1 else None
    return None


def _scope(seen: _Text) -> str:
    """The region that most of the places named lie in, if it is named on the cover; the country where there is none."""
    named = Counter(region for m in seen.mentions if (region := _region_of(m.territory_key)) is not None)
    if not named:
        return NATIONAL
    key, times = min(named.items(), key=lambda item: (-item[1], item[0]))
    national = sum(m.territory_key == NATIONAL for m in seen.mentions)
    on_cover = any(_region_of(m.territory_key) == key and m.start < _COVER for m in seen.mentions)
    return key if on_cover and times > (sum(named.values()) + national) * _MAJORITY else NATIONAL


def _region_of(key: str) -> str | None:
    """The region that a region, department or commune is or lies in; null for others and for former regions."""
    level, _ = split_key(key)
    return key if level == "region" else _regions().get(key) if level in ("department", "commune") else None


@cache
def _regions() -> dict[str, str]:
    import polars as pl

    rows = (
        scan_territories().filter(pl.col("region_code").is_not_null()).select("territory_key", "region_code").collect()
    )
    return {key: f"region:{code}" for key, code in rows.iter_rows()}


def _date(seen: _Text) -> tuple[date | None, str]:
    """The first day or month on the cover, else the last year spoken of as past.

    What holds « au 1er janvier 2023 » or was said at « la réunion du 3 mai 2023 » does not date the document.
    """
    cover = (m for m in seen.moments if m.start < _COVER and m.role == "at" and not _holds_then(seen, m))
    for period in (parse_period(moment.code) for moment in cover):
        if period.granularity in ("day", "month") and period.start_date:
            return period.start_date, period.granularity
    years = [y for m in seen.moments if m.role in ("at", "since") and (y := parse_period(m.code).year)]
    return (date(_last_often(years), 1, 1), "year") if years else (None, "year")


def _holds_then(seen: _Text, moment: Moment) -> bool:
    return _HOLDS_THEN.search(seen.around.folded, max(moment.start - 12, 0), moment.start) is not None


def _last_often(years: list[int]) -> int:
    """The last year that is named at least a third as often as the one named most: later ones are plans."""
    times = Counter(years)
    often = max(times.values())
    return max(year for year, count in times.items() if 3 * count >= often)


def _period(published: date | None, precision: str) -> str:
    if published is None:
        return NOT_STATED
    return published.isoformat()[: {"day": 10, "month": 7, "year": 4}[precision]]
