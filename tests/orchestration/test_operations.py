"""What operators are told is what the code says: units, commands, exit codes, messages, settings."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest
from ruamel.yaml import YAML

from orchestration.cli import cli
from warehouse import errors
from warehouse.paths import CHECKOUT, Home
from warehouse.retention import Retention
from warehouse.settings import read_settings

DEPLOY = CHECKOUT / "deploy"
GUIDE = (CHECKOUT / "docs" / "operations.md").read_text(encoding="utf-8")
FOLDERS = ("warehouse", "ingestion", "orchestration")


def known(words: list[str]) -> bool:
    """Whether the command line has this command; options and values that follow it are not looked at."""
    group: click.Command = cli
    for word in words:
        if not isinstance(group, click.Group):
            return True
        if word not in group.commands:
            return False
        group = group.commands[word]
    return True


@pytest.mark.parametrize("text", [GUIDE, *(path.read_text() for path in sorted(DEPLOY.iterdir()))])
def test_every_command_named_exists(text: str) -> None:
    commands = re.findall(r"(?:^\$ |`|bin/)barometre ((?:[a-z]+ ?)+)", text, re.MULTILINE)
    assert [command for command in commands if not known(command.split())] == []


def test_there_are_commands_in_the_guide_and_in_every_service() -> None:
    assert len(re.findall(r"barometre (?:backup|restore|snapshots|refresh|status)", GUIDE)) > 10
    for service in DEPLOY.glob("*.service"):
        assert "ExecStart=/opt/barometre/.venv/bin/barometre " in service.read_text(), service.name


def source_text() -> str:
    """The code with strings that are split over lines joined again, and quotes in them as they print."""
    files = (path for folder in FOLDERS for path in (CHECKOUT / folder).rglob("*.py"))
    text = "\n".join(path.read_text(encoding="utf-8") for path in files if "store" not in path.parts)
    return re.sub(r'"\s*\n\s*f?"', "", text)


def test_every_message_of_the_table_is_one_of_ours() -> None:
    table = GUIDE[GUIDE.index("## Troubleshooting") :]
    messages = re.findall(r"^\| `([^|]+?)` \|", table, re.MULTILINE)
    assert len(messages) > 20
    source = source_text()
    parts = [part.strip(" ;,.") for message in messages for part in message.split("…")]
    assert [part for part in parts if part not in source] == []


def test_every_exit_code_is_explained() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    codes = {kind.exit_code for kind in kinds if issubclass(kind, errors.BarometreError)}
    explained = {int(code) for code in re.findall(r"^\| (\d) \|", GUIDE, re.MULTILINE)}
    assert explained == codes | {0}


def test_the_settings_shown_are_the_defaults(home: Path) -> None:
    shown = re.search(r"```yaml\n(snapshots:.*?)```", GUIDE, re.DOTALL)
    assert shown is not None
    assert YAML(typ="safe", pure=True).load(shown[1])["snapshots"]["keep"] == Retention.keep
    at = Home(home).create()
    at.settings.write_text(shown[1])
    assert read_settings(at).snapshots.retention == Retention()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not at hand")
@pytest.mark.parametrize("unit", [path.name for path in sorted(DEPLOY.iterdir()) if path.suffix != ".yml"])
def test_systemd_reads_the_units(unit: str, tmp_path: Path) -> None:
    """With this checkout's program in place of the installed one, which is not there."""
    for path in DEPLOY.iterdir():
        text = path.read_text().replace("/opt/barometre/.venv/bin/barometre", "/usr/bin/env barometre")
        (tmp_path / path.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / unit)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
