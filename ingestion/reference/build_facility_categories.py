"""Write ``facility_categories.csv`` from FINESS's nomenclature of categories (flow cs1500106, ISO XML, gzip).

``python -m ingestion.reference.build_facility_categories FILE``; nothing else writes that table.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from pathlib import Path
from xml.etree import ElementTree

TABLE = Path(__file__).with_name("facility_categories.csv")
#: Our column, and the element of the flow that gives it.
COLUMNS = {
    "category_code": "code",
    "label_fr": "libelle",
    "short_label_fr": "libellecourt",
    "domain": "domaine",
    "valid_from": "datedeb",
    "valid_to": "datefin",
    "aggregate_code": "codeagr3",
    "aggregate_label_fr": "libelleagr3",
    "aggregate_2_code": "codeagr2",
    "aggregate_2_label_fr": "libelleagr2",
    "aggregate_1_code": "codeagr1",
    "aggregate_1_label_fr": "libelleagr1",
}


def table_of(path: Path) -> str:
    """The whole table as CSV, one row a category in the order of the codes.

    Raises:
        ValueError: the flow is no such nomenclature.
    """
    with gzip.open(path) as stream:
        root = ElementTree.parse(stream).getroot()
    vintage = root.findtext("horodatage/datemaj")
    found = root.findall("nomenclcategorieETavecagr")
    if not found or vintage is None:
        raise ValueError(f"{path.name}: categories of establishment with their aggregates were expected")
    rows = [[(entry.findtext(tag) or "").strip() for tag in COLUMNS.values()] for entry in found]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*COLUMNS, "vintage"])
    writer.writerows([*row, vintage] for row in sorted(rows))
    return text.getvalue()


if __name__ == "__main__":
    TABLE.write_text(table_of(Path(sys.argv[1])), encoding="utf-8")
