"""Refreshed homes that tests share: made once by whichever worker asks first, and copied by those that change them."""

from __future__ import annotations

import fcntl
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from command_line import Command

from ingestion.receiving import PACKAGED


@dataclass(frozen=True)
class Corrected:
    """A home after a correction, a broken extract and known bytes came in; what the command said; what was before."""

    command: Command
    result: Any
    before: Path


def copy_of(home: Path, target: Path) -> Command:
    """The command line on a copy of a home, links kept as they are."""
    shutil.copytree(home, target, symlinks=True)
    return Command(target)


def packed(target: Path, report_id: str, change: Callable[[str, str], str]) -> Path:
    """The packaged extract of a report with its files changed, as somebody would send it."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((PACKAGED / report_id).iterdir()):
            archive.writestr(path.name, change(path.name, path.read_text(encoding="utf-8")))
    return target


def packaged_version(report_id: str) -> int:
    """The version of a report's extract in the repository."""
    return _version((PACKAGED / report_id / "report.yml").read_text(encoding="utf-8"))


def next_version(report: str, by: int = 1) -> str:
    """A ``report.yml`` whose version is raised."""
    return report.replace(f"extract_version: {_version(report)}", f"extract_version: {_version(report) + by}")


def _version(report: str) -> int:
    return int(report.partition("extract_version: ")[2].split("\n")[0])


@contextmanager
def made_once(home: Path) -> Iterator[bool]:
    """Whether the home is still to be made; other workers wait meanwhile. One that failed half-way is made again."""
    done = home.with_suffix(".done")
    with home.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.exists():
            yield False
            return
        shutil.rmtree(home, ignore_errors=True)
        yield True
        done.touch()


def correct(barometre: Command, outside: Path) -> None:
    """Deliver three files while a client keeps the published file open; keep what the command said."""
    before = barometre.snapshot
    files = [
        packed(outside / "correction.zip", "ms2022-na-2019", _corrected_file),
        packed(outside / "broken.zip", "pts-na-2016", _broken_file),
        packed(outside / "known.zip", "pts2-2015", lambda _, text: text),
    ]
    with duckdb.connect(str(barometre.home / "barometre.duckdb"), read_only=True) as client:
        code, result = barometre("ingest", *map(str, files))
        rows = client.execute("SELECT count(*) FROM quality.finding WHERE indicator_code = 'cpts_projets'").fetchone()
        assert rows == (1,), "an open session keeps its snapshot"
    assert code == 1, "published with something refused"
    told = {"result": result, "before": before.name}
    barometre.home.with_suffix(".json").write_text(json.dumps(told), encoding="utf-8")


def _corrected_file(name: str, text: str) -> str:
    """The next version of the regional kit: the box on CPTS now reads as the text does."""
    if name == "report.yml":
        return next_version(text)
    lines = text.split("\n")
    box = next((i for i, line in enumerate(lines) if line.startswith("cpts-projets-box,")), None)
    if name == "figures.csv":
        lines[box] = lines[box].replace(",36,,,", ",32,,,").replace(",36,59,", ",32,59,")
    return "\n".join(lines)


def _broken_file(name: str, text: str) -> str:
    """A later version of the web page's extract, with a value that is not a number on its second line."""
    if name == "report.yml":
        return next_version(text, 2)
    lines = text.split("\n")
    if name == "figures.csv":
        cells = lines[1].split(",")
        cells[lines[0].split(",").index("value")] = "beaucoup"
        lines[1] = ",".join(cells)
    return "\n".join(lines)
