"""The grammar of period codes: what each covers, how it reads in French, and what is refused."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.periods import PeriodError, parse_period, periods_frame
from ingestion.schemas import PERIOD


@pytest.mark.parametrize(
    ("code", "label", "granularity", "start", "end", "year"),
    [
        ("2018-01-01", "1er janvier 2018", "day", date(2018, 1, 1), date(2018, 1, 1), 2018),
        ("2019-05-03", "3 mai 2019", "day", date(2019, 5, 3), date(2019, 5, 3), 2019),
        ("2015-10", "octobre 2015", "month", date(2015, 10, 1), date(2015, 10, 31), 2015),
        ("2016-02", "février 2016", "month", date(2016, 2, 1), date(2016, 2, 29), 2016),
        ("2019-Q2", "2e trimestre 2019", "quarter", date(2019, 4, 1), date(2019, 6, 30), 2019),
        ("2019-H1", "1er semestre 2019", "half_year", date(2019, 1, 1), date(2019, 6, 30), 2019),
        ("2019-H2", "2e semestre 2019", "half_year", date(2019, 7, 1), date(2019, 12, 31), 2019),
        ("2018", "2018", "year", date(2018, 1, 1), date(2018, 12, 31), 2018),
        ("AY2019", "année universitaire 2019-2020", "academic_year", date(2019, 9, 1), date(2020, 8, 31), 2019),
        ("FLU2018", "saison grippale 2018-2019", "flu_season", date(2018, 10, 1), date(2019, 5, 19), 2018),
        ("start:2019", "début 2019", "interval", date(2019, 1, 1), date(2019, 3, 31), 2019),
        ("end:2018", "fin 2018", "interval", date(2018, 10, 1), date(2018, 12, 31), 2018),
        ("start:2019-06", "début juin 2019", "interval", date(2019, 6, 1), date(2019, 6, 10), 2019),
        ("end:2019-06", "fin juin 2019", "interval", date(2019, 6, 21), date(2019, 6, 30), 2019),
        ("since:2012", "depuis 2012", "interval", date(2012, 1, 1), None, 2012),
        ("since:2017-03", "depuis mars 2017", "interval", date(2017, 3, 1), None, 2017),
        ("since:2018-01-01", "depuis le 1er janvier 2018", "interval", date(2018, 1, 1), None, 2018),
        ("since:AY2019", "depuis l’année universitaire 2019-2020", "interval", date(2019, 9, 1), None, 2019),
        ("by:2017", "d’ici 2017", "interval", None, date(2017, 12, 31), 2017),
        ("by:end:2019", "d’ici fin 2019", "interval", None, date(2019, 12, 31), 2019),
        ("by:FLU2018", "d’ici à la saison grippale 2018-2019", "interval", None, date(2019, 5, 19), 2018),
        ("by:2018-01-01", "d’ici au 1er janvier 2018", "interval", None, date(2018, 1, 1), 2018),
        ("2012/2015", "de 2012 à 2015", "interval", date(2012, 1, 1), date(2015, 12, 31), 2015),
        ("2015-10/2016-01", "d’octobre 2015 à janvier 2016", "interval", date(2015, 10, 1), date(2016, 1, 31), 2016),
        (
            "2018-01-01/2019-05-03",
            "du 1er janvier 2018 au 3 mai 2019",
            "interval",
            date(2018, 1, 1),
            date(2019, 5, 3),
            2019,
        ),
        ("end:2017/end:2018", "de fin 2017 à fin 2018", "interval", date(2017, 10, 1), date(2018, 12, 31), 2018),
        (
            "AY2018/AY2019",
            "de l’année universitaire 2018-2019 à l’année universitaire 2019-2020",
            "interval",
            date(2018, 9, 1),
            date(2020, 8, 31),
            2019,
        ),
        ("not_stated", "non précisé", "not_stated", None, None, None),
    ],
)
def test_each_form_covers_its_days_and_reads_as_reports_do(
    code: str, label: str, granularity: str, start: date | None, end: date | None, year: int | None
) -> None:
    period = parse_period(code)
    assert (period.period_key, period.label_fr, period.granularity) == (code, label, granularity)
    assert (period.start_date, period.end_date, period.year) == (start, end, year)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "18",
        "2018-13",
        "2018-02-30",
        "2018-1",
        "2018-Q5",
        "2019-H3",
        "ay2019",
        "AY19",
        "1018",
        "20189",
        " 2018",
        "2018 ",
        "start:AY2019",
        "end:2019-Q2",
        "mid:2019",
        "since:since:2012",
        "since:",
        "by:not_stated",
        "since:2012/2015",
        "2012/since:2015",
        "2012/2015/2016",
        "2015/2012",
        "2015/2015",
        "2015/2015-10",
        "2015-01/2015",
        "２０１８",
        "Not_stated",
    ],
)
def test_anything_else_is_refused_and_the_message_says_what_was_expected(code: str) -> None:
    with pytest.raises(PeriodError, match="expected") as caught:
        parse_period(code)
    assert repr(code) in str(caught.value)
    assert isinstance(caught.value, ValueError)


_YEARS = st.integers(1950, 2098)
_DAYS = st.dates(date(1950, 1, 1), date(2098, 12, 31))
_PLAIN = st.one_of(
    _DAYS.map(date.isoformat),
    _DAYS.map(lambda day: f"{day:%Y-%m}"),
    st.builds("{}-Q{}".format, _YEARS, st.integers(1, 4)),
    st.builds("{}-H{}".format, _YEARS, st.integers(1, 2)),
    _YEARS.map(str),
    _YEARS.map("AY{}".format),
    _YEARS.map("FLU{}".format),
)
_PARTS = st.builds(
    "{}:{}".format, st.sampled_from(["start", "end"]), st.one_of(_YEARS.map(str), _DAYS.map(lambda d: f"{d:%Y-%m}"))
)
_BOUNDED = st.one_of(_PLAIN, _PARTS)


@given(_BOUNDED)
def test_a_bounded_period_runs_forward_and_starts_in_its_year(code: str) -> None:
    period = parse_period(code)
    assert period.start_date is not None
    assert period.end_date is not None
    assert period.start_date <= period.end_date
    assert period.start_date.year == period.year
    assert str(period.year) in period.label_fr


@given(_PARTS)
def test_start_and_end_lie_within_what_they_are_part_of_and_touch_its_edge(code: str) -> None:
    prefix, _, rest = code.partition(":")
    part, whole = parse_period(code), parse_period(rest)
    assert whole.start_date <= part.start_date <= part.end_date <= whole.end_date  # type: ignore[operator]
    assert (part.start_date == whole.start_date) == (prefix == "start")
    assert (part.end_date == whole.end_date) == (prefix == "end")


@given(_BOUNDED)
def test_since_keeps_the_start_and_by_keeps_the_end(code: str) -> None:
    period, since, by = parse_period(code), parse_period(f"since:{code}"), parse_period(f"by:{code}")
    assert (since.start_date, since.end_date) == (period.start_date, None)
    assert (by.start_date, by.end_date) == (None, period.end_date)
    assert since.label_fr.endswith(period.label_fr)
    assert by.label_fr.endswith(period.label_fr)


@given(_BOUNDED, _BOUNDED)
def test_an_interval_spans_both_its_periods_or_is_refused(left: str, right: str) -> None:
    first, second = parse_period(left), parse_period(right)
    forward = first.start_date < second.start_date and first.end_date < second.end_date  # type: ignore[operator]
    if not forward:
        with pytest.raises(PeriodError):
            parse_period(f"{left}/{right}")
        return
    whole = parse_period(f"{left}/{right}")
    assert (whole.start_date, whole.end_date, whole.year) == (first.start_date, second.end_date, second.year)


@given(_YEARS)
def test_quarters_and_half_years_tile_the_year(year: int) -> None:
    for letter, count in (("Q", 4), ("H", 2)):
        parts = [parse_period(f"{year}-{letter}{n}") for n in range(1, count + 1)]
        assert parts[0].start_date == date(year, 1, 1)
        assert parts[-1].end_date == date(year, 12, 31)
        for before, after in pairwise(parts):
            assert before.end_date + timedelta(days=1) == after.start_date  # type: ignore[operator]


@given(_YEARS)
def test_the_flu_season_opens_on_a_monday_of_week_40(year: int) -> None:
    season = parse_period(f"FLU{year}")
    assert season.start_date.isocalendar() == (year, 40, 1)  # type: ignore[union-attr]
    assert season.end_date.isocalendar() == (year + 1, 20, 7)  # type: ignore[union-attr]


@given(st.text(max_size=24))
def test_a_text_either_parses_to_its_own_key_or_raises_period_error(text: str) -> None:
    with suppress(PeriodError):
        assert parse_period(text).period_key == text


def test_the_frame_has_the_declared_columns_and_one_row_a_code() -> None:
    frame = periods_frame(["by:2017", "2018", "2018", "not_stated"])
    assert dict(frame.schema) == {column.name: column.dtype for column in PERIOD.columns}
    assert frame["period_key"].to_list() == ["2018", "by:2017", "not_stated"]
    assert periods_frame([]).height == 0
