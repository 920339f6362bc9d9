"""What a card tells a steward to do: in French, with commands that exist."""

from __future__ import annotations

import re
from typing import Any

import pytest
from click.testing import CliRunner

from orchestration.cli import cli
from stewardship.next_steps import next_steps_fr

FIGURE = {"ref": "a#1", "printed": "36", "value": 36, "line": 52, "report_id": "a", "status": "observed"}
CELL = {"ref": "a#atelier|total", "printed": "36", "value": 36, "line": 52, "report_id": "a"}
RELATIONS = (
    "contradiction",
    "sum",
    "share",
    "promise",
    "pace",
    "copy",
    "announced",
    "edition",
    "comparability",
    "review",
)


def steps(verdict: str, status: str = "open", relation: str = "contradiction", figure: dict[str, Any] = FIGURE) -> str:
    evidence = {"relation": relation, "figures": [figure, {**figure, "report_id": "b"}]}
    told = next_steps_fr(verdict, status, evidence, {"a": "rapport-a.txt"})
    return " ".join(told).replace("\u202f", " ").replace("\u00a0", " ")


def test_every_verdict_is_followed_by_a_step() -> None:
    assert len({steps(verdict) for verdict in ("impossible", "not_comparable", "explained")}) == 3
    assert "fichier rapport-a.txt" in steps("impossible")
    assert "toute la famille" in steps("not_comparable", relation="comparability")
    assert "deux éditions" in steps("suspicious", relation="edition")
    assert "publication plus récente" in steps("suspicious", relation="frozen")
    assert steps("suspicious", relation="dataset_step") != steps("suspicious")


def test_a_figure_is_corrected_by_a_review_and_a_table_by_its_extract() -> None:
    assert "« barometre review a » et « barometre review b »" in steps("impossible")
    told = steps("impossible", relation="sum", figure=CELL)
    assert "« barometre ingest a.extract.zip »" in told
    assert "barometre review" not in told


@pytest.mark.parametrize("status", ["resolved", "settled", "waived", "correction_pending"])
def test_what_is_over_needs_no_step(status: str) -> None:
    assert steps("impossible", status).startswith(("Rien à faire", "Attendre"))


@pytest.mark.parametrize("relation", RELATIONS)
def test_every_command_that_is_named_exists(relation: str) -> None:
    told = steps("suspicious", relation=relation)
    for command in re.findall(r"barometre (findings \w+|\w+)", told):
        assert CliRunner().invoke(cli, [*command.split(), "--help"]).exit_code == 0, command
    assert "SELECT" not in told
    assert "{" not in told


ACTS = ("ack", "assign", "settle", "waive")


@pytest.mark.parametrize(
    ("status", "relation", "acts"),
    [
        ("open", "contradiction", ACTS),
        ("changed", "dataset_step", ACTS),
        ("assigned", "contradiction", ("assign", "settle", "waive")),
        ("open", "comparability", ("settle",)),
        ("open", "frozen", ("waive",)),
        ("settled", "contradiction", ("reopen",)),
        ("waived", "contradiction", ("reopen",)),
        ("resolved", "contradiction", ()),
    ],
)
def test_what_can_be_done_is_told_with_the_finding_s_identifier(
    status: str, relation: str, acts: tuple[str, ...]
) -> None:
    evidence = {"relation": relation, "figures": [FIGURE]}
    told = " ".join(next_steps_fr("suspicious", status, evidence, finding_id="1a2b"))
    assert tuple(re.findall(r"barometre findings (\w+) 1a2b ", told)) == acts


def test_what_a_step_tells_to_type_is_accepted_by_the_command() -> None:
    """Options and choices that the steps name are those of the commands."""
    told = steps("suspicious") + steps("suspicious", relation="frozen") + steps("not_comparable")
    commands = cli.commands["findings"].commands  # type: ignore[attr-defined]
    for name, typed in re.findall(r"barometre findings (\w+) ID ([^»]*)»", told):
        options = {option.opts[0]: option.type for option in commands[name].params}
        for option, value in re.findall(r"(--\w+) (\S+)", typed):
            assert option in options, (name, option)
            if value != "…" and hasattr(options[option], "choices"):
                assert value in options[option].choices, (name, value)
