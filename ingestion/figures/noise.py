"""Why a numeral is no figure: one small rule for each reason, on the words around the numeral.

The words are data (``ingestion/reference/lexicon/noise.yml``), the rules are here, in the order in which they are
asked: the first reason found wins. A numeral joined to the one before it (``pages 3 à 5``, ``Séquences 3 et 4``) shares
its reason.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from ingestion.documents.model import Document, Line
from ingestion.figures.numerals import Numeral
from ingestion.figures.pages import lone_page_numbers, running_lines
from ingestion.figures.shapes import RANK, Shape, is_year
from ingestion.figures.vocabulary import GAP, SPACE, any_of, load_noise

_WINDOW = 80
_HINT = 40


@dataclass
class Place:
    """A numeral in its surroundings; ``shape`` is the figure that it would be, ``previous`` the reason before it."""

    text: str
    numeral: Numeral
    line: Line
    shape: Shape
    previous: str | None
    gap: str

    @cached_property
    def before(self) -> str:
        return self.text[max(self.numeral.start - _WINDOW, 0) : self.numeral.start]

    @cached_property
    def hint(self) -> str:
        """The last words before the numeral."""
        return self.before[-_HINT:]

    @cached_property
    def after(self) -> str:
        return self.text[self.numeral.end : self.numeral.end + _WINDOW]

    @cached_property
    def value(self) -> int | None:
        """The numeral as a whole number printed without separators."""
        return int(self.numeral.printed) if self.numeral.printed.isdigit() and len(self.numeral.printed) < 10 else None

    @cached_property
    def lead(self) -> str:
        """What stands before the numeral on its line."""
        return self.text[max(self.line.start, self.numeral.start - 2 * _WINDOW) : self.numeral.start]

    @cached_property
    def opens_line(self) -> bool:
        return not re.search(r"\w", self.lead)


Rule = Callable[[Place], str | None]


def noise_of(place: Place, spans: Spans) -> str | None:
    """The reason why a numeral is no figure; None where it may be one."""
    if place.line.role != "body":
        return "header_footer"
    inside = spans.at(place.numeral.start)
    if inside:
        return inside
    if place.numeral.is_word:
        rules: Iterable[Rule] = _WORD_RULES
    else:
        rules = _RULES
    return next((reason for rule in rules if (reason := rule(place))), None)


# --- stretches of the text that are something else as a whole ----------------------------------------------------


class Spans:
    """Stretches of a document with the reason that dismisses every numeral in them."""

    def __init__(self, document: Document) -> None:
        found = [
            (match.start(), match.end(), reason)
            for reason, pattern in _stretches()
            for match in pattern.finditer(document.text)
        ]
        running = running_lines(document)
        found += [(span.start, span.end, "header_footer") for span in running]
        found += [(span.start, span.end, "page_number") for span in ([] if running else lone_page_numbers(document))]
        self._found = sorted(found)
        self._starts = [start for start, _, _ in self._found]

    def at(self, offset: int) -> str | None:
        index = bisect_right(self._starts, offset)
        nearest = (self._found[place] for place in range(index - 1, max(index - 4, -1), -1))
        return next((reason for start, end, reason in nearest if start <= offset < end), None)


@cache
def _stretches() -> tuple[tuple[str, re.Pattern[str]], ...]:
    day, month, year = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
    return (
        ("phone", re.compile(r"(?<![\d.])(?:\+33[ .\u00a0]?\(?0?\)?|0)[1-9](?:[ .\-\u00a0\u202f]?\d\d){4}(?!\d)")),
        ("phone", re.compile(r"(?<!\d)0[ .\u00a0]8\d\d(?:[ .\u00a0]\d\d\d){2}(?!\d)")),
        (
            "date",
            re.compile(
                rf"(?<![\d/.-])(?:{day}(?P<mark>[/.-]){month}(?P=mark){year}|{day}/{month}/\d\d|{year}-[01]\d-[0-3]\d"
                rf"|(?:0[1-9]|1[0-2])/{year}|{year}[ \u00a0]?[/–-][ \u00a0]?(?:{year}|\d\d))(?![\d/])"
            ),
        ),
        (
            "availability",
            re.compile(
                r"(?<!\d)(?:24\s?h?(?:eures)?|7\s?j?(?:ours)?|365\s?j?(?:ours)?)\s?(?:/|sur)\s?(?:24|7|365|an)"
                r"(?:\s?[hj])?(?!\w)",
                re.IGNORECASE,
            ),
        ),
        ("programme_name", re.compile(rf"(?<!\w){any_of(load_noise().programme_names)}", re.IGNORECASE)),
    )


# --- rules -----------------------------------------------------------------------------------------------------------


def _joined(place: Place) -> str | None:
    """« pages 3 à 5 », « Séquences 3 et 4 », « art. L. 1434-4 », « appels au 15/18 »."""
    if not _JOINT.fullmatch(place.gap):
        return None
    of_durations = place.previous in ("age_threshold", "relative_date") and place.shape.read.unit in _DURATIONS
    return place.previous if of_durations or place.previous in _SHARED else None


_SHARED = ("heading_number", "page_reference", "reference", "law_article", "emergency_number", "class_number")
_DURATIONS = ("years", "months", "weeks", "days", "hours")


_JOINT = re.compile(r"\s*(?:et|ou|à|&|,|/|-|–|sur)\s*", re.IGNORECASE)


def _link(place: Place) -> str | None:
    token = re.search(r"\S{0,78}\Z", place.before)[0] + re.match(r"\S{0,78}", place.after)[0]  # type: ignore[index]
    return "url" if "@" in token or "www." in token or "://" in token else None


def _citation(place: Place) -> str | None:
    """« [2] », « [3,4] », « doi: 10.1051/… », « ISSN 1292-8186 »."""
    if _IN_BRACKETS.search(place.hint) and re.match(r"[\d,;\s–-]*\]", place.after):
        return "reference"
    return "reference" if _identifier().search(place.hint) else None


_IN_BRACKETS = re.compile(r"\[[\d,;\s–-]*\Z")


@cache
def _identifier() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of(load_noise().identifiers)}\s*:?\s*(?:[\d./-]{{1,20}})?\Z", re.IGNORECASE)


def _code(place: Place) -> str | None:
    """Digits glued to letters: « T2A », « CM2 », « L.1434 »; not « 18h30 », nor a year glued by the extraction."""
    if place.before.endswith(("&#", "&#x")):
        return "code"
    glued = re.search(r"[^\W\d_]-?\Z", place.before)
    if not glued or re.search(r"\d[ \u00a0]?[hHx×]-?\Z", place.before) or place.shape.start < place.numeral.start:
        return None
    return "date" if is_year(place.numeral) else "code"


def _date(place: Place) -> str | None:
    if (
        place.value is not None
        and place.value <= 31
        and (_DAY_MONTH().match(place.after) or _WEEKDAY().search(place.hint) or _is_slash_date(place))
    ):
        return "date"
    return "date" if is_year(place.numeral) and _is_bare_year(place) else None


@cache
def _DAY_MONTH() -> re.Pattern[str]:
    first = r"(?:\^\{er\}|er)?"
    more = rf"(?:{GAP}(?:,|et|au|à|-|–|/){GAP}\d{{1,2}}{first}){{0,4}}"
    return re.compile(rf"{first}{more}{GAP}{any_of(load_noise().months)}", re.IGNORECASE)


@cache
def _WEEKDAY() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of(load_noise().weekdays)}{SPACE}\Z", re.IGNORECASE)


def _is_slash_date(place: Place) -> bool:
    """« le 5/12 », « au 16/12 »: a day and a month after an article; and the month of such a day."""
    opened = re.search(r"(?<!\w)(?:le|du|au|jusqu['’]au)\s+\Z", place.hint, re.IGNORECASE)
    if opened and re.match(r"/(?:0?[1-9]|1[0-2])(?![\d/])", place.after):
        return True
    return place.previous == "date" and place.gap == "/"


def _is_bare_year(place: Place) -> bool:
    """A year, unless it counts the noun after it: « 2000 habitants »."""
    if place.shape.read.unit != "none" or place.shape.end > place.numeral.end:
        return False
    noun = re.match(r"[ \u00a0\u202f]{1,2}([^\W\d_]+['’]?)", place.after)
    if noun is None or not noun[1].islower() or noun[1] in _followers():
        return True
    return bool(_year_lead().search(place.hint)) or place.previous == "date"


@cache
def _followers() -> frozenset[str]:
    return frozenset(word.replace("'", mark) for word in load_noise().year_followers for mark in "'’")


@cache
def _year_lead() -> re.Pattern[str]:
    terms = (*load_noise().year_leads, *load_noise().months)
    return re.compile(rf"(?<!\w){any_of(terms)}{GAP}\Z", re.IGNORECASE)


def _time_of_day(place: Place) -> str | None:
    """« à 18h30 », « 19H-22H », « 18h00 à 20h30 »; not « durée de 2h30 », « dans les 24h », « semaine de 35h »."""
    if place.value is None or _duration_lead().search(place.hint):
        return None
    if place.previous == "time_of_day" and re.fullmatch(rf"{_H}|{_H}?\s*(?:à|-|–|et|/)\s*", place.gap):
        return "time_of_day"
    clock = _CLOCK.match(place.after)
    if clock is None or place.value > 24:
        return None
    led = _time_lead().search(place.hint) or place.previous == "date" or place.opens_line
    return "time_of_day" if led or clock["minutes"] or clock["other"] else None


_H = r"\s?[hH](?:eures?)?\s?"
_CLOCK = re.compile(
    r"(?P<minutes>\s?[hH]\s?[0-5]\d(?!\d))|\s?[hH](?!\w)(?P<other>\s*(?:à|-|–|et)\s*(?:1?\d|2[0-4])\s?[hH](?:[0-5]\d)?(?!\w))?"
    r"|(?P<range>\s*(?:à|-|–|et)\s*(?:1?\d|2[0-4])\s?[hH](?:[0-5]\d)?(?!\w))"
)


@cache
def _duration_lead() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of(load_noise().duration_leads)}{GAP}(?:de{SPACE}|d['’])?\Z", re.IGNORECASE)


@cache
def _time_lead() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of(load_noise().time_leads)}\s*:?{GAP}\Z", re.IGNORECASE)


def _address(place: Place) -> str | None:
    if place.value is None:
        return None
    if _street().match(place.after) or _post_lead().search(place.hint):
        return "address"
    if len(place.numeral.printed) == 5 and re.match(r"[ \u00a0][A-ZÀ-Ý]", place.after):
        return "postcode" if place.opens_line or re.search(r"[,–-]\s?\Z", place.before) else None
    return None


@cache
def _street() -> re.Pattern[str]:
    streets = load_noise().streets
    return re.compile(
        rf"(?:\s?(?:bis|ter|quater))?,?\s{any_of(streets)}(?=\s)|(?:\s?(?:bis|ter))?,?\splace\s(?:d\w{{1,2}}\s(?:la\s)?)?[A-ZÀ-Ý]",
    )


@cache
def _post_lead() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of(load_noise().post_leads)}\s\Z", re.IGNORECASE)


def _emergency_number(place: Place) -> str | None:
    if place.numeral.printed not in load_noise().emergency_numbers or re.match(r"\s?(?:%|€)", place.after):
        return None
    beside = re.match(r"/(?:15|17|18|112)(?!\d)", place.after)
    return "emergency_number" if _emergency_lead().search(place.hint) or beside else None


@cache
def _emergency_lead() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of(load_noise().emergency_leads)}{SPACE}(?:le{SPACE}|\()?\Z", re.IGNORECASE)


def _numbered(place: Place) -> str | None:
    """« engagement 4 », « mesure 16 », « page 3 », « article 51 »: what stands before says what it numbers."""
    match = _numbered_lead().search(place.hint)
    return match.lastgroup if match else None


@cache
def _numbered_lead() -> re.Pattern[str]:
    numbered = load_noise().numbered
    groups = "|".join(f"(?P<{reason}>{any_of(terms)})" for reason, terms in numbered.model_dump().items())
    return re.compile(rf"(?<!\w)(?:{groups})(?:{GAP}n°|{GAP}#|-)?{GAP}\Z", re.IGNORECASE)


def _heading(place: Place) -> str | None:
    """Numbers of sections (« 2.10.4 », « 1.2 Thématique »), of list items (« 1. », « 2- ») and spaced-out titles."""
    if not place.opens_line:
        return "list_number" if _is_inline_item(place) else None
    if place.numeral.printed.count(".") > 1 or re.match(r"[ \u00a0]{1,3}(?:\S[ \u00a0]{1,2}){4}", place.after):
        return "heading_number"
    if "." in place.numeral.printed and re.match(r"[ \u00a0]{1,3}[A-ZÀ-Ý][^\W\d_]+", place.after):
        return "heading_number"
    if place.value is None or place.value > 99 or place.shape.start < place.numeral.start:
        return None
    return "list_number" if _ITEM.match(place.after) else None


def _is_inline_item(place: Place) -> bool:
    """« 1) d’abord 2) ensuite »: a bracket that nothing opens."""
    closes = place.before.endswith((" ", "\t")) and re.match(r"\)\s+[^\W\d_]", place.after)
    return bool(closes) and place.before.count("(") <= place.before.count(")")


_ITEM = re.compile(r"(?:[.)°]|\.\))\s+\D|[ \u00a0]?[-–—][ \u00a0]?(?=[^\W\d_])")


def _department(place: Place) -> str | None:
    if place.value is None or not re.fullmatch(r"0[1-9]|[1-8]\d|9[0-5]|97[1-6]", place.numeral.printed):
        return None
    if place.before.endswith("(") and place.after.startswith(")") and _PLACE_NAME.search(place.before):
        return "department_code"
    acronym = re.search(r"(?<!\w)[A-Z]{2,6} \Z", place.hint)
    counted = re.match(r" ([^\W\d_]+['’]?)", place.after)
    if acronym and counted and counted[1] in _followers():
        return "department_code"
    return "department_code" if _department_lead().search(place.hint) else None


_PLACE_NAME = re.compile(r"[A-ZÀ-Ý][\w’'-]*[a-zà-ÿ][\w’'-]*\s?\(\Z")


@cache
def _department_lead() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of(load_noise().department_leads)}\s\Z", re.IGNORECASE)


def _ordinal(place: Place) -> str | None:
    """« 2ème cycle » and « 1er recours » name; « 2e région de France » and « un 2nd » are a rank and a count."""
    if _study_lead().search(place.hint):
        return "ordinal_of_study"
    if place.shape.read.unit != "rank":
        return None
    after = place.text[place.shape.end : place.shape.end + _WINDOW]
    if _study().match(after):
        return "ordinal_of_study"
    if _ranked().match(after) or (place.value != 1 and re.search(r"(?<!\w)une?\s+\Z", place.hint, re.IGNORECASE)):
        return None
    return "ordinal"


@cache
def _study() -> re.Pattern[str]:
    more = rf"(?:{GAP}(?:et|,|ou|à|-|/){GAP}\d{{1,2}}(?:{RANK.pattern})?){{0,3}}"
    return re.compile(rf"{more}{SPACE}{any_of(load_noise().study)}", re.IGNORECASE)


@cache
def _study_lead() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of(load_noise().study_leads)}[ \u00a0+]{{0,4}}\Z", re.IGNORECASE)


@cache
def _ranked() -> re.Pattern[str]:
    return re.compile(rf"\s{{1,8}}{any_of(load_noise().ranked)}", re.IGNORECASE)


def _named(place: Place) -> str | None:
    """« dispositif « 400 médecins » »: a name in guillemets that begins with its number."""
    opened = _named_lead().search(place.before)
    return "programme_name" if opened and re.match(r"[^«»“”\n]{1,40}[»”]", place.after) else None


@cache
def _named_lead() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of(load_noise().named_leads)}\s*[«“]\s*\Z", re.IGNORECASE)


def _age(place: Place) -> str | None:
    """« plus de 55 ans », « 75 ans et plus », « personnes de 20 à 59 ans »: ages that say who is counted."""
    if place.shape.read.unit != "years" and not re.match(_YEARS_AFTER, place.after):
        return None
    end = place.text[place.shape.end : place.shape.end + 30]
    if (
        _is_age_range(place)
        or _is_bound_of_age(place.hint)
        or _age_follower().match(end)
        or _age_lead().search(place.before)
    ):
        return "age_threshold"
    return None


def _is_age_range(place: Place) -> bool:
    """« les 14 – 25 ans », « 18-64 ans »: a few years apart, a range of years is a duration."""
    read, printed = place.shape.read, place.text[place.shape.start : place.shape.end]
    if read.form != "range" or read.low is None or read.high is None or not printed.endswith("ans"):
        return False
    wide = read.high >= 15 and read.high - read.low >= 5 and re.search(r"[-–]", printed)
    return bool(wide or re.search(r"\b(?:les|des)\s+\Z", place.hint, re.IGNORECASE))


def _is_bound_of_age(hint: str) -> bool:
    """« dont 5 000 de moins de 16 ans », not « une durée de plus de 3 ans »."""
    bound = re.search(r"([^\W_]+)\s+de\s+(?:plus|moins)\s+de\s+\Z", hint, re.IGNORECASE)
    return bool(bound) and bound[1].lower() not in load_noise().duration_nouns  # type: ignore[index]


_YEARS_AFTER = r"\s*(?:à|-|–|et)\s*\d{1,2}\s*ans"


@cache
def _age_follower() -> re.Pattern[str]:
    return re.compile(rf"{SPACE}{any_of(load_noise().age_followers)}", re.IGNORECASE)


@cache
def _age_lead() -> re.Pattern[str]:
    nouns = any_of(load_noise().age_nouns)
    first = rf"\d{{1,2}}{GAP}(?:à|et|-|–){GAP}"  # of « 20 à 59 ans »
    bound = rf"(?:(?:plus|moins|[aâ]gée?s?|entre|(?:à{SPACE})?partir){SPACE})?(?:de{SPACE})?(?:{first})?"
    between = rf"(?:(?!en\b|depuis\b|sur\b|dans\b|pendant\b|après\b|il\b)[\w’']{{1,14}}{SPACE})?"
    comparison = rf"(?:ont|(?<!y )a|les|des|aux|avoir|ayant|avant|%{SPACE}de){SPACE}(?:plus|moins){SPACE}de{SPACE}"
    return re.compile(
        rf"(?:(?<!\w){nouns}{SPACE}{between}(?:ont{SPACE})?{bound}|(?<!\w){comparison}|\+{GAP}de{SPACE}"
        rf"|(?<!\w)avant{SPACE}(?:l['’]âge{SPACE}de{SPACE})?|(?<!\w)les{SPACE}{first})\Z",
        re.IGNORECASE,
    )


def _relative_date(place: Place) -> str | None:
    """« depuis 3 ans », « il y a 10 ans », « d’ici 5 à 7 ans », « ces 20 dernières années »."""
    if _relative_follower().match(place.after):
        return "relative_date"
    if place.shape.read.unit not in _DURATIONS:
        return None
    return "relative_date" if _relative_lead().search(place.hint) else None


@cache
def _relative_lead() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of(load_noise().relative_leads)}{GAP}\Z", re.IGNORECASE)


@cache
def _relative_follower() -> re.Pattern[str]:
    noun = r"(?:ans?|années?|mois|semaines?|jours?)"
    return re.compile(rf"{SPACE}(?:{noun}{SPACE})?{any_of(load_noise().relative_followers)}", re.IGNORECASE)


def _announced(place: Place) -> str | None:
    """« 2 volets », « Zoom sur 3 projets »: how many things the text goes on to list."""
    if _announcing().search(place.hint):
        return "announced"
    return "announced" if _announced_noun().match(place.after) else None


@cache
def _announced_noun() -> re.Pattern[str]:
    return re.compile(rf"{SPACE}{any_of(load_noise().announced)}", re.IGNORECASE)


@cache
def _announcing() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of(load_noise().announcing_leads)}{SPACE}\Z", re.IGNORECASE)


def _anaphora(place: Place) -> str | None:
    """« les deux sites », « entre deux contrats », « ces 3 dispositifs »: what was counted before, or not at all."""
    one_of = re.search(r"\bl['’]une?\s+des\s+\Z", place.hint, re.IGNORECASE)
    if one_of or place.shape.numerals > 1 or place.shape.read.unit != "none":
        return None
    lead = _both_lead() if place.numeral.printed.lower() == "deux" else _these()
    return "anaphora" if lead.search(place.hint) else None


@cache
def _both_lead() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of(load_noise().both_leads)}{SPACE}\Z", re.IGNORECASE)


@cache
def _these() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of(load_noise().these)}{SPACE}\Z", re.IGNORECASE)


def _rate_base(place: Place) -> str | None:
    """« pour 100 000 habitants » after what is counted; « 1 170 €/24h »."""
    round_base = place.numeral.printed in ("1 000", "10 000", "100 000", "1000", "10000", "100000")
    per = (
        re.search(r"(?:\bpour\s+|/\s?)\Z", place.hint)
        if round_base
        else re.search(r"(?:€|euros?)\s?/\s?\Z", place.hint)
    )
    return "rate_base" if per else None


def _unreadable(place: Place) -> str | None:
    read = place.shape.read
    return "unreadable" if read.value is None and read.low is None else None


_RULES: Sequence[Rule] = (
    _joined,
    _link,
    _citation,
    _code,
    _numbered,
    _date,
    _time_of_day,
    _address,
    _emergency_number,
    _heading,
    _department,
    _ordinal,
    _named,
    _age,
    _relative_date,
    _announced,
    _anaphora,
    _rate_base,
    _unreadable,
)
_WORD_RULES: Sequence[Rule] = (_joined, _numbered, _age, _relative_date, _announced, _anaphora)
