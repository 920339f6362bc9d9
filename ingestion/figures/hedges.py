"""The terms of approximation around a figure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from ingestion.documents.model import Span
from ingestion.figures.shapes import Shape
from ingestion.figures.vocabulary import GAP, SPACE, any_of, load_noise
from ingestion.numbers import hedge_class, normalise_printed

_LOOK_BACK = 48
_OF = r"d(?:es|e|u|['’])"
_WORDINGS = (
    rf"un{SPACE}peu{SPACE}(?:plus|moins){SPACE}{_OF}",
    rf"(?:plus|moins){SPACE}{_OF}|plus{SPACE}qu(?:e|['’])",
    rf"près{SPACE}{_OF}|pas{SPACE}loin{SPACE}{_OF}",
    r"(?:environ|presque|quasiment|quelque|minimum|maximum)",
    rf"(?:autour|aux{SPACE}alentours|de{SPACE}l['’]ordre){SPACE}{_OF}|au[ -]delà{SPACE}d[e'’]",
    rf"(?:au{SPACE}(?:moins|plus|minimum|maximum)|a{SPACE}minima|à{SPACE}peine)",
    r"jusqu['’](?:à|au|en)",
    rf"(?:supérieure?s?|inférieure?s?){SPACE}à",
    rf"(?:n['’]excèd\w{{0,3}}|ne{SPACE}dépass\w{{0,4}}){SPACE}pas",
    rf"dépass(?:e|ent|ant|era|eront|é)|excèd(?:e|ent)|plafond{SPACE}de|plafonnée?s?{SPACE}à",
)
_BEFORE = re.compile(
    rf"(?:(?<![\w-])(?P<words>{'|'.join(_WORDINGS)})|(?P<sign>(?<![\w+-])[+-]{GAP}{_OF}|(?:&gt;|>){{1,2}}|(?:&lt;|<){{1,2}}|[≤≥~≈]))"
    rf"(?:{GAP}(?:la|les?|l['’]|aux?)(?!\w))?\s{{0,6}}[*_(«\"]{{0,2}}\Z",
    re.IGNORECASE,
)
_ONLY = re.compile(r"plus\s+qu", re.IGNORECASE)
_AFTER = re.compile(
    rf"(?:{SPACE}[^\W\d_]{{2,20}}){{0,2}}?{SPACE}"
    rf"(?P<words>environ|au{SPACE}(?:moins|plus|minimum|maximum)|minimum|maximum)(?!\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Hedge:
    """A term of approximation: its class, as printed, where it stands."""

    code: str
    printed: str
    span: Span


def hedge_of(text: str, shape: Shape) -> Hedge | None:
    """The term before the figure, the « entre » that opens it, or the term right after it."""
    if text[shape.start : shape.start + 5].lower() == "entre":
        return _hedge(text, shape.start, shape.start + 5)
    first = max(shape.start - _LOOK_BACK, 0)
    before = _BEFORE.search(text[first : shape.start])
    if before and _is_exact(text[first : first + before.start()], before["words"] or "", shape):
        return None
    if before and not _is_bullet(text, first, before):
        return _hedge(text, *(first + place for place in before.span("words" if before["words"] else "sign")))
    after = _AFTER.match(text, shape.end)
    return _hedge(text, *after.span("words")) if after else None


def _is_exact(lead: str, words: str, shape: Shape) -> bool:
    """Whether the words say something else here: « n’en a plus que 102 », « articulé autour de 3 axes »."""
    if _ONLY.match(words):
        return shape.read.form != "multiple_word"
    return words.lower().startswith("autour") and _gathering().search(lead) is not None


@cache
def _gathering() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of(load_noise().gathering)}\s+\Z", re.IGNORECASE)


def _is_bullet(text: str, first: int, before: re.Match[str]) -> bool:
    """Whether a sign of comparison opens its line, as a bullet does."""
    if not before["sign"] or before["sign"][0] not in "<>&":
        return False
    line = text.rfind("\n", 0, first + before.start("sign")) + 1
    return not text[line : first + before.start("sign")].strip()


def _hedge(text: str, start: int, end: int) -> Hedge:
    printed = normalise_printed(text[start:end])
    return Hedge(hedge_class(printed), printed, Span(start, end))
