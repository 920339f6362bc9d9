"""Maternities, neurovascular units, activities of the RPPS and establishments counted in SIRENE."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from ingestion.datasets.contracts import load_contracts
from ingestion.datasets.delivery import Delivery, read_delivery
from ingestion.datasets.recognition import recognised_in


def delivered(folder: Path, name: str, content: str | bytes) -> Delivery:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    contract = load_contracts()[recognised_in(path)].model_copy(update={"at_least": 1})
    return read_delivery(contract, path, name, "0" * 64)


def real(documents: Path, name: str) -> Delivery:
    path = documents / "opendata" / name
    return read_delivery(
        load_contracts()[recognised_in(path)], path, path.name, hashlib.sha256(path.read_bytes()).hexdigest()
    )


# Maternities

MATERNITIES = "ANNEE;NOM_MAT;TYPE;STATUT;FI_ET;FI_EJ;COM;NOMCOM;CPO;ADRESSE;LIT_OBS;SALTRAV;ACCTOT\r\n"


def test_a_maternity_has_a_row_a_year_and_its_establishment_the_last(tmp_path: Path) -> None:
    rows = (
        "2023;CH DE LA COTE;2b;PUBLIC;330000001;330780001;33529;LA TESTE;33164;;20;3;900\r\n"
        "2013;CH D'ARCACHON;2a;PUBLIC;330000001;330780001;33009;ARCACHON;33120;1 R;25;4;1100\r\n"
        "2014;CLINIQUE;1;PRIVE LUCRATIF;970400001;970400002;9D411;SAINT-DENIS;97400;;10;2;500\r\n"
        "2015;CHM;;PUBLIC;980500011;980500003;9F611;MAMOUDZOU;97600;;109;0;8069\r\n"
        "2023;CENTRE;3;PRIVE NON LUCRATIF;970100001;970100002;9A127;ST MARTIN;97150;;10;2;500\r\n"
    )
    read = delivered(tmp_path, "annuaire.csv", b"\xef\xbb\xbf" + (MATERNITIES + rows).encode())
    assert (read.dataset_key, read.refused) == ("drees-maternites@2023", ())
    table = read.frames["maternity"]
    assert table.select("facility_key", "period", "territory_key", "births").rows() == [
        ("330000001", "2023", "commune:33529", 900.0),
        ("330000001", "2013", "commune:33009", 1100.0),
        ("970400001", "2014", "commune:97411", 500.0),
        ("980500011", "2015", "commune:97611", 8069.0),
        ("970100001", "2023", "commune:97801", 500.0),
    ]
    assert table["maternity_type"].to_list() == ["2b", "2a", "1", None, "3"]
    last = read.frames["facility"]
    assert last.select("facility_key", "period", "name").rows()[0] == ("330000001", "2023", "CH DE LA COTE")
    assert last["facility_key"].to_list() == ["330000001", "970400001", "980500011", "970100001"]
    # A maternity that the directory no longer names says nothing of its establishment.
    assert last["open_status"].null_count() == last.height


def test_maternities_as_published(documents: Path) -> None:
    """1,576 units of type 2a and 457 maternities in 2023, as the dataset's README counts them."""
    read = real(documents, "drees-maternites-2013-2023/annuaire_maternites_DREES.csv")
    assert (read.account.lines, read.account.loaded, read.refused) == (5_444, 5_444, ())
    table = read.frames["maternity"]
    years = Counter(table["period"].to_list())
    assert (years["2013"], years["2023"], len(years)) == (535, 457, 11)
    assert Counter(table["maternity_type"].to_list()) == {"1": 2_179, "2a": 1_576, "2b": 952, "3": 736, None: 1}
    births = dict(table.group_by("period").agg(pl.col("births").sum()).iter_rows())
    assert (births["2013"], births["2023"]) == (806_258, 664_039)
    assert read.frames["facility"].height == table["facility_key"].n_unique() == 565


# Neurovascular units

UNITS = (
    "r_nom,d_nom,c_nom,l_hsi,l_si,finess_site,finess_etab,rs,periode,etat,cpo,adr,atih2009_fs,atih2009_fe,atih2010_fs,"
    "atih2010_fe,atih2011_fs,atih2011_fe,atih2012_fs,atih2012_fe,c2012,rq\n"
)


def unit(commune: str, other: str, intensive: str, site: str, since: str, status: str, postal: str, remark: str) -> str:
    return (
        f'Aquitaine,Gironde,{commune},{other},{intensive},{site},330780001,"CH",{since},{status},{postal},"1 R",'
        f"0,1,0,1,0,1,0,1,0,{remark}\n"
    )


def test_a_unit_has_its_beds_by_kind_and_what_is_printed_with_a_doubt_in_a_note(tmp_path: Path) -> None:
    rows = (
        unit("TALENCE", '"20 +2 HDJ"', "10", "330000001", '"avant 2010"', '"labellisé actif"', "33404", "")
        + unit("REIMS", "?", '"6?"', "510000001", "?", '"labellisé prévu"', "51092", "")
        + unit("PARIS 14EME", "", "", "750000001", "2012", '"non labellisé "', "75674", '"à part"')
        + unit("AIX", "12", "4", "130000001", "2011", "fermé", "13616", "")
    )
    read = delivered(tmp_path, "unv.csv", (UNITS + rows).encode("windows-1252"))
    assert (read.dataset_key, read.refused) == ("ars-unites-neuro-vasculaires@2012", ())
    assert (read.account.loaded, read.account.rows) == (4, 8)
    found = {row["authorisation_key"]: row for row in read.frames["authorisation"].iter_rows(named=True)}
    assert [found[key]["capacity"] for key in ("330000001-hsi", "330000001-si", "130000001-hsi")] == [20.0, 10.0, 12.0]
    assert [found[key]["capacity"] for key in ("510000001-hsi", "510000001-si", "750000001-si")] == [None] * 3
    assert found["330000001-hsi"]["note_fr"] == "labellisation : avant 2010 ; imprimé « 20 +2 HDJ »"
    assert found["510000001-si"]["note_fr"] == "labellisation : ? ; imprimé « 6? »"
    assert found["750000001-si"]["note_fr"] == "labellisation : 2012 ; à part"
    assert [found[f"{n}-si"]["territory_key"] for n in ("330000001", "510000001", "750000001", "130000001")] == [
        "commune:33522",
        "commune:51454",
        "municipal_arrondissement:75114",
        "department:13",
    ]
    assert "aucune commune certaine" in found["130000001-si"]["note_fr"]
    assert [found[f"{n}-si"]["obs_status"] for n in ("330000001", "510000001")] == ["observed", "forecast"]
    assert found["750000001-si"]["status"] == "non labellisé"


def test_a_number_of_beds_that_is_none_quarantines_its_unit(tmp_path: Path) -> None:
    many = "".join(
        unit("TALENCE", "12", "4", f"3300001{n:02}", "2011", '"labellisé actif"', "33404", "") for n in range(25)
    )
    wrong = unit("TALENCE", "douze", "4", "330000001", "2011", '"labellisé actif"', "33404", "")
    read = delivered(tmp_path, "unv.csv", (UNITS + many + wrong).encode("windows-1252"))
    assert [(refused.line, refused.column, refused.value) for refused in read.refused] == [(27, "l_hsi", "douze")]


def test_neurovascular_units_as_published(documents: Path) -> None:
    read = real(documents, "ars-unites-neuro-vasculaires-2012/ars_metropole_unv_t.csv")
    assert (read.account.lines, read.account.loaded, read.account.rows, read.refused) == (146, 146, 292, ())
    table = read.frames["authorisation"]
    status = Counter(table.filter(pl.col("modality_code") == "si")["status"].to_list())
    assert status == {"labellisé actif": 131, "labellisé prévu": 8, "non labellisé": 5, "fermé": 1, "inconnu": 1}
    beds = dict(table.group_by("modality_code").agg(pl.col("capacity").sum()).iter_rows())
    assert beds == {"si": 486.0, "hsi": 1142.0}
    # « PARIS 20EME / 12 eme », « AIX », « GRENOBLE (Hôpital Nord) », « PRINGY (ANNECY) », « LE KREMLIN-BICETRE adulte »
    # « CHERBOURG-OCTEVILLE ».
    assert table.filter(pl.col("territory_basis") == "department")["facility_key"].n_unique() == 6


# RPPS

ACTIVITIES = "IdPseudo,FINESS,Commune,LibCommune,CodePostal,Specialite,Etablissement\r\n"
GP = "Spécialiste en Médecine Générale"


def test_activities_add_up_and_persons_do_not(tmp_path: Path) -> None:
    rows = (
        f"PS00001,,33063,Bordeaux,33000,{GP},non\r\n"
        f"PS00001,,33063,Bordeaux,33000,{GP},non\r\n"
        f"PS00001,330000001,33063,Bordeaux,33076,{GP},oui\r\n"
        f"PS00001,,33522,Talence,33400,{GP},non\r\n"
        f"PS00002,,33522,Talence,33400,{GP},non\r\n"
        "PS00003,330000001,33522,Talence,33404,Neurologie,oui\r\n"
    )
    read = delivered(tmp_path, "rpps.csv", ACTIVITIES + rows)
    assert (read.dataset_key, read.refused) == ("rpps-activites@2017-08-27", ())
    assert (read.account.lines, read.account.loaded) == (6, 6)
    table = read.frames["professional"]
    parts = table.filter(~pl.col("is_aggregate"))
    assert set(parts["counted_unit"]) == {"activité"}
    assert parts["headcount"].sum() == 6
    persons = table.filter(pl.col("is_aggregate"), pl.col("profession_key") == "annuaire-sante-medecine-generale")
    assert dict(persons.select("territory_key", "headcount").iter_rows()) == {
        "commune:33063": 1.0,
        "commune:33522": 2.0,
        "department:33": 2.0,
    }
    bordeaux = parts.filter(pl.col("territory_key") == "commune:33063")
    assert dict(bordeaux.select("practice_mode", "headcount").iter_rows()) == {"cabinet": 2.0, "etablissement": 1.0}


def test_every_activity_of_an_unknown_commune_is_told(tmp_path: Path) -> None:
    many = "".join(f"PS{n:05},,33063,Bordeaux,33000,{GP},non\r\n" for n in range(60))
    lost = f"PS90001,,33999,Nulle part,33000,{GP},non\r\n"
    read = delivered(tmp_path, "rpps.csv", ACTIVITIES + many + lost + lost)
    assert {(refused.line, refused.value) for refused in read.refused} == {(n, "commune:33999") for n in (62, 63)}
    assert (read.account.loaded, read.account.quarantined) == (60, 2)
    assert read.frames["professional"].filter(pl.col("territory_key") == "commune:33999").is_empty()


def test_activities_of_the_rpps_as_reduced(documents: Path) -> None:
    read = real(documents, "rpps-gironde-2017-reduit/rpps_gironde_2017_reduit.csv")
    assert (read.account.lines, read.account.loaded, read.refused) == (1_495, 1_495, ())
    table = read.frames["professional"]
    activities = table.filter(~pl.col("is_aggregate")).group_by("profession_key").agg(pl.col("headcount").sum())
    assert dict(activities.iter_rows()) == {
        "annuaire-sante-medecine-generale": 1_414.0,
        "annuaire-sante-neurologie": 81.0,
    }
    persons = table.filter(pl.col("territory_key") == "department:33")
    assert persons["headcount"].sum() == 1_293
    assert table.filter(pl.col("territory_key").str.starts_with("commune:"))["territory_key"].n_unique() == 169


# SIRENE

COUNTS = (
    "codecommuneetablissement;ambulance;analyse_medicale;autre;autre_specialiste;chirurgien;dentiste;generaliste;"
    "hopital;infirmiers;organe;radiologiste;reeducateur_podologue\n"
)


def counts(code: str, dentists: str, doctors: str = "0.0") -> str:
    return f"{code};0.0;0.0;0.0;0.0;0.0;{dentists};{doctors};0.0;0.0;0.0;0.0;0.0\n"


def test_a_commune_left_on_several_lines_is_added_up(tmp_path: Path) -> None:
    rows = counts("1004.0", "1.0") + counts("01004", "14.0", "2.0") + counts("2A004", "3.0") + counts("75101", "5.0")
    read = delivered(tmp_path, "PS_communes.csv", COUNTS + rows)
    assert (read.dataset_key, read.refused) == ("sirene-sante-communes@2019-03", ())
    assert (read.account.loaded, read.account.rows) == (4, 36)
    table = read.frames["local_indicator"]
    dentists = table.filter(pl.col("local_indicator_code") == "dentiste")
    assert dict(dentists.select("territory_key", "value").iter_rows()) == {
        "commune:01004": 15.0,
        "commune:2A004": 3.0,
        "municipal_arrondissement:75101": 5.0,
    }
    assert table["label_fr"].str.contains("dérivé non officiel").all()


@pytest.mark.parametrize("cell", ["1.5", "ND", ""])
def test_a_count_that_is_no_whole_number_quarantines_its_line(tmp_path: Path, cell: str) -> None:
    many = "".join(counts(f"33{n:03}", "1.0") for n in (63, 522, 318, 281, 249, 75, 162, 39, 119, 69, 312, 550))
    more = "".join(counts(f"33{n:03}", "1.0") for n in (192, 200, 273, 449, 4, 5, 6, 7, 8))
    read = delivered(tmp_path, "PS_communes.csv", COUNTS + many + more + counts("01004", cell))
    assert [(refused.line, refused.column, refused.value) for refused in read.refused] == [(23, "dentiste", cell)]


def test_establishments_counted_in_sirene_as_derived(documents: Path) -> None:
    """Sums are those of the file's columns; of 21,911 lines 1,433 are of a commune that has another."""
    read = real(documents, "derive-sirene-sante-communes-2019/PS_communes.csv")
    assert (read.account.lines, read.account.loaded, read.refused) == (21_911, 21_911, ())
    table = read.frames["local_indicator"]
    sums = dict(table.group_by("local_indicator_code").agg(pl.col("value").sum()).iter_rows())
    assert (sums["generaliste"], sums["infirmiers"], sums["hopital"]) == (96_986, 131_837, 14_062)
    assert table["territory_key"].n_unique() == 21_911 - 1_433
