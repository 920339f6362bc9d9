"""Syntheses of workshops: count tables, workshops, participants and the introduction's figures of one form of report.

``recognise_form(text)`` gives the layout of a text that has a declared form, ``parse_workshops(text, layout)`` reads
it, ``extract_files`` gives the files of its extract, ``combined`` adds what is read of its running text.
"""

from ingestion.workshops.extract import WorkshopExtract, parse_workshops
from ingestion.workshops.files import combined, extract_files, write_extract
from ingestion.workshops.layout import Layout, declared_layout, load_layout
from ingestion.workshops.recognition import recognise_form

__all__ = [
    "Layout",
    "WorkshopExtract",
    "combined",
    "declared_layout",
    "extract_files",
    "load_layout",
    "parse_workshops",
    "recognise_form",
    "write_extract",
]
