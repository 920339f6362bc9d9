"""Second point of Great Expectations: the one gate before publication, on marts, verdicts and check index.

It blocks on faults of the warehouse only: structure, keys, references, a rule that fell silent, a verdict without
evidence, a check that broke. A contradiction between printings is a fact of the world: published and flagged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter
from ruamel.yaml import YAML

from expectations.catalogue import load_rules
from expectations.suite import Check, CheckResult, Severity, run_checks

WAREHOUSE = Path(__file__).with_name("warehouse.yml")
VERDICTS = ("held", "impossible", "suspicious", "not_comparable", "explained", "not_evaluable")
FAILED = ("impossible", "suspicious", "not_comparable", "explained")

# Columns of the observations that must name a row elsewhere once quarantine is done.
REFERENCES = {
    "report_key": ("marts.dim_report", "report_key"),
    "indicator_key": ("marts.dim_indicator", "indicator_key"),
    "territory_key": ("marts.dim_territory", "territory_key"),
    "period_key": ("marts.dim_period", "period_key"),
}
DECISION = "staging.stg_decision"
MOST_NAMED = 5
# A rule that finds fault with so many subjects and with none less is more likely wrong than they are.
TOO_MANY_TO_FAIL_ALL = 5


class TableDemand(BaseModel):
    """What the audit demands of one table: see ``warehouse.yml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: bool
    columns: tuple[str, ...]
    key: tuple[str, ...] = ()


@dataclass(frozen=True)
class AuditResult:
    """What became of one demand. ``raised``: the check itself broke, which always blocks."""

    name: str
    sentence: str
    severity: Severity
    success: bool
    raised: bool = False


@dataclass(frozen=True)
class AuditReport:
    """Every result, in the order of the demands' names."""

    results: tuple[AuditResult, ...]

    @property
    def evaluated(self) -> int:
        """How many expectations were evaluated."""
        return len(self.results)

    @property
    def blocking(self) -> tuple[AuditResult, ...]:
        """What forbids publication."""
        return tuple(r for r in self.results if not r.success and (r.raised or r.severity == "blocking"))

    @property
    def warnings(self) -> tuple[AuditResult, ...]:
        """What is published but said."""
        return tuple(r for r in self.results if not r.success and not r.raised and r.severity == "warning")


def audit(build_path: Path, previous_counts: Mapping[str, int]) -> AuditReport:
    """Audit the working database; nothing holds the file afterwards.

    ``previous_counts`` gives the evaluated count of each rule at the last published refresh; empty at the first one.
    Raises :class:`expectations.suite.NothingEvaluated` when no expectation was evaluated.
    """
    demands, present = load_demands(), _present_columns(build_path)
    complete = {name: demand for name, demand in demands.items() if set(demand.columns) <= present.get(name, set())}
    checks = [_structure(name, demand) for name, demand in demands.items()]
    checks += _content_checks(complete, previous_counts, has_decisions=DECISION in present)
    results = run_checks(build_path, checks, guard="audit")
    return AuditReport(tuple(sorted((as_audit_result(r) for r in results), key=lambda r: r.name)))


def declared_checks() -> list[Check]:
    """Every check that an audit may make, whatever the working database holds: for those who announce them."""
    demands = load_demands()
    counted = {rule.code: 1 for rule in load_rules()}
    structure = [_structure(name, demand) for name, demand in demands.items()]
    return [*structure, *_content_checks(demands, counted, has_decisions=True)]


def _content_checks(
    complete: Mapping[str, TableDemand], previous_counts: Mapping[str, int], *, has_decisions: bool
) -> list[Check]:
    """The checks of what tables hold, of those tables only that have their columns."""
    checks = [check for name, demand in complete.items() for check in _table_checks(name, demand)]
    if {"quality.verdict", "quality.rule", "quality.check_index", "marts.fct_observation"} <= set(complete):
        checks += [*_verdict_checks(), *_index_checks(), *_count_checks(_current_codes(previous_counts))]
        checks += [_own_errors()] if has_decisions else []
    if {"marts.fct_observation", *(table for table, _ in REFERENCES.values())} <= set(complete):
        checks += [_reference_check(column, *target) for column, target in REFERENCES.items()]
    return checks


def load_demands(path: Path = WAREHOUSE) -> dict[str, TableDemand]:
    """The demands by ``schema.table``."""
    document = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return TypeAdapter(dict[str, TableDemand]).validate_python(document)


def as_audit_result(result: CheckResult) -> AuditResult:
    """Say what was found: a few of the offenders and how many there are, or that the check broke."""
    check, told = result.check, result.check.sentence
    if result.raised is not None:
        told = f"{told} Contrôle en panne : {result.raised}"
    elif result.found:
        named = ", ".join(str(found) for found in result.found[:MOST_NAMED])
        told = f"{told} Trouvé : {named} ({len(result.found)} en tout)."
    return AuditResult(check.name, told, check.severity, result.success, result.raised is not None)


def _present_columns(build_path: Path) -> dict[str, set[str]]:
    import duckdb

    query = "SELECT table_schema || '.' || table_name, list(column_name) FROM information_schema.columns GROUP BY 1"
    with duckdb.connect(str(build_path), read_only=True) as connection:
        return {table: set(columns) for table, columns in connection.execute(query).fetchall()}


def _structure(name: str, demand: TableDemand) -> Check:
    wanted = ", ".join(f"('{column}')" for column in demand.columns)
    found = (
        f"SELECT wanted AS found FROM (VALUES {wanted}) AS demanded (wanted) WHERE wanted NOT IN "
        f"(SELECT column_name FROM {{batch}} WHERE table_schema || '.' || table_name = '{name}')"
    )
    sentence = f"La table {name} a toutes les colonnes du contrat."
    return Check(f"{name}.columns", "columns", sentence, schema="information_schema", found=found)


def _table_checks(name: str, demand: TableDemand) -> list[Check]:
    schema, table = name.split(".")
    checks = []
    if demand.rows:
        checks.append(Check(f"{name}.rows", table, f"La table {name} a des lignes.", schema=schema, rows=True))
    if demand.key:
        key = ", ".join(demand.key)
        found = f"SELECT concat_ws('|', {key}) AS found FROM {{batch}} GROUP BY {key} HAVING count(*) > 1"
        sentence = f"La clé ({key}) de la table {name} est unique."
        checks.append(Check(f"{name}.unique", table, sentence, schema=schema, found=found))
    return checks


def _verdict_checks() -> Iterable[Check]:
    subject = "SELECT rule_code || ' : ' || subject_key AS found FROM {batch} WHERE "
    demands = {
        "accepted": (f"verdict NOT IN {VERDICTS}", "Chaque verdict est d’une valeur connue."),
        "known_rule": (
            "rule_code NOT IN (SELECT rule_code FROM quality.rule)",
            "Chaque verdict nomme une règle connue.",
        ),
        "severity": (
            f"(verdict IN {FAILED}) <> (severity IS NOT NULL)",
            "Une incohérence a une gravité, et elle seule.",
        ),
        "evidence": (
            f"verdict IN {FAILED} AND coalesce(json_array_length(evidence, '$.figures'), 0) = 0",
            "Chaque incohérence donne les chiffres comparés.",
        ),
        "decided": (
            "decision_id IS NOT NULL AND verdict <> 'not_comparable'",
            "Ce qu’un référent a décidé de ne pas comparer n’est pas jugé.",
        ),
        "facts": (
            f"verdict IN {FAILED} AND len(observation_ids) + len(fact_refs) = 0",
            "Chaque incohérence désigne les mentions ou les faits comparés.",
        ),
        "missing": (
            "(verdict = 'not_evaluable') <> (missing_input IS NOT NULL)",
            "Un verdict non évaluable dit ce qui manque, et lui seul.",
        ),
        "asked_once": (
            "verdict = 'not_comparable' AND decision_id IS NULL "
            "AND (territory_key IS NOT NULL OR period_key IS NOT NULL)",
            "Ce qui n’est pas comparable est demandé une fois par famille, jamais par territoire ni par période.",
        ),
    }
    for name, (condition, sentence) in demands.items():
        yield Check(f"quality.verdict.{name}", "verdict", sentence, schema="quality", found=subject + condition)
    named = (
        "SELECT observation_id AS found FROM (SELECT unnest(observation_ids) AS observation_id FROM {batch}) AS named "
        "ANTI JOIN marts.fct_observation USING (observation_id)"
    )
    yield Check(
        "quality.verdict.observations",
        "verdict",
        "Les mentions désignées par les verdicts existent.",
        schema="quality",
        found=named,
    )


def _own_errors() -> Check:
    """An error that a steward found to be ours is to be corrected in an extract, not to be published again and again.

    A finding's identity is the beginning of the SHA-256 of rule and subject, as in ``quality.finding``.
    """
    found = (
        "SELECT rule_code || ' : ' || subject_key AS found FROM {batch} "
        f"WHERE verdict IN {FAILED} AND left(sha256(rule_code || '|' || subject_key), 16) IN "
        f"(SELECT finding_id FROM {DECISION} WHERE decision = 'our_error')"
    )
    sentence = "Aucune erreur reconnue comme la nôtre n’attend d’être corrigée."
    return Check("quality.verdict.our_errors", "verdict", sentence, "warning", "quality", found=found)


def _index_checks() -> Iterable[Check]:
    demands: dict[str, tuple[str, Severity, str]] = {
        "every_rule": (
            "SELECT rule_code AS found FROM quality.rule WHERE rule_code NOT IN (SELECT rule_code FROM {batch})",
            "blocking",
            "Chaque règle du catalogue rend compte de ce qu’elle a évalué.",
        ),
        "adds_up": (
            "SELECT rule_code AS found FROM {batch} "
            "WHERE held + failed <> evaluated OR evaluated + not_evaluable <> expected",
            "blocking",
            "Aucun contrôle n’est en panne : attendus = évalués + non évaluables.",
        ),
        "no_subject": (
            f"SELECT rule_code AS found FROM {{batch}} WHERE expected = 0 AND rule_code NOT IN ({_may_fall_silent()})",
            "warning",
            "Chaque règle a au moins un sujet à juger.",
        ),
        "always_fires": (
            f"SELECT rule_code AS found FROM {{batch}} WHERE held = 0 AND evaluated >= {TOO_MANY_TO_FAIL_ALL}",
            "warning",
            "Aucune règle ne trouve à redire à tout ce qu’elle juge.",
        ),
    }
    for name, (found, severity, sentence) in demands.items():
        yield Check(f"quality.check_index.{name}", "check_index", sentence, severity, "quality", found=found)


def _may_fall_silent() -> str:
    """The rules that few inputs feed, as a list of SQL; their silence is no news."""
    return ", ".join(["''", *(f"'{rule.code}'" for rule in load_rules() if rule.may_fall_silent)])


def _count_checks(previous: Mapping[str, int]) -> Iterable[Check]:
    """A rule that judged before and judges nothing now fell silent; one that judges less is worth a look."""
    counts = {code: count for code, count in previous.items() if count > 0}
    if not counts:
        return
    values = ", ".join(f"('{code}', {count})" for code, count in sorted(counts.items()))
    compared = (
        "SELECT last.rule_code || ' (' || today.evaluated || ' au lieu de ' || last.evaluated || ')' AS found "
        f"FROM (VALUES {values}) AS last (rule_code, evaluated) "
        "INNER JOIN (SELECT * FROM {batch}) AS today USING (rule_code) WHERE "
    )
    demands: dict[str, tuple[str, Severity, str]] = {
        "silent": ("today.evaluated = 0", "blocking", "Aucune règle évaluée la dernière fois n’est devenue muette."),
        "fewer": (
            "today.evaluated > 0 AND today.evaluated < last.evaluated",
            "warning",
            "Chaque règle évalue au moins autant de sujets que la dernière fois.",
        ),
    }
    for name, (condition, severity, sentence) in demands.items():
        yield Check(
            f"quality.check_index.{name}", "check_index", sentence, severity, "quality", found=compared + condition
        )


def _reference_check(column: str, table: str, target: str) -> Check:
    found = f"SELECT observation_id AS found FROM {{batch}} WHERE {column} NOT IN (SELECT {target} FROM {table})"
    sentence = f"Chaque mention désigne une ligne de {table} par {column}."
    return Check(f"marts.fct_observation.{column}", "fct_observation", sentence, schema="marts", found=found)


def _current_codes(previous: Mapping[str, int]) -> dict[str, int]:
    """Counts by today's code: a renamed rule is followed, one that was taken out or may fall silent is not expected."""
    expected = (rule for rule in load_rules() if not rule.may_fall_silent)
    current = {code: rule.code for rule in expected for code in (rule.code, *rule.aliases)}
    return {current[code]: count for code, count in previous.items() if code in current}
