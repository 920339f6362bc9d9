"""Reports that nobody described: in whatever form, read by machine, until a person's extract is there."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import sha256
from itertools import permutations
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas
from small_home import SmallHome, members, row

from ingestion import automatic, landing, quarantine, receiving, reports
from ingestion.archive import archived_path, manifest
from ingestion.arrivals import Arrival
from ingestion.automatic import identifier
from ingestion.bronze import draft_path
from ingestion.extraction.lexicon import load_lexicon
from ingestion.packing import unpack
from ingestion.report_file import REPORT_ID
from warehouse.paths import Home

# An invented report: no text of anybody.
SENTENCES = (
    "Bilan des soins de proximité en Bretagne",
    "En 2029, 168 maisons de santé pluriprofessionnelles sont en fonctionnement dans la région.",
    "Elles étaient 131 à la fin de l’année 2028, ce qui montre l’élan donné par les équipes de soins.",
    "Le contrat d’engagement de service public compte 45 signataires depuis sa création dans la région.",
    "Une charte des équipes a été écrite avec les professions, les élus et les usagers de tous les territoires.",
    "Pour la joindre, l’agence répond au 02 99 00 00 00 chaque jour ouvré de la semaine.",
)
TEXT = "\n\n".join(SENTENCES) + "\n"
EDITED = TEXT.replace("168 maisons", "174 maisons").replace("compte 45 signataires", "compte des signataires")


@pytest.fixture(scope="module", autouse=True)
def lexicon() -> Iterator[None]:
    """The reference data is read once for all these homes, as one refresh reads it once for all its reports."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ingestion.extraction.lexicon.load_lexicon", cache(load_lexicon))
        yield


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallHome:
    monkeypatch.setattr(receiving, "PACKAGED", tmp_path / "packaged")
    monkeypatch.setattr(landing, "QUIET_SECONDS", 0.0)
    return SmallHome(Home(tmp_path / "home").create())


def drop(small: SmallHome, name: str, text: str) -> str:
    (small.home.landing / name).write_text(text, encoding="utf-8", newline="")
    return sha256(text.encode()).hexdigest()


def drop_pdf(small: SmallHome, name: str, sentences: tuple[str, ...] = SENTENCES) -> None:
    page = canvas.Canvas(str(small.home.landing / name), pagesize=A4, invariant=True)
    for number, sentence in enumerate(sentences):
        page.drawString(40, 780 - 24 * number, sentence)
    page.save()


def rows(small: SmallHome, table: str = "figure") -> pl.DataFrame:
    """The rows of bronze that count."""
    listed = small.listed().filter((pl.col("table_name") == table) & pl.col("superseded_at").is_null())
    return pl.concat([pl.read_parquet(small.home.bronze / path) for path in listed["path"]])


def read_again(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is read from now on, by name."""
    read: list[str] = []
    original = reports.read_document
    monkeypatch.setattr(reports, "read_document", lambda path, name: read.append(name) or original(path, name))
    return read


def test_a_text_that_nobody_described_is_read_by_machine(small: SmallHome) -> None:
    sha = drop(small, "bilan.txt", TEXT)
    arrival = small.refresh()["bilan.txt"]
    assert (arrival.status, arrival.kind, arrival.version, arrival.document) == ("accepted", "report", 1, sha)
    assert arrival.source == identifier(SENTENCES[0], sha)
    figures = rows(small)
    assert set(figures["extraction_method"]) == {"automatic"}
    assert set(figures["review_status"]) == {"unreviewed"}
    assert "168" in figures["printed"].to_list()
    assert set(figures["report_id"]) == {arrival.source}
    ledger = rows(small, "ledger")
    assert {"168", "131", "45", "02", "99"} <= set(ledger["printed"])
    assert rows(small, "report").select("source_sha256", "source_name").row(0) == (sha, "bilan.txt")
    assert quarantine.entries(small.home) == []
    assert "figures.csv" in unpack(draft_path(small.home, sha), "draft")


@pytest.mark.parametrize("title", ["", "É" * 100, "Bilan 2.0 — « santé » : œuvre !", "日本"])
def test_identifiers_are_plain_and_stable(title: str) -> None:
    made = identifier(title, "0a" * 32)
    assert REPORT_ID.fullmatch(made)
    assert made.endswith("-0a0a0a0a")
    assert len(made) <= 49
    assert made == identifier(title, "0a" * 32)


def test_a_pdf_is_archived_whole_and_its_text_is_an_input_of_its_own(small: SmallHome) -> None:
    drop_pdf(small, "bilan.pdf")
    arrivals = small.refresh()
    document, text = arrivals["bilan.pdf"], arrivals["bilan.pdf.txt"]
    assert document.source == text.source is not None
    assert (document.document, text.document) == (text.sha256, text.sha256)
    assert archived_path(small.home, document.sha256).read_bytes().startswith(b"%PDF")
    content = archived_path(small.home, text.sha256).read_bytes()
    assert sha256(content).hexdigest() == text.sha256
    assert manifest(small.home, text.sha256)["derived_from"] == document.sha256
    assert manifest(small.home, document.sha256)["text_sha256"] == text.sha256
    figures = rows(small)
    assert set(figures["source_page"]) == {1}
    assert all(content.decode()[start:end] for start, end in figures.select("char_start", "char_end").iter_rows())
    assert small.current() == {text.source: text.sha256}


def test_a_document_is_read_once(small: SmallHome, monkeypatch: pytest.MonkeyPatch) -> None:
    drop_pdf(small, "bilan.pdf")
    small.refresh()
    before, read = small.listed(), read_again(monkeypatch)
    small.refresh()
    assert (read, small.listed().equals(before)) == ([], True)
    small.recipe = "another"
    small.refresh()
    assert read == ["bilan.pdf"], "pages and tables are read again when what reads them changed"
    assert small.listed().equals(before)


def test_a_text_stays_when_its_document_is_read_otherwise(small: SmallHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newer library gives other spaces: what is archived is what extracts were counted in."""
    drop_pdf(small, "bilan.pdf")
    before = small.refresh()["bilan.pdf.txt"]
    original = reports.read_document
    monkeypatch.setattr(
        reports, "read_document", lambda path, name: reports.read_text((original(path, name).text + " ").encode(), name)
    )
    small.recipe = "another"
    assert small.refresh()["bilan.pdf.txt"].sha256 == before.sha256
    assert rows(small).height > 0


def test_a_text_that_the_archive_lost_is_read_from_its_document(small: SmallHome) -> None:
    drop_pdf(small, "bilan.pdf")
    text = small.refresh()["bilan.pdf.txt"]
    archived_path(small.home, text.sha256).unlink()
    del small.known[text.sha256]
    small.refresh()
    assert archived_path(small.home, text.sha256).exists()
    assert small.current() == {text.source: text.sha256}


def test_spans_of_a_text_with_carriage_returns_are_verified_as_they_were_counted(small: SmallHome) -> None:
    text = TEXT.replace("\n", "\r\n")
    sha, start = drop(small, "bilan.txt", text), text.index("168")
    small.drop("bilan.zip", members("bilan-lu", 1, row(start=start).replace(",1,", ",3,", 1), document=sha))
    small.refresh()
    assert list(small.current()) == ["bilan-lu"]


def test_a_mark_of_byte_order_is_no_part_of_the_text(small: SmallHome) -> None:
    (small.home.landing / "bilan.txt").write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    arrivals = small.refresh()
    assert arrivals["bilan.txt.txt"].sha256 == sha256(TEXT.encode()).hexdigest()
    assert arrivals["bilan.txt"].source == arrivals["bilan.txt.txt"].source


# A person's extract goes before what a machine read, whatever came first.

Delivery = Callable[[SmallHome], Any]
SHA = sha256(TEXT.encode()).hexdigest()


def _text(small: SmallHome) -> None:
    drop(small, "bilan.txt", TEXT)


def _extract(small: SmallHome) -> None:
    start = TEXT.index("168")
    cell = row(value=168, start=start).replace(",1,", ",3,", 1)
    small.drop("bilan.zip", members("bilan-lu", 1, cell, document=SHA))


@pytest.mark.parametrize("deliveries", [[_text, _extract], [_extract, _text], [lambda s: (_text(s), _extract(s))]])
def test_a_persons_extract_goes_before_the_machines_in_any_order(small: SmallHome, deliveries: list[Delivery]) -> None:
    arrivals: dict[str, Arrival] = {}
    for deliver in deliveries:
        deliver(small)
        arrivals = small.refresh()
    assert list(small.current()) == ["bilan-lu"]
    assert arrivals["bilan.txt"].source == "bilan-lu"
    assert rows(small)["extraction_method"].to_list() == ["manual"]
    assert not draft_path(small.home, SHA).exists()
    assert quarantine.entries(small.home) == []


def test_a_persons_extract_of_a_pdf_names_the_hash_of_its_text(small: SmallHome) -> None:
    drop_pdf(small, "bilan.pdf")
    arrivals = small.refresh()
    document, text = arrivals["bilan.pdf"].sha256, arrivals["bilan.pdf.txt"].sha256
    small.drop("a.zip", members("lu", 1, document=document))
    refused = small.refresh()["a.zip"]
    assert refused.reason is not None
    assert text in refused.reason["next_step"]
    content = archived_path(small.home, text).read_bytes().decode()
    start = content.index("168")
    line = content.count("\n", 0, start) + 1
    small.drop("b.zip", members("lu", 1, row(start=start).replace(",1,", f",{line},", 1), document=text))
    arrivals = small.refresh()
    assert list(small.current()) == ["lu"]
    assert {arrivals[name].source for name in ("bilan.pdf", "bilan.pdf.txt")} == {"lu"}


def test_a_figure_that_is_not_at_its_span_of_a_pdf_blocks_its_extract(small: SmallHome) -> None:
    drop_pdf(small, "bilan.pdf")
    text = small.refresh()["bilan.pdf.txt"].sha256
    small.drop("a.zip", members("lu", 1, row(start=1), document=text))
    small.refresh()
    [refused] = quarantine.entries(small.home)
    assert (refused.file, refused.line) == ("a.zip/figures.csv", 2)
    assert list(small.current().values()) == [text], "the reading by machine stays until the extract is mended"


# One document in two forms, and two editions of one document.


def test_the_same_words_in_another_form_are_the_same_report(small: SmallHome) -> None:
    sha = drop(small, "bilan.txt", TEXT)
    small.refresh()
    (small.home.landing / "bilan.html").write_text(
        "<!DOCTYPE html><html><head><title>Bilan</title></head><body>"
        + "".join(f"<h2>{sentence}</h2>" for sentence in SENTENCES[:1])
        + f"<p>{'<br>'.join(SENTENCES[1:])}</p></body></html>",
        encoding="utf-8",
    )
    arrivals = small.refresh()
    assert list(small.current().values()) == [sha]
    assert arrivals["bilan.html"].source == arrivals["bilan.txt"].source
    assert arrivals["bilan.html.txt"].source == arrivals["bilan.txt"].source


def test_an_edited_report_is_a_new_edition_and_overwrites_nothing(small: SmallHome) -> None:
    drop(small, "bilan.txt", TEXT)
    first = small.refresh()["bilan.txt"]
    before = rows(small).filter(report_id=first.source)
    drop(small, "bilan-corrige.txt", EDITED)
    second = small.refresh()["bilan-corrige.txt"]
    assert second.source != first.source
    assert rows(small).filter(report_id=first.source).equals(before)
    report = rows(small, "report").filter(report_id=second.source)
    assert report["supersedes_report_id"].to_list() == [first.source]
    old = dict(before.select("figure_key", "printed").iter_rows())
    new = dict(rows(small).filter(report_id=second.source).select("figure_key", "printed").iter_rows())
    changed = {key: (printed, new.get(key)) for key, printed in old.items() if new.get(key) != printed}
    assert ("168", "174") in changed.values()
    assert all(now is None for printed, now in changed.values() if printed == "45")
    assert set(new) <= set(old), "what is told in words that both editions have is told under its first key"


def test_an_older_document_that_comes_later_is_no_edition_of_the_newer(small: SmallHome) -> None:
    drop(small, "bilan.txt", f"Rennes, le 3 mars 2030\n\n{TEXT}")
    small.refresh()
    older = drop(small, "archive.txt", f"Rennes, le 3 mars 2029\n\n{TEXT}")
    small.refresh()
    assert rows(small, "report").filter(source_sha256=older)["supersedes_report_id"].to_list() == [None]


def test_an_edition_of_a_persons_extract_keeps_its_keys_and_is_not_taken_for_reviewed(small: SmallHome) -> None:
    _text(small)
    _extract(small)
    drop(small, "bilan-corrige.txt", EDITED)
    edition = small.refresh()["bilan-corrige.txt"]
    figures = rows(small).filter(report_id=edition.source)
    led = figures.filter(figure_key="msp").select("printed", "indicator_code", "period", "review_status").rows()
    assert led == [("174", "msp_en_fonctionnement", "2030", "unreviewed")]
    assert rows(small, "report").filter(report_id=edition.source)["publisher"].to_list() == ["ARS Exemple"]
    assert rows(small).filter(report_id="bilan-lu")["printed"].to_list() == ["168"]


def _edition(small: SmallHome) -> None:
    drop(small, "bilan-corrige.txt", EDITED)


@pytest.mark.parametrize("order", [*permutations((_text, _extract, _edition))])
def test_whatever_came_first_the_same_reports_stand(small: SmallHome, order: tuple[Delivery, ...]) -> None:
    for deliver in order:
        deliver(small)
        small.refresh()
    edition = sha256(EDITED.encode()).hexdigest()
    assert small.current() == {
        "bilan-lu": next(sha for sha, memory in small.known.items() if memory.kind == "extract"),
        identifier("Bilan", edition): edition,
    }
    assert set(rows(small).filter(figure_key="msp")["printed"]) == {"168", "174"}


def test_an_edition_follows_the_extract_that_it_was_led_over_from(
    small: SmallHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    _text(small)
    edition = drop(small, "bilan-corrige.txt", EDITED)
    small.refresh()
    read: list[str] = []
    original = reports.Reports._read_automatically
    monkeypatch.setattr(
        reports.Reports, "_read_automatically", lambda self, a, *more: read.append(a.name) or original(self, a, *more)
    )
    small.refresh()
    assert read == []
    _extract(small)
    small.refresh()
    assert read == ["bilan-corrige.txt"]
    report = rows(small, "report").filter(source_sha256=edition)
    assert report["supersedes_report_id"].to_list() == ["bilan-lu"]


# Whatever goes wrong with one report stays with that one.


def test_what_breaks_the_reading_by_machine_is_quarantined_with_its_document(
    small: SmallHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: reports.Reports, archived: Any, *more: Any) -> Arrival:
        if archived.name == "bilan.pdf.txt":
            raise ZeroDivisionError("by zero")
        return original(self, archived, *more)

    original = reports.Reports._read_automatically
    monkeypatch.setattr(reports.Reports, "_read_automatically", broken)
    drop_pdf(small, "bilan.pdf")
    drop(small, "autre.txt", "Un autre rapport, qui dit d’autres choses du même sujet. " * 8)
    small.refresh()
    [refused] = quarantine.entries(small.home)
    assert (refused.name, refused.file) == ("bilan.pdf", "bilan.pdf")
    assert "Baromètre" in refused.expectation
    assert len(small.current()) == 1
    monkeypatch.undo()
    monkeypatch.setattr(receiving, "PACKAGED", small.home.root / "none")
    monkeypatch.setattr(landing, "QUIET_SECONDS", 0.0)
    quarantine.release(small.home, refused)
    small.refresh()
    assert quarantine.entries(small.home) == []
    assert len(small.current()) == 2


def test_a_report_that_takes_for_ever_is_told_and_stops_no_other(
    small: SmallHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(document: Any, name: str, *more: Any) -> Any:
        while name == "long.txt":
            pass
        return original(document, name, *more)

    original = automatic.read_automatically
    monkeypatch.setattr(automatic, "read_automatically", endless)
    monkeypatch.setattr(reports, "MOST_SECONDS", 0.3)
    drop(small, "long.txt", TEXT)
    drop(small, "autre.txt", "Un autre rapport, qui dit d’autres choses du même sujet. " * 8)
    small.refresh()
    [refused] = quarantine.entries(small.home)
    assert (refused.name, "arrêtée" in refused.expectation) == ("long.txt", True)
    assert len(small.current()) == 1


def test_a_synthesis_whose_layout_does_not_read_it_is_read_as_prose(
    small: SmallHome, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from warehouse.errors import InputError

    def fails(_: str, name: str) -> Any:
        raise InputError(file=name, line=3, expectation="un tableau était attendu", next_step="Déclarez le document")

    monkeypatch.setattr("ingestion.workshops.recognise_form", fails)
    drop(small, "bilan.txt", TEXT)
    assert small.refresh()["bilan.txt"].status == "accepted"
    assert "un tableau était attendu" in caplog.text


def test_what_is_told_of_archived_bytes_survives_a_damaged_manifest(small: SmallHome) -> None:
    drop_pdf(small, "bilan.pdf")
    document = small.refresh()["bilan.pdf"]
    path = archived_path(small.home, document.sha256).with_name(f"{document.sha256}.json")
    assert json.loads(path.read_text(encoding="utf-8"))["name"] == "bilan.pdf"
    os.truncate(path, 5)
    assert manifest(small.home, document.sha256) == {}
    before = small.listed()
    small.refresh()
    assert small.listed().equals(before)
    assert manifest(small.home, document.sha256)["text_sha256"] == document.document


def test_a_text_that_the_disk_damaged_stops_no_other(small: SmallHome) -> None:
    drop(small, "bilan.txt", TEXT)
    drop(small, "autre.txt", "Un autre rapport, qui dit d’autres choses du même sujet. " * 8)
    damaged = small.refresh()["bilan.txt"].sha256
    archived_path(small.home, damaged).write_bytes(b"\xff" * 500)
    small.recipe = "another"
    small.refresh()
    assert [entry.name for entry in quarantine.entries(small.home)] == ["bilan.txt"]
    assert len(small.current()) == 1
