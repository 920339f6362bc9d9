"""Files that say which territories there are: the COG in two forms, EPCI, EPT, GeoHisto, movements and history."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from dataset_files import counts, deliver

from ingestion.datasets.contracts import load_contracts
from ingestion.datasets.delivery import Delivery, read_delivery
from ingestion.datasets.recognition import recognised_in
from ingestion.reference.movements import read_movements
from ingestion.territories import scan_commune_movements
from warehouse.errors import InputError

COG = """\
TYPECOM,COM,REG,DEP,CTCD,ARR,TNCC,NCC,NCCENR,LIBELLE,CAN,COMPARENT
COM,33063,75,33,33D,332,0,BORDEAUX,Bordeaux,Bordeaux,3399,
COM,97617,06,976,976D,,0,TSINGONI,Tsingoni,Tsingoni,97613,
COM,33999,75,33,33D,332,0,VILLENOUVELLE,Villenouvelle,Villenouvelle,3399,
COMD,33063,,,,,0,BORDEAUX,Bordeaux,Bordeaux,,33063
ARM,75101,11,75,75C,,0,PARIS 1ER,Paris 1er,Paris 1er Arrondissement,7599,75056
"""
OLD = """\
ACTUAL\tCHEFLIEU\tCDC\tRANG\tREG\tDEP\tCOM\tAR\tCT\tMODIF\tPOLE\tTNCC\tARTMAJ\tNCC\tARTMIN\tNCCENR\tARTICLCT\tNCCCT
1\t0\t0\t\t84\t01\t001\t2\t08\t0\t\t5\t(L')\tABERGEMENT\t(L')\tAbergement-Clémenciat\t\tChâtillon
1\t0\t0\t\t76\t2A\t004\t1\t08\t0\t\t1\t(LE)\tX\t(Le)\tExemple\t\tX
3\t\t\t\t84\t01\t003\t\t\t1\t01165\t1\t\tAMAREINS\t\tAmareins\t\t
5\t0\t0\t\t93\t13\t201\t3\t12\t0\t13055\t0\t\tMARSEILLE 1ER\t\tMarseille 1er\t\tMarseille-1
"""
HISTORY = """\
DEP\tAR\tCT\tCOM\tLEG\tJO\tEFF\tDTR\tMOD\t{new}\t{old}\tNBCOM\tRANGCOM\tCOMECH\tPOPECH\tSUECH\tDEPANC\tARRANC\tCTANC\t\
TNCCOFF\tNCCOFF\tTNCCANC\tNCCANC
24\t1\t19\t168\tA24-02-2010\t\t01-01-2011\t01-01-2011\t360\t\t\t\t\t24173\t\t\t\t\t\t0\tPlaisance\t\t
14\t\t\t697\tA07-01-2014\t\t07-01-2014\t07-01-2014\t500\t14472\t14697\t\t\t\t\t\t\t\t\t0\tTôtes\t5\tOudon
"""
MOVES = """\
MOD,DATE_EFF,TYPECOM_AV,COM_AV,TNCC_AV,NCC_AV,NCCENR_AV,LIBELLE_AV,TYPECOM_AP,COM_AP,TNCC_AP,NCC_AP,NCCENR_AP,LIBELLE_AP
31,1965-01-01,COM,33096,0,CAUDERAN,Caudéran,Caudéran,COM,33063,0,BORDEAUX,Bordeaux,Bordeaux
35,2020-01-01,COMD,33063,0,BORDEAUX,Bordeaux,Bordeaux,COM,33063,0,BORDEAUX,Bordeaux,Bordeaux
20,2011-03-31,,,,,,,COM,97601,0,ACOUA,Acoua,Acoua
"""
REGIONS = """\
id,insee_code,start_datetime,end_datetime,name,successors,ancestors,population,surface,nuts_code,chef_lieu,wikipedia
a,24,1970-01-09 00:00:00,2015-01-16 23:59:59,Centre,fr:region:24@2015-01-17,,1,1,F,x,y
b,24,2015-01-17 00:00:00,9999-12-31 23:59:59,Centre-Val de Loire,,fr:region:24@1970-01-09,1,1,F,x,y
c,72,1970-01-09 00:00:00,2015-12-31 23:59:59,Aquitaine,fr:region:75@2016-01-01,,1,1,F,x,y
"""
DEPARTMENTS = """\
id,insee_code,start_datetime,end_datetime,name,successors,ancestors,chef_lieu,parents
a,20,1860-07-01 00:00:00,1975-12-31 23:59:59,Corse,fr:departement:2A@1976-01-01;fr:departement:2B@1976-01-01,,x,y
b,75,1860-07-01 00:00:00,1967-12-31 23:59:59,Seine,fr:departement:75@1968-01-01;fr:departement:92@1968-01-01,,x,y
c,75,1968-01-01 00:00:00,9999-12-31 23:59:59,Paris,,fr:departement:75@1860-07-01,x,y
d,975,1976-07-19 00:00:00,1985-06-10 23:59:59,Saint-Pierre-et-Miquelon,,,x,y
"""
_EPCI = (
    "dept siren raison_sociale nature_juridique mode_financ nb_membres total_pop_tot total_pop_mun dep_com insee "
    "siren_membre nom_membre ptot_2025 pmun_2025"
)
EPCI: list[list[Any]] = [
    _EPCI.split(),
    ["33", 243300316, "Bordeaux Métropole", "METRO", "FPU", 28, 9, 9, "33", "33063", 213300635, "Bordeaux", 2, 1],
    ["33", 243300316, "Bordeaux Métropole", "METRO", "FPU", 28, 9, 9, "33", "33281", 213302813, "Mérignac", 2, 1],
]
EPT: list[list[Any]] = [
    ["Établissements publics territoriaux"],
    ["France - Composition communale"],
    ["Mise en ligne le 21/03/2025       Géographie au 01/01/2025"],
    ["Source(s) : Insee"],
    ["Code géographique", "Libellé géographique", "EPT", "Libellé de l'EPT", "Département", "Région"],
    ["CODGEO", "LIBGEO", "EPT", "LIBEPT", "DEP", "REG"],
    ["93001", "Aubervilliers", "200057867", "Plaine Commune", "93", "11"],
    ["33063", "Bordeaux", "ZZZZZZZZZ", "Sans objet", "33", "75"],
]


def _file(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text(text, encoding=encoding, newline="\r\n")
    return path


def _workbook(folder: Path, name: str, sheet: str, rows: list[list[Any]]) -> Path:
    with xlsxwriter.Workbook(folder / name) as book:
        page = book.add_worksheet(sheet)
        for index, row in enumerate(rows):
            page.write_row(index, 0, row)
    return folder / name


def _statuses(read: Delivery, *columns: str) -> list[tuple[Any, ...]]:
    table = read.frames["territory_vintage"].sort("territory_level", "territory_code", "valid_from")
    return table.select(columns).rows()


def test_the_cog_gives_communes_with_what_they_lie_in(tmp_path: Path) -> None:
    """A delegated commune under a commune's code is set aside; a code that the reference lacks has no territory."""
    read = deliver(_file(tmp_path, "v_commune_2027.csv", COG))
    assert read.dataset_key == "insee-cog-communes@2027"
    assert counts(read) == (5, 4, 1, 0)
    assert _statuses(
        read, "territory_code", "territory_key", "arrondissement_territory_key", "region_territory_key"
    ) == [
        ("33063", "commune:33063", "arrondissement:332", "region:75"),
        ("33999", None, "arrondissement:332", "region:75"),
        ("97617", "commune:97617", None, "region:06"),
        ("75101", "municipal_arrondissement:75101", None, "region:11"),
    ]
    assert _statuses(read, "parent_territory_key")[-1] == ("commune:75056",)


def test_without_a_year_anywhere_a_person_says_it(tmp_path: Path) -> None:
    path = _file(tmp_path, "communes.csv", COG)
    with pytest.raises(InputError, match="the vintage was expected in the file name"):
        deliver(path)
    assert deliver(path, vintage="2027").dataset_key == "insee-cog-communes@2027"


def test_the_old_form_puts_codes_and_names_together(tmp_path: Path) -> None:
    read = deliver(_file(tmp_path, "france2016.txt", OLD, "cp1252"))
    assert read.dataset_key == "insee-cog-ancien-format@2016"
    assert counts(read) == (4, 3, 1, 0)
    assert _statuses(read, "territory_key", "name", "arrondissement_territory_key", "parent_territory_key") == [
        ("commune:01001", "L'Abergement-Clémenciat", "arrondissement:012", None),
        ("commune:2A004", "Le Exemple", "arrondissement:2A1", None),
        ("municipal_arrondissement:13201", "Marseille 1er", "arrondissement:133", "commune:13055"),
    ]


def test_the_dgcl_s_numbers_are_codes_and_each_epci_is_told_once(tmp_path: Path) -> None:
    read = deliver(_workbook(tmp_path, "epcicom.xlsx", "Epcicom2025", EPCI))
    assert read.dataset_key == "dgcl-epci-communes@2025"
    assert counts(read) == (2, 2, 0, 0)
    assert _statuses(read, "territory_key", "epci_territory_key") == [
        ("commune:33063", "epci:243300316"),
        ("commune:33281", "epci:243300316"),
        ("epci:243300316", None),
    ]


def test_a_commune_outside_the_grand_paris_is_in_no_ept(tmp_path: Path) -> None:
    read = deliver(_workbook(tmp_path, "ept.xlsx", "Composition_communale", EPT))
    assert read.dataset_key == "insee-ept-communes@2025"
    assert _statuses(read, "territory_key", "ept_territory_key") == [
        ("commune:33063", None),
        ("commune:93001", "ept:200057867"),
    ]


def test_regions_that_went_lead_to_those_that_hold_their_ground(tmp_path: Path) -> None:
    read = deliver(_file(tmp_path, "geohisto_regions.csv", REGIONS))
    columns = ("territory_key", "territory_level", "name", "successor_territory_keys")
    assert _statuses(read, *columns) == [
        ("former_region:72", "former_region", "Aquitaine", "region:75"),
        ("region:24", "region", "Centre", "region:24"),
        ("region:24", "region", "Centre-Val de Loire", None),
    ]


def test_departments_that_were_cut_up_are_former_ones(tmp_path: Path) -> None:
    read = deliver(_file(tmp_path, "geohisto_departements.csv", DEPARTMENTS))
    assert _statuses(read, "territory_key", "successor_territory_keys") == [
        ("department:75", None),
        ("former_department:20", "department:2A department:2B"),
        ("former_department:75", "department:75 department:92"),
        ("overseas_collectivity:975", None),
    ]


@pytest.mark.parametrize(("new", "old"), [("C-LOFF", "C-LANC"), ("C_LOFF", "C_LANC")])
def test_the_history_is_read_under_the_headings_of_two_years(tmp_path: Path, new: str, old: str) -> None:
    read = deliver(_file(tmp_path, "historiq2016.txt", HISTORY.format(new=new, old=old), "cp1252"))
    events = read.frames["territory_event"].select("territory_key", "kind", "from_name", "to_code", "to_name").rows()
    assert events == [
        ("commune:24168", "360", "Plaisance", "24173", "Plaisance"),
        ("commune:14697", "500", "Oudon", "14472", "Tôtes"),
    ]


def test_movements_of_delegated_communes_are_set_aside(tmp_path: Path) -> None:
    read = deliver(_file(tmp_path, "mouvements-communes.csv", MOVES))
    assert read.dataset_key == "insee-mouvements-communes@2011"
    assert counts(read) == (3, 2, 1, 0)
    events = read.frames["territory_event"].select("row_no", "territory_key", "from_code", "to_code").rows()
    assert events == [(2, "commune:33096", "33096", "33063"), (4, "commune:97601", None, "97601")]


def test_mayotte_s_communes_get_their_department_back(tmp_path: Path) -> None:
    text = "CODREG;REG;DEP;CODARR;CODCAN;CODCOM;COM;PMUN;PCAP;PTOT\n06;;976;;;601;;5192;10;5202\n"
    read = deliver(_file(tmp_path, "donnees_communes_mayotte.csv", text))
    assert read.dataset_key == "insee-donnees-communes-mayotte@2017"
    rows = read.frames["population"].select("territory_key", "population_kind", "population").rows()
    assert sorted(rows, key=str) == [
        ("commune:97601", "comptee_a_part", 10.0),
        ("commune:97601", "municipale", 5192.0),
        ("commune:97601", "totale", 5202.0),
    ]


# --- Published files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "key", "lines", "loaded", "aside"),
    [
        ("insee-cog-2026/communes.csv", "insee-cog-communes@2026", 37_496, 34_875 + 45, 2_105 + 471),
        ("insee-cog-2026/departements.csv", "insee-cog-departements@2026", 101, 101, 0),
        ("insee-cog-2026/regions.csv", "insee-cog-regions@2026", 18, 18, 0),
        ("insee-cog-2026/arrondissements.csv", "insee-cog-arrondissements@2026", 333, 333, 0),
        ("insee-cog-2026/collectivites-outremer.csv", "etalab-collectivites-outre-mer@2026", 94, 94, 0),
        ("insee-cog-2026/donnees_communes.csv", "insee-donnees-communes@2023", 34_900, 34_900, 0),
        ("insee-cog-2026/donnees_communes_mayotte.csv", "insee-donnees-communes-mayotte@2017", 17, 17, 0),
        ("insee-cog-2026/mouvements-communes.csv", "insee-mouvements-communes@2026", 13_734, 9_005, 4_729),
        ("insee-cog-2026/epcicom.xlsx", "dgcl-epci-communes@2025", 34_871, 34_871, 0),
        ("insee-cog-2026/ept.xlsx", "insee-ept-communes@2025", 34_875, 34_875, 0),
        (
            "insee-cog-2016-ancien-format/france2016.txt",
            "insee-cog-ancien-format@2016",
            39_837,
            35_885 + 45,
            3_907,
        ),
        ("insee-cog-2016-ancien-format/historiq2016.txt", "insee-historique-communes@2016", 12_325, 12_325, 0),
        ("insee-cog-2016-ancien-format/geohisto_regions.csv", "geohisto-regions@2016", 35, 35, 0),
        ("insee-cog-2016-ancien-format/geohisto_departements.csv", "geohisto-departements@2016", 114, 114, 0),
    ],
)
def test_published_files_load_whole(documents: Path, path: str, key: str, lines: int, loaded: int, aside: int) -> None:
    file = documents / "opendata" / path
    contract = load_contracts()[recognised_in(file)]
    read = read_delivery(contract, file, file.name, sha256(file.read_bytes()).hexdigest())
    assert read.dataset_key == key
    assert counts(read) == (lines, loaded, aside, 0)
    for name in {"territory_vintage", "territory_event"} & read.frames.keys():
        unknown = read.frames[name].filter(pl.col("territory_key").is_null())
        # Codes in use within a day, and those that went before 1943.
        assert unknown.height == {"mouvements-communes.csv": 2, "historiq2016.txt": 18}.get(file.name, 0)


def test_the_delivered_movements_are_those_of_the_reference(documents: Path) -> None:
    file = documents / "opendata/insee-cog-2026/mouvements-communes.csv"
    read = deliver(file, whole=True)
    same = ["effective_on", "kind", "from_code", "to_code"]
    delivered = read.frames["territory_event"].select(same)
    assert delivered.join(
        scan_commune_movements().select(same).collect(), on=same, how="anti", nulls_equal=True
    ).is_empty()
    assert len(read_movements(file)) == read.account.lines
