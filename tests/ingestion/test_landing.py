"""What lies in the drop folder is told by its content; what must not be opened is not."""

from __future__ import annotations

import json
import os
import re
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_home import TEXT, members, zipped

from ingestion.landing import (
    MAX_INPUT_BYTES,
    MAX_NAME_BYTES,
    Head,
    Recognised,
    Sighting,
    is_fresh,
    look,
    obstacle,
    recognise,
    safe_name,
    settled,
    sight,
)
from warehouse.errors import InputError

FILE = Sighting("a.zip", "file", 10, 1, 7)
CSV = "annee;code;valeur\n2020;75;3\n2021;75;4\n"


def test_hidden_and_partial_files_are_the_senders_business(tmp_path: Path) -> None:
    for name in ("b.zip", "a.zip.part", ".hidden", "a.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert [sighting.name for sighting in look(tmp_path)] == ["a.txt", "b.zip"]
    assert look(tmp_path / "absent") == []


@pytest.mark.parametrize(
    ("now", "taken"),
    [
        ([FILE], ["a.zip"]),
        ([Sighting("a.zip", "file", 11, 1, 7)], []),
        ([Sighting("a.zip", "file", 10, 2, 7)], []),
        ([Sighting("a.zip", "file", 10, 1, 8)], []),
        ([Sighting("a.zip", "link", 10, 1, 7)], []),
        ([FILE, Sighting("new.zip", "file", 1, 1, 9)], ["a.zip"]),
        ([], []),
    ],
)
def test_only_what_stood_still_between_two_looks_is_taken(now: list[Sighting], taken: list[str]) -> None:
    assert [sighting.name for sighting in settled([FILE], now)] == taken


@pytest.mark.parametrize(("age", "fresh"), [(0.0, True), (1.9, True), (2.1, False), (-3600.0, True)])
def test_a_file_just_written_or_dated_ahead_may_still_grow(age: float, fresh: bool) -> None:
    now = 10**18
    assert is_fresh(Sighting("a", "file", 1, now - int(age * 1e9), 1), now) is fresh


def _directory(path: Path) -> None:
    path.mkdir()


def _link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path.name)


def _huge(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(2 << 30)


@pytest.mark.parametrize(
    ("make", "form", "words"),
    [
        (_directory, "directory", "ceci est un dossier"),
        (_link, "link", "pas été suivi"),
        (os.mkfifo, "special", "pas été ouvert"),
        (_socket, "special", "pas été ouvert"),
        (_huge, "file", f"au plus {MAX_INPUT_BYTES >> 20} Mio"),
    ],
)
def test_what_must_not_be_opened_is_told_without_opening_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None], form: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "x.zip")
    seen = sight(tmp_path / "x.zip")
    assert seen is not None
    assert seen.form == form
    problem = obstacle(seen)
    assert problem is not None
    assert words in problem.expectation
    assert problem.next_step


def test_a_regular_file_is_no_obstacle_and_a_vanished_one_is_not_seen(tmp_path: Path) -> None:
    assert obstacle(FILE) is None
    assert sight(tmp_path / "gone") is None


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("bilan 2030.zip", "bilan 2030.zip"),
        ("données d’avril.csv", "données d’avril.csv"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a\nb\x1b[31m.zip", "a_b_[31m.zip"),
        ("\u202egpj.zip", "_gpj.zip"),
        (os.fsdecode(b"caf\xe9.txt"), "caf_.txt"),
        ("...", "unnamed"),
        ("", "unnamed"),
        (".hidden", "hidden"),
        ("a\0b", "a_b"),
    ],
)
def test_names_are_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(max_size=400), st.sampled_from(["", ".zip", ".csv", "." + "x" * 300]))
def test_safe_names_are_short_and_stay_as_they_are(stem: str, suffix: str) -> None:
    safe = safe_name(stem + suffix)
    assert 0 < len(safe.encode()) <= MAX_NAME_BYTES
    assert "/" not in safe
    assert safe.isprintable() or not (stem + suffix).isprintable()
    assert safe_name(safe) == safe


def test_a_long_name_keeps_its_suffix() -> None:
    assert safe_name("é" * 300 + ".extract.zip").endswith("é.zip")


def file(folder: Path, content: bytes) -> Path:
    path = folder / "a.bin"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("folder", ["", "bilan-2030/"])
def test_an_extract_is_known_by_what_it_holds(tmp_path: Path, folder: str) -> None:
    path = zipped(tmp_path / "photo.jpg", members("bilan-2030"), folder)
    assert recognise(path, path.name) == Recognised("extract")


def test_a_text_is_taken_for_a_report(tmp_path: Path) -> None:
    assert recognise(file(tmp_path, TEXT.encode()), "x") == Recognised("report")


def test_a_dataset_is_known_by_the_first_recogniser_that_does(tmp_path: Path) -> None:
    heads: list[Head] = []

    def by_header(head: Head) -> str | None:
        heads.append(head)
        return "densites" if head.first.startswith(b"annee;code") else None

    path = file(tmp_path, CSV.encode("cp1252"))
    assert recognise(path, "x.csv", [lambda _: None, by_header]) == Recognised("dataset", "densites")
    assert heads == [Head(path, "x.csv", CSV.encode("cp1252"))]


def test_a_dataset_in_a_zip_is_recognised_by_its_members(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"Communes.csv": b"a"}, "ensemble/")
    assert recognise(path, "x", [lambda head: "pop" if "Communes.csv" in head.members else None]).dataset == "pop"


@pytest.mark.parametrize(
    ("content", "line", "expectation", "next_step"),
    [
        (b"", None, "le fichier est vide", ".part"),
        (b" \n\n", None, "le fichier est vide ou ne contient que des blancs", ".part"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, None, "une image PNG", "texte UTF-8, PDF"),
        (b"\0" * 100, None, "un fichier binaire", "add-a-dataset.md"),
        ((TEXT + "\n\n").encode() + "été".encode("cp1252"), 3, "l’octet 0xe9", "UTF-8"),
        (TEXT.encode("utf-16"), None, "en UTF-16", "UTF-8"),
        (b"Bonjour", 1, "au moins 30 mots", "add-a-report.md"),
        (b"12 345 " * 200, 1, "une suite de nombres", "add-a-report.md"),
        (("Un\n" + TEXT + "\x07").encode(), 2, "U+0007", "comme texte"),
        (CSV.encode(), 1, "'annee;code;valeur'", "déclarer un nouveau jeu de données"),
        (members("bilan-2030")["figures.csv"], 1, "n’en est que figures.csv", "dans une archive zip"),
        (members("bilan-2030")["report.yml"], 1, "n’en est que report.yml", "dans une archive zip"),
        (b"PK\x03\x04 cut short", None, "tronquée ou abîmée", "entière"),
    ],
)
def test_what_is_not_recognised_says_what_it_looks_like(
    tmp_path: Path, content: bytes, line: int | None, expectation: str, next_step: str
) -> None:
    with pytest.raises(InputError) as caught:
        recognise(file(tmp_path, content), "x")
    assert caught.value.line == line
    assert expectation in caught.value.expectation
    assert next_step in caught.value.next_step


def test_a_zip_of_something_else_names_what_is_in_it(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"photo.jpg": b"x"})
    with pytest.raises(InputError, match=r"photo\.jpg"):
        recognise(path, "x.zip")


def test_a_workbook_of_no_known_dataset_is_called_one(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.xlsx", {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"})
    with pytest.raises(InputError, match="un classeur entier") as caught:
        recognise(path, "x.xlsx")
    assert "add-a-dataset.md" in caught.value.next_step


def test_an_empty_zip_is_refused(tmp_path: Path) -> None:
    zipfile.ZipFile(tmp_path / "x.zip", "w").close()
    with pytest.raises(InputError, match="vide, tronquée ou abîmée"):
        recognise(tmp_path / "x.zip", "x.zip")


def test_a_text_too_long_for_a_report_is_not_read(tmp_path: Path) -> None:
    path = file(tmp_path, b"7 8 9 0\n" * (5 << 20))
    with pytest.raises(InputError, match="le fichier en fait 40"):
        recognise(path, "x")


def test_a_large_table_is_told_to_be_one(tmp_path: Path) -> None:
    path = file(tmp_path, (CSV * 100).encode())
    os.truncate(path, 40 << 20)
    with path.open("r+b") as stream:
        stream.write(CSV.encode() * 5000)
    with pytest.raises(InputError, match="annee;code;valeur"):
        recognise(path, "x")


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"type": "Topology", "objects": {"a": TEXT}}),
        json.dumps([{"nom": TEXT}, {"nom": TEXT}]),
        "\n".join([json.dumps({"nom": TEXT})] * 3),
    ],
)
def test_records_that_no_dataset_knows_are_no_report(tmp_path: Path, content: str) -> None:
    with pytest.raises(InputError, match="JSON qu’aucun jeu de données") as caught:
        recognise(file(tmp_path, content.encode()), "x.json")
    assert "add-a-dataset.md" in caught.value.next_step


@pytest.mark.parametrize("beginning", ["[1] ", '"Bilan" ', "{brouillon} ", "2019 "])
def test_a_report_may_begin_as_records_do(tmp_path: Path, beginning: str) -> None:
    assert recognise(file(tmp_path, (beginning + TEXT).encode()), "x.txt") == Recognised("report")


def test_a_document_is_recognised_and_not_read(tmp_path: Path) -> None:
    """Whatever it is called, and be it broken inside: its reader, which is guarded, says so."""
    assert recognise(file(tmp_path, b"%PDF-1.7\n broken"), "x") == Recognised("report")
    page = f"<!DOCTYPE html><html><body><p>{TEXT}</p></body></html>"
    assert recognise(file(tmp_path, page.encode()), "x.html") == Recognised("report")
    word = zipped(tmp_path / "x.docx", {"[Content_Types].xml": b"", "word/document.xml": b"broken"})
    assert recognise(word, "x.docx") == Recognised("report")


@pytest.mark.parametrize("problem", ["obstacle", "empty", "note"])
def test_refusals_are_typeset_as_french_is(tmp_path: Path, problem: str) -> None:
    if problem == "obstacle":
        told = obstacle(Sighting("x", "file", 2 << 30, 1, 1))
    else:
        with pytest.raises(InputError) as caught:
            recognise(file(tmp_path, {"empty": b"", "note": b"Un mot"}[problem]), "x")
        told = caught.value
    assert told is not None
    assert not re.search(r"[ \u00a0][;:!?]|'", f"{told.expectation} {told.next_step}")
