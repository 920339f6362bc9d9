"""``barometre extract`` and ``barometre review``: from a document to figures that a person has checked."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orchestration.people import user_of_this_computer
from orchestration.printing import FORMAT, print_json
from stewardship.typography import NNBSP, number_fr
from warehouse.errors import LockHeld, UsageError
from warehouse.lock import lock_holder
from warehouse.paths import Home

if TYPE_CHECKING:
    from ingestion.extracting import Drafted

TITLES = {
    "line": "ligne",
    "page": "page",
    "printed": "chiffre",
    "proposal": "proposition",
    "score": "score",
    "text": "dans le texte",
}


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--report-id", metavar="ID", help="What to call the report; by default made of its title.")
@FORMAT
def extract(file: Path, report_id: str | None, style: str) -> None:
    """Draft the extract of a report FILE (text, PDF, HTML, Word, OpenDocument), and show what it proposes."""
    from ingestion.choices import load_choices
    from ingestion.extracting import extract_document
    from ingestion.review_hints import hints_of
    from orchestration.review_lines import drafted_fr, item_rows

    home = Home.from_environment().create()
    drafted = extract_document(home, file, datetime.now(UTC), report_id)
    rows = item_rows(drafted.draft, load_choices(), hints_of(drafted.draft, drafted.document), drafted.document)
    if style == "json":
        print_json({**_told(drafted), "awaiting": rows})
    else:
        _print_items(rows)
        click.echo(drafted_fr(drafted.report_id, drafted.version, rows, is_new=drafted.is_new))
        if drafted.folder.is_dir():
            click.echo(f"Extraction{NNBSP}: {drafted.folder}")
        click.echo(f"Ensuite{NNBSP}: barometre review {drafted.report_id}")


@click.command()
@click.argument("report_id", metavar="[REPORT]", required=False)
@click.option("--by", metavar="NAME", help="Who reviews; by default the user of this computer.")
@click.option("--list", "listed", is_flag=True, help="Only list what awaits review.")
@FORMAT
def review(report_id: str | None, by: str | None, listed: bool, style: str) -> None:
    """Check the figures of REPORT one by one in the terminal; without REPORT, say which reports await it."""
    home = Home.from_environment().create()
    if report_id is None:
        _list_reports(home, style)
    elif listed:
        _list_items(home, report_id, style)
    elif style == "json":
        raise UsageError("--format json demande --list, ou qu’aucun rapport ne soit nommé.")
    else:
        _converse(home, report_id, _person(by))


def register(cli: click.Group) -> None:
    """Add these commands to the command line."""
    cli.add_command(extract)
    cli.add_command(review)


def _converse(home: Home, report_id: str, by: str) -> None:
    from ingestion.choices import load_choices
    from ingestion.drafts import draft_of
    from ingestion.review import account
    from ingestion.review_hints import hints_of
    from ingestion.review_session import close, keep, opened
    from orchestration.review_lines import account_fr
    from orchestration.reviewing import Conversation

    with opened(home, report_id) as session:
        click.echo(f"Relecture de {report_id} par {by}.")
        if session.is_resumed:
            click.echo("La relecture commencée reprend là où elle en était.")
        talk = Conversation(
            session,
            by,
            load_choices(),
            keep=lambda draft: keep(home, session, draft),
            hint=lambda draft: hints_of(draft, session.document),
        )
        draft = talk.run()
        click.echo(f"{report_id} : {account_fr(account(draft_of(session.base.files), draft))}.")
        if lock_holder(home.lock):
            click.echo("Une actualisation est en cours : l’enregistrement attend sa fin.")
        try:
            version = close(home, session, draft)
        except LockHeld:
            click.echo(f"Vos décisions sont gardées. Pour les enregistrer : barometre review {report_id}", err=True)
            raise
    if version is not None:
        click.echo(f"Version {version} dans {home.local_extracts / report_id}. Ensuite : barometre refresh")


def _told(drafted: Drafted) -> dict[str, Any]:
    return {
        "report_id": drafted.report_id,
        "version": drafted.version,
        "folder": str(drafted.folder) if drafted.folder.is_dir() else None,
        "is_new": drafted.is_new,
    }


def _print_items(rows: list[dict[str, Any]]) -> None:
    """What awaits a person, as a table; pages only where they are known."""
    from orchestration.tables import print_rows

    shown = {name: title for name, title in TITLES.items() if name != "page" or any(row["page"] for row in rows)}
    told = [{**row, "score": number_fr(row["score"], 2) if row["score"] is not None else ""} for row in rows]
    if told:
        print_rows([*shown.values()], [{title: row[name] for name, title in shown.items()} for row in told])


def _list_reports(home: Home, style: str) -> None:
    """Every report with what awaits review in it."""
    from ingestion.extract_folders import report_ids
    from orchestration.tables import print_rows

    rows = [_waiting(home, report_id) for report_id in report_ids(home)]
    if style == "json":
        print_json(rows)
        return
    titles = ("rapport", "v.", "à relire", "en attente", "en cours")
    told = [dict(zip(titles, [*list(row.values())[:-1], "oui" if row["begun"] else ""], strict=True)) for row in rows]
    print_rows(titles, told, whole={"rapport"})
    click.echo("Ensuite : barometre review RAPPORT")


def _waiting(home: Home, report_id: str) -> dict[str, Any]:
    from ingestion.drafts import draft_of
    from ingestion.extract_folders import standing
    from ingestion.review import awaiting
    from ingestion.review_session import is_begun

    version = standing(home, report_id)
    assert version is not None
    items = awaiting(draft_of(version.files))
    figures = sum(item.figure_key is not None for item in items)
    return {
        "report_id": report_id,
        "version": version.version,
        "figures": figures,
        "numerals": len(items) - figures,
        "begun": is_begun(home, report_id),
    }


def _list_items(home: Home, report_id: str, style: str) -> None:
    """What awaits review in one report, each in its line of the document where the text is at hand."""
    from ingestion.choices import load_choices
    from ingestion.review_hints import Hints, hints_of
    from ingestion.review_session import look
    from orchestration.review_lines import item_rows

    draft, document = look(home, report_id)
    rows = item_rows(draft, load_choices(), hints_of(draft, document) if document else Hints(), document)
    if style == "json":
        print_json(rows)
    else:
        _print_items(rows)


def _person(by: str | None) -> str:
    """Who reviews: as asked, or the full name or the login of the user, who may have become another by sudo.

    Raises:
        UsageError: the name asked is none.
    """
    from ingestion.drafts import DecisionError
    from ingestion.review import reviewer

    try:
        return reviewer(by if by is not None else user_of_this_computer())
    except DecisionError as error:
        raise UsageError(f"--by : {error}.") from error
