"""One dbt build of a small warehouse: the contract with readers holds, and every row leads where it should."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
from bronze_rows import INPUTS
from bronze_sample import write_bronze

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"

# Every name that the contract with readers promises, by table; the seal step adds what comes from the state store.
CONTRACT = {
    "marts.dim_territory": "territory_key territory_code territory_level name france_scope parent_territory_key "
    "region_code department_code valid_from valid_to",
    "marts.bridge_territory_group": "group_territory_key member_territory_key printed_name complete",
    "marts.bridge_territory_membership": "territory_key parent_territory_key relation valid_from valid_to",
    "marts.bridge_commune_movement": (
        "effective_on kind kind_fr from_territory_key from_name to_territory_key to_name"
    ),
    "marts.bridge_commune_ground": "ground_key territory_key valid_from valid_to",
    "marts.dim_period": "period_key label_fr granularity start_date end_date year",
    "marts.dim_measure": "measure_key measure_code label_fr label_en parent_measure_key",
    "marts.bridge_measure_programme": "measure_key programme axis commitment report_key",
    "marts.dim_indicator": "indicator_key indicator_code concept_code label_fr label_en counted_unit champ_fr "
    "definition_fr definition_version unit nature measure_key additive_over_territory higher_is_better",
    "marts.dim_indicator_relation": "from_indicator_key relation to_indicator_key note_fr",
    "marts.dim_report": "report_key report_id title publisher scope_territory_key published_on published_precision "
    "source_name source_sha256 licence supersedes_report_key",
    "marts.dim_dataset": "dataset_key dataset_code title publisher vintage reference_date territory_vintage "
    "france_scope definition_version covered_territories licence source_sha256",
    "marts.dim_dataset_column": "dataset_code column_name published_as is_pattern type unit published_in "
    "published_column",
    "marts.dim_profession": "profession_key nomenclature profession speciality parent_profession_key is_aggregate",
    "marts.dim_facility": "facility_key legal_entity_key counted_entity category opened_on closed_on "
    "is_placeholder_date category_label_fr category_aggregate_code territory_basis territory_note_fr latitude "
    "longitude described_by_dataset_key",
    "marts.dim_facility_category": "category_code label_fr aggregate_code aggregate_2_code aggregate_1_code vintage",
    "marts.fct_observation": "observation_id report_key indicator_key territory_key period_key value value_low "
    "value_high unit kind value_form obs_status growth_form rate_period per_unit qualifier base_period_key "
    "cumulated_since_period_key date_is_explicit as_of_low as_of_high denominator_fr denominator_indicator_key "
    "ambiguity_fr printed source_line source_page char_start char_end exhibit_id exhibit_kind exhibit_title "
    "statement_origin cited_source cited_on repeats_observation_id extraction_method review_status reviewed_by "
    "extract_version recorded_at superseded_at",
    "marts.fct_observation_link": "link_id observation_id role exhaustive",
    "marts.fct_policy_parameter": "role payer beneficiary zone_category condition_fr gross_or_net legal_basis "
    "valid_from valid_to observation_id value",
    "marts.fct_indicator_value": "indicator_key territory_key period_key value value_low value_high choice "
    "observation_id source_count spread has_open_finding",
    "marts.fct_target_progress": "target_observation_id actual_observation_id announced_on due_period_key baseline "
    "target_form outcome scope_relation superseded_by",
    "marts.dim_workshop": "workshop_key department_territory_key place commune_territory_key held_on start_time "
    "end_time has_report",
    "marts.fct_workshop_participation": "workshop_key participant_category participants printed missing_reason "
    "report_key source_line",
    "marts.fct_workshop_statement": "workshop_key attribute stated_in value printed source_line",
    "marts.dim_topic": "topic_key topic_code theme_no theme_label_fr section group_label_fr item_label_fr",
    "marts.fct_contribution": "topic_key territory_key is_group_total mentions counted_unit report_key source_line",
    "marts.fct_population": "dataset_key territory_key period_key obs_status conf_status is_aggregate "
    "population_kind sex age_from age_to population",
    "marts.fct_accessibility": "dataset_key territory_key period_key obs_status conf_status is_aggregate "
    "profession_key doctor_age_limit apl unit population_standardised population_total mesh",
    "marts.fct_professional": "dataset_key territory_key period_key obs_status conf_status is_aggregate "
    "profession_key practice_mode location_basis sex age_from age_to counted_unit headcount density density_per "
    "density_population",
    "marts.fct_facility": "dataset_key territory_key period_key obs_status conf_status is_aggregate facility_key "
    "counted_entity category category_label_fr capacity open_status opened_on closed_on is_placeholder_date "
    "territory_basis territory_note_fr",
    "marts.fct_zoning": "dataset_key territory_key period_key obs_status conf_status is_aggregate profession_key "
    "mesh zone legal_basis method_version valid_from valid_to",
    "marts.fct_local_indicator": "dataset_key territory_key period_key local_indicator_code label_fr value unit",
    "marts.fct_authorisation": "dataset_key authorisation_key territory_key period_key facility_key kind activity_code "
    "activity authorised_on started_on ends_on",
    "marts.fct_maternity": "dataset_key territory_key period_key facility_key maternity_type obstetric_beds "
    "delivery_rooms births",
    "marts.fct_territory_class": "dataset_key territory_key period_key scheme class_code class_label share",
    "marts.fct_territory_status": "dataset_key territory_key period_key territory_level territory_code name "
    "parent_territory_key department_territory_key region_territory_key epci_territory_key valid_from valid_to",
    "marts.fct_territory_event": "dataset_key row_no territory_key effective_on kind kind_fr from_code to_code",
    "marts.dim_territory_shape": "dataset_key territory_key period_key geometry mesh geometry_precision",
    "marts.v_indicator_printings": "observation_id printed value retained_value choice extraction_method review_status",
    "marts.v_target_status": "target_observation_id outcome due_on achieved_pct",
    "marts.v_region_share": "territory_key share_pct share_pct_low share_pct_high",
    "marts.v_indicator_rate": "indicator_key territory_key per_100000 per_100000_low per_100000_high population_kind",
    "marts.v_revision": "observation_id change reason old_value new_value",
    "marts.v_commune_access": "territory_key epci_name zone apl population",
    "marts.v_professional_density": "series starts_series territory_key year headcount published_density "
    "computed_density",
    "quality.rule": "rule_code code title_fr definition_fr subjects_fr relation tolerance level severity "
    "owner source why",
    "quality.figure_ledger": "report_id source_line char_start char_end printed disposition observation_id fact_ref "
    "reason",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The database of one dbt build, tests included, of marts and quality tables but not of the rules."""
    from dbt.cli.main import dbtRunner

    home = tmp_path_factory.mktemp("warehouse")
    write_bronze(home, INPUTS)
    settings = {
        "BAROMETRE_HOME": str(home),
        "DBT_TARGET_PATH": str(home / "target"),
        "DBT_LOG_PATH": str(home / "logs"),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        selected = ["+path:models/marts", "+rule", "+figure_ledger"]
        folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
        outcome = dbtRunner().invoke(["--quiet", "build", *folders, "--select", *selected])
    assert outcome.success, outcome.exception or [f"{r.node.name}: {r.message}" for r in outcome.result if r.message]
    _release(home)
    with duckdb.connect(str(home / "build.duckdb"), read_only=True) as connection:
        yield connection


def _release(home: Path) -> None:
    """Close what dbt-duckdb keeps open, or the file could not be opened read-only in this process."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    assert (home / "build.duckdb").is_file()
    DuckDBConnectionManager.close_all_connections()


@pytest.mark.parametrize("table", CONTRACT)
def test_readers_find_every_column_with_its_description(built: duckdb.DuckDBPyConnection, table: str) -> None:
    schema, name = table.split(".")
    columns = dict(
        built.execute(
            "select column_name, comment from duckdb_columns() where schema_name = ? and table_name = ?",
            [schema, name],
        ).fetchall()
    )
    assert set(CONTRACT[table].split()) - columns.keys() == set()
    assert [column for column, comment in columns.items() if not comment] == []


def test_every_table_and_view_says_what_a_row_is(built: duckdb.DuckDBPyConnection) -> None:
    described = built.execute(
        "select table_name, comment from duckdb_tables() where schema_name in ('marts', 'quality') "
        "union all select view_name, comment from duckdb_views() where schema_name = 'marts'"
    ).fetchall()
    assert {name for name, _ in described} == {table.split(".")[1] for table in CONTRACT}
    assert [name for name, comment in described if "Grain: " not in (comment or "")] == []


def test_no_table_of_the_sample_is_empty(built: duckdb.DuckDBPyConnection) -> None:
    empty = [t for t in CONTRACT if built.execute(f"select count(*) from {t}").fetchone() == (0,)]
    assert empty == []


def test_earlier_vintages_stay_listed_and_corrected_files_do_not(built: duckdb.DuckDBPyConnection) -> None:
    vintages = built.execute("select dataset_key, is_current from marts.dim_dataset order by dataset_key").fetchall()
    assert vintages == [("communes@2018", False), ("communes@2022", True)]
    facts = """
        select dataset_key, population from marts.fct_population where not is_aggregate order by dataset_key
    """
    assert built.execute(facts).fetchall() == [("communes@2018", 257068.0), ("communes@2022", 261804.0)]
    shown = "select distinct population from marts.v_commune_access where commune_code = '33063'"
    assert built.execute(shown).fetchall() == [(261804.0,)]


def test_superseded_rows_are_kept_and_current_ones_are_the_latest_version(built: duckdb.DuckDBPyConnection) -> None:
    rows = built.execute(
        "select extract_version, value, superseded_at is null from marts.fct_observation "
        "where observation_id = 'alpha-2018#msp' order by 1"
    ).fetchall()
    assert [(version, float(value), current) for version, value, current in rows] == [(1, 1100, False), (2, 1000, True)]


def test_a_later_report_corrects_and_a_report_that_contradicts_itself_settles_nothing(
    built: duckdb.DuckDBPyConnection,
) -> None:
    choices = built.execute(
        "select indicator_key, choice, value, value_low, value_high, source_count from marts.fct_indicator_value "
        "where territory_key = 'country:FR' and period_key = 'end:2018' order by 1"
    ).fetchall()
    assert choices == [
        ("msp_ouvertes", "later_report", 1005, 1005, 1005, 2),
        ("msp_projets", "non_tranche", None, 40, 45, 1),
    ]


def test_a_target_is_judged_by_the_observation_before_its_deadline(built: duckdb.DuckDBPyConnection) -> None:
    progress = built.execute(
        "select target_observation_id, actual_observation_id, baseline, due_on, outcome from marts.fct_target_progress"
    ).fetchall()
    assert progress == [("alpha-2018#msp-cible", "beta-2022#msp-2019", 1005, date(2019, 12, 31), "met_by_deadline")]


def test_what_only_a_machine_read_is_seen_and_changes_nothing(built: duckdb.DuckDBPyConnection) -> None:
    """The values, the target and its outcome above are those of the reports that people read."""
    proposed = "where report_key = 'gamma-2030' and extraction_method = 'automatic' and review_status = 'unreviewed'"
    assert built.execute(f"select count(*) from marts.fct_observation {proposed}").fetchone() == (4,)
    shown = built.execute(f"select distinct is_retained from marts.v_indicator_printings {proposed}").fetchall()
    assert shown == [(False,)]
    for table, column in (("fct_indicator_value", "observation_id"), ("fct_target_progress", "target_observation_id")):
        named = f"select count(*) from marts.{table} where starts_with({column}, 'gamma-2030#')"
        assert built.execute(named).fetchone() == (0,)


def test_links_and_the_ledger_name_observations(built: duckdb.DuckDBPyConnection) -> None:
    links = built.execute("select link_id, observation_id, role from marts.fct_observation_link").fetchall()
    assert links == [
        ("alpha-2018#l1", "alpha-2018#msp-na", "part"),
        ("alpha-2018#l1", "alpha-2018#msp", "total"),
    ]
    assert built.execute("select observation_id from quality.figure_ledger").fetchall() == [("alpha-2018#msp",)]


def test_a_workshop_without_a_date_in_the_table_takes_that_of_its_report(built: duckdb.DuckDBPyConnection) -> None:
    assert built.execute("select workshop_key, held_on from marts.dim_workshop").fetchall() == [
        ("alpha-2018#bordeaux", date(2018, 11, 5))
    ]


def test_views_live_in_another_catalog(built: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    views = built.execute("select view_name, sql from duckdb_views() where schema_name = 'marts'").fetchall()
    with duckdb.connect(str(tmp_path / "copy.duckdb")) as other:
        source = built.execute("select path from duckdb_databases() where database_name = 'build'").fetchone()
        assert source is not None
        build = tmp_path / "source.duckdb"
        os.link(source[0], build)
        other.execute(f"attach '{build}' as source (read_only)")
        other.execute("create schema marts; create schema quality")
        for (name,) in built.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall():
            other.execute(f"create table marts.{name} as from source.marts.{name}")
        other.execute("detach source")
        for name, sql in views:
            other.execute(sql.replace("build.marts.", "marts."))
            assert other.execute(f"select count(*) from marts.{name}").fetchone() != (0,)


def test_analysts_have_functions_that_say_what_they_do(built: duckdb.DuckDBPyConnection) -> None:
    told = built.execute(
        "select function_name, comment from duckdb_functions() where function_type = 'table_macro' and not internal"
    ).fetchall()
    assert {name for name, _ in told} == {"commune_moved", "communes_on"}
    assert [name for name, comment in told if "Grain: " not in (comment or "")] == []
    assert built.execute("select name from marts.communes_on('2020-01-01')").fetchall() == [("Bordeaux",)]
    moved = built.execute("select how, weight from marts.commune_moved(date '2000-01-01', date '2020-01-01')")
    assert moved.fetchall() == [("unchanged", 1.0)]
