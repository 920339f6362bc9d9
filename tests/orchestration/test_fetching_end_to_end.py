"""From a server to SQL: a dataset's contract says where its file is, and nobody types or copies anything else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from misbehaving import Server, conditional, cut, ranged, redirect, serving

from ingestion.datasets.contracts import CONTRACTS
from warehouse.paths import Home
from warehouse.state import Input, StateStore

pytestmark = pytest.mark.timeout(600)

CHECKOUT = Path(__file__).resolve().parents[2]
PARTS = ("warehouse", "ingestion", "expectations", "stewardship", "orchestration", "dbt_project", "requirements.lock")
CODE = "orthophonistes-fetched"
LONG_AGO = datetime.now(UTC) - timedelta(days=21)
BODY = ("code;département;effectif;densité\n01;Ain;301;44,8\n2A;Corse-du-Sud;52;31,9\n33;Gironde;1 204;70,7\n").encode()
CONTRACT = """
code: {code}
title: Orthophonistes par département (inventé)
publisher: Exemple
licence: Licence Ouverte 2.0
landing_page: https://example.org/orthophonistes
cadence: weekly
file_pattern: orthophonistes-*.csv
definition_version: "1"
format: {{encoding: utf-8, delimiter: ";", decimal: ",", thousands: space}}
columns:
  - {{published: code, name: departement, type: code, pattern: "\\\\d{{2,3}}|2[AB]"}}
  - {{published: effectif, name: headcount, type: integer}}
  - {{published: densité, name: density, type: number}}
ignored_columns: [département]
keys: [departement]
territories: {{level: department, years_after: 0}}
vintage: {{read_from: file_name, pattern: "-(\\\\d{{4}})"}}
target: professional
transform:
  territory: departement
  period: vintage
  constants: {{profession_key: orthophonistes, practice_mode: ensemble, location_basis: activite_principale, sex: T,
    counted_unit: personne, density_per: 100000, density_population: population totale, obs_status: observed,
    is_aggregate: false}}
fetch: {{kind: url, address: "{address}"}}
"""


@dataclass(frozen=True)
class Place:
    """A checkout with one dataset more, and an empty home."""

    checkout: Path
    home: Path

    def __call__(self, *arguments: str) -> tuple[int, Any]:
        environment = {**os.environ, "PYTHONPATH": str(self.checkout), "BAROMETRE_HOME": str(self.home)}
        environment.pop("BAROMETRE_STATE_URL", None)
        command = [sys.executable, "-m", "orchestration.cli", *arguments, "--format", "json"]
        done = subprocess.run(
            command, cwd=self.checkout, env=environment, capture_output=True, text=True, timeout=500, check=False
        )
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str((self.home / "barometre.duckdb").resolve()), read_only=True) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as started:
        yield started


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Place:
    folder = tmp_path_factory.mktemp("fetched")
    for part in PARTS:
        source, target = CHECKOUT / part, folder / "checkout" / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "store", "target"))
        else:
            shutil.copyfile(source, target)
    contract = CONTRACT.format(code=CODE, address=server.address("/latest"))
    (folder / "checkout" / CONTRACTS.relative_to(CHECKOUT) / f"{CODE}.yml").write_text(contract, encoding="utf-8")
    return Place(folder / "checkout", folder / "home")


def test_what_a_server_gives_in_pieces_ends_in_sql_and_a_server_that_is_gone_fails_no_refresh(
    place: Place, server: Server
) -> None:
    told = {"ETag": '"1"'}
    server.gives("/latest", redirect("/orthophonistes-2024.csv"))
    server.gives("/orthophonistes-2024.csv", cut(BODY, 60, **told), ranged(BODY, **told))
    code, [looked] = place("fetch", CODE)
    assert (code, looked["outcome"]) == (0, "new"), looked
    assert [headers.get("Range") for path, headers in server.asked if path != "/latest"] == [None, "bytes=60-"]

    # As if it had come three weeks ago: the source of a weekly dataset is frozen after two.
    taken = Input(looked["sha256"], "orthophonistes-2024.csv", len(BODY), "dataset", LONG_AGO, CODE)
    with StateStore.open(Home(place.home), now=LONG_AGO) as store:
        store.record_input(taken)
    code, refreshed = place("refresh")
    assert (code, refreshed["outcome"], refreshed["refused"]) == (0, "published", [])
    rows = "SELECT dataset_key, territory_key, headcount, density FROM marts.fct_professional ORDER BY territory_key"
    key = f"{CODE}@2024"
    assert place.sql(rows) == [
        (key, "department:01", 301.0, 44.8),
        (key, "department:2A", 52.0, 31.9),
        (key, "department:33", 1204.0, 70.7),
    ]
    assert place.sql(f"SELECT name, status FROM meta.source_file WHERE dataset_or_report = '{CODE}'") == [
        ("orthophonistes-2024.csv", "accepted")
    ]

    [(severity, status, told)] = place.sql(
        "SELECT severity, status, message_fr FROM quality.finding WHERE rule_code = 'source_frozen'"
    )
    assert (severity, status) == ("warning", "open")
    assert told.startswith(
        f"Source figée\u202f: rien de nouveau depuis le {LONG_AGO:%d/%m/%Y}, pour une périodicité hebdo"
    )

    server.gives("/orthophonistes-2024.csv", conditional(BODY, '"1"'))
    assert place("fetch", CODE)[1][0]["told"] == "nothing new: not changed, says the server (HTTP 304)"
    server.shutdown()
    server.server_close()
    code, [gone] = place("fetch", CODE)
    assert (code, gone["outcome"], gone["sha256"]) == (1, "failed", looked["sha256"])
    _, described = place("status")
    [row] = [row for row in described["fetch"]["sources"] if row["dataset"] == CODE]
    assert row["told"].startswith("no network, or 127.0.0.1 does not answer: ")
    code, refreshed = place("refresh")
    assert (code, refreshed["outcome"]) == (0, "nothing")
