"""INSEE's populations and local statistics: what is odd in the files, and what they say as published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlwt
from ruamel.yaml import YAML

from ingestion.datasets.contracts import load_contracts
from ingestion.datasets.delivery import Delivery, read_delivery
from ingestion.datasets.recognition import recognised_in
from warehouse.errors import InputError


def deliver(path: Path, *, vintage: str | None = None, whole: bool = False) -> Delivery:
    """Read a file as the contract that it is recognised by; ``whole`` asks for as many rows as the published one."""
    contract = load_contracts()[recognised_in(path)]
    if not whole:
        contract = contract.model_copy(update={"at_least": 1})
    return read_delivery(contract, path, path.name, "0" * 64, vintage=vintage)


def counts(read: Delivery) -> tuple[int, int, int, int]:
    account = read.account
    assert account.lines == account.loaded + account.set_aside + account.quarantined
    return account.lines, account.loaded, account.set_aside, account.quarantined


def details(table: pl.DataFrame, *by: str) -> dict[Any, float]:
    """Sums over the rows that are no totals of others."""
    summed = table.filter(~pl.col("is_aggregate")).group_by(by).agg(pl.col("population").sum()).rows()
    return {row[0] if len(by) == 1 else row[:-1]: row[-1] for row in summed}


def one(table: pl.DataFrame, **where: str | int | None) -> float:
    """The population of the one row with these cells."""
    cells = (pl.col(name).is_null() if cell is None else pl.col(name) == cell for name, cell in where.items())
    return float(table.filter(*cells)["population"].item())


# Yearly estimates: a sheet a year, merged headers, totals among the departments

AGES = ["0 à 19 ans", "20 à 39 ans", "40 à 59 ans", "60 à 74 ans", "75 ans et plus", "Total"]


def people(men: int, women: int) -> list[int]:
    """The eighteen figures of a line, the same number in each class of age."""
    return [count for number in (men + women, men, women) for count in (*[number] * 5, number * 5)]


def estimates(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    book = xlwt.Workbook()
    book.add_sheet("À savoir").write(0, 0, "Quelques remarques")
    for year, rows in sheets.items():
        sheet = book.add_sheet(year)
        lines = [
            ["Estimation de population au 1er janvier"],
            [f"Année {year}"],
            [],
            ["Départements", "", *(c for sex in ("Ensemble", "Hommes", "Femmes") for c in (sex, *[""] * 5))],
            ["", "", *AGES * 3],
            *rows,
            [""],
            ["Source : Insee - Estimations de population"],
            [" (*) Population au recensement de 1990"],
        ]
        for number, line in enumerate(lines):
            for place, cell in enumerate(line):
                sheet.write(number, place, cell)
    book.save(path)
    return path


def test_estimates_add_up_once_and_say_which_france_they_are_of(tmp_path: Path) -> None:
    rows = [
        ["01", "Ain", *people(10, 12)],
        ["2A", "Corse-du-Sud", *people(1, 2)],
        ["France métropolitaine ", "", *people(11, 14)],
        [974, "La Réunion (*)", *people(3, 4)],
        ["DOM", "", *people(3, 4)],
        ["France métropolitaine et DOM", "", *people(14, 18)],
    ]
    read = deliver(estimates(tmp_path / "estim.xls", {"2023": rows, "2013": rows}))
    assert read.dataset_key == "insee-estimations-departements@2023"
    assert counts(read) == (18, 10, 8, 0)
    table = read.frames["population"]
    assert table.height == 10 * 18
    assert details(table, "period") == {"2023": 160, "2013": 160}
    everybody = {"sex": "T", "age_from": None, "period": "2023"}
    assert one(table, territory_key="country:FR", **everybody) == 160
    assert one(table, territory_key="country:FR-METRO", **everybody) == 125
    # Without Mayotte until 2013.
    assert one(table, territory_key="country:FR-HORS-MAYOTTE", **{**everybody, "period": "2013"}) == 160
    assert one(table, territory_key="department:974", sex="F", age_from=75, period="2023") == 4
    assert set(table.filter(pl.col("age_from") == 75)["age_to"]) == {None}
    assert set(table.filter(pl.col("age_from") == 60)["age_to"]) == {74}


def test_only_the_last_three_years_are_provisional(tmp_path: Path) -> None:
    sheets = {str(year): [["01", "Ain", *people(1, 1)]] for year in (2023, 2021, 2020)}
    table = deliver(estimates(tmp_path / "estim.xls", sheets)).frames["population"]
    told = dict(table.select("period", "obs_status").unique().rows())
    assert told == {"2023": "provisional", "2021": "provisional", "2020": "estimated"}


def test_a_sheet_with_another_department_is_told_by_sheet_and_line(tmp_path: Path) -> None:
    rows = [[f"{code:02d}", "x", *people(1, 1)] for code in range(1, 30) if code != 20]
    read = deliver(
        estimates(tmp_path / "estim.xls", {"2023": rows, "2022": [["99", "Ailleurs", *people(1, 1)], *rows]})
    )
    assert counts(read)[3] == 1
    (refused,) = read.rejections
    assert "2022" in str(refused)
    assert refused["keys"] == ["department:99"]


def test_the_estimates_as_published(documents: Path) -> None:
    read = deliver(documents / "opendata/insee-estimations-population/estim-pop-dep-sexe-gca-1975-2023.xls", whole=True)
    assert counts(read) == (5081, 4933, 148, 0)
    table = read.frames["population"]
    assert table.height == 4933 * 18
    summed = details(table, "period")
    # « France métropolitaine et DOM » of 2023 and 1990, « France métropolitaine » of 1975, as printed.
    assert (summed["2023"], summed["1990"], summed["1975"]) == (68_042_591, 57_998_429, 52_600_000)


# The same for one year, in thousands, as saved from a spreadsheet

THOUSANDS = """\
Population par département;;;;
;;;;
;"Estimation
de population
au 1er janvier
20201
en milliers";"Variation
annuelle moyenne
20/12
en %";;
01 Ain;1 657,4;0,9;;
2B Haute-Corse;180,1;1,0;;
France métropolitaine;1 837,5;0,3;;
975 Mayotte;279,5;nd;;
France y c. Mayotte;2 117,0;nd;;
France hors Mayotte;1 837,5;0,3;;
nd : donnée non disponible.;;;;
1. Résultats provisoires arrêtés fin 2019.;;;;
Source : Insee, estimations de population.;;;;
"""


def test_thousands_become_people_and_mayotte_gets_its_code(tmp_path: Path) -> None:
    path = tmp_path / "Pop_departement_2020.csv"
    path.write_bytes(THOUSANDS.encode("windows-1252"))
    read = deliver(path)
    assert read.dataset_key == "insee-estimations-departements-total@2020"
    assert counts(read) == (9, 6, 3, 0)
    told = dict(read.frames["population"].select("territory_key", "population").rows())
    assert told == {
        "department:01": 1_657_400,
        "department:2B": 180_100,
        "country:FR-METRO": 1_837_500,
        "department:976": 279_500,
        "country:FR": 2_117_000,
        "country:FR-HORS-MAYOTTE": 1_837_500,
    }


def test_the_year_in_thousands_as_published(documents: Path) -> None:
    read = deliver(documents / "opendata/insee-estimations-population/Pop_departement_2020.csv", whole=True)
    assert counts(read) == (107, 104, 3, 0)
    table = read.frames["population"]
    # Each department is rounded to a hundred people; France is not their sum.
    published = one(table, territory_key="country:FR")
    assert published == 67_063_700
    assert abs(details(table, "period")["2020"] - published) <= 101 * 50


# Legal populations: sums of the communes in files of their own


def test_a_semicolon_too_many_at_the_end_of_lines_is_nothing(tmp_path: Path) -> None:
    path = tmp_path / "Departements.csv"
    path.write_text(
        "CODDEP;DEP;NBARR;NBCAN;NBCOM;PMUN;PTOT;\n33;Gironde;6;33;535;10;12;\n2A;Corse-du-Sud;2;11;124;5;6;\n\n"
    )
    read = deliver(path, vintage="2017")
    assert counts(read) == (3, 2, 1, 0)
    assert details(read.frames["population"], "territory_key") == {}, "departments repeat their communes"


@pytest.mark.parametrize(
    ("name", "code", "expected", "total"),
    [
        ("Departements.csv", "departements", (101, 100, 1, 0), 66_524_339),
        ("Regions.csv", "regions", (17, 17, 0, 0), 66_524_339),
        ("Arrondissements.csv", "arrondissements", (333, 332, 1, 0), 66_524_339),
        ("Collectivites_d_outre_mer.csv", "outre-mer", (4, 4, 0, 0), 51_292),
    ],
)
def test_legal_populations_as_published(
    documents: Path, name: str, code: str, expected: tuple[int, ...], total: int
) -> None:
    read = deliver(documents / "opendata/insee-populations-legales-2017" / name, whole=True)
    assert read.dataset_key == f"insee-populations-legales-{code}@2017"
    assert counts(read) == expected
    municipal = read.frames["population"].filter(pl.col("population_kind") == "municipale")
    assert municipal["population"].sum() == total
    assert municipal["is_aggregate"].unique().to_list() == [code != "outre-mer"]


def test_communes_add_up_to_what_their_departments_are_published_with(documents: Path) -> None:
    folder = documents / "opendata/insee-populations-legales-2017"
    communes, departments = (
        deliver(folder / name, whole=True).frames["population"].filter(pl.col("population_kind") == "municipale")
        for name in ("Communes.csv", "Departements.csv")
    )
    code = pl.col("territory_key").str.extract(r":(97\d|..)")
    summed = communes.group_by(code.alias("department")).agg(pl.col("population").sum())
    told = departments.select(code.alias("department"), "population")
    assert dict(summed.rows()) == dict(told.rows())


# INSEE's API

PAGE = {
    "identifier": "DS_POPULATIONS_REFERENCE",
    "observations": [
        {
            "dimensions": {"GEO": geo, "FREQ": "A", "TIME_PERIOD": "2023", "POPREF_MEASURE": kind},
            "measures": {"OBS_VALUE_NIVEAU": {"value": value}},
        }
        for geo, kind, value in (
            ("2025-COM-75056", "PMUN", 30.0),
            ("2025-ARM-75101", "PMUN", 10.0),
            ("2025-ARM-75102", "PMUN", 20.0),
            ("2025-COM-33063", "PMUN", 5.0),
            ("2025-COM-33063", "PTOT", 6.0),
            ("2025-DEP-75", "PMUN", 30.0),
        )
    ],
}


def test_pages_of_the_api_are_observations_of_every_level(tmp_path: Path) -> None:
    path = tmp_path / "DS_POPULATIONS_REFERENCE.json"
    path.write_text(json.dumps(PAGE) + "\n")
    read = deliver(path)
    assert read.dataset_key == "insee-melodi-populations-reference@2023"
    assert counts(read) == (6, 6, 0, 0)
    assert details(read.frames["population"], "population_kind") == {"municipale": 35, "totale": 6}
    assert set(read.frames["population"]["territory_key"]) == {
        "commune:75056",
        "municipal_arrondissement:75101",
        "municipal_arrondissement:75102",
        "commune:33063",
        "department:75",
    }


@pytest.mark.parametrize(
    ("line", "expectation"),
    [
        ({"identifier": "DS_POPULATIONS_REFERENCE"}, "a page with its observations"),
        ({"observations": [{"dimensions": {}}]}, "an observation with GEO"),
        (
            {
                "observations": [
                    {"dimensions": {"GEO": "2025-COM-33063"}, "measures": {"OBS_VALUE_NIVEAU": {"value": 1}, "X": 1}}
                ]
            },
            "no measure but OBS_VALUE_NIVEAU",
        ),
    ],
)
def test_an_observation_of_another_shape_is_told(tmp_path: Path, line: dict[str, Any], expectation: str) -> None:
    many = {
        **PAGE,
        "observations": [
            {
                **PAGE["observations"][3],
                "dimensions": {**PAGE["observations"][3]["dimensions"], "GEO": f"2025-COM-330{n:02d}"},
            }
            for n in range(1, 64)
        ],
    }
    path = tmp_path / "DS_POPULATIONS_REFERENCE.json"
    path.write_text(json.dumps(many) + "\n" + json.dumps(line) + "\n")
    read = deliver(path)
    assert [refused.line for refused in read.refused] == [64]
    assert expectation in read.refused[0].expectation


def test_an_answer_without_rows_or_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "DS_POPULATIONS_REFERENCE.json"
    path.write_text(json.dumps({**PAGE, "observations": []}) + "\n")
    with pytest.raises(InputError, match="at least 1 rows"):
        deliver(path)
    path.write_text(json.dumps(PAGE)[:-5])
    with pytest.raises(InputError, match="a whole file of its form"):
        deliver(path)


def test_the_recorded_answers_of_the_api(documents: Path, tmp_path: Path) -> None:
    recording = documents / "opendata/insee-melodi-api-recordings/get_local_data_by_com_popref.yml"
    bodies = [i["response"]["body"]["string"] for i in YAML(typ="safe").load(recording)["http_interactions"]]
    path = tmp_path / "DS_POPULATIONS_REFERENCE.json"
    path.write_text("\n".join(bodies) + "\n", encoding="utf-8")
    read = deliver(path)
    assert counts(read) == (72, 72, 0, 0)
    nantes = read.frames["population"].filter(pl.col("territory_key") == "commune:44109")
    assert one(nantes, population_kind="municipale") == 327_734


# Statistiques locales: exports that somebody composed


def export(folder: Path, level: str, header: str, *rows: str) -> Path:
    path = folder / "export.csv"
    lines = ["Insee - Statistiques locales; ; ", f"Référentiel géographique : France par {level}; ; ", header, *rows]
    path.write_text("\ufeff" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_each_value_keeps_the_year_behind_its_label(tmp_path: Path) -> None:
    header = "Code;Libellé;Pharmacie (en nombre) 2023;Taux de pauvreté 2021;Pharmacie (en nombre) 2024"
    read = deliver(
        export(
            tmp_path,
            "département",
            header,
            "33;Gironde;4;10.5;5",
            "976;Mayotte;1;N/A - résultat non disponible;N/A - secret statistique",
        )
    )
    assert read.dataset_key == "insee-statistiques-locales-departements@2024"
    table = read.frames["local_indicator"].sort("territory_key", "local_indicator_code", "period")
    told = table.select("territory_key", "local_indicator_code", "period", "value", "unit", "conf_status").rows()
    assert told == [
        ("department:33", "pharmacies", "2023", 4.0, "count", None),
        ("department:33", "pharmacies", "2024", 5.0, "count", None),
        ("department:33", "taux_de_pauvrete", "2021", 10.5, "percent", None),
        ("department:976", "pharmacies", "2023", 1.0, "count", None),
        ("department:976", "pharmacies", "2024", None, "count", "secret"),
        ("department:976", "taux_de_pauvrete", "2021", None, "percent", None),
    ]


def test_the_geography_of_an_export_tells_its_dataset(tmp_path: Path) -> None:
    header = "Code;Libellé;Taux de pauvreté 2021"
    path = export(tmp_path, "bassin de vie", header, "01004;Ambérieu-en-Bugey;1")
    assert deliver(path).frames["local_indicator"]["territory_key"].to_list() == ["bassin_de_vie:01004"]
    with pytest.raises(InputError, match="the header of a known dataset"):
        deliver(export(tmp_path, "commune", header, "01004;Ambérieu-en-Bugey;1"))


def test_an_indicator_that_nobody_declared_refuses_the_export(tmp_path: Path) -> None:
    path = export(tmp_path, "département", "Code;Libellé;Taux de pauvreté 2021;Taux d’ennui 2024", "33;Gironde;1;2")
    with pytest.raises(InputError, match="Taux d’ennui 2024"):
        deliver(path)


@pytest.mark.parametrize(
    ("name", "code", "rows", "values", "secret"),
    [
        ("health_anova_regression.csv", "departements", 101, 2222, 0),
        ("social_determinants.csv", "bassins-de-vie", 1707, 27_312, 1),
    ],
)
def test_exports_as_published(documents: Path, name: str, code: str, rows: int, values: int, secret: int) -> None:
    read = deliver(documents / "opendata/insee-statistiques-locales-exports" / name, whole=True)
    assert read.code == f"insee-statistiques-locales-{code}"
    assert counts(read) == (rows, rows, 0, 0)
    table = read.frames["local_indicator"]
    assert table.height == values
    assert table.filter(pl.col("conf_status") == "secret").height == secret
