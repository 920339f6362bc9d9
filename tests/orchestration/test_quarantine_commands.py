"""``barometre quarantine``: what a person sees of what was refused, and how it is put back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ingestion import quarantine
from ingestion.archive import Archived, archive_bytes
from ingestion.landing import sight
from orchestration.cli import cli
from warehouse.errors import InputError, UsageError
from warehouse.paths import Home

AT = datetime(2031, 1, 1, tzinfo=UTC)
REASON = {
    **InputError(file="a.zip/figures.csv", line=3, expectation="UTF-8 was expected", next_step="Save it").as_reason(),
    "kind": "extract",
    "source": "bilan",
    "version": 2,
}


@pytest.fixture
def made(home: Path) -> Home:
    return Home(home).create()


def refuse(made: Home, name: str = "a.zip", content: bytes = b"bytes", at: datetime = AT, **more: Any) -> Archived:
    archived = archive_bytes(made, name, content, at)
    quarantine.keep(made, archived, {**REASON, **more}, at, delivered=True)
    return archived


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["quarantine", *arguments])


def told(*arguments: str) -> Any:
    result = run(*arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_nothing_refused_is_said(made: Home) -> None:
    assert run("list").output == "Nothing is quarantined.\n"
    assert told("list") == []
    assert list(made.quarantine.iterdir()) == []


def test_each_entry_is_listed_with_its_place_and_count(made: Home) -> None:
    archived = refuse(made)
    refuse(made, "b.zip", at=AT + timedelta(days=1))
    [entry] = told("list")
    assert entry["id"] == archived.sha256[:16]
    assert (entry["name"], entry["times"], entry["quarantined_at"][:10]) == ("a.zip", 2, "2031-01-01")
    assert entry["last_delivered_at"][:10] == "2031-01-02"
    assert (entry["file"], entry["line"], entry["source"], entry["version"]) == ("a.zip/figures.csv", 3, "bilan", 2)
    assert "UTF-8" in run("list").output


def test_an_entry_is_shown_whole_by_the_start_of_its_name(made: Home) -> None:
    rows = [{"file": "a.zip/figures.csv", "lines": [3, 7], "expectation": "a code", "next_step": "Correct it"}]
    archived = refuse(made, rows=rows)
    card = run("show", archived.sha256[:6]).output
    for words in ("a.zip/figures.csv:3", "extract (bilan, version 2)", "UTF-8 was expected", "Save it", "1 time,"):
        assert words in card
    assert "a.zip/figures.csv:3,7: a code. Correct it" in card
    assert f"barometre quarantine release {archived.sha256[:16]}" in card
    assert told("show", archived.sha256[:6])["kept"] == [str(made.quarantine / archived.sha256[:16] / "a.zip")]


def test_control_characters_never_reach_the_terminal(made: Home) -> None:
    archived = refuse(made, expectation="\x1b[31mred")
    assert "\x1b" not in run("show", archived.sha256[:6]).output + run("list").output


@pytest.mark.parametrize("arguments", [("show", "ffff"), ("release", "ffff"), ("show", "")])
def test_an_unknown_entry_is_wrong_use(made: Home, arguments: tuple[str, str]) -> None:
    refuse(made)
    result = run(*arguments)
    assert isinstance(result.exception, UsageError)
    assert "barometre quarantine list" in str(result.exception)


def test_a_release_puts_the_input_back_into_landing(made: Home) -> None:
    archived = refuse(made)
    (made.landing / "a.zip").write_bytes(b"another of that name")
    answer = told("release", archived.sha256[:8])
    assert answer["landed"] == [str(made.landing / "a-2.zip")]
    assert (made.landing / "a-2.zip").read_bytes() == b"bytes"
    assert told("list") == []


def test_what_was_removed_by_hand_is_released_from_the_archive(made: Home) -> None:
    archived = refuse(made)
    (made.quarantine / archived.sha256[:16] / "a.zip").unlink()
    told("release", archived.sha256[:8])
    assert (made.landing / "a.zip").read_bytes() == b"bytes"


def test_what_is_nowhere_any_more_cannot_be_released(made: Home) -> None:
    archived = refuse(made)
    (made.quarantine / archived.sha256[:16] / "a.zip").unlink()
    archived.path.unlink()
    result = run("release", archived.sha256[:8])
    assert "Deliver it again" in str(result.exception)
    assert len(told("list")) == 1


def test_what_was_moved_as_it_is_comes_back_as_it_was(made: Home) -> None:
    link = made.landing / "link"
    link.symlink_to("/nowhere")
    seen = sight(link)
    assert seen is not None
    entry = quarantine.move_in(made, link, seen, REASON, AT)
    assert not link.is_symlink()
    told("release", entry.id)
    assert str(link.readlink()) == "/nowhere"


def test_an_entry_whose_reason_is_lost_is_still_listed_and_released(made: Home) -> None:
    archived = refuse(made)
    (made.quarantine / archived.sha256[:16] / "reason.json").write_text("{")
    [entry] = told("list")
    assert "lost" in entry["expectation"]
    run("release", entry["id"])
    assert (made.landing / "a.zip").read_bytes() == b"bytes"


def test_reasons_of_an_earlier_form_are_read(made: Home) -> None:
    folder = made.quarantine / ("0" * 16)
    folder.mkdir()
    plain = {**InputError(file="a", expectation="b", next_step="c").as_reason(), "sha256": "0" * 64, "name": "a"}
    (folder / "reason.json").write_text(json.dumps({**plain, "quarantined_at": "2030-01-01T00:00:00+00:00"}))
    [entry] = told("list")
    assert (entry["id"], entry["expectation"], entry["times"]) == ("0" * 16, "b", 1)


def test_a_file_named_like_the_reason_is_kept_apart(made: Home) -> None:
    archived = refuse(made, "reason.json")
    [entry] = told("list")
    assert (entry["name"], entry["expectation"]) == ("reason.json", "UTF-8 was expected")
    told("release", archived.sha256[:8])
    assert (made.landing / "reason.json").read_bytes() == b"bytes"
