"""A home fed with small extracts made by the tests: ingestion from the drop folder to bronze, without a state store."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from expectations.inputs import InputReport, KnownCodes, check_inputs
from expectations.refusals import with_refusals
from ingestion.arrivals import Arrival, Known, Received, frames_of, places_of
from ingestion.collect import decide_versions, settle_quarantine, write_bronze
from ingestion.gathering import gather
from ingestion.receiving import clear_landed, receive_landed
from warehouse.paths import Home

CODES = KnownCodes(
    frozenset({"msp_en_fonctionnement"}), frozenset({"region:75", "country:FR"}), frozenset({"2030", "2029"})
)
REPORT = """\
report_id: {report_id}
title: Bilan
publisher: ARS Exemple
scope_territory_key: region:75
published_on: 2030-06-01
published_precision: day
source_name: bilan.txt
source_sha256: "{document}"
licence: Licence Ouverte 2.0
extract_version: {version}
"""
HEADER = (
    "figure_key,indicator_code,territory_key,period,value,unit,kind,value_form,obs_status,date_is_explicit,"
    "printed,source_line,char_start,char_end,exhibit_kind,statement_origin,extraction_method,review_status"
)
ROW = (
    "{key},{indicator},{territory},2030,{value},count,actual,level,observed,true,"
    "{value},1,{start},{end},text,publisher,manual,reviewed"
)
TEXT = "168 maisons de santé sont en fonctionnement dans la région. " + "Le bilan du programme est présenté ici. " * 20


def row(
    key: str = "msp",
    indicator: str = "msp_en_fonctionnement",
    territory: str = "region:75",
    value: int = 168,
    start: int = 0,
) -> str:
    """One line of ``figures.csv``."""
    end = start + len(str(value))
    return ROW.format(key=key, indicator=indicator, territory=territory, value=value, start=start, end=end)


def members(report_id: str, version: int = 1, *rows: str, document: str = "0" * 64) -> dict[str, bytes]:
    """The files of a small extract that stands, unless the rows given do not."""
    figures = "\n".join([HEADER, *(rows or (row(),))]) + "\n"
    report = REPORT.format(report_id=report_id, version=version, document=document)
    return {"report.yml": report.encode(), "figures.csv": figures.encode()}


def zipped(path: Path, files: Mapping[str, bytes], folder: str = "") -> Path:
    """The files as a zip, in a folder of it if one is named; the same bytes whenever it is made."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(f"{folder}{name}"), content, zipfile.ZIP_DEFLATED)
    return path


@dataclass
class SmallHome:
    """A home and what its state store would remember. Only where ``is_guarded`` does the slow input guard look too."""

    home: Home
    known: dict[str, Known] = field(default_factory=dict)
    now: datetime = datetime(2031, 1, 1, tzinfo=UTC)
    received: Received = field(default_factory=Received)
    arrivals: list[Arrival] = field(default_factory=list)
    recipe: str = "recipe"
    is_guarded: bool = False

    def drop(self, name: str, files: Mapping[str, bytes]) -> Path:
        """Put an extract into the drop folder."""
        return zipped(self.home.landing / name, files)

    def refresh(self) -> dict[str, Arrival]:
        """One refresh up to bronze, an hour after the one before; the arrivals by name."""
        self.now += timedelta(hours=1)
        self.received = receive_landed(self.home, self.known, self.now)
        arrivals = gather(self.home, self.known, self.received, self.now, self.recipe, ())
        frames = frames_of(arrivals)
        report = check_inputs(frames, CODES) if self.is_guarded else InputReport((), 0)
        assert report.faults == ()
        self.arrivals = decide_versions(with_refusals(arrivals, report, frames, places_of(arrivals)))
        settle_quarantine(self.home, self.arrivals, self.received, self.now)
        for a in self.arrivals:
            self.known[a.sha256] = Known(a.sha256, a.kind, a.received_at, a.status, a.source, a.version)
        clear_landed(self.home, self.received)
        write_bronze(self.home, self.arrivals, report.accepted(frames), [], self.recipe)
        return {arrival.name: arrival for arrival in self.arrivals}

    def listed(self) -> pl.DataFrame:
        """``current.parquet``."""
        return pl.read_parquet(self.home.bronze / "current.parquet")

    def current(self, table: str = "report") -> dict[str, str]:
        """The version of each source that counts, by source."""
        counts = self.listed().filter((pl.col("table_name") == table) & pl.col("superseded_at").is_null())
        return dict(counts.select("source", "version").iter_rows())
