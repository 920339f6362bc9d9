"""A column of a table that is displaced by one line is one case, told as such, and no heap of errors."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from homes import copy_of, next_version, packed

from stewardship.economy_sentences import economy_fr
from stewardship.explanations import ladder_fr

REPORT = "cnr-na-2022"
#: The column of Gironde in one table, its totals of groups and their lines as they follow one another.
COLUMN = "department-33-t1-proposition-"
LINES = 12


def displaced(name: str, text: str) -> str:
    """The extract as if that column had slipped by one line: each line bears the count of the line before."""
    if name == "report.yml":
        return next_version(text)
    if name != "counts.csv":
        return text
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    column = sorted((r for r in rows if r["count_key"].startswith(COLUMN)), key=lambda r: int(r["source_line"]))
    slipped = column[:LINES]
    counts = [row["mentions"] for row in slipped]
    for row, count in zip(slipped[1:], counts, strict=False):
        row["mentions"] = row["printed"] = count
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def test_a_displaced_column_is_one_case_with_its_explanation(refreshed_home: Path, tmp_path: Path) -> None:
    barometre = copy_of(refreshed_home, tmp_path / "home")
    code, result = barometre("ingest", str(packed(tmp_path / "displaced.zip", REPORT, displaced)))
    assert (code, result["outcome"]) == (0, "published"), result
    rows = barometre.sql(
        "SELECT case_id, rule_code, evidence FROM quality.finding "
        "WHERE rule_code IN ('regional_sum', 'group_total') AND status <> 'resolved'"
    )
    assert len(rows) >= 3
    assert len({case for case, *_ in rows}) == 1
    shifted = [
        evidence for _, rule, text in rows if rule == "regional_sum" and (evidence := json.loads(text)).get("shift")
    ]
    assert {evidence["shift"]["territory"] for evidence in shifted} == {"Gironde"}
    for evidence in shifted:
        assert "Gironde" in (economy_fr(evidence["economy"]) or "")
        assert "décalée d’une ligne trop bas" in ladder_fr(evidence)[4]
