"""The life of commune codes: what each kind of movement begins and ends, and INSEE's own file from 1943 to 2026."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.reference.movements import Movement, Spell, heirs, lives, read_movements

DAY = date(2016, 1, 1)
LATER = date(2020, 1, 1)


def _move(kind: str, before: str, after: str, on: date = DAY) -> Movement:
    """``COM 01001`` on each side; a side is empty for nothing."""
    from_type, _, from_code = before.partition(" ")
    to_type, _, to_code = after.partition(" ")
    return Movement(kind, on, from_type, from_code, f"name of {from_code}", to_type, to_code, f"name of {to_code}")


def test_a_merger_ends_the_absorbed_and_keeps_the_seat() -> None:
    known = lives([_move("32", "COM 01001", "COM 01002"), _move("32", "COM 01002", "COM 01002")])
    ended, kept = known["01001"][0], known["01002"][0]
    assert (ended.begins, ended.ends, ended.heirs) == (None, DAY, ("01002",))
    assert (kept.begins, kept.ends) == (None, None)
    assert ended.names == (("name of 01001", DAY),)


def test_a_delegated_commune_that_goes_leaves_its_commune_as_it_is() -> None:
    known = lives(
        [_move("32", "COM 01002", "COM 01002"), _move("35", "COMD 01001", "COM 01002", LATER)],
    )
    assert [(s.begins, s.ends) for s in known["01002"]] == [(None, None)]


def test_a_commune_that_comes_back_has_two_spells_and_its_ground() -> None:
    known = lives(
        [
            _move("31", "COM 01001", "COM 01002"),
            _move("31", "COM 01002", "COM 01002"),
            _move("21", "COM 01002", "COM 01001", LATER),
            _move("21", "COM 01002", "COM 01002", LATER),
        ]
    )
    assert [(s.begins, s.ends) for s in known["01001"]] == [(None, DAY), (LATER, None)]
    assert heirs("01001", DAY - timedelta(days=1), known) == ("01001",)


def test_a_code_that_changes_and_merges_within_a_day_has_no_life_of_its_own() -> None:
    known = lives(
        [
            _move("41", "COM 49144", "COM 44225"),
            _move("32", "COM 44225", "COM 44180"),
            _move("32", "COM 44225", "COMD 44225"),
            _move("32", "COM 44180", "COM 44180"),
        ]
    )
    assert known["44225"] == ()
    assert known["49144"][0].heirs == ("44180",)


def test_a_seat_that_goes_and_comes_back_takes_the_code_with_it() -> None:
    back = date(2023, 1, 1)
    known = lives(
        [
            _move("50", "COM 27676", "COM 27058", LATER),
            _move("35", "COMD 27058", "COM 27676", LATER),
            _move("50", "COM 27058", "COM 27676", back),
        ]
    )
    assert [(s.begins, s.ends) for s in known["27676"]] == [(None, LATER), (back, None)]
    assert [(s.begins, s.ends) for s in known["27058"]] == [(LATER, back)]


def test_what_happens_inside_a_commune_ends_nothing() -> None:
    known = lives([_move("20", "COM 13055", "ARM 13201"), _move("72", "COM 49220", "COMD 49220")])
    assert known["13055"] == (Spell("13055", None, names=(("name of 13055", DAY),)),)
    assert known["49220"][0].ends is None


def test_ground_that_leaves_the_communes_has_no_heirs() -> None:
    known = lives([_move("30", "COM 97123", " ")])
    assert known["97123"][0].ends == DAY
    assert heirs("97123", DAY - timedelta(days=1), known) == ()


def test_a_code_that_goes_without_having_been_there_is_refused() -> None:
    twice = [_move("31", "COM 01001", "COM 01002"), _move("31", "COM 01001", "COM 01003", LATER)]
    with pytest.raises(ValueError, match="01001"):
        lives(twice)


_CODES = [f"01{n:03d}" for n in range(1, 8)]


@given(st.lists(st.sampled_from(_CODES), min_size=1, max_size=6, unique=True), st.randoms())
def test_mergers_in_a_row_leave_one_heir_each(absorbed: list[str], random: object) -> None:
    """Each commune of the list goes into the next one, a year later: all end in the last."""
    moves = [
        move
        for year, (code, seat) in enumerate(pairwise(absorbed), start=1970)
        for move in (
            _move("31", f"COM {code}", f"COM {seat}", date(year, 1, 1)),
            _move("31", f"COM {seat}", f"COM {seat}", date(year, 1, 1)),
        )
    ]
    random.shuffle(moves)  # type: ignore[attr-defined]  # hypothesis' Random
    known = lives(moves)
    for code in absorbed:
        assert heirs(code, date(1960, 1, 1), known) == (absorbed[-1],)


# --- INSEE's file ---------------------------------------------------------------------------------------------------

# Communes of France on 1 January, Mayotte from 2012 on: INSEE, COG of each year; 1999 is the census's count.
COUNTS = {
    2026: 34_875,
    2025: 34_875,
    2024: 34_935,
    2023: 34_945,
    2022: 34_955,
    2021: 34_965,
    2020: 34_968,
    2019: 34_970,
    2018: 35_357,
    2017: 35_416,
    2016: 35_885,
    2015: 36_658,
    2012: 36_700,
    1999: 36_679,
}


def test_the_movements_lead_from_the_cog_of_2026_back_to_each_year(documents: Path) -> None:
    folder = documents / "opendata/insee-cog-2026"
    known = lives(read_movements(folder / "mouvements-communes.csv"))
    cog = pl.read_csv(folder / "communes.csv", infer_schema=False).filter(pl.col("TYPECOM") == "COM")
    unmoved = sum(code not in known for code in cog["COM"])
    spells = [spell for code in known for spell in known[code]]
    counted = {year: unmoved + sum(s.holds_on(date(year, 1, 1)) for s in spells) for year in COUNTS}
    assert counted == COUNTS
    assert {s.code for s in spells if s.ends is None} <= set(cog["COM"])


def test_the_movements_give_the_communes_of_the_old_classification_one_by_one(documents: Path) -> None:
    known = lives(read_movements(documents / "opendata/insee-cog-2026/mouvements-communes.csv"))
    text = (documents / "opendata/insee-cog-2016-ancien-format/france2016.txt").read_bytes().decode("cp1252")
    old = pl.read_csv(text.encode(), separator="\t", infer_schema=False).filter(pl.col("ACTUAL") == "1")
    listed = {dep + com for dep, com in old.select("DEP", "COM").iter_rows()}
    moved = {s.code for spells in known.values() for s in spells if s.holds_on(DAY)}
    assert moved <= listed
    assert not {code for code in listed - moved if code in known}
