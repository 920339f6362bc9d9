"""Numerals that tell when, how old or how long ago: dates, times of day, ages, durations that date what is said."""

from __future__ import annotations

import re
from functools import cache

from ingestion.figures.place import Place
from ingestion.figures.shapes import is_year
from ingestion.figures.vocabulary import GAP, SPACE, any_of, load_noise

DURATIONS = ("years", "months", "weeks", "days")  # hours measure: « en 35h », « en 48h »


# --- dates -----------------------------------------------------------------------------------------------------------


def date(place: Place) -> str | None:
    """« 26 novembre », « lundi 5 », « le 5/12 », and a bare year."""
    if place.value is not None and place.value <= 31 and _is_day(place):
        return "date"
    return "date" if is_year(place.numeral) and _is_bare_year(place) else None


def _is_day(place: Place) -> bool:
    named = _day_of_month().match(place.after) is not None or place.led_by("weekdays")
    opened = _ARTICLE.search(place.hint) and _SLASH_MONTH.match(place.after)
    return named or bool(opened) or (place.previous == "date" and place.gap == "/")


_ARTICLE = re.compile(r"(?<!\w)(?:le|du|au|jusqu['’]au)\s+\Z", re.IGNORECASE)
_SLASH_MONTH = re.compile(r"/(?:0?[1-9]|1[0-2])(?![\d/])")


@cache
def _day_of_month() -> re.Pattern[str]:
    """What follows the first day of « 7, 8 et 9 novembre »."""
    first = r"(?:\^\{er\}|er)?"
    more = rf"(?:{GAP}(?:,|et|au|à|-|–|/){GAP}\d{{1,2}}{first}){{0,4}}"
    return re.compile(rf"{first}{more}{GAP}{any_of(load_noise().months)}", re.IGNORECASE)


def _is_bare_year(place: Place) -> bool:
    """A year, unless it counts the noun after it: « 2000 habitants »."""
    if place.shape.read.unit != "none" or place.shape.end > place.numeral.end:
        return False
    noun = NEXT_WORD.match(place.after)
    if noun is None or not noun[1].islower() or is_function_word(noun[1]):
        return True
    led = place.led_by("year_leads", GAP) or place.led_by("months", GAP) or place.previous == "date"
    return led or _ACRONYM_BEFORE.search(place.before) is not None


_ACRONYM_BEFORE = re.compile(r"(?<!\w)[A-ZÀ-Ý]{3,}[ \u00a0\u202f]\Z")  # « la LFSS 2018 permet »


NEXT_WORD = re.compile(r"[ \u00a0\u202f]{1,2}([^\W\d_]+['’]?)")


def is_function_word(word: str) -> bool:
    """Whether a word cannot be the noun that a number counts."""
    return word.replace("’", "'") in load_noise().year_followers


# --- times of day ----------------------------------------------------------------------------------------------------


def time_of_day(place: Place) -> str | None:
    """« à 18h30 », « 19H-22H », « 18h00 à 20h30 »; not « durée de 2h30 », « dans les 24h », « semaine de 35h »."""
    if place.value is None or place.led_by("duration_leads", rf"{GAP}(?:de{SPACE}|d['’])?"):
        return None
    if place.previous == "time_of_day" and _ON_THE_CLOCK.fullmatch(place.gap):
        return "time_of_day"
    clock = _CLOCK.match(place.after)
    if clock is None or place.value > 24:
        return None
    led = place.led_by("time_leads", rf"\s*:?{GAP}") or place.previous == "date" or place.opens_line
    return "time_of_day" if led or clock["minutes"] or clock["other"] else None


_MARK = r"\s?[hH](?:eures?)?\s?"
_ON_THE_CLOCK = re.compile(rf"{_MARK}|(?:{_MARK})?\s*(?:à|-|–|et|/)\s*")
_OTHER = r"\s*(?:à|-|–|et)\s*(?:1?\d|2[0-4])\s?[hH](?:[0-5]\d)?(?!\w)"
_CLOCK = re.compile(rf"(?P<minutes>\s?[hH]\s?[0-5]\d(?!\d))|\s?[hH](?!\w)(?P<other>{_OTHER})?|(?P<range>{_OTHER})")


# --- ages and durations ----------------------------------------------------------------------------------------------


def age(place: Place) -> str | None:
    """« plus de 55 ans », « 75 ans et plus », « personnes de 20 à 59 ans »: ages that say who is counted."""
    if place.shape.read.unit != "years" and not _YEARS_AFTER.match(place.after):
        return None
    bounded = _is_bound(place.hint) or place.shape_followed_by("age_followers")
    return "age_threshold" if bounded or _is_age_range(place) or _age_lead().search(place.before) else None


_YEARS_AFTER = re.compile(r"\s*(?:à|-|–|et)\s*\d{1,2}\s*ans")


def _is_bound(hint: str) -> bool:
    """« dont 5 000 de moins de 16 ans », not « une durée de plus de 3 ans »."""
    bound = _BOUND.search(hint)
    return bound is not None and bound[1].lower() not in load_noise().duration_nouns


_BOUND = re.compile(r"([^\W_]+)\s+de\s+(?:plus|moins)\s+de\s+\Z", re.IGNORECASE)


def _is_age_range(place: Place) -> bool:
    """« les 14 – 25 ans », « 18-64 ans »: a few years apart, a range of years is a duration."""
    read, printed = place.shape.read, place.text[place.shape.start : place.shape.end]
    if read.form != "range" or read.low is None or read.high is None or not printed.endswith("ans"):
        return False
    wide = read.high >= 15 and read.high - read.low >= 5 and re.search(r"[-–]", printed)
    return bool(wide or _PLURAL_ARTICLE.search(place.hint))


_PLURAL_ARTICLE = re.compile(r"\b(?:les|des)\s+\Z", re.IGNORECASE)


@cache
def _age_lead() -> re.Pattern[str]:
    first = rf"\d{{1,2}}{GAP}(?:à|et|-|–){GAP}"  # of « 20 à 59 ans »
    bound = rf"(?:(?:plus|moins|[aâ]gée?s?|entre|(?:à{SPACE})?partir){SPACE})?(?:de{SPACE})?(?:{first})?"
    word = rf"(?:(?!en\b|depuis\b|sur\b|dans\b|pendant\b|après\b|il\b)[\w’']{{1,14}}{SPACE})?"
    owner = r"(?:ont|(?<!y )a|les|des|aux|avoir|ayant|avant)"
    leads = (
        rf"(?<!\w){any_of(load_noise().age_nouns)}{SPACE}{word}(?:ont{SPACE})?{bound}",
        rf"(?<!\w){owner}{SPACE}(?:plus|moins){SPACE}de{SPACE}",
        rf"%{SPACE}de{SPACE}(?:plus|moins){SPACE}de{SPACE}",
        rf"\+{GAP}de{SPACE}",
        rf"(?<!\w)avant{SPACE}(?:l['’]âge{SPACE}de{SPACE})?",
        rf"(?<!\w)les{SPACE}{first}",
    )
    return re.compile(rf"(?:{'|'.join(leads)})\Z", re.IGNORECASE)


def relative_date(place: Place) -> str | None:
    """« depuis 3 ans », « il y a 10 ans », « d’ici 5 à 7 ans », « ces 20 dernières années »."""
    if place.followed_by("relative_followers", rf"{SPACE}(?:(?:ans?|années?|mois|semaines?|jours?){SPACE})?"):
        return "relative_date"
    dated = place.shape.read.unit in DURATIONS and place.led_by("relative_leads", GAP)
    return "relative_date" if dated else None
