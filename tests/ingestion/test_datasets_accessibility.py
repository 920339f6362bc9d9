"""Accessibility: workbooks with a sheet a year, indicators by bassin de vie, and how they are averaged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from dataset_files import counts, deliver

from warehouse.errors import InputError

UNITS = ["", "", "En nombre de consultations", "En nombre de consultations", "En nombre d'habitants", ""]
ROWS: list[list[Any]] = [
    ["01004", "Ambérieu-en-Bugey", 3.5, 2.5, 1400.25, 1428],
    ["33063", "Bordeaux", 6, 5.25, 26000.5, 26500],
    ["75101", "Paris 1er Arrondissement", 4.125, 3, 1600, 1610],
]


def headings(year: int, who: str = "médecins généralistes", limit: str = " de moins de 65 ans") -> list[str]:
    population = f"Population standardisée {year - 2} pour la médecine générale"
    return [
        "Code commune INSEE",
        "Commune",
        f"APL aux {who}",
        f"APL aux {who}{limit}",
        population,
        f"Population totale {year - 2}",
    ]


def workbook(path: Path, sheets: dict[str, tuple[list[str], list[list[Any]]]]) -> Path:
    """The published form: eight lines of title, the header, a line of units, the rows, and a sheet that is no table."""
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Paramètres").write_row(0, 0, ["Paramètres de l'indicateur d'APL"])
        for name, (header, rows) in sheets.items():
            sheet = book.add_worksheet(name)
            for at, title in enumerate(
                ("Indicateur d'APL", "", f"Millésime : {name[-4:]}", "Sources", "Champ", "Lecture")
            ):
                sheet.write(at, 0, title)
            for at, row in enumerate([header, UNITS[: len(header)], *rows]):
                for column, cell in enumerate(row):
                    if cell is not None:
                        sheet.write(8 + at, column, cell)
    return path


def test_each_sheet_is_a_year_and_each_age_limit_a_row(tmp_path: Path) -> None:
    empty = [[None] * 6] * 10
    read = deliver(
        workbook(
            tmp_path / "apl_generalistes.xlsx",
            {"APL 2022": (headings(2022), ROWS[:2]), "APL 2023": (headings(2023), [*ROWS, *empty])},
        )
    )
    assert read.dataset_key == "drees-apl-medecins-generalistes@2023"
    assert counts(read) == (5, 5, 0, 0)
    table = read.frames["accessibility"]
    columns = ("territory_key", "doctor_age_limit", "apl", "population_standardised", "population_total")
    assert table.filter(pl.col("period") == "2023").sort(columns[:2]).select(columns).rows() == [
        ("commune:01004", "65", 2.5, 1400.25, 1428.0),
        ("commune:01004", "none", 3.5, 1400.25, 1428.0),
        ("commune:33063", "65", 5.25, 26000.5, 26500.0),
        ("commune:33063", "none", 6.0, 26000.5, 26500.0),
        ("municipal_arrondissement:75101", "65", 3.0, 1600.0, 1610.0),
        ("municipal_arrondissement:75101", "none", 4.125, 1600.0, 1610.0),
    ]
    assert table.filter(pl.col("period") == "2022").height == 4
    assert set(table["unit"]) == {"consultations par habitant standardisé et par an"}
    assert read.frames["dataset"]["territory_vintage"].to_list() == ["2024"]


def test_the_form_of_2019(tmp_path: Path) -> None:
    """Sheet with an underscore, code under « Commune », no total population, notes under the rows."""
    header = [
        "Commune",
        "Libellé commune",
        "APL aux médecins généralistes",
        "APL aux médecins généralistes de 65 ans et moins ",
        "APL aux médecins généralistes de 62 ans ou moins",
        "Population standardisée par la consommation de soins de médecine générale par tranche d'âge",
    ]
    rows = [
        ["33063", "Bordeaux", 6, 5, 4, 26000],
        ["Lecture : à Bordeaux", *[None] * 5],
        ["Champ : France", *[None] * 5],
    ]
    read = deliver(workbook(tmp_path / "apl.xlsx", {"APL_2019": (header, rows)}))
    assert (read.dataset_key, counts(read)) == ("drees-apl-medecins-generalistes@2019", (3, 1, 2, 0))
    table = read.frames["accessibility"].sort("doctor_age_limit")
    assert table.select("doctor_age_limit", "apl", "population_total").rows() == [
        ("62", 4.0, None),
        ("65", 5.0, None),
        ("none", 6.0, None),
    ]


@pytest.mark.parametrize(
    ("who", "code", "profession"),
    [
        ("infirmiers", "infirmiers", "infirmiers"),
        ("infirmières", "infirmiers", "infirmiers"),
        ("masseurs-kinésithérapeutes", "masseurs-kinesitherapeutes", "masseurs-kinesitherapeutes"),
        ("sages-femmes", "sages-femmes", "sages-femmes"),
        ("chirurgiens-dentistes", "chirurgiens-dentistes", "chirurgiens-dentistes"),
    ],
)
def test_other_professions_are_in_full_time_equivalents(tmp_path: Path, who: str, code: str, profession: str) -> None:
    header = headings(2022, who)[:3] + headings(2022)[4:]
    rows = [[*row[:3], *row[4:]] for row in ROWS]
    read = deliver(workbook(tmp_path / "apl.xlsx", {"APL 2022": (header, rows)}))
    assert read.code == f"drees-apl-{code}"
    table = read.frames["accessibility"]
    assert set(table.select("profession_key", "unit", "doctor_age_limit").rows()) == {
        (profession, "équivalents temps plein pour 100 000 habitants standardisés", "none")
    }


def test_accessibility_as_published(documents: Path) -> None:
    """The national mean of 2023 is 3.7 once weighted as the note in the sheet says; a plain mean of communes, 3.0."""
    path = documents / "opendata" / "drees-apl-medecins-generalistes-2022-2023" / "apl_generalistes.xlsx"
    read = deliver(path, whole=True)
    assert counts(read) == (69_918, 69_918, 0, 0)
    table = read.frames["accessibility"].filter(pl.col("doctor_age_limit") == "none")
    assert dict(table["period"].value_counts().rows()) == {"2022": 34_964, "2023": 34_954}
    last = table.filter(pl.col("period") == "2023")
    weight = pl.col("population_standardised")
    weighted, plain = last.select((pl.col("apl") * weight).sum() / weight.sum(), plain=pl.col("apl").mean()).row(0)
    assert (round(weighted, 1), round(plain, 1)) == (3.7, 3.0)


# CartoSanté, by bassin de vie

BASSINS = """\
CartoSanté; ; ; ; ; ; ; ; ;\x20
Référentiel géographique : France par bassin de vie; ; ; ; ; ; ; ; ;\x20
Code;Libellé;Part des bénéf. ophtalmo. dans pop. 2024;APL Médecins généralistes 2023;\
Densité d'orthophonistes lib. 2024;Densité de généralistes lib. 2024;\
Densité d'infirmiers lib. 2024;Densité de sages-femmes lib. 2024;\
Part des bénéf. en ALD dans la pop 2024;Densité des pharmacies pour 10 000 hab. 2024
01004;Ambérieu-en-Bugey;35.5;3;25;9.5;17;2.5;N/A - secret statistique;2.5
33063;Bordeaux;26;N/A - résultat non disponible;20;3.5;8;2;13.5;2
977ZZ;St-Barthélémy;20.5;2.5;18;5;12;4;1.5;2.5"""


def bassins(folder: Path, text: str = BASSINS) -> Path:
    path = folder / "health.csv"
    path.write_text("\ufeff" + text, encoding="utf-8")
    return path


def test_indicators_of_a_bassin_de_vie_go_where_they_belong(tmp_path: Path) -> None:
    read = deliver(bassins(tmp_path))
    assert (read.dataset_key, counts(read)) == ("cartosante-bassins-de-vie@2024", (3, 3, 0, 0))
    apl = read.frames["accessibility"].select("territory_key", "period", "apl", "mesh", "conf_status").rows()
    assert apl == [
        ("bassin_de_vie:01004", "2023", 3.0, "bassin_de_vie", None),
        ("bassin_de_vie:33063", "2023", None, "bassin_de_vie", None),
        ("overseas_collectivity:977", "2023", 2.5, "bassin_de_vie", None),
    ]
    first = pl.col("territory_key") == "bassin_de_vie:01004"
    densities = read.frames["professional"].filter(first).select("profession_key", "density", "density_per").rows()
    assert densities == [
        ("cartosante-generalistes", 9.5, None),
        ("cartosante-infirmiers", 17.0, None),
        ("cartosante-orthophonistes", 25.0, None),
        ("cartosante-sages-femmes", 2.5, None),
    ]
    indicators = read.frames["local_indicator"].filter(first)
    assert indicators.select("local_indicator_code", "value", "unit", "conf_status").rows() == [
        ("pharmacies", 2.5, "per_10000", None),
        ("ophtalmologie", 35.5, "percent", None),
        ("ald", None, "percent", "secret"),
    ]


def test_an_export_with_fewer_indicators_is_one_all_the_same(tmp_path: Path) -> None:
    read = deliver(bassins(tmp_path, "\n".join(";".join(line.split(";")[:4]) for line in BASSINS.splitlines())))
    assert read.vintage == "2024"
    assert {name: frame.height for name, frame in read.frames.items() if name != "dataset"} == {
        "accessibility": 3,
        "professional": 0,
        "local_indicator": 3,
    }


def test_an_export_by_commune_is_not_one_by_bassin_de_vie(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="header of a known dataset"):
        deliver(bassins(tmp_path, BASSINS.replace("par bassin de vie", "par commune")))


def test_indicators_as_published(documents: Path) -> None:
    """157 cells are secret, all of one indicator, and four have no result: counts of the file's own description."""
    read = deliver(documents / "opendata" / "cartosante-indicateurs-bassin-de-vie" / "health.csv", whole=True)
    assert counts(read) == (1_709, 1_709, 0, 0)
    indicators = read.frames["local_indicator"]
    secret = indicators.filter(pl.col("conf_status") == "secret")
    assert dict(secret["local_indicator_code"].value_counts().rows()) == {"ald": 157}
    assert indicators["value"].null_count() == 157
    assert read.frames["accessibility"]["apl"].null_count() == 4
    assert read.frames["professional"]["density"].null_count() == 0
    assert {name: frame.height for name, frame in read.frames.items()} == {
        "dataset": 1,
        "accessibility": 1_709,
        "professional": 4 * 1_709,
        "local_indicator": 3 * 1_709,
    }
