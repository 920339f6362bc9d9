"""The grammar of printed figures, and the intervals that a print allows."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion import schemas
from ingestion.numbers import (
    AmbiguousNumberError,
    UnknownHedgeError,
    UnreadableFigureError,
    hedge_class,
    interval,
    normalise_printed,
    parse_in_unit,
    parse_printed,
    reads_as,
    same_printed,
)

PRINTS = [
    # printed, value, printed unit, grain
    ("1 811", "1811", "none", "1"),
    ("17\u202f200", "17200", "none", "1"),
    ("17\u00a0200", "17200", "none", "1"),
    ("50  000", "50000", "none", "1"),
    ("50  000 €", "50000", "eur", "1"),
    ("65\u2009523", "65523", "none", "1"),
    ("1.234.567", "1234567", "none", "1"),
    ("7,6 millions d'€", "7600000", "eur", "100000"),
    ("7,6 millions d’€", "7600000", "eur", "100000"),
    ("40 millions d’euros", "40000000", "eur", "1000000"),
    ("40M€", "40000000", "eur", "1000000"),
    ("27,5 M€", "27500000", "eur", "100000"),
    ("1,2 milliard d’euros", "1200000000", "eur", "100000000"),
    ("3 Mds€", "3000000000", "eur", "1000000000"),
    ("450 k€", "450000", "eur", "1000"),
    ("6.4 %", "6.4", "percent", "0.1"),
    ("12,30 %", "12.3", "percent", "0.01"),
    ("+ 37 %", "37", "percent", "1"),
    ("+275%", "275", "percent", "1"),
    ("- 9%", "-9", "percent", "1"),
    ("−3,5 points", "-3.5", "points", "0.1"),
    ("x 3,5", "3.5", "multiple", "0.1"),
    ("multiplié par 4", "4", "multiple", "1"),
    ("deux fois", "2", "multiple", "1"),
    ("doublement", "2", "multiple", "0.4"),
    ("triplé", "3", "multiple", "0.6"),
    ("divisé par deux", "0.5", "multiple", "0.1"),
    ("2eme", "2", "rank", "1"),
    ("1 er", "1", "rank", "1"),
    ("1^{er}", "1", "rank", "1"),
    ("1ers", "1", "rank", "1"),
    ("3èmes", "3", "rank", "1"),
    ("2nd", "2", "rank", "1"),
    ("un quart", "0.25", "fraction", "0.05"),
    ("3/4", "0.75", "fraction", "0.05"),
    ("la moitié", "0.5", "fraction", "0.05"),
    ("¾", "0.75", "fraction", "0.05"),
    ("les deux tiers", str(Decimal(2) / 3), "fraction", "0.05"),
    ("9 sur 10", "0.9", "fraction", "0.05"),
    ("un Français sur quatre", "0.25", "fraction", "0.05"),
    ("une vingtaine", "20", "none", "8"),
    ("Une cinquantaine", "50", "none", "20"),
    ("deux centaines", "200", "none", "80"),
    ("un million", "1000000", "none", "1000000"),
    ("2 millions", "2000000", "none", "1000000"),
    ("300 €", "300", "eur", "1"),
    ("6 900 €", "6900", "eur", "1"),
    ("1 200 € brut par mois", "1200", "eur_per_month", "1"),
    ("300 € mensuels", "300", "eur_per_month", "1"),
    ("40 000 €/an", "40000", "eur_per_year", "1"),
    ("30 minutes", "30", "minutes", "1"),
    ("60 secondes", "60", "seconds", "1"),
    ("35h", "35", "hours", "1"),
    ("2h30", "2.5", "hours", str(Decimal(1) / 60)),
    ("18h00", "18", "hours", str(Decimal(1) / 60)),
    ("6 semaines", "6", "weeks", "1"),
    ("167 ETP", "167", "fte", "1"),
    ("2,5 équivalents temps plein", "2.5", "fte", "0.1"),
    ("782 km2", "782", "km2", "1"),
    ("1,5 km²", "1.5", "km2", "0.1"),
    ("88,4 pour 100 000 habitants", "88.4", "per_100000", "0.1"),
    ("123 pour 10 000", "123", "per_10000", "1"),
    ("3,2 ‰", "3.2", "per_1000", "0.1"),
    ("98 médecins généralistes pour 100 000 habitants", "98", "per_100000", "1"),
    ("quatre-vingt-dix-sept", "97", "none", "1"),
    ("vingt et un", "21", "none", "1"),
    ("deux cent mille", "200000", "none", "1"),
]


@pytest.mark.parametrize(("printed", "value", "unit", "grain"), PRINTS)
def test_a_print_is_read_as_value_unit_and_grain(printed: str, value: str, unit: str, grain: str) -> None:
    read = parse_printed(printed)
    assert (read.value, read.unit, read.grain) == (Decimal(value), unit, Decimal(grain))


@pytest.mark.parametrize(
    ("printed", "low", "high", "unit"),
    [
        ("15 à 20 %", 15, 20, "percent"),
        ("15 \nà 20 %", 15, 20, "percent"),
        ("de 80 à 160", 80, 160, "none"),
        ("entre 18 et 25 ans", 18, 25, "years"),
        ("12 à 18 mois", 12, 18, "months"),
        ("30 à 40", 30, 40, "none"),
        ("12 %-13 %", 12, 13, "percent"),
        ("12 % à 15", 12, 15, "percent"),
        ("8-10 années", 8, 10, "years"),
        ("18h00 à 20h30", 18, 20.5, "hours"),
        ("19H-22H", 19, 22, "hours"),
        ("deux à trois", 2, 3, "none"),
        ("de quatre-vingt à cent", 80, 100, "none"),
        ("2 ou 3", 2, 3, "none"),
        ("2 à 3 millions", 2_000_000, 3_000_000, "none"),
        ("800 000 à 1,2 million", 800_000, 1_200_000, "none"),
    ],
)
def test_a_range_has_two_ends_and_no_value(printed: str, low: float, high: float, unit: str) -> None:
    read = parse_printed(printed)
    assert (read.value, read.low, read.high, read.unit) == (None, low, high, unit)


@pytest.mark.parametrize(
    "printed",
    [
        *("", "abc", "1.200", "1/0", "20 à 15 %", "deux trois", "1 811 (", "divisé par 0", "plusieurs"),
        *("18h75", "3 mois à 2 ans", "9" * 15, "999 999 milliards", "1" * 1000),
    ],
)
def test_what_cannot_be_read_is_refused(printed: str) -> None:
    with pytest.raises(UnreadableFigureError, match="«"):
        parse_printed(printed)


def test_a_printed_unit_that_contradicts_the_wanted_one_is_refused() -> None:
    with pytest.raises(UnreadableFigureError, match="attendue eur"):
        parse_in_unit("40 %", "eur")


def test_a_clock_has_a_form_of_its_own_and_is_read_as_hours() -> None:
    assert parse_printed("18h30").form == "clock"
    assert parse_in_unit("2h20", "hours").value == Decimal("2.3333")
    with pytest.raises(UnreadableFigureError, match="attendue count"):
        parse_in_unit("18h30", "count")


def test_a_unit_without_a_place_in_the_warehouse_is_read_in_its_neighbour() -> None:
    assert parse_in_unit("90 secondes", "minutes").value == Decimal("1.5")
    assert parse_in_unit("6 semaines", "days").value == 42
    assert parse_in_unit("167 ETP", "count").value == 167
    with pytest.raises(UnreadableFigureError, match="imprimée fte"):
        parse_in_unit("167 ETP", "percent")


def test_a_point_before_three_digits_is_ambiguous_and_both_readings_are_offered() -> None:
    with pytest.raises(AmbiguousNumberError, match="5000") as caught:
        parse_printed("5.000")
    assert caught.value.readings == (5000, Decimal("5.000"))
    assert parse_printed("5.000", "thousands").value == 5000
    read = parse_printed("5.000 %", "decimal")
    assert (read.value, read.grain, read.unit) == (5, Decimal("0.001"), "percent")


def test_the_kept_value_says_what_a_point_parts() -> None:
    assert reads_as("5.000", "count", Decimal(5000), None, None)
    assert reads_as("5.125", "percent", Decimal("5.125"), None, None)
    assert interval(Decimal(5000), "5.000", "pres_de", "count", "level", "observed") == (4500, 5000)
    with pytest.raises(AmbiguousNumberError):
        reads_as("5.000", "count", Decimal(6), None, None)


def test_a_fraction_becomes_a_percentage_where_one_is_wanted() -> None:
    assert parse_in_unit("deux tiers", "percent").value == Decimal("66.6667")
    assert parse_in_unit("deux tiers", "ratio").value == Decimal("0.6667")


def test_white_space_is_folded_and_nothing_else() -> None:
    assert normalise_printed(" 7,6\u202fmillions \n d'€ ") == "7,6 millions d'€"
    assert same_printed("1\u00a0325", "1 325")
    assert not same_printed("1325", "1 325")


def test_a_stored_value_is_compared_with_what_is_printed() -> None:
    assert reads_as("7,6 millions d'€", "eur", Decimal(7_600_000), None, None)
    assert not reads_as("7,6 millions d'€", "eur", Decimal(6_700_000), None, None)
    assert reads_as("15 à 20 %", "percent", None, Decimal(15), Decimal(20))
    assert not reads_as("15 à 20 %", "percent", None, None, None)


# --- round trips ---------------------------------------------------------------------------------------------------

SPACES = st.sampled_from([" ", "\u00a0", "\u202f", "\u2009", "  ", "\u00a0 ", ""])
MARKS = st.sampled_from([",", "."])


def french(number: int, space: str) -> str:
    return f"{number:,}".replace(",", space)


@given(st.integers(0, 999_999_999), SPACES)
def test_a_whole_number_survives_printing(number: int, space: str) -> None:
    read = parse_printed(french(number, space))
    assert (read.value, read.grain, read.in_full) == (number, 1, True)


@given(st.integers(0, 99_999), st.integers(1, 2), MARKS, st.sampled_from(["%", " %", "\u202f%"]))
def test_a_decimal_percentage_survives_printing(units: int, decimals: int, mark: str, sign: str) -> None:
    value = Decimal(units).scaleb(-decimals)
    printed = f"{value:.{decimals}f}".replace(".", mark) + sign
    read = parse_printed(printed)
    assert (read.value, read.unit, read.grain) == (value, "percent", Decimal(1).scaleb(-decimals))


@given(st.integers(1, 9_999), st.sampled_from([("k€", 3), (" M€", 6), (" millions d’euros", 6), (" milliards d'€", 9)]))
def test_a_scaled_amount_survives_printing(tenths: int, scale: tuple[str, int]) -> None:
    word, power = scale
    read = parse_printed(f"{tenths // 10},{tenths % 10}{word}")
    assert read.value == Decimal(tenths).scaleb(power - 1)
    assert read.grain == Decimal(10) ** (power - 1)


@given(st.integers(0, 99), st.integers(0, 59), st.sampled_from(["h", "H", " h ", "\u202fh\u202f"]))
def test_hours_and_minutes_survive_printing(hours: int, minutes: int, mark: str) -> None:
    read = parse_printed(f"{hours}{mark}{minutes:02}")
    assert read.value == hours + Decimal(minutes) / 60


RANGES = st.sampled_from(["{} à {}", "de {} à {}", "entre {} et {}", "{} ou {}", "{}-{}", "{} – {}", "{} \nà {}"])
RANGE_UNITS = st.sampled_from([("", "none"), (" %", "percent"), (" mois", "months"), ("€", "eur"), (" ETP", "fte")])


@given(st.integers(0, 999), st.integers(0, 999), RANGES, RANGE_UNITS)
def test_a_range_survives_printing(low: int, more: int, form: str, unit: tuple[str, str]) -> None:
    read = parse_printed(form.format(low, low + more) + unit[0])
    assert (read.low, read.high, read.unit) == (low, low + more, unit[1])


PRINTED_UNITS = {
    " h": "hours",
    "min": "minutes",
    " s": "seconds",
    " ETP": "fte",
    " km²": "km2",
    " points": "points",
    " fois": "multiple",
    "ème": "rank",
    " € mensuels": "eur_per_month",
    "\u202f€ par an": "eur_per_year",
    " pour 100 000 hab.": "per_100000",
    "/10 000 habitants": "per_10000",
    " pour 1 000 habitants": "per_1000",
}


@given(st.integers(2, 999_999), SPACES, st.sampled_from(sorted(PRINTED_UNITS)))
def test_a_number_with_its_unit_survives_printing(number: int, space: str, unit: str) -> None:
    read = parse_printed(french(number, space) + unit)
    assert (read.value, read.unit) == (number, PRINTED_UNITS[unit])


@given(st.text(max_size=60) | st.text("0123456789 .,/-àhouetun%€", max_size=60))
def test_whatever_is_printed_is_read_or_refused(printed: str) -> None:
    try:
        read = parse_printed(printed)
    except UnreadableFigureError:
        return
    assert (read.value is None) == (read.form == "range")


_BELOW_TEN = ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf")
_UNITS = (*_BELOW_TEN, "dix", "onze", "douze", "treize", "quatorze", "quinze", "seize")
_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante", 80: "quatre-vingt"}


def spelled(n: int) -> str:
    if n < 17:
        return _UNITS[n]
    if n < 20:
        return f"dix-{_UNITS[n - 10]}"
    if n < 100:
        base = max(t for t in _TENS if t <= n)
        joint = " et " if n - base in (1, 11) and base < 80 else "-"
        return _TENS[base] + (joint + spelled(n - base) if n > base else "")
    if n < 1000:
        head = "cent" if n < 200 else f"{_UNITS[n // 100]} cent"
        return head + (f" {spelled(n % 100)}" if n % 100 else "")
    head = "mille" if n < 2000 else f"{spelled(n // 1000)} mille"
    return head + (f" {spelled(n % 1000)}" if n % 1000 else "")


@given(st.integers(0, 999_999))
def test_a_number_in_words_survives_printing(number: int) -> None:
    assert parse_printed(spelled(number)).value == number


# --- hedges --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wording", "code"),
    [
        ("plus de", "plus_de"),
        ("Plus  de", "plus_de"),
        ("+ de", "plus_de"),
        ("a plus que", "plus_de"),
        ("un peu plus de", "un_peu_plus_de"),
        ("près de", "pres_de"),
        ("près \nd’", "pres_de"),
        ("presque", "presque"),
        ("environ", "environ"),
        ("de l’ordre de", "environ"),
        ("moins de", "moins_de"),
        ("- de", "moins_de"),
        ("au moins", "au_moins"),
        ("au plus", "au_plus"),
        ("jusqu’à", "jusqu_a"),
        ("ne dépassent pas", "au_plus"),
        ("n’excède pas", "au_plus"),
        ("entre", "entre"),
        ("une quarantaine", "approximatif"),
        (">", "plus_de"),
        ("&gt;", "plus_de"),
        ("<", "moins_de"),
        ("≥", "au_moins"),
        ("plafonnée à", "au_plus"),
    ],
)
def test_each_wording_has_its_class(wording: str, code: str) -> None:
    assert hedge_class(wording) == code


def test_a_wording_without_a_class_is_refused() -> None:
    with pytest.raises(UnknownHedgeError, match="seulement"):
        hedge_class("seulement")


# --- intervals -----------------------------------------------------------------------------------------------------

INTERVALS = [
    # printed, hedge, unit, value_form, obs_status, low, high
    ("1 000", None, "count", "level", "target", "1000", "1000"),
    ("1 811", None, "count", "level", "observed", "1811", "1811"),
    ("neuf", None, "count", "level", "observed", "9", "9"),
    ("300 €", None, "eur", "parameter", "rule", "300", "300"),
    ("450 000 €", None, "eur", "level", "observed", "450000", "450000"),
    ("27,50 €", None, "eur", "parameter", "observed", "27.5", "27.5"),
    ("27,50 €", None, "eur", "level", "observed", "27.495", "27.505"),
    ("40M€", None, "eur", "parameter", "observed", "39500000", "40500000"),
    ("7,6 millions d'€", None, "eur", "level", "observed", "7550000", "7650000"),
    ("2 millions", None, "count", "level", "observed", "1500000", "2500000"),
    ("45 minutes", None, "minutes", "level", "observed", "44.5", "45.5"),
    ("30 minutes", "moins_de", "minutes", "threshold", "observed", "30", "30"),
    ("50 000 €", "jusqu_a", "eur", "parameter", "rule", "50000", "50000"),
    ("6,4 %", None, "percent", "growth", "target", "6.35", "6.45"),
    ("+275%", None, "percent", "growth", "observed", "274.5", "275.5"),
    ("x 3,5", None, "multiple", "multiple", "observed", "3.45", "3.55"),
    ("triplé", None, "multiple", "multiple", "observed", "2.7", "3.3"),
    ("triplé", "plus_de", "multiple", "multiple", "observed", "3", None),
    ("2/3", None, "percent", "share", "observed", "64.1667", "69.1667"),
    ("une vingtaine", None, "count", "level", "observed", "16", "24"),
    ("une vingtaine", "approximatif", "count", "level", "observed", "16", "24"),
    ("800", "pres_de", "count", "level", "forecast", "720", "800"),
    ("5", "presque", "count", "level", "observed", "4", "5"),
    ("- 10 %", "pres_de", "percent", "growth", "observed", "-10", "-9"),
    ("280", "environ", "count", "level", "observed", "266", "294"),
    ("1 300", "plus_de", "count", "level", "observed", "1300", None),
    ("200", "au_moins", "count", "level", "target", "200", None),
    ("200", "jusqu_a", "count", "level", "target", "0", "200"),
    ("1 000", "un_peu_plus_de", "count", "level", "observed", "1000", "1100"),
    ("15 à 20 %", None, "percent", "growth", "target", "15", "20"),
    ("15 à 20 %", "entre", "percent", "growth", "target", "15", "20"),
    ("15 à 20 %", "environ", "percent", "growth", "target", "14.25", "21"),
]


@pytest.mark.parametrize(("printed", "hedge", "unit", "value_form", "obs_status", "low", "high"), INTERVALS)
def test_a_print_allows_this_interval(
    printed: str, hedge: str | None, unit: str, value_form: str, obs_status: str, low: str, high: str | None
) -> None:
    found = interval(None, printed, hedge, unit, value_form, obs_status)
    assert found == (Decimal(low), None if high is None else Decimal(high))


COUNTS = st.integers(1, 10_000_000).map(lambda n: (french(n, " "), "count", "level"))
SHARES = st.integers(1, 999).map(lambda n: (f"{n // 10},{n % 10} %", "percent", "share"))
AMOUNTS = st.integers(1, 9_999).map(lambda n: (f"{n // 10},{n % 10} M€", "eur", "level"))
NOUNS = st.sampled_from(["une dizaine", "une centaine", "un millier"]).map(lambda t: (t, "count", "level"))
FIGURES = st.one_of(COUNTS, SHARES, AMOUNTS, NOUNS)


def width(low: Decimal | None, high: Decimal | None) -> Decimal:
    return Decimal("Infinity") if low is None or high is None else high - low


@given(FIGURES, st.sampled_from([None, *schemas.HEDGES]))
def test_an_interval_holds_its_value_and_is_ordered(figure: tuple[str, str, str], hedge: str | None) -> None:
    printed, unit, form = figure
    value = parse_in_unit(printed, unit).value
    low, high = interval(value, printed, hedge, unit, form, "observed")
    assert value is not None
    assert low is None or low <= value
    assert high is None or value <= high


@given(FIGURES, st.sampled_from(schemas.HEDGES))
def test_a_hedge_never_narrows(figure: tuple[str, str, str], hedge: str) -> None:
    printed, unit, form = figure
    bare = interval(None, printed, None, unit, form, "observed")
    hedged = interval(None, printed, hedge, unit, form, "observed")
    assert width(*hedged) >= width(*bare)


@given(SHARES, st.sampled_from(schemas.HEDGES))
def test_a_fall_is_hedged_as_the_mirror_of_a_rise(figure: tuple[str, str, str], hedge: str) -> None:
    printed = figure[0]
    low, high = interval(None, printed, hedge, "percent", "growth", "observed")
    mirrored = (None if high is None else -high, None if low is None else -low)
    assert interval(None, f"- {printed}", hedge, "percent", "growth", "observed") == mirrored
