"""INSEE's density grid: four sheets of one workbook, a class a territory and classification."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from dataset_files import counts, deliver

COMMUNES = [
    "CODGEO",
    "LIBGEO",
    "DENS",
    "LIBDENS",
    "PMUN22",
    "P1",
    "P2",
    "P3",
    "DENS_AAV",
    "LIBDENS_AAV",
    "DENS7",
    "LIBDENS7",
]
TITLES: list[list[Any]] = [
    ["Grille de densité 2025"],
    ["France"],
    ["Géographie au 01/01/2025"],
    ["\nCode\n", "Libellé\n"],
]
SHEETS: dict[str, list[list[Any]]] = {
    "Maille communale": [
        COMMUNES,
        ["33063", "Bordeaux", 1, "Urbain dense", 1000, 99.5, 0.5, 0, 1, "Urbain dense", 1, "Grands centres urbains"],
        ["23006", "Arrènes", 3, "Rural", 20, 0, 0, 100, 4, "Rural non périurbain", 7, "Rural à habitat très dispersé"],
        [
            "99999",
            "Nulle part",
            3,
            "Rural",
            20,
            0,
            0,
            100,
            4,
            "Rural non périurbain",
            7,
            "Rural à habitat très dispersé",
        ],
    ],
    "Maille EPCI": [
        ["ECPI", "LIB_EPCI", *COMMUNES[2:8]],
        ["243300316", "Bordeaux Métropole", 1, "Urbain dense", 9000, 60, 30, 10],
    ],
    "Maille Bassin de Vie": [
        ["BV", "LIB_BV", *COMMUNES[2:8]],
        ["01004", "Ambérieu", 3, "Rural", 500, 0, 40, 60],
        [],
        [],
    ],
    "Maille départementale": [
        ["DEP", "LIB_DEP", "DENS", "LIBDENS", "P_RURAL"],
        ["976", "Mayotte ", 1, "Département à prédominance urbaine", 19.5],
    ],
    "Documentation": [["Définitions"]],
}


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "density_2025.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, rows in SHEETS.items():
            sheet = book.add_worksheet(name)
            for index, row in enumerate([*TITLES, *rows]):
                sheet.write_row(index, 0, row)
    return path


def test_each_sheet_is_of_a_level(workbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # One row in six is of a commune that there never was; of the published file none is.
    monkeypatch.setattr("ingestion.datasets.delivery.MOST_QUARANTINED", 1.0)
    read = deliver(workbook)
    assert read.dataset_key == "insee-grille-densite@2025"
    assert counts(read)[1] == 5
    assert {(r.column, r.value) for r in read.refused} == {("CODGEO", "99999")}
    classes = read.frames["classification"]
    of_bordeaux = classes.filter(pl.col("territory_key") == "commune:33063").sort("scheme")
    assert of_bordeaux.select("class_code", "share").rows() == [("1", None), ("1", 99.5), ("1", None)]
    above = classes.filter(~pl.col("territory_key").str.starts_with("commune")).sort("territory_key")
    assert above.select("territory_key", "class_label", "share").rows() == [
        ("bassin_de_vie:01004", "Rural", 60.0),
        ("department:976", "Département à prédominance urbaine", None),
        ("epci:243300316", "Urbain dense", 60.0),
    ]
    assert read.frames["population"].select("territory_key", "period", "population").rows() == [
        ("bassin_de_vie:01004", "2022", 500.0)
    ]
    shares = read.frames["local_indicator"].filter(pl.col("territory_key") == "department:976")
    assert shares.select("local_indicator_code", "value").rows() == [("p_rural", 19.5)]


def test_the_published_grid_loads_whole(documents: Path) -> None:
    read = deliver(documents / "opendata/insee-grille-densite-2025/density_2025.xlsx", whole=True)
    lines = 34_875 + 1_255 + 1_707 + 101
    assert counts(read) == (lines, lines, 0, 0)
    by_level = (
        read.frames["classification"]
        .group_by(pl.col("territory_key").str.extract("^(.+):").alias("level"), "scheme")
        .len()
    )
    assert sorted(by_level.rows()) == [
        ("bassin_de_vie", "grille de densité, 3 niveaux", 1_707),
        ("commune", "grille de densité croisée avec les aires d’attraction des villes", 34_875),
        ("commune", "grille de densité, 3 niveaux", 34_875),
        ("commune", "grille de densité, 7 niveaux", 34_875),
        ("department", "typologie de densité des départements", 101),
        ("epci", "grille de densité, 3 niveaux", 1_255),
    ]
    # The populations of reference of 2022, and Mayotte's of 2017.
    assert read.frames["population"]["population"].sum() == 67_760_573 + 256_518
