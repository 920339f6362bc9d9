"""The Dagster graph: inputs → bronze → dbt models → audit → findings → snapshot. Asset = table = file.

``barometre refresh`` runs the job of this very module in process; ``barometre serve`` starts it by itself. A run is one
process: the default executor and a dbt child would collide on DuckDB's lock.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from expectations.audit import AuditResult, declared_checks
from expectations.suite import Check
from ingestion.receiving import packaged_folders
from ingestion.schemas import TABLES
from orchestration import progress
from orchestration.dagster_home import RESEAL_JOB, TRIGGER_TAG
from orchestration.dbt_runs import manifest_path, parse
from orchestration.decide import Work
from orchestration.fingerprints import fingerprints
from orchestration.session import RefreshSession, dismiss_known, opened_session, planned, recover
from orchestration.triggers import FINDING, JOBS, SCHEDULES, SENSORS, SNAPSHOT
from warehouse.errors import AuditBlocked, BarometreError
from warehouse.lock import refresh_lock
from warehouse.paths import Home
from warehouse.state import StateStore

#: How long a run of the service waits for a refresh that somebody else runs; far longer than any was seen to take.
PATIENCE_SECONDS = 1800.0
VERDICT = dg.AssetKey(["quality", "verdict"])


@dg.resource(description="The refresh that runs: holds the lock, the state store and the summary.")
def session(context: dg.InitResourceContext) -> Iterator[Callable[[], RefreshSession | None]]:
    """One session per run, opened by its first step and closed after its last, whatever happens.

    Dagster makes resources again after a run, for its hooks: only asking for the session begins a refresh.
    """
    tags = context.run.tags if context.run else {}
    with ExitStack() as stack:
        yield cache(lambda: stack.enter_context(_needed(tags.get(TRIGGER_TAG, "dagster"), context.log)))


@contextmanager
def _needed(trigger: str, log: dg.DagsterLogManager | None) -> Iterator[RefreshSession | None]:
    """The session of a refresh, or None, said in the log, when there is nothing to do; under the lock either way.

    Raises:
        LockHeld: another refresh held the lock for all of :data:`PATIENCE_SECONDS`.
    """
    home, now = Home.from_environment().create(), datetime.now(UTC)
    with ExitStack() as held:
        held.enter_context(refresh_lock(home.lock, trigger, wait=PATIENCE_SECONDS))
        with StateStore.open(home, now=now) as store:
            recover(home, store, now)
            work = planned(home, store, now)
            again = dismiss_known(home, store, now) if work.known else []
        for told in [*(one.sentence for one in again), *(work.reasons or ["Nothing new: the snapshot stays."])]:
            if log:
                log.info(told)
        yield held.enter_context(opened_session(home, trigger)) if work.work is not Work.NOTHING else None


def _refresh_of(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> RefreshSession:
    """The session, in a step that only runs when there is something to do.

    Raises:
        BarometreError: the step was started by hand, without the first one, and nothing is new.
    """
    opened: RefreshSession | None = context.resources.session()
    if opened is None:
        raise BarometreError("Nothing is new: there is nothing to build. Run `barometre refresh --force` to insist.")
    return opened


class BarometreTranslator(DagsterDbtTranslator):
    """dbt models under their schema's name, so that asset = table."""

    def get_asset_key(self, dbt_resource_props: Any) -> dg.AssetKey:
        """``marts/fct_observation`` for a model; what its ``meta.dagster.asset_key`` says for a source."""
        if dbt_resource_props["resource_type"] == "model":
            return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])
        return super().get_asset_key(dbt_resource_props)

    def get_group_name(self, dbt_resource_props: Any) -> str | None:
        """The layer."""
        return str(dbt_resource_props["schema"]) if dbt_resource_props["resource_type"] == "model" else None


def _report_key(report_id: str) -> dg.AssetKey:
    return dg.AssetKey(["report", re.sub(r"\W", "_", report_id, flags=re.ASCII)])


def _bronze_key(table: str) -> dg.AssetKey:
    return dg.AssetKey(["bronze", table])


def _input_specs(home: Home) -> list[dg.AssetSpec]:
    # A draft under the home may be of a report of the repository, and be called anything.
    named = {_report_key(folder.name): folder.name for folder in packaged_folders(home)}
    reports = [
        dg.AssetSpec(key, group_name="reports", description=f"Extract of the report {name}.")
        for key, name in named.items()
    ]
    extract_deps = [spec.key for spec in reports]
    bronze = [
        dg.AssetSpec(
            _bronze_key(name),
            group_name="bronze",
            description=table.description,
            deps=extract_deps if table.family == "extract" else [],
        )
        for name, table in TABLES.items()
    ]
    current = dg.AssetSpec(_bronze_key("current"), group_name="bronze", description="The files that count.")
    return [*reports, *bronze, current]


def _contract_checks() -> list[dg.AssetCheckSpec]:
    return [
        dg.AssetCheckSpec("contract", asset=_bronze_key(name), description="Rows refused by the input contract.")
        for name, table in TABLES.items()
        if table.family == "extract"
    ]


def inputs_asset(home: Home) -> dg.AssetsDefinition:
    """Archive, read, check and write to bronze everything there is to ingest."""

    @dg.multi_asset(
        name="inputs",
        specs=_input_specs(home),
        check_specs=_contract_checks(),
        required_resource_keys={"session"},
        can_subset=True,  # so that a run may give nothing: when nothing is new, every later step is skipped
    )
    def inputs(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        opened: RefreshSession | None = context.resources.session()
        if opened is None:
            return
        report = opened.collect()
        by_source = {a.source: a for a in opened.arrivals if a.status == "accepted"}
        asked = context.selected_asset_keys
        for key in (spec.key for spec in context.assets_def.specs if spec.key in asked):
            yield dg.MaterializeResult(asset_key=key, metadata=_metadata(key, opened, by_source))
        for check in context.selected_asset_check_keys:
            refusals = [r for r in report.refusals if r.table == check.asset_key.path[-1]]
            yield dg.AssetCheckResult(
                passed=not refusals,
                asset_key=check.asset_key,
                check_name=check.name,
                severity=dg.AssetCheckSeverity.WARN,
                metadata={"refusals": dg.MetadataValue.json([f"{r.sentence} {', '.join(r.keys)}" for r in refusals])},
            )

    return inputs


def _metadata(key: dg.AssetKey, opened: RefreshSession, by_source: dict[str | None, Any]) -> dict[str, Any]:
    family, name = key.path[0], key.path[-1]
    if family == "report":
        found = next((a for source, a in by_source.items() if source and _report_key(source) == key), None)
        return {"sha256": found.sha256, "dagster/row_count": found.rows_accepted} if found else {"refused": True}
    return {"dagster/row_count": opened.rows.get(name, 0)}


def models_asset(home: Home, manifest: dict[str, Any]) -> dg.AssetsDefinition:
    """All dbt models, and their data tests as asset checks."""
    translator = BarometreTranslator(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=False))

    @dbt_assets(
        manifest=manifest,
        name="models",
        exclude="resource_type:unit_test",
        dagster_dbt_translator=translator,
        required_resource_keys={"session"},
    )
    def models(context: dg.AssetExecutionContext) -> Iterator[Any]:
        for event in _refresh_of(context).build():
            message = DbtCoreCliEventMessage(raw_event=event, event_history_metadata={})
            yield from message.to_default_asset_events(manifest, translator, context, home.dbt / "target")

    return models


def _demand_key(check: Check) -> tuple[dg.AssetKey, str]:
    """The asset and the name of an audit's check: ``marts.dim_report.unique`` is ``unique`` of ``marts/dim_report``."""
    schema, table, name = check.name.split(".")
    return dg.AssetKey([schema, table]), name


def _audit_specs() -> list[dg.AssetCheckSpec]:
    demands = [
        dg.AssetCheckSpec(name, asset=asset, description=check.sentence, metadata={"severity": check.severity})
        for check in declared_checks()
        for asset, name in [_demand_key(check)]
    ]
    gate = dg.AssetCheckSpec("audit", asset=VERDICT, blocking=True, description="The one gate before publication.")
    return [gate, *demands]


@dg.multi_asset_check(specs=_audit_specs(), required_resource_keys={"session"})
def audit_checks(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    """Great Expectations on marts, verdicts and check index: each demand by itself, and the gate that they make.

    Only the gate blocks in Dagster's sense: a blocking check of a mart would have to run before the verdicts that dbt
    makes of it in the same step.
    """
    report = _refresh_of(context).audit()
    results = {result.name: result for result in report.results}
    for check in declared_checks():
        yield _demand_result(check, results.get(check.name))
    yield dg.AssetCheckResult(
        passed=not report.blocking,
        asset_key=VERDICT,
        check_name="audit",
        metadata={
            "evaluated": report.evaluated,
            "failed": dg.MetadataValue.json([r.sentence for r in report.blocking]),
        },
    )


def _demand_result(check: Check, result: AuditResult | None) -> dg.AssetCheckResult:
    """What became of one demand; ``broken`` tells an expectation that raised from one that is false.

    One that was not evaluated had nothing to compare with yet, or a table without its columns, which is told by itself.
    """
    asset, name = _demand_key(check)
    is_error = check.severity == "blocking" or (result is not None and result.raised)
    return dg.AssetCheckResult(
        passed=result is None or result.success,
        asset_key=asset,
        check_name=name,
        severity=dg.AssetCheckSeverity.ERROR if is_error else dg.AssetCheckSeverity.WARN,
        description=result.sentence if result else f"{check.sentence} Non évalué.",
        metadata={"evaluated": result is not None, "broken": result is not None and result.raised},
    )


@dg.asset(
    key=FINDING,
    deps=[VERDICT, ["quality", "check_index"]],
    group_name="stewardship",
    required_resource_keys={"session"},
)
def finding(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """Findings (incohérences) settled in the state store, prepared for this refresh.

    A run of the job that re-seals begins here, on the working database of the refresh before.
    """
    opened = _refresh_of(context)
    if context.job_name == RESEAL_JOB:
        opened.follow()
    elif opened.audit_report is None or opened.audit_report.blocking:
        raise AuditBlocked("The audit did not pass; nothing is settled.")
    return dg.MaterializeResult(metadata={"findings": dg.MetadataValue.json(opened.settle())})


@dg.asset(key=SNAPSHOT, deps=[FINDING], group_name="publication", required_resource_keys={"session"})
def snapshot(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """The published DuckDB file."""
    opened = _refresh_of(context)
    return dg.MaterializeResult(metadata={"snapshot": opened.seal_and_swap()})


def load_manifest(home: Home) -> dict[str, Any]:
    """dbt's manifest, parsed again when the project or the versions changed since."""
    stamp = home.dbt / "target" / "parsed_from"
    parts = fingerprints(home)
    wanted = parts["sql"] + parts["lock"]
    manifest = _read_manifest(home) if stamp.exists() and stamp.read_text() == wanted else None
    if manifest is None:
        parse(home)
        stamp.write_text(wanted)
        manifest = json.loads(manifest_path(home).read_text())
    return manifest


def _read_manifest(home: Home) -> dict[str, Any] | None:
    """dbt writes the manifest again in each build, in place: killed there, it leaves a part of it."""
    try:
        manifest: dict[str, Any] = json.loads(manifest_path(home).read_text())
    except (OSError, ValueError):
        return None
    return manifest


@cache
def build_definitions() -> dg.Definitions:
    """The whole graph for the home of the environment."""
    home = Home.from_environment().create()
    progress.report("prepare")
    manifest = load_manifest(home)
    return dg.Definitions(
        assets=[inputs_asset(home), models_asset(home, manifest), finding, snapshot],
        asset_checks=[audit_checks],
        jobs=JOBS,
        sensors=SENSORS,
        schedules=SCHEDULES,
        resources={"session": session},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What the service loads."""
    return build_definitions()
