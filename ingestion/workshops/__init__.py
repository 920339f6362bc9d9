"""Syntheses of workshops: count tables, workshops, participants and the introduction's figures of one form of report.

``parse_workshops(text, declared_layout("cnr-na-2022"))`` reads a document; ``write_extract`` writes the extract folder.
"""

from ingestion.workshops.extract import WorkshopExtract, parse_workshops, write_extract
from ingestion.workshops.layout import Layout, declared_layout, load_layout

__all__ = ["Layout", "WorkshopExtract", "declared_layout", "load_layout", "parse_workshops", "write_extract"]
