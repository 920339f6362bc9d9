"""docs/open-data.md: every query of the page runs on the marts and answers what the page says it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from jinja2 import Environment

from ingestion.datasets.contracts import load_contracts
from ingestion.datasets.delivery import read_delivery
from ingestion.periods import periods_frame
from ingestion.schemas import ACCESSIBILITY, DATASET, POPULATION, PROFESSIONAL, ZONING, Table
from ingestion.territories import REFERENCE, scan_memberships, scan_populations, scan_territories

CHECKOUT = Path(__file__).resolve().parents[2]
GUIDE = CHECKOUT / "docs" / "open-data.md"
VIEWS = CHECKOUT / "dbt_project" / "models" / "marts" / "views"
QUERIES = dict(re.findall(r'```sql name="([^"]+)"\n(.*?)```', GUIDE.read_text(encoding="utf-8"), re.DOTALL))
FACTS = (ACCESSIBILITY, POPULATION, PROFESSIONAL, ZONING)

Frames = Mapping[str, pl.DataFrame]


def marts(frames: Frames) -> duckdb.DuckDBPyConnection:
    """The marts that the page speaks of, from bronze rows and the committed reference, without a dbt build."""
    connection = duckdb.connect(":memory:")
    connection.execute("create schema marts")
    tables = {f"fct_{table.name}": frames[table.name].rename({"period": "period_key"}) for table in FACTS}
    codes = {code for name in tables for code in tables[name]["period_key"]}
    professions = pl.read_csv(REFERENCE / "professions.csv", schema_overrides={"is_aggregate": pl.Boolean})
    tables |= {
        "dim_dataset": frames["dataset"].with_columns(
            is_current=pl.col("vintage") == pl.col("vintage").max().over("dataset_code")
        ),
        "dim_territory": scan_territories().collect(),
        "bridge_territory_membership": scan_memberships().collect(),
        "dim_period": periods_frame(codes),
        "dim_profession": professions,
    }
    for name, frame in tables.items():
        connection.register("given", frame.to_arrow())
        connection.execute(f"create table marts.{name} as from given")
        connection.unregister("given")
    for view in ("v_commune_access", "v_professional_density"):
        text = (VIEWS / f"{view}.sql").read_text(encoding="utf-8")
        select = Environment().from_string(text).render(ref=lambda name: f"marts.{name}")
        connection.execute(f"create view marts.{view} as {select}")
    return connection


def rows(table: Table, given: list[dict[str, Any]]) -> pl.DataFrame:
    """Bronze rows of which only what matters is said."""
    schema = {column.name: column.dtype for column in table.columns}
    usual = {"obs_status": "observed", "is_aggregate": False}
    filled = [{name: row.get(name, usual.get(name)) for name in schema} for row in given]
    return pl.DataFrame(filled, schema=schema)


def answer(connection: duckdb.DuckDBPyConnection, name: str) -> pl.DataFrame:
    return connection.execute(QUERIES[name]).pl()


def test_the_page_has_the_queries_that_are_tested_here() -> None:
    assert set(QUERIES) == {"mean accessibility", "under-served communes", "general practitioners", "vintages"}


# On figures made up


def dataset(code: str, vintage: str) -> dict[str, Any]:
    return {"dataset_key": f"{code}@{vintage}", "dataset_code": code, "vintage": vintage, "publisher": "P"}


MADE_UP: Frames = {
    "dataset": rows(
        DATASET,
        [
            dataset("drees-apl-medecins-generalistes", "2023"),
            dataset("zonage-medecins-communes", "2025"),
            dataset("drees-rpps-effectifs", "2014"),
            dataset("cnam-effectifs-densites", "2024"),
            dataset("insee-estimations", "2023"),
        ],
    ),
    "accessibility": rows(
        ACCESSIBILITY,
        [
            {
                "dataset_key": "drees-apl-medecins-generalistes@2023",
                "territory_key": territory,
                "period": period,
                "profession_key": "medecins-generalistes",
                "doctor_age_limit": limit,
                "apl": apl,
                "population_standardised": standardised,
                "population_total": people,
            }
            for territory, period, limit, apl, standardised, people in (
                ("commune:33063", "2023", "none", 4.0, 3000.0, 3100.0),
                ("commune:33063", "2023", "65", 1.0, 3000.0, 3100.0),
                ("commune:33063", "2022", "none", 1.0, 3000.0, 3100.0),
                ("commune:33318", "2023", "none", 2.0, 1000.0, 900.0),
                ("commune:23096", "2023", "none", 2.4, 500.0, 450.0),
                ("municipal_arrondissement:75101", "2023", "none", 1.0, 500.0, 450.0),
            )
        ],
    ),
    "zoning": rows(
        ZONING,
        [
            {
                "dataset_key": "zonage-medecins-communes@2025",
                "territory_key": "commune:23096",
                "period": "2025",
                "profession_key": "medecins-generalistes",
                "mesh": "commune",
                "zone": "ZIP",
                "method_version": "méthode",
            }
        ],
    ),
    "professional": rows(
        PROFESSIONAL,
        [
            {
                "dataset_key": "drees-rpps-effectifs@2014",
                "territory_key": "department:33",
                "period": year,
                "profession_key": "rpps-medecine-generale",
                "practice_mode": "ensemble",
                "location_basis": "inscription",
                "sex": "T",
                "headcount": headcount,
                "is_aggregate": True,
            }
            for year, headcount in (("2013", 100.0), ("2014", 120.0))
        ]
        + [
            {
                "dataset_key": "cnam-effectifs-densites@2024",
                "territory_key": "department:33",
                "period": "2024",
                "profession_key": "cnam-medecins-generalistes",
                "practice_mode": "liberal",
                "location_basis": "cabinet",
                "sex": "T",
                "headcount": 90.0,
                "density": 9.5,
                "density_per": 10_000,
            }
        ],
    ),
    "population": rows(
        POPULATION,
        [
            {
                "dataset_key": "insee-estimations@2023",
                "territory_key": "department:33",
                "period": "2014",
                "population_kind": "estimee_1er_janvier",
                "sex": "T",
                "population": 150_000.0,
            }
        ],
    ),
}


@pytest.fixture(scope="module")
def made_up() -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(MADE_UP) as connection:
        yield connection


def test_a_mean_weighs_by_the_standardised_population(made_up: duckdb.DuckDBPyConnection) -> None:
    assert answer(made_up, "mean accessibility").rows() == [
        ("75", 1.0, 450.0, 450.0),
        ("23", 2.4, 450.0, 450.0),
        ("33", (4.0 * 3000 + 2.0 * 1000) / 4000, 900.0, 4000.0),
    ]


def test_communes_under_the_threshold_have_their_epci_and_zone(made_up: duckdb.DuckDBPyConnection) -> None:
    found = answer(made_up, "under-served communes").select("commune_code", "epci_name", "apl", "zone").rows()
    assert found == [
        ("33318", "Bordeaux Métropole", 2.0, None),
        ("23096", "CA du Grand Guéret", 2.4, "ZIP"),
    ]


def test_each_density_says_of_which_series_it_is_and_how_it_was_made(made_up: duckdb.DuckDBPyConnection) -> None:
    found = answer(made_up, "general practitioners").select("year", "starts_series", "per_100000", "density_is")
    assert found.rows() == [
        (2024, True, 95.0, "publiée"),
        (2013, True, None, None),
        (2014, False, 80.0, "calculée"),
    ]


# On the files as published

FILES = {
    "drees-apl-medecins-generalistes": ("drees-apl-medecins-generalistes-2022-2023/apl_generalistes.xlsx", None),
    "zonage-medecins-communes": ("zonage-medecins-communes-2025/zonmed.csv", "2025"),
    "drees-rpps-effectifs": ("drees-rpps-effectifs-2013-2014/rpps_tab3.csv", None),
    "cnam-effectifs-densites": ("cnam-demographie-effectifs-densites-2024/toutes_specialites_departement.csv", None),
    "drees-medecins-departement": ("drees-demographie-ps-2012-2020/Medecin_departement_annee.csv", None),
}


@pytest.fixture(scope="module")
def published(documents: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    frames: dict[str, list[pl.DataFrame]] = {"population": [scan_populations().collect()]}
    for code, (file, vintage) in FILES.items():
        path = documents / "opendata" / file
        read = read_delivery(load_contracts()[code], path, path.name, "0" * 64, vintage=vintage)
        for name, frame in read.frames.items():
            frames.setdefault(name, []).append(frame)
    with marts({name: pl.concat(parts, how="diagonal") for name, parts in frames.items()}) as connection:
        yield connection


def test_nouvelle_aquitaine_under_two_and_a_half_as_published(published: duckdb.DuckDBPyConnection) -> None:
    found = answer(published, "under-served communes")
    assert found.height == 1_265
    assert found["apl"].max() < 2.5
    assert found["epci_name"].null_count() == 0
    assert found["zone"].null_count() == 0
    assert set(found["apl_period_key"]) == {"2023"}
    assert set(found["zone_method_version"]) == {"avant l’arrêté du 9 mai 2025 (seuil de 2,5 consultations)"}
    departments = {"16", "17", "19", "23", "24", "33", "40", "47", "64", "79", "86", "87"}
    assert set(found["department_code"]) == departments


def test_france_weighs_as_published(published: duckdb.DuckDBPyConnection) -> None:
    """The means of the departments, weighed once more, are that of France: 3.7 in 2023."""
    found = answer(published, "mean accessibility")
    assert found.height == 100
    whole = published.execute(
        "select sum(apl * population_standardised) / sum(population_standardised) from marts.fct_accessibility "
        "where period_key = '2023' and doctor_age_limit = 'none'"
    ).fetchone()
    assert whole is not None
    assert round(whole[0], 1) == 3.7


def test_practitioners_by_department_as_published(published: duckdb.DuckDBPyConnection) -> None:
    found = answer(published, "general practitioners")
    assert found["department_code"].n_unique() == 101
    assert set(found["year"]) == {2013, 2014, 2024}
    gironde = found.filter(pl.col("department_code") == "33", pl.col("practice_mode").is_in(["ensemble", "liberal"]))
    assert gironde.select("year", "headcount", "starts_series").rows() == [
        (2024, 1845.0, True),
        (2013, 2710.0, True),
        (2014, 2740.0, False),
    ]
    assert found.filter(pl.col("year") == 2024)["density_is"].unique().to_list() == ["publiée"]
    assert answer(published, "vintages").height == len(FILES)
