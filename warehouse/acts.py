"""What people do about findings, in the state store: an act is one transaction and one event of the finding's history.

An act may bring a waiver or a decision. Whatever it is, it ends a waiver in force: what a person said last counts. A
decision that is withdrawn leaves its table, so that nothing follows it any more; the history keeps what it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import sqlalchemy as sa

    from warehouse.state import PersonStatus, StateStore

DecisionKind = Literal["retain", "keep_both", "not_comparable", "publisher_error", "our_error"]
Row = dict[str, Any]


@dataclass(frozen=True)
class Waiver:
    """An exception accepted until an instant, for the values in ``guard``."""

    expires_at: datetime
    reason: str
    guard: Mapping[str, Any]


@dataclass(frozen=True)
class Decision:
    """What was decided, for the values in ``guard``; the three keys name the fact, where it is one fact."""

    decision: DecisionKind
    reason: str
    guard: Mapping[str, Any]
    retained_observation_id: str | None = None
    indicator_key: str | None = None
    territory_key: str | None = None
    period_key: str | None = None


@dataclass(frozen=True)
class Act:
    """What one person does: the status of the finding after it, what its history tells, what else comes or goes."""

    status: PersonStatus
    actor: str
    why: str
    steward: str | None = None
    waiver: Waiver | None = None
    decision: Decision | None = None
    withdraws_decisions: bool = False


@dataclass(frozen=True)
class Dossier:
    """What the store holds of one finding: its row, events, waivers and decisions, the oldest first; how many other
    live findings are of its case."""

    finding: Row
    history: tuple[Row, ...]
    waivers: tuple[Row, ...]
    decisions: tuple[Row, ...]
    others_of_case: int


def published_ids(store: StateStore, beginning: str) -> list[str]:
    """Identifiers of the published findings that begin so, in order."""
    import sqlalchemy as sa

    from warehouse.state_tables import finding, refresh

    query = (
        sa.select(finding.c.finding_id)
        .join(refresh, finding.c.first_refresh_id == refresh.c.refresh_id)
        .where(refresh.c.outcome == "published", finding.c.finding_id.startswith(beginning, autoescape=True))
    )
    with store.transaction() as connection:
        return list(connection.execute(query.order_by(finding.c.finding_id)).scalars())


def read_dossier(store: StateStore, finding_id: str) -> Dossier:
    """Everything about a finding that exists."""
    import sqlalchemy as sa

    from warehouse.state_tables import decision, finding, finding_event, waiver

    def about(table: sa.Table, *order: sa.Column[Any]) -> tuple[Row, ...]:
        query = table.select().where(table.c.finding_id == finding_id).order_by(*order)
        return tuple(dict(row) for row in connection.execute(query).mappings())

    with store.transaction() as connection:
        [found] = about(finding)
        others = sa.select(sa.func.count()).where(
            finding.c.case_id == found["case_id"], finding.c.finding_id != finding_id, finding.c.status != "resolved"
        )
        return Dossier(
            found,
            about(finding_event, finding_event.c.event_id),
            about(waiver, waiver.c.waiver_id),
            about(decision, decision.c.decided_at, decision.c.decision_id),
            connection.execute(others).scalar_one(),
        )


def record(store: StateStore, finding_id: str, act: Act, at: datetime) -> None:
    """Record an act about a published finding, all of it or nothing.

    Raises:
        UsageError: no such finding is published, it is resolved, or the person or the reason is missing.
    """
    from warehouse.state_tables import decision, finding, waiver

    with store.transaction() as connection:
        store.record_act(finding_id, act.status, actor=act.actor, why=act.why, at=at)
        in_force = (waiver.c.finding_id == finding_id) & waiver.c.ended_at.is_(None)
        ended = {"ended_at": at, "ended_reason": f"Terminée par {act.actor}\u202f: {act.why}"}
        connection.execute(waiver.update().where(in_force).values(**ended))
        if act.withdraws_decisions:
            connection.execute(decision.delete().where(decision.c.finding_id == finding_id))
        if act.steward is not None:
            connection.execute(finding.update().where(finding.c.finding_id == finding_id).values(steward=act.steward))
        if act.waiver is not None:
            granted = {"granted_by": act.actor, "granted_at": at, "expires_at": act.waiver.expires_at}
            kept = {"reason": act.waiver.reason, "guard": dict(act.waiver.guard)}
            connection.execute(waiver.insert().values(finding_id=finding_id, **granted, **kept))
        if act.decision is not None:
            connection.execute(decision.insert().values(_decision_row(connection, finding_id, act, act.decision, at)))


def _decision_row(connection: sa.Connection, finding_id: str, act: Act, taken: Decision, at: datetime) -> Row:
    """Its identifier begins with its time: bronze keeps the day only, and what was decided last must stand."""
    import sqlalchemy as sa

    from warehouse.state_tables import decision

    last = connection.execute(sa.select(sa.func.max(decision.c.decided_at, type_=decision.c.decided_at.type))).scalar()
    # A clock that stepped back must not make an earlier decision the last.
    decided_at = at if last is None else max(at, last + timedelta(microseconds=1))
    return {
        "decision_id": f"{decided_at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{finding_id}",
        "finding_id": finding_id,
        "indicator_code": taken.indicator_key,
        "territory_key": taken.territory_key,
        "period": taken.period_key,
        "decision": taken.decision,
        "retained_observation_id": taken.retained_observation_id,
        "decided_by": act.actor,
        "decided_at": decided_at,
        "reason": taken.reason,
        "guard": dict(taken.guard),
    }
