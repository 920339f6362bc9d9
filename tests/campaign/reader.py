"""An analyst of the campaign: opens the published file again and again, and counts what no analyst may ever see.

Run as ``python reader.py HOME``; says so once it reads, and ends on SIGTERM with its counts as JSON on stdout.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
from deliveries import packaged_version

from warehouse.reading import GUARDS

PAUSE_SECONDS = 0.25
PACKAGED = packaged_version()
#: One row: every place of a snapshot that must tell of the same version, and of the file itself.
QUERY = """
SELECT
    (SELECT max(extract_version) FROM marts.dim_report WHERE report_id = 'ms2022-na-2019'),
    (SELECT max(value) FROM marts.fct_observation
     WHERE observation_id = 'ms2022-na-2019#cpts-projets-box' AND superseded_at IS NULL),
    (SELECT max(f.figure ->> 'value') FROM (
        SELECT unnest(CAST(evidence -> 'figures' AS JSON[])) AS figure FROM quality.finding
        WHERE list_contains(observation_ids, 'ms2022-na-2019#cpts-projets-box') AND rule_code = 'contradiction') AS f
     WHERE f.figure ->> 'ref' = 'ms2022-na-2019#cpts-projets-box'),
    (SELECT max_by(snapshot, refresh_id) FROM meta.refresh WHERE outcome = 'published'),
    (SELECT count(*) FROM marts.v_indicator_printings)
"""


def seen(current: Path) -> dict[str, Any]:
    """What one look at the published file tells; ``problem`` is set when it is unreadable or mixed."""
    try:
        path = current.resolve(strict=True)
        with duckdb.connect(str(path), read_only=True, config=GUARDS) as connection:
            row = connection.execute(QUERY).fetchone()
    except (duckdb.Error, OSError) as error:
        return {"problem": "unreadable", "told": str(error)}
    assert row is not None
    version, value, judged, snapshot, printings = row
    number = 36 if version == PACKAGED else 1000 + version
    whole = float(value or 0) == number and float(judged or 0) == number and snapshot == path.name and printings > 0
    return {"problem": None if whole else "mixed", "told": str(row), "version": version, "snapshot": path.name}


def main(home: Path) -> None:
    """Read until told to stop."""
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    print("reading", flush=True)
    counts: dict[str, Any] = {"reads": 0, "unreadable": 0, "mixed": 0, "snapshots": [], "problems": []}
    while not stopped:
        found = seen(home / "barometre.duckdb")
        counts["reads"] += 1
        if found["problem"]:
            counts[found["problem"]] += 1
            counts["problems"].append(found["told"])
        elif found["snapshot"] not in counts["snapshots"]:
            counts["snapshots"].append(found["snapshot"])
        time.sleep(PAUSE_SECONDS)
    print(json.dumps(counts), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
