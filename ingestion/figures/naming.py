"""Numerals that name or number a thing: codes, references, titles, addresses, ranks, programmes."""

from __future__ import annotations

import re
from functools import cache

from ingestion.figures.moments import NEXT_WORD, is_function_word
from ingestion.figures.place import Place
from ingestion.figures.shapes import RANK, is_year
from ingestion.figures.vocabulary import GAP, SPACE, any_of, load_noise

# --- codes and references --------------------------------------------------------------------------------------------


def link(place: Place) -> str | None:
    """Addresses of mails and pages."""
    return "url" if any(mark in place.token for mark in ("@", "www.", "://")) else None


def citation(place: Place) -> str | None:
    """« [2] », « [3,4] », « doi: 10.1051/… », « ISSN 1292-8186 »; not « [15,2 ; 22,1] », an interval."""
    opening, closing = _OPEN_BRACKET.search(place.hint), _CLOSING_BRACKET.match(place.after)
    inside = f"{opening[0]}{place.numeral.printed}{closing[0]}" if opening and closing else ""
    in_brackets = inside and not _CONFIDENCE.fullmatch(inside)
    return "reference" if in_brackets or place.led_by("identifiers", r"\s*:?\s*(?:[\d./-]{1,20})?") else None


_OPEN_BRACKET = re.compile(r"\[[\d,;\s–-]*\Z")
_CLOSING_BRACKET = re.compile(r"[\d,;\s–-]*\]")
_CONFIDENCE = re.compile(r"\[\s*\d+,\d+\s*[;–-]\s*\d+,\d+\s*\]")


def code(place: Place) -> str | None:
    """Digits glued to letters: « T2A », « CM2 », « L.1434 »; not « 18h30 », nor a year glued by the extraction."""
    if place.before.endswith(("&#", "&#x")):
        return "code"
    glued = _GLUED.search(place.before) and not _HOUR_MARK.search(place.before)
    if not glued or place.shape.start < place.numeral.start:
        return None
    return "date" if is_year(place.numeral) else "code"


_GLUED = re.compile(r"[^\W\d_]-?\Z")
_HOUR_MARK = re.compile(r"\d[ \u00a0]?[hHx×]-?\Z")


def numbered(place: Place) -> str | None:
    """« engagement 4 », « mesure 16 », « page 3 », « article 51 »: what stands before says what it numbers."""
    match = _numbered_lead().search(place.hint)
    return match.lastgroup if match else None


@cache
def _numbered_lead() -> re.Pattern[str]:
    lists = load_noise().numbered.model_dump()
    groups = "|".join(f"(?P<{reason}>{any_of(terms)})" for reason, terms in lists.items())
    return re.compile(rf"(?<!\w)(?:{groups})(?:{GAP}n°|{GAP}#|-)?{GAP}(?:[A-Z][.-]?)?\Z", re.IGNORECASE)


def led_to(place: Place) -> str | None:
    """« La démographie ........ 3 »: the page in a table of contents."""
    return "page_reference" if _LEADERS.search(place.before) and _LINE_ENDS.match(place.after) else None


_LEADERS = re.compile(r"(?:\.[ \u00a0]?){4,}\s?\Z|(?:…\s?){2,}\Z|_{4,}\s?\Z")
_LINE_ENDS = re.compile(r"[ \t\u00a0\r]*(?:\n|\Z)")


def heading(place: Place) -> str | None:
    """Numbers of sections (« 2.10.4 », « 1.2 Thématique »), of list items (« 1. », « 2- ») and spaced-out titles."""
    if not place.opens_line:
        return "list_number" if _is_inline_item(place) else None
    points = place.numeral.printed.count(".")
    if points > 1 or _SPACED_OUT.match(place.after) or (points == 1 and _CAPITAL_WORD.match(place.after)):
        return "heading_number"
    small = place.value is not None and place.value <= 99 and place.shape.start == place.numeral.start
    return "list_number" if small and _ITEM.match(place.after) else None


_SPACED_OUT = re.compile(r"[ \u00a0]{1,3}(?:[^\W\d_][ \u00a0]{1,2}){4}")
_CAPITAL_WORD = re.compile(r"[ \u00a0]{1,3}[A-ZÀ-Ý][^\W\d_]+")
_ITEM = re.compile(r"(?:[.)°]|\.\))\s+\D|[ \u00a0]?[-–—][ \u00a0]?(?=[^\W\d_])")


def _is_inline_item(place: Place) -> bool:
    """« 1) d’abord 2) ensuite »: a bracket that nothing opens."""
    closes = place.before.endswith((" ", "\t")) and _CLOSES.match(place.after)
    return bool(closes) and place.before.count("(") <= place.before.count(")")


_CLOSES = re.compile(r"\)\s+[^\W\d_]")


# --- places ----------------------------------------------------------------------------------------------------------


def address(place: Place) -> str | None:
    """« 103 bis rue Belleville », « CS 91704 », « 33063 Bordeaux »."""
    if place.value is None:
        return None
    if _street().match(place.after) or _street().match(place.after_shape) or place.led_by("post_leads"):
        return "address"
    town = len(place.numeral.printed) == 5 and _TOWN.match(place.after)
    return "postcode" if town and (place.opens_line or _AFTER_STREET.search(place.before)) else None


_TOWN = re.compile(r"[ \u00a0][A-ZÀ-Ý]")
_AFTER_STREET = re.compile(r"[,–-]\s?\Z")


@cache
def _street() -> re.Pattern[str]:
    square = r"place\s(?:d\w{1,2}\s(?:la\s)?)?[A-ZÀ-Ý]"  # « 131 places » are none
    return re.compile(rf"(?:\s?(?:bis|ter|quater))?,?\s(?:{any_of(load_noise().streets)}(?=\s)|{square})")


def department(place: Place) -> str | None:
    """« Parthenay (79) », « le CD 87 et », « sur le 47 »."""
    if not _DEPARTMENT.fullmatch(place.numeral.printed):
        return None
    in_brackets = place.after.startswith(")") and _NAME_BEFORE.search(place.before)
    after = NEXT_WORD.match(place.after)
    of_body = _ACRONYM.search(place.hint) and after and is_function_word(after[1])
    ends = place.led_by("department_bodies") and _CLAUSE_ENDS.match(place.after)
    return "department_code" if in_brackets or of_body or ends or place.led_by("department_leads") else None


_DEPARTMENT = re.compile(r"0[1-9]|[1-8]\d|9[0-5]|97[1-6]")
_NAME_BEFORE = re.compile(r"[A-ZÀ-Ý][\w’'-]*[a-zà-ÿ][\w’'-]*\s?\(\Z")
_ACRONYM = re.compile(r"(?<!\w)[A-Z]{2,6} \Z")
_CLAUSE_ENDS = re.compile(r"\s*(?:[.,;:)]|\n|\Z)(?!\d)")


def emergency_number(place: Place) -> str | None:
    """« le 15 », « centre 15 », « 15/18 »; not « 15 % »."""
    if place.numeral.printed not in load_noise().emergency_numbers or _MEASURED.match(place.after):
        return None
    led = place.led_by("emergency_leads", rf"{SPACE}(?:le{SPACE}|\()?")
    return "emergency_number" if led or _OTHER_NUMBER.match(place.after) else None


_MEASURED = re.compile(r"\s?(?:%|€)")
_OTHER_NUMBER = re.compile(r"/(?:15|17|18|112)(?!\d)")


# --- ranks and names -------------------------------------------------------------------------------------------------


def ordinal(place: Place) -> str | None:
    """« 2ème cycle » and « 1er recours » name; « 2e région de France » and « un 2nd » are a rank and a count."""
    if place.led_by("study_leads", r"[ \u00a0+]{0,4}"):
        return "ordinal_of_study"
    if place.shape.read.unit != "rank":
        return None
    if place.shape_followed_by("study", _AND_MORE):
        return "ordinal_of_study"
    another = place.value != 1 and _ARTICLE.search(place.hint)
    return None if another or place.shape_followed_by("ranked", r"\s{1,8}") else "ordinal"


_AND_MORE = rf"(?:{GAP}(?:et|,|ou|à|-|/){GAP}\d{{1,2}}(?:{RANK.pattern})?){{0,3}}{SPACE}"
_ARTICLE = re.compile(r"(?<!\w)une?\s+\Z", re.IGNORECASE)


def name(place: Place) -> str | None:
    """« dispositif « 400 médecins » »: a name in guillemets that begins with its number."""
    opened = place.led_by("named_leads", r"\s*[«“]\s*")
    return "programme_name" if opened and _CLOSING_QUOTE.match(place.after) else None


_CLOSING_QUOTE = re.compile(r"[^«»“”\n]{1,40}[»”]")


def announced(place: Place) -> str | None:
    """« 2 volets », « Zoom sur 3 projets »: how many things the text goes on to list."""
    return "announced" if place.led_by("announcing_leads") or place.followed_by("announced") else None


def anaphora(place: Place) -> str | None:
    """« les deux sites », « entre deux contrats », « ces 3 dispositifs »: what was counted before, or not at all."""
    if place.shape.numerals > 1 or place.shape.read.unit != "none" or _ONE_OF.search(place.hint):
        return None
    both = place.numeral.printed.lower() == "deux"
    return "anaphora" if place.led_by("both_leads" if both else "these") else None


_ONE_OF = re.compile(r"\bl['’]une?\s+des\s+\Z", re.IGNORECASE)


def rate_base(place: Place) -> str | None:
    """« pour 100 000 habitants » after what is counted; « 1 170 €/24h »."""
    base = place.numeral.printed.replace(" ", "") in ("1000", "10000", "100000")
    return "rate_base" if (_PER if base else _PER_EURO).search(place.hint) else None


_PER = re.compile(r"(?:\bpour\s+|/\s?)\Z", re.IGNORECASE)
_PER_EURO = re.compile(r"(?:€|euros?)\s?/\s?\Z", re.IGNORECASE)
