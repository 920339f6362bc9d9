"""Whose a finding is: the matching on its own, then what surrounds a thing, as a working database tells it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stewardship.ownership import (
    Concern,
    Links,
    Owner,
    as_before,
    concern_of,
    matched,
    nobody,
    outwards,
    owner_of,
    owning,
    read_links,
)
from stewardship.stewards import KINDS, Stewards
from warehouse.paths import Home

PEOPLE = ("ada", "bea", "cleo", "dora")
AROUND = {
    "commune:33063": ("department:33", "region:75"),
    "department:33": ("region:75",),
    "region:75": ("country:FR",),
}
LINKS = Links(
    concepts={"msp": "msp_concept"},
    measures={"msp": "exercice_coordonne"},
    parent_measures={"exercice_coordonne": "pacte"},
    around=AROUND,
)
#: From the most to the least specific: what a finding about everything concerns.
LADDER = [
    ("indicator", "msp"),
    ("concept", "msp_concept"),
    ("measure", "exercice_coordonne"),
    ("measure", "pacte"),
    ("report", "bilan-2019"),
    ("dataset", "finess"),
    ("territory", "commune:33063"),
    ("territory", "department:33"),
    ("territory", "region:75"),
    ("territory", "country:FR"),
]
EVERYTHING = {
    "indicator_code": "msp",
    "territory_key": "commune:33063",
    "observation_ids": ["bilan-2019#msp-1", "bilan-2019#msp-2"],
    "fact_refs": ["finess@2024|commune:33063"],
}


def stewards(*rules: tuple[str, str, str]) -> Stewards:
    """A file whose rules are (steward, kind, code); ada is the default."""
    return Stewards.model_validate(
        {
            "default": "ada",
            "stewards": [{"id": name, "name": name.title()} for name in PEOPLE],
            "ownership": [{"steward": steward, kind: code} for steward, kind, code in rules],
        }
    )


def test_what_a_finding_concerns() -> None:
    assert concern_of(EVERYTHING, LINKS) == Concern(
        indicator=("msp",),
        concept=("msp_concept",),
        measure=("exercice_coordonne", "pacte"),
        report=("bilan-2019",),
        dataset=("finess",),
        territory=("commune:33063", "department:33", "region:75", "country:FR"),
    )


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, Concern()),
        ({"territory_key": "not_stated:none"}, Concern()),
        ({"territory_key": "commune:99999"}, Concern(territory=("commune:99999",))),
        ({"concept_code": "relecture", "indicator_code": None}, Concern(concept=("relecture",))),
        (
            {"concept_code": "old", "indicator_code": "msp"},
            Concern(("msp",), ("old", "msp_concept"), ("exercice_coordonne", "pacte")),
        ),
        ({"fact_refs": ["cnam-effectifs"]}, Concern(report=("cnam-effectifs",), dataset=("cnam-effectifs",))),
        ({"fact_refs": ["a#64-pau|elus", "b@2019|commune:1#x"]}, Concern(report=("a",), dataset=("b",))),
        ({"observation_ids": None, "fact_refs": ["", "|x", "#y"]}, Concern()),
    ],
)
def test_what_is_not_known_is_not_concerned(row: dict[str, Any], expected: Concern) -> None:
    assert concern_of(row, LINKS) == expected


def test_nobody_named_is_the_default() -> None:
    assert owner_of(stewards(("bea", "indicator", "another")), concern_of(EVERYTHING, LINKS)) == Owner("ada", "default")


@given(
    claimed=st.lists(st.sampled_from(LADDER), min_size=1, unique=True),
    owners=st.lists(st.sampled_from(PEOPLE), min_size=len(LADDER), max_size=len(LADDER)),
    data=st.data(),
)
def test_the_most_specific_wins_in_whatever_order(
    claimed: list[tuple[str, str]], owners: list[str], data: st.DataObject
) -> None:
    """Of a report and a dataset, which are as specific as each other, one only is claimed here."""
    if ("report", "bilan-2019") in claimed:
        claimed = [claim for claim in claimed if claim[0] != "dataset"]
    rules = [(owner, *claim) for owner, claim in zip(owners, claimed, strict=False)]
    kind, code = min(claimed, key=LADDER.index)
    owner = owners[claimed.index((kind, code))]
    shuffled = data.draw(st.permutations(rules))
    assert owner_of(stewards(*shuffled), concern_of(EVERYTHING, LINKS)) == Owner(owner, kind, code)


@given(others=st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(["x", "y", "z"])), unique=True))
def test_rules_about_other_things_change_nothing(others: list[tuple[str, str]]) -> None:
    rules = [("bea", kind, code) for kind, code in others]
    assert owner_of(stewards(*rules), concern_of(EVERYTHING, LINKS)) == Owner("ada")
    named = owner_of(stewards(*rules, ("cleo", "territory", "country:FR")), concern_of(EVERYTHING, LINKS))
    assert named == Owner("cleo", "territory", "country:FR")


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_sources_the_rule_that_stands_first_wins(first: int) -> None:
    rules = [("bea", "report", "bilan-2019"), ("cleo", "dataset", "finess")]
    rules = rules[first:] + rules[:first]
    assert owner_of(stewards(*rules), concern_of(EVERYTHING, LINKS)).steward == rules[0][0]


def test_outwards_ends_in_a_circle_and_puts_the_inner_first() -> None:
    assert outwards("commune:33063", lambda t: AROUND.get(t, ())) == (
        "commune:33063",
        "department:33",
        "region:75",
        "country:FR",
    )
    circle = {"a": "b", "b": "a"}
    assert outwards("a", lambda one: [circle[one]]) == ("a", "b")


def test_an_owner_is_told_by_name_with_the_rule() -> None:
    own = matched(stewards(("bea", "territory", "department:33")), LINKS)
    now = own(EVERYTHING, None)
    assert now == {
        "steward": "Bea",
        "by": "territory",
        "code": "department:33",
        "concept_code": None,
        "territory_key": "commune:33063",
    }
    # A finding as stored has the code of its territory only; what its ownership kept tells which.
    stored = {name: value for name, value in EVERYTHING.items() if name != "territory_key"} | {
        "territory_code": "33063"
    }
    assert own(stored, now) == now
    unknown = own(stored, None)
    assert unknown is not None
    assert (unknown["steward"], unknown["by"]) == ("Ada", "default")


@pytest.fixture
def build(home: Path) -> Home:
    """A home whose working database has a territory, an indicator and two measures."""
    at = Home(home).create()
    with duckdb.connect(str(at.build)) as connection:
        connection.execute(
            """
            CREATE SCHEMA marts;
            CREATE TABLE marts.dim_indicator AS
                SELECT 'msp' AS indicator_key, 'msp_concept' AS concept_code, 'exercice_coordonne' AS measure_key
                UNION ALL SELECT 'other', 'other', NULL;
            CREATE TABLE marts.dim_measure AS
                SELECT 'exercice_coordonne' AS measure_key, 'pacte' AS parent_measure_key
                UNION ALL SELECT 'pacte', NULL;
            CREATE TABLE marts.dim_territory (
                territory_key VARCHAR, parent_territory_key VARCHAR, region_code VARCHAR, department_code VARCHAR
            );
            INSERT INTO marts.dim_territory VALUES
                ('commune:33063', NULL, '75', '33'), ('department:33', 'region:75', '75', '33'),
                ('region:75', 'country:FR', '75', NULL), ('country:FR', NULL, NULL, NULL);
            """
        )
    return at


def test_links_are_read_from_the_working_database(build: Home) -> None:
    links = read_links(build.build)
    assert (links.concepts, links.measures) == ({"msp": "msp_concept", "other": "other"}, {"msp": "exercice_coordonne"})
    assert concern_of(EVERYTHING, links) == concern_of(EVERYTHING, LINKS)


def test_how_a_home_owns_hangs_on_its_file(build: Home) -> None:
    assert owning(build) is nobody
    build.stewards.write_text("default: [", encoding="utf-8")
    assert owning(build) is as_before
    build.stewards.write_text(
        "default: ada\nstewards: [{id: ada, name: Ada}, {id: bea, name: Bea}]\n"
        "ownership: [{steward: bea, territory: region:75}]\n",
        encoding="utf-8",
    )
    owned = owning(build)({"territory_key": "commune:33063"}, None)
    assert owned is not None
    assert (owned["steward"], owned["code"]) == ("Bea", "region:75")
