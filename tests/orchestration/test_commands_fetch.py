"""``barometre fetch``, what is told of it, and the schedules that do it only when an operator said so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from misbehaving import Server, conditional, serving, status

from ingestion.datasets import contracts
from ingestion.datasets.contract_model import Contract
from ingestion.fetching.contract import DropFolder, Url
from orchestration.automation import FETCH_CALENDAR, decide_fetch
from orchestration.cli import cli
from orchestration.fetching import fetching_line, fetching_problems, fetching_rows
from orchestration.status import describe, fetch_setting, status_lines
from warehouse.errors import UsageError
from warehouse.lock import refresh_lock
from warehouse.paths import Home
from warehouse.source_memory import SourceMemory, remember_source, remembered_sources
from warehouse.state import StateStore

if TYPE_CHECKING:
    from dagster import DagsterInstance

CODE, OTHER = "insee-populations-legales", "cnam-effectifs-densites"
BODY = b"DEPCOM;COM;PMUN;PCAP;PTOT\n33063;Bordeaux;1;2;3\n"
NOW = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
FAILED = SourceMemory(
    CODE, "failed", "no network", NOW, NOW + timedelta(days=1), failing_since=NOW - timedelta(days=8), failures=3
)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as started:
        yield started


@pytest.fixture
def one_source(server: Server, monkeypatch: pytest.MonkeyPatch) -> Contract:
    """One dataset that is fetched from the server, and one that people deliver."""
    known = contracts.load_contracts()
    block = Url(kind="url", address=server.gives("/communes.csv", conditional(BODY, '"1"')))
    fetched = known[CODE].model_copy(update={"fetch": block})
    both = {CODE: fetched, OTHER: known[OTHER].model_copy(update={"fetch": DropFolder()})}
    monkeypatch.setattr(contracts, "load_contracts", lambda: MappingProxyType(both))
    return fetched


def fetch(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["fetch", *arguments], catch_exceptions=True)


@pytest.mark.usefixtures("one_source")
class TestCommand:
    def test_what_is_due_is_fetched_once_and_lands(self, home: Path, server: Server) -> None:
        done = fetch()
        assert done.exit_code == 0
        assert done.stdout.startswith(f"{CODE}  new: {len(BODY)} bytes from 127.0.0.1 (")
        assert done.stdout.endswith("Next: barometre refresh (the service does it by itself)\n")
        assert (home / "landing" / "communes.csv").read_bytes() == BODY
        assert fetch().stdout.startswith("Nothing is due.")
        assert len(server.asked) == 1

    def test_who_names_it_need_not_wait(self, home: Path) -> None:
        fetch()
        for arguments in ((CODE,), ("--all",)):
            done = fetch(*arguments, "--format", "json")
            [row] = json.loads(done.stdout)
            assert (row["outcome"], row["told"]) == (
                "unchanged",
                "nothing new: not changed, says the server (HTTP 304)",
            )
        assert len(list((home / "landing").iterdir())) == 1

    def test_force_asks_for_all_of_it_and_lands_what_no_refresh_took(self, home: Path, server: Server) -> None:
        fetch()
        (home / "landing" / "communes.csv").unlink()
        assert "new: " in fetch(CODE, "--force").stdout
        assert "If-None-Match" not in server.headers()
        assert (home / "landing" / "communes.csv").exists()

    def test_a_failure_ends_with_1_and_a_line(self, server: Server) -> None:
        server.gives("/communes.csv", status(404))
        done = fetch(CODE)
        assert (done.exit_code, "HTTP 404" in done.stdout) == (1, True)

    def test_a_dry_run_asks_nobody(self, home: Path, server: Server) -> None:
        address = server.address("/communes.csv")
        assert fetch("--dry-run").stdout == f"{CODE}  would ask {address}\n"
        fetch()
        assert fetch("--dry-run", "--all").stdout == f"{CODE}  would ask {address} whether it changed\n"
        [row] = json.loads(fetch("--dry-run", "--all", "--force", "--format", "json").stdout)
        assert row == {"dataset": CODE, "kind": "url", "address": address, "told": f"would ask {address}"}
        assert len(server.asked) == 1
        assert (home / "landing" / "communes.csv").exists()

    def test_wrong_use(self) -> None:
        assert fetch(CODE, "--all").exit_code == 2
        unknown, by_people = fetch("nothing").exception, fetch(OTHER).exception
        assert isinstance(unknown, UsageError)
        assert f"No dataset is called 'nothing'. Known: {CODE}, {OTHER}." in str(unknown)
        assert isinstance(by_people, UsageError)
        assert "delivered by people: download it from https://data.ameli.fr/" in str(by_people)

    def test_a_refresh_that_runs_is_no_obstacle(self, home: Path) -> None:
        with refresh_lock(home / "refresh.lock", "a test"):
            assert fetch().exit_code == 0

    def test_status_and_sources_tell_the_last_look(self, home: Path) -> None:
        lines = status_lines(describe(Home(home)))
        assert f"  {CODE}: never looked at (url)" in lines
        fetch()
        fetch(CODE)
        described = describe(Home(home))
        [row] = described["fetch"]["sources"]
        assert (described["fetch"]["runs"], row["outcome"], row["is_due"]) == ("asked", "unchanged", False)
        told = CliRunner().invoke(cli, ["sources"]).stdout
        assert "  fetched: nothing new: not changed, says the server (HTTP 304) (looked " in told
        assert told.count("fetched:") == 1


class TestTold:
    def row(self, memory: SourceMemory | None) -> dict[str, Any]:
        [row] = fetching_rows([contracts.load_contracts()[CODE]], {CODE: memory} if memory else {}, NOW)
        return row

    def test_a_failure_says_since_when_and_how_often(self) -> None:
        assert fetching_line(self.row(FAILED)) == (
            f"{CODE}: FAILED 3 times since 2026-02-21: no network (looked 2026-03-01 08:30, next 2026-03-02)"
        )
        assert self.row(None)["is_due"]
        assert self.row(replace(FAILED, next_look_at=NOW))["is_due"]

    @pytest.mark.parametrize(
        ("memory", "is_problem"),
        [
            (FAILED, True),
            (replace(FAILED, failures=2), False),
            (replace(FAILED, failing_since=NOW - timedelta(days=7)), False),
            (SourceMemory(CODE, "unchanged", "", NOW, NOW), False),
            (None, False),
        ],
    )
    def test_a_source_that_fails_for_long_needs_an_operator(
        self, memory: SourceMemory | None, is_problem: bool
    ) -> None:
        told = fetching_problems([self.row(memory)], NOW)
        assert bool(told) == is_problem
        assert not told or told[0].startswith(
            f"{CODE} cannot be fetched since 2026-02-21: no network. Correct its contract"
        )

    def test_it_is_a_problem_of_the_home(self, home: Path) -> None:
        with StateStore.open(Home(home), now=NOW) as store:
            remember_source(store, FAILED)
            assert remembered_sources(store) == {CODE: FAILED}
        assert any("cannot be fetched" in problem for problem in describe(Home(home))["problems"])


class TestSchedules:
    @pytest.fixture
    def instance(self, home: Path) -> Iterator[DagsterInstance]:
        from orchestration.dagster_home import dagster_instance

        with dagster_instance(Home(home).create()) as opened:
            yield opened

    @pytest.fixture
    def scheduled(self, home: Path) -> Home:
        at = Home(home).create()
        at.settings.write_text("fetch: scheduled\n", encoding="utf-8")
        return at

    def tick(self, instance: DagsterInstance, cadence: str) -> Any:
        from dagster import build_schedule_context

        from orchestration.triggers import SCHEDULES

        [schedule] = [schedule for schedule in SCHEDULES if schedule.name == f"fetch_{cadence}"]
        return schedule.evaluate_tick(build_schedule_context(instance))

    def test_there_is_one_for_every_cadence(self) -> None:
        known = Contract.model_fields["cadence"].annotation.__args__  # type: ignore[union-attr]
        assert {cadence.name for cadence in FETCH_CALENDAR} == {f"fetch_{cadence}" for cadence in known}

    def test_nothing_is_fetched_unless_an_operator_said_so(self, home: Path, instance: DagsterInstance) -> None:
        assert fetch_setting(Home(home)) == "asked"
        assert "fetch: scheduled in config/settings.yml" in self.tick(instance, "yearly").skip_message

    def test_settings_that_are_none_fetch_nothing(self, scheduled: Home, instance: DagsterInstance) -> None:
        scheduled.settings.write_text("fetch: always\n", encoding="utf-8")
        assert fetch_setting(scheduled) == "unreadable"
        assert not self.tick(instance, "yearly").run_requests

    def test_a_cadence_without_anything_due_starts_no_run(self, scheduled: Home, instance: DagsterInstance) -> None:
        assert fetch_setting(scheduled) == "scheduled"
        assert self.tick(instance, "weekly").skip_message == "No source of a dataset that is weekly is due."
        assert decide_fetch("scheduled", [CODE], "yearly") is None

    @pytest.mark.usefixtures("one_source")
    def test_a_run_fetches_into_the_drop_folder(
        self, scheduled: Home, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from orchestration import triggers

        monkeypatch.setattr(triggers, "load_contracts", contracts.load_contracts)
        [request] = self.tick(instance, "yearly").run_requests
        assert request.tags[triggers.CADENCE_TAG] == "yearly"
        assert triggers.fetch_job.execute_in_process(instance=instance, tags=request.tags).success
        assert (scheduled.landing / "communes.csv").read_bytes() == BODY
        assert not self.tick(instance, "yearly").run_requests

    @pytest.mark.usefixtures("one_source")
    def test_a_source_that_fails_fails_no_run(
        self, scheduled: Home, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch, server: Server
    ) -> None:
        from orchestration import triggers

        monkeypatch.setattr(triggers, "load_contracts", contracts.load_contracts)
        server.gives("/communes.csv", status(404))
        assert triggers.fetch_job.execute_in_process(instance=instance).success
        with StateStore.open(scheduled, now=NOW) as store:
            assert remembered_sources(store)[CODE].outcome == "failed"
