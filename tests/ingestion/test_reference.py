"""The reference as a whole: what is committed loads, and what contradicts itself is refused with its place."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path
from textwrap import dedent

import polars as pl
import pytest
from pydantic import BaseModel

from ingestion.reference.build_facility_categories import TABLE, table_of
from ingestion.reference.fragments import ReferenceInvalid, line_of, read_yaml
from ingestion.reference.loading import TABLES, load_reference
from ingestion.territories import REFERENCE
from warehouse.errors import BarometreError, InputError

MEASURES = """\
measures:
  - {code: cesp, label_fr: "Contrat d’engagement de service public (CESP)", label_en: Public service contract}
  - {code: cesp_dentaire, label_fr: CESP dentaire, label_en: Dental contract, parent: cesp}
"""
INDICATORS = """\
indicators:
  - code: cesp_signes
    concept: cesp_signes
    label_fr: CESP signés, cumul depuis l’origine
    label_en: Contracts signed
    counted_unit: contrat
    champ_fr: étudiants et internes en médecine
    definition_fr: >
      Contrats signés depuis la création du dispositif.
    definition_version: "1"
    unit: count
    nature: cumulative
    measure: cesp
    additive_over_territory: true
    higher_is_better: true
    relations:
      - {relation: narrower_than, to: cesp_tous, note_fr: médecine seulement}
  - code: cesp_tous
    concept: cesp_signes
    label_fr: CESP signés, toutes professions
    label_en: Contracts signed, all
    counted_unit: contrat
    definition_fr: Contrats signés.
    definition_version: "1"
    unit: count
    nature: cumulative
    additive_over_territory: true
"""
PROGRAMME = """\
programme: Pacte territoire santé 2
report_id: pts2-2015
axes:
  - axis: null
    commitments:
      - {no: 1, label: Favoriser l’installation, measures: [cesp, cesp_dentaire]}
      - {label: Sans dispositif}
"""
PLACES = """\
territory_key,name,printed_name,parent_territory_key,commune_territory_key
place:creon,Créon,CREON,department:33,commune:33140
local_area:haute-gironde,Haute-Gironde,Haute Gironde,department:33,
place:blaye,Blaye,Blaye,local_area:haute-gironde,commune:33058
"""
GROUPS = """\
group_territory_key,group_name,member_territory_key,printed_name,complete
group:antilles-guyane,Antilles-Guyane,region:01,Guadeloupe,true
group:antilles-guyane,Antilles-Guyane,region:02,Martinique,true
group:antilles-guyane,Antilles-Guyane,region:03,Guyane,true
group:pilotes,9 régions pilotes,,non citée,false
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small reference of one report, complete and sound."""
    for path, text in {
        "indicators/cesp.yml": MEASURES + INDICATORS,
        "programmes/pts2-2015.yml": PROGRAMME,
        "places/pts2-2015.csv": PLACES,
        "groups/pts2-2015.csv": GROUPS,
    }.items():
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text(text, encoding="utf-8")
    for name in ("professions.csv", "datasets.csv", "facility_categories.csv"):
        shutil.copy(REFERENCE / name, tmp_path / name)
    return tmp_path


def _refusal(folder: Path) -> ReferenceInvalid:
    with pytest.raises(ReferenceInvalid) as caught:
        load_reference(folder)
    return caught.value


def _change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


# --- What is committed ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def committed() -> dict[str, pl.DataFrame]:
    return load_reference()


def test_the_committed_reference_loads_in_the_declared_columns(committed: dict[str, pl.DataFrame]) -> None:
    assert set(committed) == {table.name for table in TABLES}
    for table in TABLES:
        assert dict(committed[table.name].schema) == {column.name: column.dtype for column in table.columns}


def test_no_table_of_the_committed_reference_is_empty(committed: dict[str, pl.DataFrame]) -> None:
    assert [name for name, frame in committed.items() if frame.is_empty()] == []


def test_every_population_has_its_dataset_and_its_territory(committed: dict[str, pl.DataFrame]) -> None:
    populations = committed["population"]
    assert populations.join(committed["dataset"], on="dataset_key", how="anti").is_empty()
    assert populations.join(committed["territory"], on="territory_key", how="anti").is_empty()


def test_categories_of_facilities_are_those_of_the_published_nomenclature(documents: Path) -> None:
    flow = documents / "opendata" / "finess-specifications" / "finess_cs1500106_stock_20211214-0417.xml.gz"
    assert table_of(flow) == TABLE.read_text(encoding="utf-8")


def test_a_category_has_its_label_and_its_aggregates(committed: dict[str, pl.DataFrame]) -> None:
    categories = committed["facility_category"]
    assert categories.height == 293
    homes = categories.filter(pl.col("category_code") == "603").row(0, named=True)
    assert homes["label_fr"] == "Maison de santé (L.6223-3)"
    assert [homes[f"aggregate{level}_code"] for level in ("", "_2", "_1")] == ["2103", "2100", "2000"]


def test_what_is_no_nomenclature_makes_no_table(tmp_path: Path) -> None:
    flow = tmp_path / "flow.xml.gz"
    flow.write_bytes(gzip.compress(b"<fluxfiness><horodatage><datemaj>2021-12-14</datemaj></horodatage></fluxfiness>"))
    with pytest.raises(ValueError, match="categories of establishment"):
        table_of(flow)


def test_professions_cover_those_that_reports_speak_of(committed: dict[str, pl.DataFrame]) -> None:
    professions = committed["profession"]
    assert {
        "medecins-generalistes",
        "medecins-specialistes",
        "infirmiers",
        "infirmiers-en-pratique-avancee",
        "pharmaciens",
        "sages-femmes",
        "chirurgiens-dentistes",
        "masseurs-kinesitherapeutes",
        "orthophonistes",
    } <= set(professions["profession_key"])
    parents = set(professions["parent_profession_key"].drop_nulls())
    assert parents == set(professions.filter(pl.col("is_aggregate"))["profession_key"])


def test_the_generated_tables_stay_small() -> None:
    assert sum(file.stat().st_size for file in REFERENCE.glob("*.parquet")) < 2_000_000


# --- A small one ----------------------------------------------------------------------------------------------------


def test_a_sound_reference_becomes_rows(folder: Path) -> None:
    frames = load_reference(folder)
    indicator = frames["indicator"].row(0, named=True)
    assert (indicator["indicator_code"], indicator["concept_code"], indicator["measure_code"]) == (
        "cesp_signes",
        "cesp_signes",
        "cesp",
    )
    assert indicator["definition_fr"] == "Contrats signés depuis la création du dispositif."
    assert frames["indicator_relation"].rows() == [("cesp_signes", "narrower_than", "cesp_tous", "médecine seulement")]
    assert frames["measure"]["parent_measure_code"].to_list() == [None, "cesp"]
    assert frames["measure_programme"].rows() == [
        (code, "Pacte territoire santé 2", None, 1, "Favoriser l’installation", "pts2-2015")
        for code in ("cesp", "cesp_dentaire")
    ]


def test_places_and_groups_join_the_official_territories(folder: Path) -> None:
    frames = load_reference(folder)
    local = frames["territory"].filter(pl.col("source") == "rapport pts2-2015")
    assert local.select("territory_key", "name", "parent_territory_key", "region_code", "department_code").rows() == [
        ("place:creon", "Créon", "department:33", "75", "33"),
        ("local_area:haute-gironde", "Haute-Gironde", "department:33", "75", "33"),
        ("place:blaye", "Blaye", "local_area:haute-gironde", "75", "33"),
        ("group:antilles-guyane", "Antilles-Guyane", None, None, None),
        ("group:pilotes", "9 régions pilotes", None, None, None),
    ]
    resolved = frames["territory_membership"].filter(pl.col("relation") == "commune")
    assert resolved.select("territory_key", "parent_territory_key").rows() == [
        ("place:creon", "commune:33140"),
        ("place:blaye", "commune:33058"),
    ]
    assert frames["territory_group"].rows()[-1] == ("group:pilotes", None, "non citée", False)


def test_a_group_that_needs_a_parent_may_stand_among_the_places(folder: Path) -> None:
    with (folder / "places/pts2-2015.csv").open("a", encoding="utf-8") as file:
        file.write("group:antilles-guyane,Antilles-Guyane,Antilles - Guyane,country:FR,\n")
    territory = load_reference(folder)["territory"]
    rows = territory.filter(pl.col("territory_key") == "group:antilles-guyane")
    assert rows["parent_territory_key"].to_list() == ["country:FR"]


# --- What is refused ------------------------------------------------------------------------------------------------


def test_a_refusal_is_an_input_error_that_says_file_line_and_what_to_do(folder: Path) -> None:
    _change(
        folder / "indicators/cesp.yml",
        "unit: count\n    nature: cumulative\n    measure",
        "unit: euros\n    nature: cumulative\n    measure",
    )
    refusal = _refusal(folder)
    assert isinstance(refusal, InputError)
    assert isinstance(refusal, BarometreError)
    assert (Path(refusal.file).name, refusal.line) == ("cesp.yml", 14)
    assert refusal.expectation.startswith("indicators[0].unit: 'euros' is not one of count, percent")
    assert refusal.next_step


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "said"),
    [
        ("indicators/cesp.yml", "measure: cesp\n", "measure: cspe\n", 16, "indicators[0].measure: measure cspe is"),
        ("indicators/cesp.yml", "to: cesp_tous", "to: cesp_toutes", 20, "relations[0].to: indicator cesp_toutes is"),
        ("indicators/cesp.yml", "to: cesp_tous", "to: cesp_signes", 20, "no relation to itself"),
        ("indicators/cesp.yml", "narrower_than", "subset_of", 20, "'subset_of' is not one of part_of"),
        ("indicators/cesp.yml", "parent: cesp", "parent: cespp", 3, "measures[1].parent: measure cespp is declared"),
        ("indicators/cesp.yml", "parent: cesp", "parent: cesp_dentaire", 3, "its own ancestor"),
        ("indicators/cesp.yml", "code: cesp_tous", "code: CESP tous", 21, "'CESP tous' is no slug"),
        ("indicators/cesp.yml", "code: cesp_tous", "code: cesp_signes", 21, "indicator cesp_signes is already"),
        ("indicators/cesp.yml", "code: cesp_dentaire", "code: cesp", 3, "measure cesp is already declared in"),
        ("indicators/cesp.yml", 'definition_version: "1"', "definition_version: 1", 13, "should be a valid string"),
        ("indicators/cesp.yml", "additive_over_territory: true", "additive_over_territory: 'yes'", 17, "valid boolean"),
        ("indicators/cesp.yml", "    unit: count\n", "    unit: count\n    units: count\n", 15, "Extra inputs"),
        ("indicators/cesp.yml", "    unit: count\n", "    unit: count\n    unit: count\n", 15, "duplicate key"),
        ("indicators/cesp.yml", "    unit: count\n", "", 5, "indicators[0].unit: Field required"),
        ("indicators/cesp.yml", "    unit: count\n", "   unit: count\n", 14, "YAML:"),
        ("programmes/pts2-2015.yml", "cesp_dentaire", "ptmg", 6, "measures[1]: measure ptmg is declared nowhere"),
        ("programmes/pts2-2015.yml", "cesp_dentaire", "cesp", 6, "measure cesp is given twice"),
        ("programmes/pts2-2015.yml", "report_id: pts2-2015", "report_id: pts-2015", 2, "named after pts-2015"),
        ("places/pts2-2015.csv", "printed_name,parent", "printed,parent", 1, "the header territory_key,name"),
        ("places/pts2-2015.csv", "department:33,commune", "department:333,commune", 2, "department:333 exists nowhere"),
        ("places/pts2-2015.csv", "commune:33140", "commune:33999", 2, "commune:33999 exists nowhere"),
        ("places/pts2-2015.csv", "commune:33140", "region:75", 2, "'region:75' is of level region, expected commune"),
        ("places/pts2-2015.csv", "place:creon", "commune:33140", 2, "expected group, local_area, place"),
        ("places/pts2-2015.csv", "place:creon", "place:Créon", 2, "expected a slug"),
        ("places/pts2-2015.csv", "place:blaye", "place:creon", 4, "territory place:creon is already declared in"),
        ("places/pts2-2015.csv", "Haute Gironde,department:33", "Haute Gironde,place:blaye", 3, "its own ancestor"),
        ("places/pts2-2015.csv", "department:33,\n", "department:33\n", 3, "5 cells were expected, 4 found"),
        ("places/pts2-2015.csv", "place:creon,Créon", "place:creon,", 2, "name: Input should be a valid string"),
        ("groups/pts2-2015.csv", "region:02", "region:99", 3, "the member region:99 exists nowhere"),
        ("groups/pts2-2015.csv", "Martinique,true", "Martinique,false", 3, "complete of line 2 were expected"),
        ("groups/pts2-2015.csv", "Martinique,true", "Martinique,oui", 3, "complete: Input should be a valid boolean"),
        ("groups/pts2-2015.csv", "region:02,Martinique", "region:02,Guadeloupe", 3, "the member Guadeloupe is already"),
        ("professions.csv", ",medecins,false", ",medecin,false", 4, "profession medecin is declared nowhere"),
        ("professions.csv", ",medecins,false", ",sages-femmes,false", 4, "sages-femmes was expected to have"),
        ("datasets.csv", "2019-01-01", "01/01/2019", 4, "reference_date: Invalid isoformat string"),
    ],
)  # fmt: skip
def test_each_fault_is_refused_at_its_line(folder: Path, file: str, old: str, new: str, line: int, said: str) -> None:
    _change(folder / file, old, new)
    refusal = _refusal(folder)
    assert said in refusal.expectation
    assert (Path(refusal.file), refusal.line) == (folder / file, line)


def test_a_code_declared_in_two_files_names_both(folder: Path) -> None:
    other = folder / "indicators/internat.yml"
    other.write_text(MEASURES, encoding="utf-8")
    refusal = _refusal(folder)
    assert Path(refusal.file) == other
    assert f"measure cesp is already declared in {folder / 'indicators/cesp.yml'}:2" in refusal.expectation


def test_a_group_stands_in_one_file(folder: Path) -> None:
    shutil.copy(folder / "groups/pts2-2015.csv", folder / "groups/pts-na-2016.csv")
    refusal = _refusal(folder)
    assert "group:antilles-guyane" in refusal.expectation
    assert "pts-na-2016.csv" in refusal.expectation or "pts-na-2016.csv" in refusal.file


def test_a_file_that_would_not_be_read_is_refused(folder: Path) -> None:
    (folder / "indicators/cesp.yml").rename(folder / "indicators/cesp.yaml")
    assert "only .yml files" in _refusal(folder).expectation


def test_bytes_that_are_not_utf_8_are_refused(folder: Path) -> None:
    (folder / "places/pts2-2015.csv").write_bytes(PLACES.encode("cp1252"))
    assert "UTF-8 was expected" in _refusal(folder).expectation


def test_an_empty_fragment_and_a_missing_file_are_refused(folder: Path) -> None:
    (folder / "professions.csv").unlink()
    assert "missing" in _refusal(folder).expectation
    (folder / "indicators/cesp.yml").write_text("# nothing yet\n", encoding="utf-8")
    assert "a mapping was expected" in _refusal(folder).expectation


def test_the_line_of_a_value_that_is_absent_is_that_of_what_should_hold_it(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_text(
        dedent(
            """\
            # a comment
            axes:
              - axis: one
                commitments: []
            """
        ),
        encoding="utf-8",
    )
    assert line_of(file, ("axes", 0, "commitments")) == 4
    assert line_of(file, ("axes", 0, "label")) == 3
    assert line_of(file, ("axes", 7)) == 3


class Months(BaseModel):
    months: tuple[str, ...]


def test_a_fragment_that_changed_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "months.yml"
    for months in (("mars",), ("mars", "avril")):
        file.write_text(f"months: [{', '.join(months)}]\n", encoding="utf-8")
        assert read_yaml(file, Months).value.months == months
