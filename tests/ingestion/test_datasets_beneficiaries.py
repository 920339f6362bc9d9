"""Beneficiaries of health insurance: funds that make a department, sexes over ages, totals that are loaded as such."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlwt
from dataset_files import counts, deliver, totals

from warehouse.errors import InputError

AGES = ["0 à 4 ans", "5 à 89 ans", "90 ans et plus", "Total"]
PLACE = ["cpam", "l_cpam", "dpt", "l_dpt", "region", "l_region", "zeat", "l_zeat"]
UNKNOWN = "cpam non renseignée (cas particulier de certaines Sections Locales Mutualistes)"


def people(men: tuple[Any, int, int], women: tuple[int, int, int]) -> list[Any]:
    """The twelve cells of a row: ages and their total, of men, of women and of both."""
    blocks = [men, women, tuple(a + b if isinstance(a, int) else a for a, b in zip(men, women, strict=True))]
    return [cell for block in blocks for cell in (*block, sum(x for x in block if isinstance(x, int)))]


def fund(code: int, department: int | str, label: str) -> list[Any]:
    return [code, f"{code:03}-Caisse", department, label, 31, "31-REGION", 3, "Nord"]


ROWS: list[list[Any]] = [
    fund(11, 1, "01-Ain") + people((1, 20, 3), (2, 30, 4)),
    fund(201, "2A", "2A-Corse Sud") + people((0, 10, 1), (1, 12, 2)),
    fund(594, 59, "5-Nord") + people((5, 50, 5), (6, 60, 6)),
    fund(595, 59, "5-Nord") + people((7, 70, 7), (8, 80, 8)),
    [UNKNOWN, *([""] * 7), *people((1, 1, 1), (1, 1, 1))],
    [""] * 20,
    ["", "France métropolitaine", *([""] * 6), *people((14, 151, 17), (18, 183, 21))],
    ["", "France entière", *([""] * 6), *people((14, 151, 17), (18, 183, 21))],
]


def workbook(path: Path, rows: list[list[Any]]) -> Path:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Ensemble_RG_et_SLM")
    sheet.write(0, 0, "Dénombrement de l'ensemble des bénéficiaires du Régime général et des SLM au 1er janvier 2015")
    sheet.write(1, 0, "Source : RNIAM")
    for block, sex in enumerate(("Hommes", "Femmes", "Total")):
        first = 8 + block * len(AGES)
        sheet.write_merge(3, 3, first, first + len(AGES) - 1, sex)
    for at, row in enumerate([PLACE + AGES * 3, *rows]):
        for column, cell in enumerate(row):
            if cell != "":
                sheet.write(4 + at, column, cell)
    book.save(str(path))
    return path


def test_funds_make_departments_and_details_add_up_once(tmp_path: Path) -> None:
    read = deliver(workbook(tmp_path / "RNIAM.xls", ROWS))
    assert read.dataset_key == "cnam-beneficiaires-rniam@2015"
    assert counts(read) == (8, 7, 1, 0)
    table = read.frames["population"]
    assert totals(table, "territory_key", value="population") == {
        "department:01": 60,
        "department:2A": 26,
        "department:59": 312,
        "not_stated:none": 6,
    }
    whole = (pl.col("sex") == "T") & pl.col("age_from").is_null() & pl.col("age_to").is_null()
    assert dict(table.filter(whole).select("territory_key", "population").rows()) == {
        "department:01": 60.0,
        "department:2A": 26.0,
        "department:59": 312.0,
        "not_stated:none": 6.0,
        "country:FR-METRO": 404.0,
        "country:FR": 404.0,
    }
    oldest = table.filter(pl.col("territory_key") == "department:59", pl.col("sex") == "F", pl.col("age_from") == 90)
    assert oldest.select("age_to", "population", "population_kind", "is_aggregate").rows() == [
        (None, 14.0, "beneficiaires", False)
    ]


@pytest.mark.parametrize("row", [fund(596, 59, "5-Nord") + people(("12 34", 1, 1), (1, 1, 1)),
                                 ["", "France moyenne", *([""] * 6), *people((1, 1, 1), (1, 1, 1))],
                                 fund(991, 99, "99-Ailleurs") + people((1, 1, 1), (1, 1, 1))])  # fmt: skip
def test_a_department_of_which_a_fund_is_lost_refuses_the_file(tmp_path: Path, row: list[Any]) -> None:
    many = [fund(300 + n, 30, "30-Gard") + people((1, 1, 1), (1, 1, 1)) for n in range(90)]
    with pytest.raises(InputError, match="1 of 98 rows cannot be taken"):
        deliver(workbook(tmp_path / "RNIAM.xls", [*ROWS, *many, row]))


def test_beneficiaries_of_2014_as_published(documents: Path) -> None:
    """59,483,832 people: France as the sheet gives it. 993,193 are of no known fund; 105 funds make 101 departments."""
    read = deliver(documents / "opendata" / "cnam-beneficiaires-rniam" / "RNIAM_RGSLM_JANVIER2014.xls", whole=True)
    assert counts(read) == (111, 110, 1, 0)
    table = read.frames["population"]
    by_place = totals(table, "territory_key", value="population")
    assert sum(by_place.values()) == 59_483_832
    assert by_place["not_stated:none"] == 993_193
    assert len(by_place) == 101 + 1
    assert by_place["department:59"] == 399_904 + 865_981 + 541_086 + 686_110
    whole = (pl.col("sex") == "T") & pl.col("age_from").is_null()
    published = dict(table.filter(whole, pl.col("is_aggregate")).select("territory_key", "population").rows())
    assert published["country:FR"] == 59_483_832
    assert published["country:FR-METRO"] == 57_545_507
