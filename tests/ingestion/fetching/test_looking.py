"""One look at a source: what lands, what is archived, what is remembered, whatever the server does."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import socket
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from misbehaving import NOW, Answer, Server, TestClock, conditional, cut, ranged, redirect, status, whole
from pydantic import TypeAdapter
from ruamel.yaml import YAML

from ingestion.archive import archived_path, manifest
from ingestion.datasets.contract_model import Contract
from ingestion.datasets.contracts import load_contracts
from ingestion.datasets.declarations import declared
from ingestion.datasets.delivery import read_delivery
from ingestion.fetching.contract import Fetch
from ingestion.fetching.due import LOOK_EVERY, next_look
from ingestion.fetching.rounds import due_contracts, fetch_round, fetched_contracts
from ingestion.fetching.transfer import Transfers
from ingestion.receiving import deliver, landed_files
from warehouse.errors import FetchRuns
from warehouse.lock import refresh_lock
from warehouse.paths import Home
from warehouse.source_memory import SourceMemory, remembered_sources
from warehouse.state import Input, StateStore

CODE, OTHER = "insee-populations-legales", "cnam-effectifs-densites"
BODY = b"DEPCOM;COM;PMUN;PCAP;PTOT\n33063;Bordeaux;1;2;3\n"
NEW = BODY.replace(b"1;2;3", b"4;5;9")
JSON = {"Content_Type": "application/json"}


def contract_with(block: dict[str, Any], code: str = CODE) -> Contract:
    fetch: Any = TypeAdapter(Fetch).validate_python(block)
    return load_contracts()[code].model_copy(update={"fetch": fetch})


def as_json(value: Any) -> Answer:
    return whole(json.dumps(value).encode(), **JSON)


class Looker:
    """A home, its state store, and looks at one source of it."""

    def __init__(self, home: Home, store: StateStore, transfers: Transfers) -> None:
        self.home, self.store, self.transfers = home, store, transfers

    def __call__(self, block: dict[str, Any], *, force: bool = False) -> SourceMemory:
        [memory] = fetch_round(self.home, self.store, [contract_with(block)], self.transfers, force=force)
        assert remembered_sources(self.store)[CODE] == memory
        return memory

    def take(self) -> dict[str, bytes]:
        """What landed, taken out and recorded as a refresh would."""
        taken = {path.name: path.read_bytes() for path in landed_files(self.home)}
        for path in landed_files(self.home):
            sha = hashlib.sha256(path.read_bytes()).hexdigest()
            size = path.stat().st_size
            self.store.record_input(Input(sha, path.name, size, "dataset", self.transfers.clock.now(), CODE))
            path.unlink()
        return taken


@pytest.fixture
def look(home: Path, transfers: Transfers) -> Iterator[Looker]:
    at = Home(home).create()
    with StateStore.open(at, now=NOW) as store:
        yield Looker(at, store, transfers)


@pytest.fixture
def url(server: Server) -> Callable[..., dict[str, Any]]:
    def block(*answers: Answer, **more: Any) -> dict[str, Any]:
        return {"kind": "url", "address": server.gives("/communes.csv", *answers), **more}

    return block


Block = Callable[..., dict[str, Any]]


class TestMemory:
    def test_what_is_new_is_archived_declared_and_lands(self, look: Looker, url: Block) -> None:
        memory = look(url(conditional(BODY, '"1"')))
        sha = hashlib.sha256(BODY).hexdigest()
        assert (memory.outcome, memory.sha256, memory.etag, memory.new_at) == ("new", sha, '"1"', NOW)
        assert "are in landing/ as communes.csv" in memory.told
        assert archived_path(look.home, sha).read_bytes() == BODY
        assert declared(look.home, sha) == CODE
        told = manifest(look.home, sha)
        assert (told["fetched_from"], told["etag"]) == (memory.address, '"1"')
        assert look.take() == {"communes.csv": BODY}
        assert not (look.home.fetching / CODE).exists()

    def test_the_next_look_asks_whether_it_changed(self, look: Looker, url: Block, server: Server) -> None:
        block = url(conditional(BODY, '"1"', "Mon, 16 Nov 2026 08:00:00 GMT"))
        look(block)
        look.take()
        look.transfers.clock.sleep(86400)
        memory = look(block)
        assert (memory.outcome, memory.new_at, memory.succeeded_at) == ("unchanged", NOW, NOW + timedelta(days=1))
        assert memory.told == "nothing new: not changed, says the server (HTTP 304)"
        assert server.headers()["If-None-Match"] == '"1"'
        assert look.take() == {}

    def test_changed_bytes_under_the_same_address_are_a_new_version(self, look: Looker, url: Block) -> None:
        block = url(conditional(BODY, '"1"'), conditional(NEW, '"2"'))
        look(block)
        assert look(block).outcome == "new"
        assert look.take() == {"communes.csv": BODY, "communes-2.csv": NEW}

    def test_the_same_bytes_again_are_not(self, look: Looker, url: Block) -> None:
        """Before a refresh took them, and after."""
        block = url(whole(BODY))
        look(block)
        assert look(block).told == "nothing new: the bytes received on 2026-11-22 came again"
        assert look.take() == {"communes.csv": BODY}
        assert look(block).outcome == "unchanged"
        assert look.take() == {}

    def test_nor_are_bytes_that_a_person_delivered(self, look: Looker, url: Block, tmp_path: Path) -> None:
        (tmp_path / "Communes.csv").write_bytes(BODY)
        deliver(look.home, tmp_path / "Communes.csv", NOW, f"{CODE}@2017")
        look.take()
        memory = look(url(whole(BODY)))
        assert (memory.outcome, memory.new_at) == ("unchanged", NOW)
        assert declared(look.home, str(memory.sha256)) == f"{CODE}@2017"

    def test_another_address_is_asked_without_conditions(self, look: Looker, url: Block, server: Server) -> None:
        look(url(conditional(BODY, '"1"')))
        look({"kind": "url", "address": server.gives("/2026.csv", conditional(NEW, '"1"'))})
        assert "If-None-Match" not in server.headers()
        assert set(look.take()) == {"communes.csv", "2026.csv"}

    def test_so_is_one_whose_bytes_were_lost(self, look: Looker, url: Block, server: Server) -> None:
        block = url(conditional(BODY, '"1"'))
        archived_path(look.home, str(look(block).sha256)).unlink()
        look.take()
        look(block)
        assert "If-None-Match" not in server.headers()

    def test_force_asks_for_everything(self, look: Looker, url: Block, server: Server) -> None:
        block = url(conditional(BODY, '"1"'))
        look(block)
        look.take()
        memory = look(block, force=True)
        assert "If-None-Match" not in server.headers()
        assert "came again" in memory.told

    def test_a_failure_keeps_what_is_known_and_counts(self, look: Looker, url: Block) -> None:
        block = url(conditional(BODY, '"1"'), status(404), status(404), conditional(BODY, '"1"'))
        first = look(block)
        look.transfers.clock.sleep(86400)
        second, third = look(block), look(block)
        assert (second.outcome, second.failures, second.failing_since) == ("failed", 1, NOW + timedelta(days=1))
        assert (third.failures, third.failing_since) == (2, second.failing_since)
        assert "HTTP 404" in third.told
        assert (third.etag, third.sha256, third.new_at, third.succeeded_at) == ('"1"', first.sha256, NOW, NOW)
        assert third.next_look_at > second.next_look_at
        again = look(block)
        assert (again.outcome, again.failures, again.failing_since) == ("unchanged", 0, None)

    def test_a_first_look_may_fail_too(self, look: Looker, url: Block) -> None:
        memory = look(url(status(403)))
        assert (memory.outcome, memory.succeeded_at, memory.address) == ("failed", None, None)
        assert look.take() == {}

    def test_who_asks_for_a_week_is_not_asked_tomorrow(self, look: Looker, url: Block) -> None:
        memory = look(url(status(429, Retry_After=str(7 * 86400))))
        assert memory.next_look_at == NOW + timedelta(days=7)

    def test_what_broke_off_is_gone_on_from_at_the_next_look(self, look: Looker, url: Block, server: Server) -> None:
        block = url(cut(BODY, 20, ETag='"1"'))
        assert look(block).outcome == "failed"
        names = sorted(path.name for path in (look.home.fetching / CODE).iterdir())
        assert names == ["transfer.part", "transfer.part.json"]
        server.gives("/communes.csv", ranged(BODY, ETag='"1"'))
        assert look(block).outcome == "new"
        assert server.headers()["Range"] == "bytes=20-"
        assert look.take() == {"communes.csv": BODY}

    def test_an_address_that_moved_for_good_is_told(self, look: Looker, url: Block, server: Server) -> None:
        there = server.gives("/2026/communes.csv", whole(BODY))
        assert f"it is at {there} from now on" in look(url(redirect("/2026/communes.csv", 301))).told

    def test_name_and_vintage_of_the_contract(self, look: Looker, url: Block) -> None:
        memory = look(url(whole(BODY), name="Communes-2019.csv", vintage="2019"))
        assert declared(look.home, str(memory.sha256)) == f"{CODE}@2019"
        assert look.take() == {"Communes-2019.csv": BODY}


class TestUnpacking:
    @staticmethod
    def zipped() -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("ensemble/Communes.csv", BODY)
            archive.writestr("ensemble/lisezmoi.txt", "x")
        return buffer.getvalue()

    def test_the_zip_is_archived_and_its_member_lands(self, look: Looker, url: Block) -> None:
        block = url(
            whole(self.zipped(), ETag='"1"', Content_Type="application/zip"),
            status(304),
            unpack={"form": "zip", "member": "Communes.csv"},
        )
        memory = look(block)
        assert look.take() == {"Communes.csv": BODY}
        packed = manifest(look.home, str(memory.sha256))["packed_in"]
        assert archived_path(look.home, packed).read_bytes() == self.zipped()
        assert look(block).outcome == "unchanged"

    def test_a_page_inside_a_zip_is_no_data(self, look: Looker, url: Block) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("a.csv", "<!doctype html><p>Erreur")
        memory = look(url(whole(buffer.getvalue()), unpack={"form": "zip"}))
        assert "an HTML page" in memory.told
        assert look.take() == {}


class TestPortals:
    def test_a_stable_link_of_data_gouv(self, look: Looker, server: Server) -> None:
        resource = "69cb3e2f-dc0a-4cee-800a-cf98901d257d"
        portal = server.gives("/", status(404)).rstrip("/")
        dated = server.gives("/static/20261101-communes.csv", whole(BODY))
        server.gives(f"/api/1/datasets/r/{resource}", redirect(dated))
        look({"kind": "datagouv_resource", "portal": portal, "resource": resource})
        assert look.take() == {"20261101-communes.csv": BODY}

    def test_an_export_under_the_name_that_the_dataset_has_now(self, look: Looker, server: Server) -> None:
        base = "/api/explore/v2.1/catalog/datasets"
        export = f"{base}/nouveau/exports/csv?limit=-1&use_labels=false&delimiter=%3B&refine=annee%3A2024"
        metas = {"has_records": True, "metas": {"default": {"data_processed": "2026-11-02T04:00:00+00:00"}}}
        server.gives(f"{base}/ancien", status(404))
        server.gives(f"{base}/nouveau", as_json(metas))
        server.gives(export, whole(BODY, Content_Disposition='attachment; filename="nouveau.csv"'))
        block = {
            "kind": "opendatasoft_export",
            "portal": server.address(""),
            "datasets": ["ancien", "nouveau"],
            "parameters": {"delimiter": ";", "refine": "annee:2024"},
        }
        assert look(block).outcome == "new"
        assert look.take() == {"nouveau.csv": BODY}
        again = look(block)
        assert again.told == "nothing new: its catalogue has the same version (2026-11-02T04:00:00+00:00)"
        assert server.paths().count(export) == 1

    def test_a_dataset_without_records_is_no_empty_one(self, look: Looker, server: Server) -> None:
        server.gives("/api/explore/v2.1/catalog/datasets/530", as_json({"has_records": False}))
        block = {"kind": "opendatasoft_export", "portal": server.address(""), "datasets": ["530"]}
        assert "has no records, only attachments" in look(block).told

    def test_an_attachment_by_one_of_its_names(self, look: Looker, server: Server) -> None:
        base = "/api/explore/v2.1/catalog/datasets/530/attachments"
        # Some portals tell the name, others only where it ends an address, whose host is never asked.
        listed = [
            {"href": f"https://evil.example.org{base}/apl_infirmiers", "metas": {"title": "APL"}},
            {"href": "https://evil.example.org/x", "metas": {"id": "notice"}},
        ]
        server.gives(base, as_json({"attachments": listed}))
        server.gives(f"{base}/apl_infirmiers", whole(BODY, Content_Type="application/octet-stream"))
        block = {
            "kind": "opendatasoft_attachment",
            "portal": server.address(""),
            "datasets": ["530"],
            "attachments": ["apl_infirmieres", "apl_infirmiers"],
            "name": "apl.csv",
        }
        assert look(block).outcome == "new"
        assert look.take() == {"apl.csv": BODY}
        told = look(block | {"attachments": ["apl_medecins"]}).told
        assert "has apl_infirmiers, notice; none of apl_medecins is among them" in told

    def test_a_catalogue_that_gives_a_page(self, look: Looker, server: Server) -> None:
        path = "/api/explore/v2.1/catalog/datasets/530"
        block = {"kind": "opendatasoft_export", "portal": server.address(""), "datasets": ["530"]}
        server.gives(path, whole(b"<html>", Content_Type="text/html"))
        assert "HTML page" in look(block).told
        server.gives(path, whole(b"{", **JSON))
        assert "gives no JSON" in look(block).told
        for surprise in (["surprise"], {"metas": 1}, {"metas": {"default": []}}, None, 7):
            server.gives(path, as_json(surprise))
            assert "HTTP 404" in look(block).told, "its export is asked for, and is not there"
        server.gives(f"{path}/attachments", as_json({"attachments": 3}))
        attached = block | {"kind": "opendatasoft_attachment", "attachments": ["a"]}
        assert "has nothing; none of a is among them" in look(attached).told
        server.gives(path, whole(b"[" * 100_000, **JSON))
        assert "gives no JSON" in look(block).told

    @staticmethod
    def packed() -> tuple[bytes, str]:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            info = tarfile.TarInfo("package/data/communes.json")
            info.size = len(b"[1]")
            archive.addfile(info, io.BytesIO(b"[1]"))
        digest = base64.b64encode(hashlib.sha512(buffer.getvalue()).digest()).decode()
        return buffer.getvalue(), f"sha512-{digest}"

    def test_a_file_of_a_package_verified_by_its_published_hash(self, look: Looker, server: Server) -> None:
        package, integrity = self.packed()
        tarball = server.gives("/d/-/d-6.0.0.tgz", whole(package, Content_Type="application/octet-stream"))
        told = {"version": "6.0.0", "dist": {"tarball": tarball, "integrity": integrity}}
        server.gives("/@etalab%2Fdecoupage/latest", as_json(told))
        block = {
            "kind": "npm_package",
            "registry": server.address(""),
            "package": "@etalab/decoupage",
            "member": "data/communes.json",
        }
        memory = look(block)
        assert (memory.outcome, memory.revision) == ("new", f"6.0.0 {integrity}")
        assert look.take() == {"communes.json": b"[1]"}
        assert "its catalogue has the same version (6.0.0" in look(block).told
        other = {"version": "6.0.1", "dist": {"tarball": tarball, "integrity": integrity[:-8] + "AAAAAA=="}}
        server.gives("/@etalab%2Fdecoupage/latest", as_json(other))
        assert "are not those that its publisher announces" in look(block).told
        elsewhere = {"version": "6.0.2", "dist": {"tarball": "https://evil.example.org/d.tgz", "integrity": integrity}}
        server.gives("/@etalab%2Fdecoupage/latest", as_json(elsewhere))
        assert "is kept by evil.example.org, which the contract does not name" in look(block).told


class TestMelodi:
    @staticmethod
    def block(server: Server, **more: Any) -> dict[str, Any]:
        return {"kind": "insee_melodi", "base": server.address("/melodi"), "dataset": "DS_POP", **more}

    @staticmethod
    def page(values: range, count: int | None = None) -> dict[str, Any]:
        observations = [
            {"dimensions": {"GEO": f"2025-COM-{value:05}"}, "measures": {"OBS_VALUE_NIVEAU": {"value": float(value)}}}
            for value in values
        ]
        return {"identifier": "DS_POP", "observations": observations, "paging": {"count": count} if count else {}}

    def test_the_csv_product_that_the_catalogue_names(self, look: Looker, server: Server) -> None:
        product = {
            "id": "DS_POP_2023_CSV_FR",
            "format": "CSV",
            "modified": "2025-12-17T08:50:56",
            "accessURL": server.address("/melodi/file/DS_POP/DS_POP_2023_CSV_FR"),
        }
        sheet = {"id": "DS_POP_XLSX", "format": "XLSX", "accessURL": server.address("/melodi/file/x")}
        server.gives("/melodi/catalog/all", as_json([{"identifier": "DS_POP", "product": [sheet, product]}]))
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("DS_POP_data.csv", BODY)
            archive.writestr("DS_POP_metadata.csv", b"x;y\n")
        server.gives(
            "/melodi/file/DS_POP/DS_POP_2023_CSV_FR", whole(buffer.getvalue(), Content_Type="application/octet-stream")
        )
        assert look(self.block(server)).revision == "DS_POP_2023_CSV_FR 2025-12-17T08:50:56"
        assert look.take() == {"DS_POP_data.csv": BODY}
        assert look(self.block(server)).outcome == "unchanged"
        assert look(self.block(server, dataset="DS_NEXISTEPAS")).told.endswith("has no dataset DS_NEXISTEPAS")

    def test_observations_come_page_by_page_as_they_are(self, look: Looker, server: Server) -> None:
        start = "/melodi/data/DS_POP?GEO=COM&"
        server.gives(f"{start}totalCount=TRUE&maxResult=0", as_json(self.page(range(0), 5)))
        for number, values in enumerate((range(0, 2), range(2, 4), range(4, 5)), 1):
            server.gives(f"{start}maxResult=2&page={number}", as_json(self.page(values)))
        look(self.block(server, filters={"GEO": "COM"}, page_size=2))
        landed = look.take()["DS_POP.ndjson"].decode().splitlines()
        read = [o["measures"]["OBS_VALUE_NIVEAU"]["value"] for line in landed for o in json.loads(line)["observations"]]
        assert (len(landed), read) == (3, [0.0, 1.0, 2.0, 3.0, 4.0])
        again = look(self.block(server, filters={"GEO": "COM"}, page_size=2))
        assert again.outcome == "unchanged", "the same observations are the same bytes"

    def test_one_that_changes_while_it_is_read_is_refused(self, look: Looker, server: Server) -> None:
        server.gives("/melodi/data/DS_POP?totalCount=TRUE&maxResult=0", as_json(self.page(range(0), 5)))
        server.gives("/melodi/data/DS_POP?maxResult=100000&page=1", as_json(self.page(range(0, 4))))
        assert "announced 5 observations and gave 4" in look(self.block(server, filters={})).told

    def test_pages_are_counted_before_they_are_asked_for(self, look: Looker, server: Server) -> None:
        server.gives("/melodi/data/DS_POP?totalCount=TRUE&maxResult=0", as_json(self.page(range(0), 99)))
        told = look(self.block(server, filters={}, page_size=1, max_pages=3)).told
        assert "99 pages; 3 are allowed" in told
        assert len(server.asked) == 1

    def test_its_500_is_asked_once_and_looked_up(self, look: Looker, server: Server, clock: TestClock) -> None:
        odd = status(500, "Le serveur a rencontré une erreur inattendue.".encode())
        server.gives("/melodi/data/DS_POP?totalCount=TRUE&maxResult=0", odd)
        server.gives("/melodi/catalog/all", as_json([{"identifier": "DS_BPE"}]))
        assert look(self.block(server, filters={})).told.endswith("/melodi has no dataset DS_POP")
        server.gives("/melodi/catalog/all", as_json([{"identifier": "DS_POP"}]))
        assert look(self.block(server, filters={})).told.endswith("answers HTTP 500")
        assert clock.slept == []

    def test_thirty_a_minute(self, look: Looker, server: Server, clock: TestClock) -> None:
        server.gives("/melodi/data/DS_POP?totalCount=TRUE&maxResult=0", as_json(self.page(range(0), 40)))
        for number in range(1, 41):
            server.gives(f"/melodi/data/DS_POP?maxResult=1&page={number}", as_json(self.page(range(1))))
        look(self.block(server, filters={}, page_size=1, max_pages=40))
        assert (len(server.asked), clock.slept) == (41, [60.0])

    def test_what_insee_really_answered(self, look: Looker, server: Server, documents: Path) -> None:
        """The recordings of January 2026: an unknown dataset, nothing found, three observations of Nantes."""

        def recorded(name: str) -> list[Answer]:
            path = documents / "opendata" / "insee-melodi-api-recordings" / f"{name}.yml"
            told = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))["http_interactions"]
            return [
                whole(
                    one["response"]["body"]["string"].encode(),
                    one["response"]["status"],
                    Content_Type=one["response"]["headers"]["content-type"],
                )
                for one in told
            ]

        pop = "/melodi/data/DS_POPULATIONS_REFERENCE?FREQ=A&GEO=COM-44109&"
        count, page = recorded("get_data_popref_nantes")
        server.gives(f"{pop}totalCount=TRUE&maxResult=0", count)
        server.gives(f"{pop}maxResult=100000&page=1", page)
        filters = {"FREQ": "A", "GEO": "COM-44109"}
        block = self.block(server, dataset="DS_POPULATIONS_REFERENCE", filters=filters)
        assert look(block).outcome == "new"
        landed = look.home.landing / "DS_POPULATIONS_REFERENCE.ndjson"
        read = load_contracts()["insee-melodi-populations-reference"]
        delivery = read_delivery(read, landed, landed.name, "0" * 64)
        assert (delivery.vintage, delivery.account.loaded, delivery.refused) == ("2023", 3, ())
        look.take()
        server.gives(f"{pop}totalCount=TRUE&maxResult=0", *recorded("get_data_popref_empty"))
        assert "has no observation for {'FREQ': 'A', 'GEO': 'COM-44109'}" in look(block).told
        server.gives(f"{pop}totalCount=TRUE&maxResult=0", *recorded("get_data_not_exist"))
        server.gives("/melodi/catalog/all", *recorded("get_catalog_fr"))
        assert look(block).told.endswith("answers HTTP 500"), "the catalogue lists it"
        unknown = self.block(server, dataset="DS_NEXISTEPAS", filters={})
        server.gives("/melodi/data/DS_NEXISTEPAS?totalCount=TRUE&maxResult=0", *recorded("get_data_not_exist"))
        assert look(unknown).told.endswith("has no dataset DS_NEXISTEPAS")


class TestRounds:
    def test_a_source_that_fails_stops_no_other(self, look: Looker, server: Server) -> None:
        broken = contract_with({"kind": "url", "address": server.gives("/a", status(404))}, OTHER)
        sound = contract_with({"kind": "url", "address": server.gives("/b.csv", whole(BODY))})
        told: list[str] = []
        looked = fetch_round(look.home, look.store, [broken, sound], look.transfers, lambda m: told.append(m.dataset))
        assert [memory.outcome for memory in looked] == ["failed", "new"]
        assert told == [OTHER, CODE]

    def test_nor_does_a_fault_of_ours(self, look: Looker, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object) -> None:
            raise KeyError("surprise")

        monkeypatch.setattr("ingestion.fetching.source.deliver", broken)
        address = server.gives("/b.csv", whole(BODY))
        [memory] = fetch_round(
            look.home, look.store, [contract_with({"kind": "url", "address": address})], look.transfers
        )
        assert (memory.outcome, memory.told) == (
            "failed",
            "Baromètre failed to fetch it: KeyError: 'surprise'. Report it",
        )

    def test_a_host_that_does_not_answer_is_waited_for_once(self, look: Looker, clock: TestClock) -> None:
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            gone = {"kind": "url", "address": f"http://127.0.0.1:{nobody.getsockname()[1]}/a.csv"}
            both = [contract_with(gone), contract_with(gone, OTHER)]
            looked = fetch_round(look.home, look.store, both, look.transfers)
        assert {memory.told.partition(":")[0] for memory in looked} == {"no network, or 127.0.0.1 does not answer"}
        assert len(clock.slept) == 1

    def test_one_round_at_a_time(self, look: Looker, url: Block) -> None:
        held = (
            "import sys; from pathlib import Path; from warehouse.lock import refresh_lock\n"
            "with refresh_lock(Path(sys.argv[1]), 'fetch'): print('held', flush=True); sys.stdin.read()"
        )
        arguments = [sys.executable, "-c", held, str(look.home.fetch_lock)]
        with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path.cwd()) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == b"held\n"
            with pytest.raises(FetchRuns, match=r"Another fetch runs: process \d+ \(fetch\)"):
                look(url(whole(BODY)))
            other.communicate()
        with refresh_lock(look.home.lock, "a refresh"):
            assert look(url(whole(BODY))).outcome == "new", "a refresh that runs is no obstacle"

    def test_what_is_due(self) -> None:
        by_people = contract_with({"kind": "drop_folder"})
        fetched = contract_with({"kind": "url", "address": "https://example.org/a"})
        assert fetched_contracts([by_people, fetched]) == [fetched]
        assert due_contracts([by_people, fetched], {}, NOW) == [fetched]
        memory = SourceMemory(CODE, "unchanged", "", NOW, next_look_at=NOW + timedelta(days=1))
        assert due_contracts([fetched], {CODE: memory}, NOW) == []
        assert due_contracts([fetched], {CODE: memory}, NOW + timedelta(days=1)) == [fetched]

    @pytest.mark.parametrize("cadence", LOOK_EVERY)
    def test_looks_are_more_frequent_than_news_and_failures_than_looks(self, cadence: str) -> None:
        def days(failures: int) -> float:
            return (next_look(cadence, NOW, failures) - NOW) / timedelta(days=1)

        assert days(1) == pytest.approx(1 - 4 / 24)
        waits = [days(failures) for failures in range(1, 40)]
        assert waits == sorted(waits)
        assert waits[-1] == days(0)
        usual: datetime = next_look(cadence, NOW)
        assert usual - NOW == LOOK_EVERY[cadence] - timedelta(hours=4)
