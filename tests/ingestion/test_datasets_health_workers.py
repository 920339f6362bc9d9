"""Health workers by territory: what is odd in the files of the DREES and the CNAM, and what they say as published."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import polars as pl
import pytest
from dataset_files import counts, deliver, totals

from ingestion.datasets.transforms.drees_rpps_effectifs import zone_key

# DREES, RPPS: every level in one column

MODES = {
    "Ensemble des modes d'exercice": 10,
    "Libéraux exclusifs": 4,
    "Mixtes": 1,
    "Salariés Hospitaliers": 3,
    "Autres Salariés": 2,
}
SPECIALITIES = {
    "Ensemble des spécialités d'exercice": 40,
    "Spécialistes": 10,
    "Pédiatrie": 10,
    "Généralistes": 30,
    "Médecine générale": 30,
}
ZONES = {
    "FRANCE ENTIERE": 2,
    "FRANCE Métropolitaine": 1,
    "DOM-COM": 1,
    "Aquitaine": 1,
    "La Réunion": 1,
    "33 - Gironde": 1,
    "974 - La Réunion": 1,
}


def rpps(folder: Path, zones: dict[str, int], *more: str) -> Path:
    cells = product(MODES.items(), zones.items(), (2014, 2013), SPECIALITIES.items())
    rows = [f'"{m}","{z}",{year},"{s}",{a * b * c}' for (m, a), (z, b), year, (s, c) in cells]
    path = folder / "rpps_tab3.csv"
    header = '"mode_exercice","zone_inscription","annee","specialite","effectifs"'
    path.write_text("\n".join([header, *rows, *more]) + "\n", encoding="utf-8")
    return path


def test_details_of_a_table_full_of_totals_add_up_once(tmp_path: Path) -> None:
    read = deliver(rpps(tmp_path, ZONES))
    assert read.dataset_key == "drees-rpps-effectifs@2014"
    assert counts(read) == (350, 300, 50, 0)
    table = read.frames["professional"]
    assert totals(table, "period") == {"2013": 800, "2014": 800}
    france = table.filter(
        pl.col("territory_key") == "country:FR",
        pl.col("practice_mode") == "ensemble",
        pl.col("profession_key") == "rpps-medecins",
        pl.col("period") == "2014",
    )
    assert france.select("headcount", "is_aggregate").rows() == [(800.0, True)]
    assert set(table.filter(~pl.col("is_aggregate"))["practice_mode"]) == {
        "liberal_exclusif",
        "mixte",
        "salarie_hospitalier",
        "salarie_autre",
    }


@pytest.mark.parametrize(
    ("zone", "key"),
    [
        ("FRANCE ENTIERE", "country:FR"),
        ("FRANCE Métropolitaine", "country:FR-METRO"),
        ("Aquitaine", "former_region:72"),
        ("Centre", "region:24"),
        ("Ile-de-France", "region:11"),
        ("Provence-Alpes-Côte d\u0092Azur", "region:93"),
        ("Mayotte", "region:06"),
        ("DOM-COM", None),
    ],
)
def test_a_zone_without_code_is_a_region_of_its_time_or_a_country(zone: str, key: str | None) -> None:
    assert zone_key(zone) == key


def test_the_code_of_a_zone_counts_before_its_name(tmp_path: Path) -> None:
    """« 62 - Nord-Pas-de-Calais » is Pas-de-Calais: with Nord it makes the region of that name."""
    zones = {"62 - Nord-Pas-de-Calais": 1, "Nord-Pas-de-Calais": 2, "59 - Nord": 1, "2A - Corse-du-Sud": 1}
    read = deliver(rpps(tmp_path, zones))
    assert set(read.frames["professional"]["territory_key"]) == {
        "department:62",
        "former_region:31",
        "department:59",
        "department:2A",
    }


def test_a_zone_that_nobody_knows_is_quarantined_with_its_line(tmp_path: Path) -> None:
    read = deliver(rpps(tmp_path, ZONES, '"Mixtes","Armagnac",2014,"Pédiatrie",3'))
    assert counts(read)[3] == 1
    assert [(r.line, r.expectation) for r in read.refused] == [(352, "a territory of the reference was expected")]


def test_physicians_of_2013_and_2014_as_published(documents: Path) -> None:
    """219,834 physicians on 1 January 2014 and 218,296 a year before: France as the table itself gives it."""
    read = deliver(documents / "opendata" / "drees-rpps-effectifs-2013-2014" / "rpps_tab3.csv", whole=True)
    assert counts(read) == (57_640, 57_200, 440, 0)
    table = read.frames["professional"]
    assert totals(table, "period") == {"2013": 218_296, "2014": 219_834}
    levels = table["territory_key"].str.split(":").list.first().value_counts().rows()
    assert dict(levels) == {"department": 101 * 440, "country": 2 * 440, "former_region": 16 * 440, "region": 11 * 440}
    by_region = table.filter(
        pl.col("territory_key").str.contains("region:"),
        pl.col("profession_key") == "rpps-medecins",
        pl.col("practice_mode") == "ensemble",
        pl.col("period") == "2014",
    )
    assert by_region["headcount"].sum() == 219_834


# CNAM: the portal's whole table


def cnam(folder: Path, ages: dict[str, tuple[str, int]], sexes: dict[str, int], year: str = "2025-12-31") -> Path:
    places = [("75", "33", 1), ("75", "40", 1), ("75", "999", 2), ("99", "999", 2)]
    rows = [
        f"{year},Sages-femmes,{region},R,{department},D,{code},{label},{sex},{n * k * m},4.5,oui,non,oui"
        for (region, department, k), (code, (label, n)), (sex, m) in product(places, ages.items(), sexes.items())
    ]
    header = (
        "annee,profession_sante,region,libelle_region,departement,libelle_departement,classe_age,libelle_classe_age,"
        "libelle_sexe,effectif,densite,vision_generale_all,vision_generale_prescriptions,vision_profession_territoire"
    )
    path = folder / "demographie-effectifs-et-les-densites.csv"
    path.write_text("\ufeff" + "\r\n".join([header, *rows]) + "\r\n", encoding="utf-8", newline="")
    return path


AGES = {
    "tout_age": ("Tout âge", 10),
    "a1": ("Moins de 35 ans", 4),
    "a2": ("de 35 à 69 ans", 5),
    "a3": ("70 ans et plus", 1),
}
SEXES = {"tout sexe": 3, "femmes": 2, "hommes": 1}


def test_ages_and_sexes_of_the_whole_table_add_up_once(tmp_path: Path) -> None:
    read = deliver(cnam(tmp_path, AGES, SEXES))
    assert (read.vintage, counts(read)) == ("2025", (48, 48, 0, 0))
    table = read.frames["professional"]
    assert totals(table, "territory_key") == {"department:33": 30, "department:40": 30}
    bounds = table.select("age_from", "age_to").unique().rows()
    assert set(bounds) == {(None, None), (0, 34), (35, 69), (70, None)}
    assert set(table["period"]) == {"2025"}


@pytest.mark.parametrize("year", ["2025", "2025-12-31", "2025-01-01T00:00:00+00:00"])
def test_the_portal_writes_semicolons_and_dates_too(tmp_path: Path, year: str) -> None:
    path = cnam(tmp_path, AGES, SEXES, year)
    path.write_text(path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    read = deliver(path)
    assert (read.dataset_key, counts(read)) == ("cnam-effectifs-densites@2025", (48, 48, 0, 0))
    assert set(read.frames["professional"]["density"]) == {4.5}


@pytest.mark.parametrize(("ages", "sexes"), [({"tout_age": AGES["tout_age"]}, {"tout sexe": 3}),
                                             (AGES, {"tout sexe": 3}),
                                             ({"tout_age": AGES["tout_age"]}, SEXES)])  # fmt: skip
def test_all_ages_are_a_total_only_beside_ages(
    tmp_path: Path, ages: dict[str, tuple[str, int]], sexes: dict[str, int]
) -> None:
    table = deliver(cnam(tmp_path, ages, sexes)).frames["professional"]
    assert totals(table, "territory_key") == {"department:33": 30, "department:40": 30}


@pytest.mark.parametrize(("label", "bounds"), [("Entre 35 et 39 ans", (35, 39)), ("Plus de 70 ans", (71, None)),
                                               ("tous âges", (None, None)), ("25-29 ans", (25, 29))])  # fmt: skip
def test_ages_are_read_from_their_labels(tmp_path: Path, label: str, bounds: tuple[int | None, int | None]) -> None:
    table = deliver(cnam(tmp_path, {"a": (label, 1)}, {"tout sexe": 1})).frames["professional"]
    assert set(table.select("age_from", "age_to").rows()) == {bounds}


def test_ages_that_no_label_tells_are_quarantined(tmp_path: Path) -> None:
    many = {f"a{n}": (f"de {n} à {n} ans", 1) for n in range(20, 50)}
    read = deliver(cnam(tmp_path, {**many, "x": ("jeunes", 1)}, {"tout sexe": 1}))
    assert {(r.column, r.value) for r in read.refused} == {("libelle_classe_age", "jeunes")}


# DREES: the application's exports

BY_DEPARTMENT = """\
dep_insc,2019,2020,2021
 Ensemble,215 930,217 598,219 000
001 -Ain,1 194,1 199,1 200
02A-Corse-du-Sud,400,410,420
095 -Val-d\u2019Oise,3 136,3 170,3 146
972 - Martinique,988,1 000,1 020
974 -La Réunion,2 331,2 384,2 505
"""
NOTE = (
    '"Champ :  France entière, Source : ASIP-Sante RPPS - donnees au 1er janvier de l\'année ","","",""\n'
    "TRUE,TRUE,TRUE,TRUE\n"
)


def test_years_of_a_wide_table_in_two_encodings(tmp_path: Path) -> None:
    path = tmp_path / "Medecin_departement_annee.csv"
    path.write_bytes(BY_DEPARTMENT.encode("windows-1252") + NOTE.encode())
    read = deliver(path)
    assert (read.dataset_key, counts(read)) == ("drees-medecins-departement@2021", (8, 6, 2, 0))
    assert read.account.fallback_lines == 2
    table = read.frames["professional"]
    of_2020 = table.filter(pl.col("period") == "2020").select("territory_key", "headcount", "is_aggregate").rows()
    assert of_2020 == [
        ("country:FR", 217_598.0, True),
        ("department:01", 1_199.0, False),
        ("department:2A", 410.0, False),
        ("department:95", 3_170.0, False),
        ("department:972", 1_000.0, False),
        ("department:974", 2_384.0, False),
    ]
    assert set(table["period"]) == {"2019", "2020", "2021"}


def test_a_department_that_is_none_is_quarantined_as_printed(tmp_path: Path) -> None:
    path = tmp_path / "Medecin_departement_annee.csv"
    rows = "".join(f"0{n} -Ain,1,1,1\n" for n in range(10, 20)) + "".join(f"0{n} -Ain,1,1,1\n" for n in range(21, 40))
    path.write_bytes((BY_DEPARTMENT.splitlines()[0] + "\n" + rows + "099 -Ailleurs,1,1,1\n").encode())
    read = deliver(path)
    assert [(r.line, r.column, r.value) for r in read.refused] == [(31, "dep_insc", "099 -Ailleurs")]


def test_ages_and_sexes_of_physicians(tmp_path: Path) -> None:
    path = tmp_path / "Medecin_age_annee.csv"
    ages = "1- Moins de 30 ans,2,3\n2- Entre 30 et 34 ans,15,16\n9- 65 ans et plus,13,14\n"
    path.write_text("trage_med,2019,2020\n Ensemble,30,33\n" + ages + NOTE, encoding="utf-8")
    read = deliver(path)
    assert (read.dataset_key, counts(read)) == ("drees-medecins-age@2020", (6, 3, 3, 0))
    table = read.frames["professional"]
    assert table.filter(pl.col("period") == "2020").select(
        "territory_key", "age_from", "age_to", "headcount"
    ).rows() == [
        ("country:FR", 0, 29, 3.0),
        ("country:FR", 30, 34, 16.0),
        ("country:FR", 65, None, 14.0),
    ]
    path = tmp_path / "Medecin_sexe_annee.csv"
    path.write_text("SEXID,2019,2020\n Ensemble,30,33\nFemme,10,13\nHomme,20,20\n" + NOTE, encoding="utf-8")
    read = deliver(path)
    assert (read.dataset_key, counts(read)) == ("drees-medecins-sexe@2020", (5, 2, 3, 0))
    assert totals(read.frames["professional"], "period", "sex") == {
        ("2019", "F"): 10,
        ("2019", "M"): 20,
        ("2020", "F"): 13,
        ("2020", "M"): 20,
    }


def test_physicians_of_2012_to_2020_as_published(documents: Path) -> None:
    """The three tables have one total, 227,298 on 1 January 2020, and the departments, ages and sexes make it."""
    folder = documents / "opendata" / "drees-demographie-ps-2012-2020"
    read = {name: deliver(folder / f"Medecin_{name}_annee.csv", whole=True) for name in ("departement", "age", "sexe")}
    assert {name: counts(one) for name, one in read.items()} == {
        "departement": (104, 102, 2, 0),
        "age": (12, 9, 3, 0),
        "sexe": (5, 2, 3, 0),
    }
    tables = {name: one.frames["professional"] for name, one in read.items()}
    sums = {name: totals(table, "period") for name, table in tables.items()}
    france = tables["departement"].filter(pl.col("is_aggregate"))
    published = dict(france.select("period", "headcount").rows())
    assert published["2020"] == 227_298
    assert sums == dict.fromkeys(tables, published)
    assert tables["departement"]["territory_key"].n_unique() == 101 + 1


def test_each_profession_of_the_cnam_adds_up_to_france(documents: Path) -> None:
    folder = documents / "opendata" / "cnam-demographie-effectifs-densites-2024"
    table = deliver(folder / "toutes_specialites_departement.csv", whole=True).frames["professional"]
    france = dict(table.filter(pl.col("territory_key") == "country:FR").select("profession_key", "headcount").rows())
    details = totals(table, "profession_key")
    assert len(france) == 38
    assert {key: france[key] for key in details} == details
