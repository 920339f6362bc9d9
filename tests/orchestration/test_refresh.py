"""The whole way, through the command line: an empty home, one command, a published file with the real findings."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from command_line import Command
from homes import Corrected, next_version, packaged_version, packed
from ruamel.yaml import YAML

from ingestion.receiving import PACKAGED
from orchestration.tables import cell
from warehouse.lock import refresh_lock
from warehouse.paths import Home
from warehouse.state import StateStore
from warehouse.state_tables import decision, finding

CHECKOUT = Path(__file__).parents[2]
KIT, WEB_PAGE, PACT = (packaged_version(report) for report in ("ms2022-na-2019", "pts-na-2016", "pts2-2015"))
CONTRACT = YAML(typ="safe", pure=True).load(Path(__file__).with_name("contract.yml"))


def test_every_name_of_the_contract_is_published_and_commented(barometre: Command) -> None:
    columns = barometre.sql(
        "SELECT schema_name || '.' || table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal"
    )
    found = {(table, column) for table, column, _ in columns}
    wanted = {(table, column) for table, names in CONTRACT["columns"].items() for column in names.split()}
    assert wanted - found == set()
    assert [column for column in columns if not column[2]] == []
    tables = barometre.sql(
        "SELECT table_name, comment FROM duckdb_tables() UNION ALL "
        "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"
    )
    assert [name for name, comment in tables if not comment] == []


@pytest.mark.parametrize("table", CONTRACT["rows"])
def test_what_must_have_rows_has_them(barometre: Command, table: str) -> None:
    assert barometre.sql(f"SELECT count(*) FROM {table}")[0][0] > 0


def test_every_numeral_of_the_five_reports_leads_to_what_became_of_it(barometre: Command) -> None:
    """None is pending, none is dismissed without a reason, and what is observed is in a fact."""
    facts = (
        "SELECT observation_id FROM marts.fct_observation UNION ALL SELECT contribution_id FROM marts.fct_contribution "
        "UNION ALL SELECT statement_id FROM marts.fct_workshop_statement "
        "UNION ALL SELECT workshop_key || '|' || participant_category FROM marts.fct_workshop_participation"
    )
    astray = barometre.sql(
        "SELECT * FROM quality.figure_ledger WHERE CASE disposition WHEN 'dismissed' THEN reason IS NULL "
        f"WHEN 'pending' THEN true ELSE coalesce(observation_id, fact_ref) NOT IN ({facts}) END"
    )
    assert astray == []
    counted = barometre.sql("SELECT report_id, count(*) FROM quality.figure_ledger GROUP BY 1 ORDER BY 1")
    assert [report for report, _ in counted] == sorted(path.name for path in PACKAGED.iterdir() if path.is_dir())


def test_the_dictionary_describes_every_column(barometre: Command) -> None:
    described = barometre.sql(
        'SELECT count(*), count(description), count(DISTINCT ("schema", "table", "column")) FROM meta.dictionary'
    )[0]
    assert described[0] == described[1] == described[2] > 400


def test_the_dictionary_gives_the_unit_of_every_measure(barometre: Command) -> None:
    numbers = barometre.sql(
        'SELECT "column" FROM meta.dictionary WHERE unit IS NULL '
        "AND (type LIKE 'DECIMAL%' OR type = 'DOUBLE') ORDER BY ALL"
    )
    assert numbers == []


EXPECTED_FINDINGS = [
    ("contradiction", "cpts_projets", "75", {"36", "32"}),
    ("contradiction", "cls_en_cours", "75", {"45", "48"}),
    ("contradiction", "cls_en_projet", "75", {"7", "4"}),
    ("contradiction", "cls_population_couverte_part", "75", {"61 %", "63 %"}),
    ("part_total", "cesp_signes_cumul_odontologie_comprise", "75", {"279", "83", "72", "119"}),
    ("cumulative_falls", "ptmg_signes_cumul", "75", {"72", "45"}),
    ("growth_levels", "cesp_croissance", "FR", {"355", "1 325", "+275%"}),
]


@pytest.mark.parametrize(("rule", "indicator", "territory", "printed"), EXPECTED_FINDINGS)
def test_the_contradictions_of_the_reports_are_found(
    barometre: Command, rule: str, indicator: str, territory: str, printed: set[str]
) -> None:
    rows = barometre.sql(
        f"SELECT evidence FROM quality.finding WHERE rule_code = '{rule}' AND indicator_code = '{indicator}' "
        f"AND territory_code = '{territory}'"
    )
    assert len(rows) == 1
    assert {figure["printed"] for figure in json.loads(rows[0][0])["figures"]} >= printed


WORKSHOP_FINDINGS = {
    "participants_total": ["Bordeaux", "Nontron", "Pau", "Villeneuve sur Lot"],
    "workshop_without_report": ["Châteauneuf-La-Forêt"],
}


@pytest.mark.parametrize("rule", WORKSHOP_FINDINGS)
def test_the_workshops_that_do_not_add_up_are_found(barometre: Command, rule: str) -> None:
    messages = [row[0] for row in barometre.sql(f"SELECT message_fr FROM quality.finding WHERE rule_code = '{rule}'")]
    towns = WORKSHOP_FINDINGS[rule]
    assert len(messages) == len(towns)
    for town in towns:
        assert [message for message in messages if town in message], f"{town} not in {messages}"


def test_the_two_dates_of_confolens_are_found(barometre: Command) -> None:
    rows = barometre.sql("SELECT message_fr FROM quality.finding WHERE rule_code = 'workshop_statement'")
    assert [message for (message,) in rows if "Confolens" in message]


def test_every_theme_differs_from_its_groups(barometre: Command) -> None:
    rows = barometre.sql("SELECT count(*) FROM quality.finding WHERE rule_code = 'theme_contributions'")
    assert rows == [(4,)]


@pytest.mark.parametrize(("rule", "held"), [("group_total", 304), ("regional_sum", 284)])
def test_what_adds_up_raises_nothing(barometre: Command, rule: str, held: int) -> None:
    counts = barometre.sql(
        f"SELECT expected, evaluated, held, failed FROM quality.check_index WHERE rule_code = '{rule}'"
    )
    assert counts == [(held, held, held, 0)]


def test_findings_speak_french_and_show_their_arithmetic(barometre: Command) -> None:
    code, findings = barometre("findings", "list", "--severity", "error")
    assert code == 0
    cesp = next(f for f in findings if f["indicator_code"] == "cesp_signes_cumul_odontologie_comprise")
    card = barometre.run("findings", "show", cesp["finding_id"])
    assert card.returncode == 0
    for expected in ("279", "274", "83 + 72 + 119", "Ma santé 2022"):
        assert expected in card.stdout.replace("\u202f", " "), card.stdout


def test_values_under_a_finding_are_marked(barometre: Command) -> None:
    rows = barometre.sql(
        "SELECT has_open_finding, value, choice FROM marts.fct_indicator_value "
        "WHERE indicator_key = 'cpts_projets' AND territory_key = 'region:75'"
    )
    assert rows == [(True, None, "non_tranche")]


def test_a_second_refresh_has_nothing_to_do(barometre: Command) -> None:
    before = barometre.snapshot
    code, result = barometre("refresh")
    assert (code, result["outcome"]) == (0, "nothing")
    assert barometre.snapshot == before
    assert len(list((barometre.home / "snapshots").glob("*.duckdb"))) == 1


def test_status_snapshots_and_sql_answer(barometre: Command) -> None:
    code, status = barometre("status")
    assert code == 0
    assert status["published"]["snapshot"] == barometre.snapshot.name
    assert (status["would_refresh_because"], status["lock_holder"], status["quarantine"]) == ([], None, [])
    assert {s["source"] for s in status["sources"]} >= {"pts2-2015", "cnr-na-2022"}
    code, listed = barometre("snapshots", "list")
    assert [(s["snapshot"], s["current"]) for s in listed] == [(barometre.snapshot.name, True)]
    code, rows = barometre("sql", "SELECT count(*) AS n FROM marts.dim_workshop")
    assert (code, rows) == (0, [{"n": 47}])


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["sql", "SELEC 1"], 2, "SELEC"),
        (["sql", "COPY (SELECT 1) TO 'x.csv'"], 2, "disabled"),
        (["findings", "show", "nothing-like-it"], 2, "findings list"),
        (["findings", "list", "--severity", "grave"], 2, "grave"),
        (["ingest", "no-such-file.zip"], 2, "no-such-file.zip"),
        (["frobnicate"], 2, "frobnicate"),
    ],
)
def test_wrong_use_is_exit_2_and_says_why(barometre: Command, arguments: list[str], code: int, words: str) -> None:
    done = barometre.run(*arguments)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_refresh_that_finds_the_lock_taken_is_exit_3(barometre: Command) -> None:
    with refresh_lock(barometre.home / "refresh.lock", "a test"):
        done = barometre.run("refresh")
    assert done.returncode == 3
    assert f"process {os.getpid()} (a test)" in done.stderr


def test_no_snapshot_yet_is_exit_2_and_says_what_to_do(tmp_path: Path) -> None:
    done = Command(tmp_path / "empty").run("findings", "list")
    assert done.returncode == 2
    assert "barometre refresh" in done.stderr


def test_a_correction_replaces_a_broken_one_is_refused_a_known_one_is_nothing(
    corrected: Corrected,
) -> None:
    barometre, result, before = corrected.command, corrected.result, corrected.before
    assert result["outcome"] == "published"
    assert barometre.snapshot != before
    assert before.exists()
    [refused] = result["refused"]
    assert refused["input"] == "broken.zip"
    assert (refused["file"], refused["line"]) == ("broken.zip/figures.csv", 2)
    assert "beaucoup" in refused["expectation"]
    assert refused["next_step"]
    assert list((barometre.home / "landing").iterdir()) == []
    assert list((barometre.home / "quarantine").glob("*/broken.zip"))
    _, status = barometre("status")
    assert [q["name"] for q in status["quarantine"]] == ["broken.zip"]
    reports = dict(barometre.sql("SELECT report_id, extract_version FROM marts.dim_report"))
    assert (reports["ms2022-na-2019"], reports["pts-na-2016"], reports["pts2-2015"]) == (KIT + 1, WEB_PAGE, PACT)


def test_a_correction_resolves_its_finding_and_keeps_history(corrected: Corrected) -> None:
    barometre, result = corrected.command, corrected.result
    assert result["transitions"]["resolved"] == 1
    rows = barometre.sql("SELECT status FROM quality.finding WHERE indicator_code = 'cpts_projets'")
    assert rows == [("resolved",)]
    versions = barometre.sql(
        "SELECT extract_version, value, superseded_at IS NULL FROM marts.fct_observation "
        "WHERE observation_id = 'ms2022-na-2019#cpts-projets-box' ORDER BY 1"
    )
    assert [(v, int(value), current) for v, value, current in versions] == [(KIT, 36, False), (KIT + 1, 32, True)]
    revised = barometre.sql("SELECT count(*) FROM marts.v_revision")
    assert revised[0][0] >= 1


def test_the_corrected_home_has_nothing_more_to_do(corrected: Corrected) -> None:
    barometre = corrected.command
    code, result = barometre("refresh")
    assert (code, result["outcome"]) == (0, "nothing"), result["reasons"]


def _next_version(name: str, text: str) -> str:
    return next_version(text) if name == "report.yml" else text


@pytest.fixture(scope="module")
def through_dagster(corrected: Corrected, tmp_path_factory: pytest.TempPathFactory) -> Command:
    """The same home after Dagster ran the job, as its daemon does, on what waited in the drop folder."""
    barometre = corrected.command
    sent = packed(tmp_path_factory.mktemp("waiting") / "next.zip", "ms2022-2019", _next_version)
    texts = os.environ.get("BAROMETRE_DOCUMENTS")
    documents = sorted((CHECKOUT / texts / "reports").glob("004_*.txt")) if texts else []
    assert barometre.run("ingest", "--no-refresh", str(sent), *map(str, documents)).returncode == 0
    _, status = barometre("status")
    assert len(status["landing"]) == 1 + len(documents)
    done = barometre.dagster("job", "execute", "-m", "orchestration.definitions", "-j", "refresh")
    assert done.returncode == 0, done.stderr[-2000:]
    return barometre


def test_dagster_runs_the_same_refresh(through_dagster: Command) -> None:
    last = through_dagster.sql("SELECT trigger, outcome FROM meta.refresh ORDER BY refresh_id DESC LIMIT 1")
    assert last == [("dagster", "published")]
    versions = through_dagster.sql("SELECT extract_version FROM marts.dim_report WHERE report_id = 'ms2022-2019'")
    assert versions == [(packaged_version("ms2022-2019") + 1,)]
    assert through_dagster.sql("SELECT count(*) FROM meta.refresh WHERE outcome = 'failed'") == [(0,)]


def test_dagster_shows_assets_and_checks(through_dagster: Command) -> None:
    from dagster import AssetKey, DagsterEventType, DagsterInstance

    with DagsterInstance.from_config(str(through_dagster.home / "dagster")) as instance:
        known = set(instance.all_asset_keys())
        wanted = (["report", "pts2_2015"], ["bronze", "figure"], ["marts", "fct_observation"], ["quality", "finding"])
        assert {AssetKey(key) for key in wanted} | {AssetKey("snapshot")} <= known
        [run] = instance.get_runs(limit=1)
        logged = instance.all_logs(run.run_id, of_type=DagsterEventType.ASSET_CHECK_EVALUATION)
        checks = {
            (evaluation.asset_key.to_user_string(), evaluation.check_name): evaluation.passed
            for evaluation in (event.dagster_event.event_specific_data for event in logged if event.dagster_event)
        }
    assert checks[("quality/verdict", "audit")]
    assert checks[("bronze/figure", "contract")]
    for asset, name in (
        ("quality/check_index", "fewer"),
        ("quality/verdict", "our_errors"),
        ("marts/dim_report", "unique"),
    ):
        assert checks[(asset, name)]
    assert len(checks) > 100


def test_a_document_verifies_its_extract(through_dagster: Command, documents: Path) -> None:
    """The source text of a report may be delivered: from then on every figure must stand at its place."""
    name = next((documents / "reports").glob("004_*.txt")).name
    kept = through_dagster.sql(f"SELECT dataset_or_report, status FROM meta.source_file WHERE name = '{name}'")
    assert kept == [("pts-na-2016", "accepted")]


def test_a_decision_is_published_without_dbt(corrected: Corrected) -> None:
    """A steward retains one of two printings: the marts follow in seconds, on the working database at hand."""
    barometre = corrected.command
    where = "indicator_key = 'cls_en_cours' AND territory_key = 'region:75'"
    [(retained,)] = barometre.sql(
        "SELECT min(observation_id) FROM marts.fct_observation "
        f"WHERE {where} AND superseded_at IS NULL AND report_key = 'ms2022-na-2019'"
    )
    assert barometre.sql(f"SELECT choice FROM marts.fct_indicator_value WHERE {where}") == [("non_tranche",)]
    now = datetime.now(UTC)
    decided = {"decision": "retain", "retained_observation_id": retained, "decided_by": "Ada", "reason": "édition"}
    with StateStore.open(Home(barometre.home), now=now) as store, store.transaction() as connection:
        about = sa.select(finding.c.finding_id).where(finding.c.indicator_code == "cls_en_cours")
        found = connection.execute(about).scalar_one()
        connection.execute(decision.insert().values(**decided, decision_id="d1", finding_id=found, decided_at=now))
    built = (barometre.home / "bronze" / "current.parquet").stat().st_mtime_ns
    code, result = barometre("refresh")
    assert (code, result["outcome"], result["work"], result["reasons"]) == (
        0,
        "published",
        "reseal",
        ["decisions changed"],
    )
    assert (barometre.home / "bronze" / "current.parquet").stat().st_mtime_ns > built
    chosen = barometre.sql(f"SELECT choice, observation_id, decision_id FROM marts.fct_indicator_value WHERE {where}")
    assert chosen == [("steward_decision", retained, "d1")]
    assert barometre.sql("SELECT decision_id FROM quality.decision") == [("d1",)]
    assert barometre("refresh")[1]["outcome"] == "nothing"


# The README's five questions, and those of docs/open-data.md to the reports, have the answers that they print.

ASKED = re.compile(r"^\*\*([^*\n]+)\*\*\n\n```sql\n(.+?)```\n\n((?:\|[^\n]+\n)+)", re.MULTILINE | re.DOTALL)
README, OPEN_DATA = (
    ASKED.findall((CHECKOUT / page).read_text(encoding="utf-8")) for page in ("README.md", "docs/open-data.md")
)
QUESTIONS = [*README, *OPEN_DATA]


def markdown(names: list[str], rows: list[tuple[object, ...]]) -> str:
    """Rows as the README prints them."""
    lines = [names, ["---"] * len(names), *([cell(value).replace("|", "\\|") for value in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def test_the_readme_asks_five_questions() -> None:
    assert len(README) == 5
    assert len(OPEN_DATA) == 1


@pytest.mark.parametrize(("question", "query", "answer"), QUESTIONS, ids=[question for question, _, _ in QUESTIONS])
def test_each_question_has_the_answer_printed(barometre: Command, question: str, query: str, answer: str) -> None:
    names, rows = barometre.answer(query)
    assert markdown(names, rows) == answer, f"{question}\n{markdown(names, rows)}"
