"""The life of commune codes: what each kind of movement begins and ends, and INSEE's own file from 1943 to 2026."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.reference.grounds import holdings
from ingestion.reference.movements import Movement, Spell, lives, read_movements

DAY = date(2016, 1, 1)
LATER = date(2020, 1, 1)


def _move(kind: str, before: str, after: str, on: date = DAY) -> Movement:
    """``COM 01001`` on each side; a side is empty for nothing."""
    from_type, _, from_code = before.partition(" ")
    to_type, _, to_code = after.partition(" ")
    return Movement(kind, on, from_type, from_code, f"name of {from_code}", to_type, to_code, f"name of {to_code}")


def _holders(moves: list[Movement], ground: str) -> list[tuple[str, date | None, date | None]]:
    return [(h.code, h.begins, h.ends) for h in holdings(moves, lives(moves)) if h.ground == ground]


def test_a_merger_ends_the_absorbed_and_keeps_the_seat() -> None:
    moves = [_move("32", "COM 01001", "COM 01002"), _move("32", "COM 01002", "COM 01002")]
    assert lives(moves)["01001"] == (Spell("01001", None, DAY, "name of 01001"),)
    assert lives(moves)["01002"] == (Spell("01002", None, None, "name of 01002"),)
    assert _holders(moves, "01001") == [("01001", None, DAY), ("01002", DAY, None)]


def test_a_delegated_commune_that_goes_leaves_its_commune_as_it_is() -> None:
    known = lives(
        [_move("32", "COM 01002", "COM 01002"), _move("35", "COMD 01001", "COM 01002", LATER)],
    )
    assert [(s.begins, s.ends) for s in known["01002"]] == [(None, None)]


def test_a_commune_that_comes_back_has_two_spells_and_its_ground() -> None:
    """With what had come to it before it went, and without what its host had of its own."""
    before = date(2000, 1, 1)
    moves = [
        _move("31", "COM 01003", "COM 01001", before),
        _move("31", "COM 01001", "COM 01001", before),
        _move("31", "COM 01001", "COM 01002"),
        _move("31", "COM 01002", "COM 01002"),
        _move("21", "COM 01002", "COM 01001", LATER),
        _move("21", "COM 01002", "COM 01002", LATER),
    ]
    assert [(s.begins, s.ends) for s in lives(moves)["01001"]] == [(None, DAY), (LATER, None)]
    assert _holders(moves, "01001") == [("01001", None, DAY), ("01002", DAY, LATER), ("01001", LATER, None)]
    assert _holders(moves, "01003")[-1] == ("01001", LATER, None)
    assert _holders(moves, "01002") == [("01002", None, None)]


def test_a_commune_made_of_parts_of_others_has_a_ground_of_each() -> None:
    moves = [
        _move("20", "COM 91122", "COM 91692"),
        _move("20", "COM 91122", "COM 91122"),
        _move("20", "COM 91471", "COM 91692"),
        _move("20", "COM 91471", "COM 91471"),
    ]
    assert _holders(moves, "91692") == [("91122", None, DAY), ("91692", DAY, None)]
    assert _holders(moves, "91692-91471") == [("91471", None, DAY), ("91692", DAY, None)]
    assert _holders(moves, "91122") == [("91122", None, None)]


def test_a_commune_shared_out_has_a_piece_for_each_neighbour() -> None:
    moves = [_move("30", "COM 08227", "COM 08203"), _move("30", "COM 08227", "COM 08454")]
    moves += [_move("30", f"COM {code}", f"COM {code}") for code in ("08203", "08454")]
    assert _holders(moves, "08227") == [("08227", None, DAY), ("08203", DAY, None)]
    assert _holders(moves, "08227-08454") == [("08227", None, DAY), ("08454", DAY, None)]


def test_a_commune_that_comes_from_nowhere_begins_with_its_ground() -> None:
    assert _holders([_move("20", " ", "COM 97601")], "97601") == [("97601", DAY, None)]


def test_a_code_that_changes_and_merges_within_a_day_has_no_life_of_its_own() -> None:
    moves = [
        _move("41", "COM 49144", "COM 44225"),
        _move("32", "COM 44225", "COM 44180"),
        _move("32", "COM 44225", "COMD 44225"),
        _move("32", "COM 44180", "COM 44180"),
    ]
    assert lives(moves)["44225"] == ()
    assert _holders(moves, "49144") == [("49144", None, DAY), ("44180", DAY, None)]


def test_a_seat_that_goes_and_comes_back_takes_the_code_with_it() -> None:
    back = date(2023, 1, 1)
    moves = [
        _move("50", "COM 27676", "COM 27058", LATER),
        _move("35", "COMD 27058", "COM 27676", LATER),
        _move("50", "COM 27058", "COM 27676", back),
    ]
    assert [(s.begins, s.ends) for s in lives(moves)["27676"]] == [(None, LATER), (back, None)]
    assert [(s.begins, s.ends) for s in lives(moves)["27058"]] == [(LATER, back)]
    assert _holders(moves, "27676") == [("27676", None, LATER), ("27058", LATER, back), ("27676", back, None)]


def test_what_happens_inside_a_commune_ends_nothing() -> None:
    known = lives([_move("20", "COM 13055", "ARM 13201"), _move("72", "COM 49220", "COMD 49220")])
    assert known["13055"] == (Spell("13055", None, None, "name of 13055"),)
    assert known["49220"][0].ends is None


def test_ground_that_leaves_the_communes_is_held_by_none() -> None:
    moves = [_move("30", "COM 97123", " ")]
    assert lives(moves)["97123"][0].ends == DAY
    assert _holders(moves, "97123") == [("97123", None, DAY)]


def test_a_code_that_goes_without_having_been_there_is_refused() -> None:
    twice = [_move("31", "COM 01001", "COM 01002"), _move("31", "COM 01001", "COM 01003", LATER)]
    with pytest.raises(ValueError, match="01001"):
        lives(twice)


_CODES = [f"01{n:03d}" for n in range(1, 8)]


@given(st.lists(st.sampled_from(_CODES), min_size=2, max_size=6, unique=True), st.randoms())
def test_mergers_in_a_row_leave_every_ground_in_the_last(absorbed: list[str], random: object) -> None:
    """Each commune of the list goes into the next one, a year later."""
    moves = [
        move
        for year, (code, seat) in enumerate(pairwise(absorbed), start=1970)
        for move in (
            _move("31", f"COM {code}", f"COM {seat}", date(year, 1, 1)),
            _move("31", f"COM {seat}", f"COM {seat}", date(year, 1, 1)),
        )
    ]
    random.shuffle(moves)  # type: ignore[attr-defined]  # hypothesis' Random
    now = {h.ground: h.code for h in holdings(moves, lives(moves)) if h.ends is None}
    assert now == dict.fromkeys(absorbed, absorbed[-1])


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
