"""The command line as tests call it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb


@dataclass(frozen=True)
class Command:
    """The command line on one home."""

    home: Path

    def __call__(self, *arguments: str) -> tuple[int, Any]:
        """Exit code and parsed output of a command that prints JSON."""
        done = self.run(*arguments, "--format", "json")
        return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of ours, its output as text."""
        return self._run("orchestration.cli", *arguments)

    def dagster(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of Dagster's own on the same home."""
        return self._run("dagster", *arguments)

    def _run(self, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        ours = {"BAROMETRE_HOME": str(self.home), "DAGSTER_HOME": str(self.home / "dagster"), "COLUMNS": "160"}
        environment = {**os.environ, **ours}
        environment.pop("BAROMETRE_STATE_URL", None)
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280, check=False)

    @property
    def snapshot(self) -> Path:
        return (self.home / "barometre.duckdb").resolve()

    @property
    def first_snapshot(self) -> Path:
        """The file that the first refresh published, whatever was published since."""
        return min((self.home / "snapshots").glob("*.duckdb"))

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the published file."""
        with duckdb.connect(str(self.snapshot), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def answer(self, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Column names and rows of a query on the first file published."""
        with duckdb.connect(str(self.first_snapshot), read_only=True) as connection:
            result = connection.execute(query)
            return [column[0] for column in result.description or ()], result.fetchall()
