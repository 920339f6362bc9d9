"""The Dagster graph: inputs → bronze → dbt models → audit → findings → snapshot. Asset = table = file.

``barometre refresh`` runs the job of this very module in process; ``dagster dev`` shows the same graph. Everything
runs in one process: the default executor and a dbt child would collide on DuckDB's lock.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from ingestion.collect import packaged_folders
from ingestion.schemas import TABLES
from orchestration import progress
from orchestration.dbt_runs import manifest_path, parse
from orchestration.fingerprints import fingerprints
from orchestration.session import RefreshSession, opened_session
from warehouse.errors import AuditBlocked
from warehouse.paths import Home

JOB = "refresh"
TRIGGER_TAG = "barometre/trigger"
VERDICT = dg.AssetKey(["quality", "verdict"])
FINDING = dg.AssetKey(["quality", "finding"])
SNAPSHOT = dg.AssetKey("snapshot")


@dg.resource(description="The refresh that runs: holds the lock, the state store and the summary.")
def session(context: dg.InitResourceContext) -> Iterator[Callable[[], RefreshSession]]:
    """One session per run, opened by its first step and closed after its last, whatever happens.

    Dagster makes resources again after a run, for its hooks: only asking for the session begins a refresh.
    """
    tags = context.run.tags if context.run else {}
    with ExitStack() as stack:
        yield cache(
            lambda: stack.enter_context(opened_session(Home.from_environment(), tags.get(TRIGGER_TAG, "dagster")))
        )


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
    return dg.AssetKey(["report", report_id.replace("-", "_")])


def _bronze_key(table: str) -> dg.AssetKey:
    return dg.AssetKey(["bronze", table])


def _input_specs(home: Home) -> list[dg.AssetSpec]:
    reports = [
        dg.AssetSpec(
            _report_key(folder.name), group_name="reports", description=f"Extract of the report {folder.name}."
        )
        for folder in packaged_folders(home)
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
        name="inputs", specs=_input_specs(home), check_specs=_contract_checks(), required_resource_keys={"session"}
    )
    def inputs(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        opened: RefreshSession = context.resources.session()
        report = opened.collect()
        by_source = {a.source: a for a in opened.arrivals if a.status == "accepted"}
        for spec in context.assets_def.specs:
            yield dg.MaterializeResult(asset_key=spec.key, metadata=_metadata(spec.key, opened, by_source))
        for check in _contract_checks():
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
        found = next((a for source, a in by_source.items() if source and source.replace("-", "_") == name), None)
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
        opened: RefreshSession = context.resources.session()
        for event in opened.build():
            message = DbtCoreCliEventMessage(raw_event=event, event_history_metadata={})
            yield from message.to_default_asset_events(manifest, translator, context, home.dbt / "target")

    return models


@dg.multi_asset_check(
    specs=[
        dg.AssetCheckSpec("audit", asset=VERDICT, blocking=True, description="The one gate before publication."),
        dg.AssetCheckSpec("audit_warnings", asset=VERDICT, description="What the audit noticed without blocking."),
    ],
    required_resource_keys={"session"},
)
def audit_checks(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    """Great Expectations on marts, verdicts and check index."""
    report = context.resources.session().audit()
    yield dg.AssetCheckResult(
        passed=not report.blocking,
        asset_key=VERDICT,
        check_name="audit",
        metadata={
            "evaluated": report.evaluated,
            "failed": dg.MetadataValue.json([r.sentence for r in report.blocking]),
        },
    )
    yield dg.AssetCheckResult(
        passed=not report.warnings,
        asset_key=VERDICT,
        check_name="audit_warnings",
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"failed": dg.MetadataValue.json([r.sentence for r in report.warnings])},
    )


@dg.asset(
    key=FINDING,
    deps=[VERDICT, ["quality", "check_index"]],
    group_name="stewardship",
    required_resource_keys={"session"},
)
def finding(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """Findings (incohérences) settled in the state store, prepared for this refresh."""
    opened: RefreshSession = context.resources.session()
    if opened.audit_report is None or opened.audit_report.blocking:
        raise AuditBlocked("The audit did not pass; nothing is settled.")
    return dg.MaterializeResult(metadata={"findings": dg.MetadataValue.json(opened.settle())})


@dg.asset(key=SNAPSHOT, deps=[FINDING], group_name="publication", required_resource_keys={"session"})
def snapshot(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """The published DuckDB file."""
    opened: RefreshSession = context.resources.session()
    return dg.MaterializeResult(metadata={"snapshot": opened.seal_and_swap()})


def load_manifest(home: Home) -> dict[str, Any]:
    """dbt's manifest, parsed again when the project or the versions changed since."""
    stamp = home.dbt / "target" / "parsed_from"
    parts = fingerprints(home)
    wanted = parts["sql"] + parts["lock"]
    if not manifest_path(home).exists() or not stamp.exists() or stamp.read_text() != wanted:
        parse(home)
        stamp.write_text(wanted)
    loaded: dict[str, Any] = json.loads(manifest_path(home).read_text())
    return loaded


@cache
def build_definitions() -> dg.Definitions:
    """The whole graph for the home of the environment."""
    home = Home.from_environment().create()
    progress.report("prepare")
    manifest = load_manifest(home)
    job = dg.define_asset_job(JOB, selection=dg.AssetSelection.all(), executor_def=dg.in_process_executor)
    return dg.Definitions(
        assets=[inputs_asset(home), models_asset(home, manifest), finding, snapshot],
        asset_checks=[audit_checks],
        jobs=[job],
        resources={"session": session},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What ``dagster dev -m orchestration.definitions`` loads."""
    return build_definitions()
