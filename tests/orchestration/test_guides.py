"""The two guides, followed to the letter: their files written, their commands run, what they promise found in SQL."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.extracts_reading import folder_files, read_members
from ingestion.verification import verify_spans

# Each guide ends in a whole refresh.
pytestmark = pytest.mark.timeout(600)

CHECKOUT = Path(__file__).resolve().parents[2]
DATASET, REPORT = CHECKOUT / "docs" / "add-a-dataset.md", CHECKOUT / "docs" / "add-a-report.md"
FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
#: What a checkout is made of; the rest of the folder is environments, caches and homes.
PARTS = ("warehouse", "ingestion", "expectations", "stewardship", "orchestration", "dbt_project", "requirements.lock")


@dataclass(frozen=True)
class Block:
    """One fenced block: a file when it has a title, a command when it is sh."""

    language: str
    title: str | None
    text: str


@dataclass
class Followed:
    """A checkout and a home in which a guide was followed, and what each of its commands printed."""

    checkout: Path
    home: Path
    printed: list[str] = field(default_factory=list)

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str((self.home / "barometre.duckdb").resolve()), read_only=True) as connection:
            return connection.execute(query).fetchall()


def blocks(guide: Path) -> list[Block]:
    return [Block(*found) for found in FENCE.findall(guide.read_text(encoding="utf-8"))]


def files(guide: Path) -> dict[str, str]:
    return {block.title: block.text for block in blocks(guide) if block.title}


def follow(guide: Path, folder: Path) -> Followed:
    """Do what a guide says, in its order, on a copy of the checkout and an empty home."""
    followed = Followed(folder / "checkout", folder / "home")
    for part in PARTS:
        copy(CHECKOUT / part, followed.checkout / part)
    for block in blocks(guide):
        if block.title:
            target = followed.checkout / block.title
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
        elif block.language == "sh":
            followed.printed.append(run(block.text, followed))
    return followed


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "store", "target"))
    else:
        shutil.copyfile(source, target)


def run(commands: str, followed: Followed) -> str:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(followed.checkout),
        "BAROMETRE_HOME": str(followed.home),
        "COLUMNS": "200",
    }
    environment.pop("BAROMETRE_STATE_URL", None)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=followed.checkout,
        env=environment,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, f"{commands}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Followed:
    return follow(DATASET, tmp_path_factory.mktemp("dataset"))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Followed:
    return follow(REPORT, tmp_path_factory.mktemp("report"))


def test_the_guide_to_datasets_ends_in_its_rows(dataset: Followed) -> None:
    checked, ingested, shown, accepted = dataset.printed
    assert "lines 6 = loaded 4 + quarantined 0 + set aside 2" in checked
    assert "Refresh published" in ingested
    assert "orthophonistes-exemple@2024" in shown
    assert "la colonne «\u00a0effectif\u00a0» s’appelle sans doute désormais «\u00a0effectifs\u00a0»" in accepted
    assert "une colonne nouvelle, «\u00a0dont femmes\u00a0»" in accepted
    assert (dataset.home / "landing" / "orthophonistes-2025.csv").exists()
    assert "orthophonistes-exemple  2024: 4 rows, 0 lines refused; fresh" in shown
    facts = dataset.sql(
        "SELECT territory_key, headcount, density, conf_status FROM marts.fct_professional ORDER BY territory_key"
    )
    assert facts == [
        ("department:01", 301.0, 44.8, None),
        ("department:2A", 52.0, 31.9, None),
        ("department:33", 1204.0, 70.7, None),
        ("department:48", None, None, "secret"),
    ]
    described = "SELECT vintage, is_current, territory_vintage FROM marts.dim_dataset WHERE dataset_code LIKE 'ortho%'"
    assert dataset.sql(described) == [("2024", True, "2024")]


def test_the_guide_to_reports_ends_in_its_figures(report: Followed) -> None:
    drafted, reviewed, refreshed, shown = report.printed
    assert "figures proposées, 3" in drafted
    assert "fiche corrigée, 2 acceptées, 1 modifiée et 1 ajoutée" in reviewed
    assert "Refresh published" in refreshed
    assert "Anne Martin" in shown
    facts = report.sql(
        "SELECT indicator_key, period_key, printed, value, extraction_method, value_low, value_high "
        "FROM marts.fct_observation WHERE report_key = 'bilan-bus-2030' ORDER BY char_start"
    )
    assert [fact[:5] for fact in facts] == [
        ("bus_sante_en_service", "end:2029", "24", 24, "automatic"),
        ("bus_sante_en_service", "end:2028", "16", 16, "manual"),
        ("bus_sante_croissance", "end:2029", "50 %", 50, "manual"),
        ("bus_sante_consultations", "2029", "3 400", 3400, "automatic"),
    ]
    assert facts[0][5:] == (24, 24)
    assert facts[3][5] < 3400 < facts[3][6]
    document = report.sql("SELECT dataset_or_report, status FROM meta.source_file WHERE name = 'bilan-bus-2030.txt'")
    assert document == [("bilan-bus-2030", "accepted")]
    judged = report.sql(
        "SELECT verdict FROM quality.verdict WHERE rule_code = 'growth_levels' AND indicator_code LIKE 'bus_sante%'"
    )
    assert judged == [("held",)]


def test_the_guide_to_reports_leaves_nothing_unsaid(report: Followed) -> None:
    """The report is described as the guide says, every figure is reviewed, every number accounted for."""
    told = "title, publisher, licence FROM marts.dim_report WHERE report_id = 'bilan-bus-2030'"
    assert report.sql(f"SELECT {told}") == [
        ("Bilan 2030 des bus de santé en Bretagne", "ARS Exemple", "Licence Ouverte 2.0")
    ]
    status = "review_status, reviewed_by FROM marts.fct_observation WHERE report_key = 'bilan-bus-2030'"
    assert report.sql(f"SELECT DISTINCT {status}") == [("reviewed", "Anne Martin")]
    pending = "quality.figure_ledger WHERE report_id = 'bilan-bus-2030' AND disposition = 'pending'"
    assert report.sql(f"SELECT count(*) FROM {pending}") == [(0,)]


def test_a_figure_of_the_guide_that_were_elsewhere_would_be_refused(report: Followed) -> None:
    """Without a refresh: what the refresh verifies is verified here, and seen to fail."""
    text = files(REPORT)["bilan-bus-2030.txt"]
    extract = folder_files(report.home / "config" / "extracts" / "bilan-bus-2030")
    assert verify_spans(read_members("bilan-bus-2030", extract), text) is None
    moved = extract | {"figures.csv": extract["figures.csv"].replace(b",24,5,,186,188,", b",24,5,,187,189,")}
    problem = verify_spans(read_members("bilan-bus-2030", moved), text)
    assert problem is not None
    assert problem.as_reason()["line"] == 2


def test_no_block_of_a_guide_is_left_out() -> None:
    """A block that lost its closing fence would swallow the next one, and the guide be followed in part."""
    for guide in (DATASET, REPORT):
        text = guide.read_text(encoding="utf-8")
        assert text.count("\n```") == 2 * len(blocks(guide))
        # What is typed, and parts of a contract that are shown.
        assert {block.language for block in blocks(guide) if not block.title} <= {"sh", "yaml"}
