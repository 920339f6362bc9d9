"""Deliveries of the campaign: versions of one report's extract, each telling its own number as a figure.

Version ``v`` of the regional report prints ``1000 + v`` regional projects in its box. A published file that shows one
version's number with another version's figure, or with the finding of a third, is mixed.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from ingestion.extracts_reading import identity
from ingestion.receiving import PACKAGED

REPORT = "ms2022-na-2019"
OBSERVATION = f"{REPORT}#cpts-projets-box"
SHIFT = 1000


def packaged_version(report: str = REPORT) -> int:
    """The version of a report's extract in the repository; deliveries are later ones."""
    text = (PACKAGED / report / "report.yml").read_text(encoding="utf-8")
    return int(text.partition("extract_version: ")[2].split("\n")[0])


def packed(folder: Path, version: int, report: str = REPORT) -> Path:
    """Version ``version`` of a packaged extract, as somebody would send it; only the campaign's report changes."""
    target = folder / f"{report}.v{version}.extract.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((PACKAGED / report).iterdir()):
            text = path.read_text(encoding="utf-8")
            if path.name == "report.yml":
                text = re.sub(r"(?m)^extract_version: \d+$", f"extract_version: {version}", text)
            if path.name == "figures.csv":
                text = "\n".join(_numbered(line, version) for line in text.split("\n"))
            archive.writestr(path.name, text)
    return target


def _numbered(line: str, version: int) -> str:
    if not line.startswith("cpts-projets-box,"):
        return line
    number = f",{SHIFT + version},"
    return line.replace(",36,,,", f"{number},,").replace(",36,59,", f"{number}59,")


def known_as(path: Path) -> str:
    """The SHA-256 by which the store knows a delivery."""
    return identity(path)
