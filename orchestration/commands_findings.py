"""``barometre findings ack``, ``assign``, ``waive``, ``settle``, ``reopen``, ``history``: what stewards do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, get_args

import click

from orchestration.people import user_of_this_computer
from orchestration.printing import FORMAT, print_json
from stewardship import acts
from stewardship.findings import STATUS_FR, only_one
from stewardship.typography import NNBSP, quoted_fr, safe_text
from warehouse.acts import DecisionKind, Dossier, published_ids, read_dossier, record
from warehouse.paths import Home

if TYPE_CHECKING:
    from warehouse.acts import Act
    from warehouse.state import StateStore

_DAY = click.DateTime(["%Y-%m-%d", "%d/%m/%Y"])
FINDING = click.argument("reference", metavar="ID")
BY = click.option("--by", "actor", help="Who does it; by default the user of this computer.")
WHY = click.option("--why", required=True, help="Why, for those who read the history.")
_NEXT = (
    f"Publié à la prochaine actualisation{NNBSP}: {quoted_fr('barometre refresh')} (quelques secondes si rien d’autre "
    "n’a changé)."
)


@click.command()
@FINDING
@WHY
@click.option("--until", type=_DAY, help="The day until which you mean to deal with it.")
@BY
@FORMAT
def ack(reference: str, why: str, until: datetime | None, actor: str | None, style: str) -> None:
    """Say that the finding ID (or the beginning of one) was seen and is being dealt with."""
    with _opened(reference) as (store, dossier, now):
        today, promised = now.astimezone(acts.ZONE).date(), until.date() if until else None
        act = acts.acknowledge(dossier.finding, by=_person(actor), why=why, today=today, until=promised)
        record(store, dossier.finding["finding_id"], act, now)
    _tell(style, dossier, act)


@click.command()
@FINDING
@click.option("--to", "steward", required=True, metavar="NAME", help="Who deals with it from now on.")
@WHY
@BY
@FORMAT
def assign(reference: str, steward: str, why: str, actor: str | None, style: str) -> None:
    """Give the finding ID to a steward."""
    with _opened(reference) as (store, dossier, now):
        act = acts.assign(dossier.finding, by=_person(actor), why=why, to=steward)
        record(store, dossier.finding["finding_id"], act, now)
    _tell(style, dossier, act)


@click.command()
@FINDING
@click.option("--reason", required=True, type=click.Choice(list(acts.WAIVER_REASONS)), help="Of what kind it is.")
@WHY
@click.option("--until", required=True, type=_DAY, help="Its last day, at most twelve months from now.")
@BY
@click.option("--dry-run", is_flag=True, help="Only say what it would hide.")
@FORMAT
def waive(reference: str, reason: str, why: str, until: datetime, actor: str | None, dry_run: bool, style: str) -> None:
    """Accept the finding ID as an exception until a day, as long as its values stay what they are."""
    last = until.date()
    with _opened(reference) as (store, dossier, now):
        act = acts.waive(dossier.finding, by=_person(actor), reason=reason, why=why, until=last, now=now)
        if not dry_run:
            record(store, dossier.finding["finding_id"], act, now)
    hidden = acts.hidden_fr(dossier.finding, last, dossier.others_of_case)
    _tell(style, dossier, act, waived_until=last, recorded=not dry_run, hidden=hidden)


@click.command()
@FINDING
@click.option("--decision", required=True, type=click.Choice(get_args(DecisionKind)), help="What is decided.")
@click.option("--observation", metavar="OBS", help="With retain: the observation whose value is retained.")
@WHY
@BY
@FORMAT
def settle(
    reference: str, decision: DecisionKind, observation: str | None, why: str, actor: str | None, style: str
) -> None:
    """Decide about the finding ID, for the values that it has."""
    with _opened(reference) as (store, dossier, now):
        fact = _fact_of(dossier.finding["observation_ids"])
        act = acts.settle(
            dossier.finding, by=_person(actor), decision=decision, why=why, observation=observation, fact=fact
        )
        record(store, dossier.finding["finding_id"], act, now)
    _tell(style, dossier, act)


@click.command()
@FINDING
@WHY
@BY
@FORMAT
def reopen(reference: str, why: str, actor: str | None, style: str) -> None:
    """Take back what was done about the finding ID: its waiver ends, its decisions are withdrawn."""
    with _opened(reference) as (store, dossier, now):
        act = acts.reopen(dossier.finding, by=_person(actor), why=why, decisions=dossier.decisions)
        record(store, dossier.finding["finding_id"], act, now)
    _tell(style, dossier, act)


@click.command()
@FINDING
@FORMAT
def history(reference: str, style: str) -> None:
    """Tell what happened to the finding ID, what is not published yet included."""
    from warehouse.state import steward_of

    with _opened(reference) as (_, dossier, _now):
        pass
    if style == "json":
        found = dossier.finding
        told = {"finding_id": found["finding_id"], "status": found["status"], "steward": steward_of(found)}
        print_json(told | {"history": dossier.history, "waivers": dossier.waivers, "decisions": dossier.decisions})
        return
    for line in history_fr(dossier):
        click.echo(line)


def history_fr(dossier: Dossier) -> list[str]:
    """A line for the finding, then one for each event, the oldest first."""
    from warehouse.state import steward_of

    found = dossier.finding
    owner = steward_of(found)
    steward = f", référent{NNBSP}: {safe_text(owner)}" if owner else ""
    return [
        f"Incohérence {found['finding_id']} ({STATUS_FR[found['status']]}{steward})",
        safe_text(found["message_fr"]),
        *(
            f"{event['at'].astimezone(acts.ZONE):%d/%m/%Y %H:%M}  {STATUS_FR[event['status']]} par "
            f"{safe_text(event['actor'] or 'le moteur de règles')}{NNBSP}: {safe_text(event['why'])}"
            for event in dossier.history
        ),
    ]


def register(findings: click.Group) -> None:
    """Add these commands to the group ``findings``."""
    for command in (ack, assign, waive, settle, reopen, history):
        findings.add_command(command)


@contextmanager
def _opened(reference: str) -> Iterator[tuple[StateStore, Dossier, datetime]]:
    """The store in one transaction, what it holds of the finding, and this moment.

    Raises:
        UsageError: no published finding begins so, or more than one.
    """
    from warehouse.state import StateStore

    now = datetime.now(UTC)
    with StateStore.open(Home.from_environment(), now=now) as store, store.transaction():
        yield store, read_dossier(store, only_one(published_ids(store, reference), reference)), now


def _fact_of(observations: list[str]) -> acts.Fact | None:
    """The one fact that these observations of the published snapshot print, if it is one.

    Raises:
        NothingPublished: there is no snapshot.
    """
    from warehouse.reading import connect_snapshot

    query = """
        SELECT DISTINCT indicator_key, territory_key, period_key
        FROM marts.fct_observation
        WHERE list_contains(?, observation_id)
    """
    with connect_snapshot(Home.from_environment().current) as connection:
        facts = connection.execute(query, [observations]).fetchall()
    return acts.Fact(*facts[0]) if len(facts) == 1 else None


def _person(actor: str | None) -> str:
    return user_of_this_computer() if actor is None else actor


def _tell(
    style: str,
    dossier: Dossier,
    act: Act,
    *,
    waived_until: date | None = None,
    recorded: bool = True,
    hidden: list[str] | None = None,
) -> None:
    """Say what was done, or would be, and when others will see it."""
    identity = dossier.finding["finding_id"]
    if style == "json":
        told = {"finding_id": identity, "status": act.status, "actor": act.actor, "why": act.why, "recorded": recorded}
        brought = act.waiver or act.decision
        guard = {"guard": brought.guard} if brought else {}
        waived = {"waived_until": waived_until, "hides_fr": hidden} if waived_until else {}
        print_json(told | guard | waived | {"next": "barometre refresh"})
        return
    for line in () if recorded else hidden or ():
        click.echo(line)
    if not recorded:
        click.echo(f"Rien n’a été enregistré{NNBSP}: relancer sans --dry-run pour accorder la dérogation.")
        return
    click.echo(f"Incohérence {identity}{NNBSP}: {STATUS_FR[act.status]} par {act.actor}. {act.why}")
    click.echo(_NEXT)
