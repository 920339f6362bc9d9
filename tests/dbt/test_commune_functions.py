"""Series brought from one geography to another: what merges adds up, what was split says so, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest
from commune_functions import populations, warehouse
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.reference.grounds import Holding, holdings
from ingestion.reference.movements import Movement, lives
from ingestion.territories import scan_commune_grounds, scan_populations, scan_territories

Moved = list[tuple[str, str | None, str, float | None, float | None]]


@pytest.fixture(scope="module")
def france() -> Iterator[duckdb.DuckDBPyConnection]:
    """The functions over the committed reference."""
    people = scan_populations().rename({"period": "period_key"})
    people = people.with_columns(age_from=pl.lit(None, pl.Int64), age_to=pl.lit(None, pl.Int64))
    with warehouse(scan_territories().collect(), scan_commune_grounds().collect(), people.collect()) as connection:
        yield connection


def _moved(connection: duckdb.DuckDBPyConnection, code: str, from_day: str, to_day: str) -> Moved:
    return connection.execute(
        "select from_territory_key, to_territory_key, how, weight, population_weight "
        "from marts.commune_moved(?, ?) where from_territory_key = ? order by to_territory_key",
        [from_day, to_day, f"commune:{code}"],
    ).fetchall()


@pytest.mark.parametrize(
    ("code", "from_day", "to_day", "to_code", "how"),
    [
        ("33063", "2014-01-01", "2026-01-01", "33063", "unchanged"),
        # Caudéran went into Bordeaux in 1965.
        ("33063", "1950-01-01", "2026-01-01", "33063", "merged"),
        ("24363", "2014-01-01", "2026-01-01", "24035", "merged"),
        ("49069", "2024-01-01", "2026-01-01", "49126", "recoded"),
        ("20004", "1975-01-01", "1977-01-01", "2A004", "recoded"),
        ("49144", "2017-01-01", "2018-01-01", "44180", "merged"),
        # Neussargues had merged in 2016 and came apart in 2025: what it was in 2014 it is again.
        ("15031", "2014-01-01", "2026-01-01", "15031", "unchanged"),
    ],
)
def test_what_became_of_a_commune(
    france: duckdb.DuckDBPyConnection, code: str, from_day: str, to_day: str, to_code: str, how: str
) -> None:
    assert _moved(france, code, from_day, to_day) == [(f"commune:{code}", f"commune:{to_code}", how, 1.0, 1.0)]


def test_a_split_commune_says_so_and_is_shared_out_only_by_inhabitants(france: duckdb.DuckDBPyConnection) -> None:
    rows = _moved(france, "60054", "2021-01-01", "2026-01-01")
    assert [(to, how, weight) for _, to, how, weight, _ in rows] == [
        ("commune:60054", "split", None),
        ("commune:60694", "split", None),
    ]
    people = dict(
        france.execute(
            "select territory_key, population from marts.fct_population "
            "where territory_key in ('commune:60054', 'commune:60694') and period_key = '2023'"
        ).fetchall()
    )
    assert [share for *_, share in rows] == pytest.approx([people[str(row[1])] / sum(people.values()) for row in rows])


def test_ground_that_left_the_departments_goes_nowhere(france: duckdb.DuckDBPyConnection) -> None:
    assert _moved(france, "97123", "2007-01-01", "2008-01-01") == [("commune:97123", None, "left", None, None)]


def test_every_commune_of_2014_is_placed_in_those_of_2026(france: duckdb.DuckDBPyConnection) -> None:
    """Only Sigy-en-Bray (76676) needs weights: Saint-Lucien came back out of it in 2017."""
    rows = france.execute("from marts.commune_moved('2014-01-01', '2026-01-01')").pl()
    then = france.execute("select territory_key from marts.communes_on('2014-01-01')").pl()
    now = france.execute("select territory_key from marts.communes_on('2026-01-01')").pl()
    assert set(rows["from_territory_key"]) == set(then["territory_key"])
    assert set(rows["to_territory_key"]) == set(now["territory_key"])
    assert rows.filter(pl.col("weight").is_null())["from_territory_key"].unique().to_list() == ["commune:76676"]


def test_communes_of_a_day_have_the_names_and_departments_of_now(france: duckdb.DuckDBPyConnection) -> None:
    """Those of the departments alone are counted by the COG; the overseas collectivities' have no department."""
    for year, count in ((2026, 34_875), (2021, 34_965), (2016, 35_885), (2012, 36_700)):
        counted = france.execute(
            "select count(*) from marts.communes_on(?) where department_code is not null", [f"{year}-01-01"]
        ).fetchone()
        assert counted == (count,), year


def test_the_other_way_round_mergers_are_splits(france: duckdb.DuckDBPyConnection) -> None:
    back = _moved(france, "24035", "2026-01-01", "2014-01-01")
    assert {how for _, _, how, _, _ in back} == {"split"}
    assert {to for _, to, *_ in back} == {"commune:24035", "commune:24363"}


# --- Published files ------------------------------------------------------------------------------------------------


def test_populations_of_2017_keep_their_total_in_the_communes_of_2026(
    documents: Path, france: duckdb.DuckDBPyConnection
) -> None:
    """INSEE's Communes.csv of 2017 (geography of 1 January 2019), the arrondissements of three cities put together."""
    published = pl.read_csv(
        documents / "opendata/insee-populations-legales-2017/Communes.csv", separator=";", infer_schema=False
    ).select(code="DEPCOM", people=pl.col("PMUN").cast(pl.Float64))
    cities = {"751": "75056", "693": "69123", "132": "13055"}
    in_city = pl.col("code").str.contains(r"^(751|6938|132)\d\d?$")
    merged = published.with_columns(
        code=pl.when(in_city).then(pl.col("code").str.slice(0, 3).replace(cities)).otherwise(pl.col("code"))
    )
    france.register("published", merged.group_by("code").agg(pl.col("people").sum()).to_arrow())
    rows = france.execute(
        "select m.*, p.people from published p left join marts.commune_moved('2019-01-01', '2026-01-01') m "
        "on m.from_territory_key = 'commune:' || p.code"
    ).pl()
    assert rows["to_territory_key"].null_count() == 0
    split = rows.filter(pl.col("weight").is_null())
    assert sorted(split["from_territory_key"].unique()) == [
        "commune:14712",
        "commune:15141",
        "commune:60054",
        "commune:85084",
    ]
    unsplit = rows.filter(pl.col("weight").is_not_null())
    left_over = split.group_by("from_territory_key").agg(pl.col("people").first())["people"].sum()
    assert unsplit["people"].sum() == 66_524_339 - left_over
    shared = rows.select((pl.col("people") * pl.col("population_weight")).sum()).item()
    assert shared == pytest.approx(66_524_339)
    now = set(france.execute("select territory_key from marts.communes_on('2026-01-01')").pl()["territory_key"])
    assert set(rows["to_territory_key"]) <= now


def test_the_old_classification_of_2016_maps_onto_that_of_2026_without_remainder(
    documents: Path, france: duckdb.DuckDBPyConnection
) -> None:
    folder = documents / "opendata"
    text = (folder / "insee-cog-2016-ancien-format/france2016.txt").read_bytes().decode("cp1252").encode()
    old = pl.read_csv(text, separator="\t", infer_schema=False).filter(pl.col("ACTUAL") == "1")
    cog = pl.read_csv(folder / "insee-cog-2026/communes.csv", infer_schema=False).filter(pl.col("TYPECOM") == "COM")
    rows = france.execute("from marts.commune_moved('2016-01-01', '2026-01-01')").pl()
    departments = rows.filter(~pl.col("from_territory_key").str.contains(r":(?:975|977|978|98)"))
    assert set(departments["from_territory_key"]) == set("commune:" + old["DEP"] + old["COM"])
    assert set(departments["to_territory_key"]) == set("commune:" + cog["COM"])


# --- Properties -----------------------------------------------------------------------------------------------------

_CODES = tuple(f"01{n:03d}" for n in range(1, 7))
_EVENTS = st.lists(st.tuples(st.sampled_from(["merge", "back", "recode"]), st.randoms()), max_size=8)


def _history(events: list[tuple[str, object]]) -> tuple[list[Movement], int]:
    """A possible history of six communes from 2000 on, one event a year: mergers, re-creations, new codes."""
    living, gone, moves = list(_CODES), dict[str, str](), list[Movement]()
    for year, (event, random) in enumerate(events, start=2000):
        pick = random.choice  # type: ignore[attr-defined]  # hypothesis' Random
        on = date(year, 1, 1)
        if event == "merge" and len(living) > 1:
            code = pick(living)
            living.remove(code)
            seat = pick(living)
            gone[code] = seat
            moves += [_between("32", on, code, seat), _between("32", on, seat, seat)]
        elif event == "back" and (able := [c for c, seat in gone.items() if seat in living]):
            code = pick(able)
            seat = gone.pop(code)
            living.append(code)
            moves += [_between("21", on, seat, code), _between("21", on, seat, seat)]
        elif event == "recode":
            code = pick(living)
            new = f"02{year - 2000:03d}"
            living[living.index(code)] = new
            gone = {c: new if seat == code else seat for c, seat in gone.items()}
            moves.append(_between("41", on, code, new))
    return moves, 2000 + len(events)


def _between(kind: str, on: date, before: str, after: str) -> Movement:
    return Movement(kind, on, "COM", before, before, "COM", after, after)


def _grounds(held: list[Holding]) -> pl.DataFrame:
    known = {h.code for h in held}
    whole = [Holding(code, code, None, None) for code in _CODES if code not in known]
    rows = [(h.ground, f"commune:{h.code}", h.begins, h.ends and h.ends - timedelta(days=1)) for h in (*held, *whole)]
    return pl.DataFrame(
        rows,
        schema={"ground_key": pl.String, "territory_key": pl.String, "valid_from": pl.Date, "valid_to": pl.Date},
        orient="row",
    )


@settings(max_examples=30, deadline=None)
@given(_EVENTS, st.lists(st.integers(0, 1000), min_size=6, max_size=6))
def test_totals_are_kept_whatever_happened(events: list[tuple[str, object]], people: list[int]) -> None:
    """From the first day to any later one nothing is split: re-created communes only get back what was theirs."""
    moves, last = _history(events)
    grounds = _grounds(list(holdings(moves, lives(moves))))
    keys = grounds["territory_key"].unique()
    territories = pl.DataFrame(dict.fromkeys(("territory_key", "territory_code", "name"), keys)).with_columns(
        department_code=pl.lit("01"), region_code=pl.lit("84")
    )
    with warehouse(territories, grounds, populations({})) as connection:
        connection.register("counted", pl.DataFrame({"code": _CODES, "people": people}).to_arrow())
        for year in range(1999, last + 1):
            rows = connection.execute(
                "select m.to_territory_key, m.how, p.people * m.weight from counted p "
                "join marts.commune_moved('1999-01-01', ?) m on m.from_territory_key = 'commune:' || p.code",
                [f"{year}-06-30"],
            ).fetchall()
            assert sum(moved for _, _, moved in rows) == sum(people)
            alive = connection.execute("select territory_key from marts.communes_on(?)", [f"{year}-06-30"]).fetchall()
            assert {key for key, _, _ in rows} == {key for (key,) in alive}
            if year == 1999:
                assert {how for _, how, _ in rows} == {"unchanged"}
