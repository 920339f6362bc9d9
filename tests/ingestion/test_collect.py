"""From the drop folder to bronze: what is bad is quarantined with its reason, everything else goes on."""

from __future__ import annotations

import json
import os
import struct
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from reportlab.pdfgen import canvas
from small_home import HEADER, TEXT, SmallHome, members, row, zipped

from ingestion import collect, gathering, landing, quarantine, receiving
from ingestion.archive import archive_file, archived_path
from ingestion.receiving import clear_known, deliver, landed, redeliveries
from warehouse.errors import InputError
from warehouse.paths import Home

# Great Expectations takes seconds to import: one worker pays for it.

DOCUMENT = sha256(TEXT.encode()).hexdigest()
Bad = Callable[[Path], Any]


def new_home(root: Path, patch: pytest.MonkeyPatch) -> SmallHome:
    """An empty home, where no extract comes from the repository and files need not rest."""
    patch.setattr(receiving, "PACKAGED", root / "packaged")
    patch.setattr(landing, "QUIET_SECONDS", 0.0)
    return SmallHome(Home(root / "home").create())


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallHome:
    return new_home(tmp_path, monkeypatch)


def second(name: str, *rows: str, **files: bytes | None) -> Bad:
    """Version 2 of a report, with these rows, and these files instead of its own (None leaves one out)."""

    def write(path: Path) -> None:
        changed = {file.replace("_", "."): content for file, content in files.items()}
        whole = members(name, 2, *rows, document=DOCUMENT) | changed
        zipped(path, {file: content for file, content in whole.items() if content is not None})

    return write


def cut_short(path: Path) -> None:
    zipped(path, members("cut-short", 2))
    os.truncate(path, path.stat().st_size // 2)


def bomb(path: Path) -> None:
    """A zip that says of a member that it is small."""
    large(path)
    content = path.read_bytes()
    path.write_bytes(content.replace(struct.pack("<L", 80 << 20), struct.pack("<L", 10)))


def large(path: Path) -> None:
    zipped(path, {"report.yml": b"x", "figures.csv": b"0" * (80 << 20)})


def locked(path: Path) -> None:
    zipped(path, members("locked", 2))
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    path.write_bytes(content)


def twice(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("report.yml", b"a")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("report.yml", b"b")


def deep(path: Path) -> None:
    zipped(path, members("deep", 2), "a/b/")


def climbing(path: Path) -> None:
    zipped(path, members("climbing", 2), "../")


def link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def directory(path: Path) -> None:
    path.mkdir()
    (path / "report.yml").write_text("x")


def huge(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(2 << 30)


def scan(path: Path) -> None:
    """A page that holds a picture and no word."""
    page = canvas.Canvas(str(path))
    page.rect(100, 100, 200, 300, fill=1)
    page.save()


def png(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)


def hostile(path: Path) -> None:
    """A Word document that grows without end when its entities are followed."""
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 9))
    body = f'<!DOCTYPE w [<!ENTITY l0 "ha">{laughs}]><w:document>&l8;</w:document>'
    zipped(path, {"[Content_Types].xml": b"<Types/>", "word/document.xml": body.encode()})


def text(content: str, encoding: str = "utf-8") -> Bad:
    return lambda path: path.write_bytes(content.encode(encoding))


REPORT_2 = members("nested", 2)["report.yml"]
LINES = "\n".join([HEADER, row(), row("latin").replace("text", "été")]) + "\n"
LAUGHS = b"a: &a [x]\nb: &b [*a, *a]\n" + REPORT_2

#: Name in landing → how it is made, file, line, words of the expectation and of the next step.
REFUSED: dict[str, tuple[Bad, str, int | None, str, str]] = {
    "unknown.bin": (text("\0\1\2"), "unknown.bin", None, "un fichier binaire", "texte UTF-8"),
    "unknown.csv": (text("a;b;c\n1;2;3\n"), "unknown.csv", 1, "'a;b;c'", "déclarer un nouveau jeu"),
    "yaml.zip": (
        second("yaml", report_yml=b"report_id: a\n  b: c\n"),
        "yaml.zip/report.yml",
        2,
        "valid YAML",
        "deliver",
    ),
    "deep-yaml.zip": (second("x", report_yml=b"[" * 9999), "deep-yaml.zip/report.yml", 1, "no mapping", "one key"),
    "deep-value.zip": (
        second("x", report_yml=b"title: " + b"[" * 9999),
        "deep-value.zip/report.yml",
        1,
        "one plain value was expected for title",
        "on the line",
    ),
    "long-report.zip": (
        second("x", report_yml=REPORT_2 + b"#" * 40000),
        "long-report.zip/report.yml",
        None,
        "at most 32768 bytes",
        "the right file",
    ),
    "laughs.zip": (second("x", report_yml=LAUGHS), "laughs.zip/report.yml", 1, "'a' was found", "Correct the key"),
    "nested.zip": (
        second("x", report_yml=REPORT_2.replace(b"title: Bilan", b"title: [a, b]")),
        "nested.zip/report.yml",
        2,
        "one plain value was expected for title",
        "on the line",
    ),
    "nameless.zip": (
        second("x", report_yml=REPORT_2.replace(b"report_id: nested\n", b"")),
        "nameless.zip/report.yml",
        None,
        "a report_id of",
        "plain identifier",
    ),
    "evil.zip": (second("../evil"), "evil.zip/report.yml", 1, "'../evil' was found", "plain identifier"),
    "column.zip": (
        second("x", figures_csv=f"{HEADER},colour\n".encode()),
        "column.zip/figures.csv",
        1,
        "unknown column 'colour'",
        "header",
    ),
    "encoding.zip": (
        second("x", figures_csv=LINES.encode("cp1252")),
        "encoding.zip/figures.csv",
        3,
        "UTF-8 was expected",
        "Save it as UTF-8",
    ),
    "nul.zip": (
        second("x", figures_csv=f"{HEADER}\n{row()}\0\n".encode()),
        "nul.zip/figures.csv",
        2,
        "a NUL character",
        "Save it",
    ),
    "no-figures.zip": (second("x", figures_csv=b""), "no-figures.zip/figures.csv", 1, "the file is empty", "header"),
    "half-figures.zip": (
        second("x", figures_csv=f"{HEADER}\n{row()[:40]}".encode()),
        "half-figures.zip/figures.csv",
        2,
        "18 cells were expected",
        "cut short",
    ),
    "no-report.zip": (second("x", report_yml=None), "no-report.zip/report.yml", None, "to contain it", "Describe"),
    "span.zip": (second("span", row(start=5)), "span.zip/figures.csv", 2, "characters 5 to 8", "Correct the span"),
    "print.zip": (
        second("print", row(), row("b").replace(",168,count", ",186,count")),
        "print.zip/figures.csv",
        3,
        "read as the stored value 186",
        "Correct the value",
    ),
    "scope.zip": (
        second("x", report_yml=members("scope", 2)["report.yml"].replace(b"region:75", b"region:99")),
        "scope.zip/report.yml",
        1,
        "a known territory code, 'region:99' was found",
        "ingestion/reference/places",
    ),
    "all-unknown.zip": (
        second("all-unknown", report_yml=members("all-unknown", 2)["report.yml"].replace(b"75", b"98")),
        "all-unknown.zip/report.yml",
        1,
        "'region:98' was found",
        "declare the place",
    ),
    "empty.zip": (text(""), "empty.zip", None, "le fichier est vide", ".part"),
    "cut-short.zip": (cut_short, "cut-short.zip", None, "tronquée ou abîmée", "déposer entière"),
    "locked.zip": (locked, "locked.zip", None, "encrypted", "without a password"),
    "twice.zip": (twice, "twice.zip/report.yml", None, "is there twice", "from its folder"),
    "deep.zip": (deep, "deep.zip/a/b/figures.csv", None, "a file of an extract", "in one folder"),
    "climbing.zip": (climbing, "climbing.zip/../figures.csv", None, "a file of an extract", "in one folder"),
    "bomb.zip": (bomb, "bomb.zip", None, "a readable zip was expected", "Pack the extract again"),
    "large.zip": (large, "large.zip/figures.csv", None, "at most 67108864 bytes", "the right file"),
    "half.txt": (text("Un bilan"), "half.txt", 1, "au moins 30 mots", "texte UTF-8"),
    "latin.txt": (text(TEXT * 2, "cp1252"), "latin.txt", 1, "l’octet 0xe9", "L’enregistrer en UTF-8"),
    "scan.pdf": (scan, "scan.pdf", None, "texte", "OCR"),
    "image.pdf": (png, "image.pdf", None, "une image PNG", "PDF"),
    "hostile.docx": (hostile, "hostile.docx", None, "word/document.xml", "déposer"),
    "huge.csv": (huge, "huge.csv", None, "2048 Mio", "le bon fichier"),
    "folder": (directory, "folder", None, "ceci est un dossier", "archive zip"),
    "link.zip": (link, "link.zip", None, "pas été suivi", "le fichier lui-même"),
    "pipe": (os.mkfifo, "pipe", None, "pas été ouvert", "un vrai fichier"),
    "a\nb" + "é" * 100: (text("x"), "a_b" + "é" * 58, 1, "au moins 30 mots", "texte UTF-8"),
}

#: Rows refused of inputs whose others stand: rows, line, words of the expectation and of the next step.
ROWS: dict[str, tuple[Bad, int, str, str]] = {
    "indicator.zip": (
        second("indicator", row(), row("b", indicator="nope")),
        3,
        "a known indicator code, 'nope' was found",
        "ingestion/reference/indicators",
    ),
    "territory.zip": (
        second("territory", row(), row("b", territory="region:76b")),
        3,
        "a known territory code, 'region:76b' was found",
        "ingestion/reference/places",
    ),
    "key.zip": (
        second("key", row(), row("b"), row("b")),
        3,
        "the key report_id, figure_key was expected once, it is on 2 rows (lines 3, 4)",
        "remove the others",
    ),
}
GOOD_BEFORE = ["span", "print", "scope", "all-unknown"]


@pytest.fixture(scope="module")
def fed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHome]:
    """A home where reports stand, then everything bad came in at once, with one good extract among it."""
    with pytest.MonkeyPatch.context() as patch:
        small = new_home(tmp_path_factory.mktemp("fed"), patch)
        small.is_guarded = True
        (small.home.landing / "bilan.txt").write_text(TEXT, encoding="utf-8")
        for name in [*GOOD_BEFORE, "described"]:
            small.drop(f"{name}.zip", members(name, 1, row(), document=DOCUMENT))
        small.refresh()
        assert quarantine.entries(small.home) == []
        for name, (make, *_) in {**REFUSED, **ROWS}.items():
            make(small.home.landing / name)
        small.drop("good.zip", members("good"))
        small.refresh()
        yield small


def only_figures(small: SmallHome) -> Path:
    [path] = small.listed().filter(table_name="figure")["path"]
    return small.home.bronze / path


def entry(small: SmallHome, name: str) -> quarantine.Entry:
    [found] = [e for e in quarantine.entries(small.home) if e.name == landing.safe_name(name)]
    return found


@pytest.mark.parametrize("name", REFUSED)
def test_each_bad_input_is_quarantined_with_its_reason(fed: SmallHome, name: str) -> None:
    _, file, line, expectation, next_step = REFUSED[name]
    found = entry(fed, name)
    assert (found.file, found.line, found.times, found.rows) == (file, line, 1, [])
    assert expectation in found.expectation
    assert next_step in found.next_step
    assert len(quarantine.kept_things(fed.home, found)) == 1


@pytest.mark.parametrize("name", ROWS)
def test_bad_rows_are_told_with_their_line_and_the_others_are_published(fed: SmallHome, name: str) -> None:
    _, line, expectation, next_step = ROWS[name]
    found = entry(fed, name)
    assert (found.file, found.line) == (f"{name}/figures.csv", line)
    assert "the others published" in found.expectation
    assert [refusal["line"] for refusal in found.rows] == [line]
    assert expectation in found.rows[0]["expectation"]
    assert next_step in found.next_step
    assert found.source in fed.current()


def test_the_rest_is_published_and_last_good_versions_stay(fed: SmallHome) -> None:
    expected = {"good", "described", *GOOD_BEFORE, *(name.removesuffix(".zip") for name in ROWS)}
    assert set(fed.current()) == expected
    known = {memory.sha256: memory.version for memory in fed.known.values()}
    versions = {source: known[sha] for source, sha in fed.current().items()}
    assert [versions[name] for name in GOOD_BEFORE] == [1] * len(GOOD_BEFORE)
    figures = pl.read_parquet([fed.home.bronze / path for path in fed.listed().filter(table_name="figure")["path"]])
    assert figures.height == len(expected)


def test_nothing_is_left_behind_and_everything_that_could_be_is_archived(fed: SmallHome) -> None:
    assert list(fed.home.landing.iterdir()) == []
    assert not list(fed.home.archive.glob("*incoming*"))
    moved = {"huge.csv", "folder", "link.zip", "pipe"}
    for found in quarantine.entries(fed.home):
        assert archived_path(fed.home, found.sha256).exists() is (found.name not in moved), found


def test_what_was_moved_is_as_it_was(fed: SmallHome) -> None:
    [moved] = quarantine.kept_things(fed.home, entry(fed, "link.zip"))
    assert str(moved.readlink()) == "/etc/passwd"
    [moved] = quarantine.kept_things(fed.home, entry(fed, "huge.csv"))
    assert (moved.stat().st_size, moved.stat().st_blocks) == (2 << 30, 0)
    [moved] = quarantine.kept_things(fed.home, entry(fed, "folder"))
    assert (moved / "report.yml").read_text() == "x"


def test_the_same_bytes_refused_again_are_one_entry_with_a_count(small: SmallHome) -> None:
    for name in ("a.zip", "b.zip"):
        cut_short(small.home.landing / name)
        link(small.home.landing / "link")
        small.refresh()
    found = {e.name: e.times for e in quarantine.entries(small.home)}
    assert found == {"a.zip": 2, "link": 2}
    small.refresh()
    assert {e.name: e.times for e in quarantine.entries(small.home)} == found


def test_known_bytes_in_another_packing_are_nothing_new(small: SmallHome) -> None:
    small.drop("first.zip", members("bilan"))
    small.refresh()
    before = small.listed()
    zipped(small.home.landing / "second.zip", dict(reversed(members("bilan").items())), "folder/")
    [file] = landed(small.home, small.known)
    assert file.is_known
    small.refresh()
    [again] = small.received.known
    assert again.name == "second.zip"
    assert "extract bilan, version 1): nothing to do" in again.sentence
    assert list(small.home.landing.iterdir()) == []
    assert small.listed().equals(before)
    assert [told["name"] for told in redeliveries(small.home)] == ["second.zip"]


def test_known_files_are_dismissed_alone_and_what_is_new_waits(small: SmallHome) -> None:
    small.drop("first.zip", members("bilan"))
    small.refresh()
    small.drop("again.zip", members("bilan"))
    small.drop("new.zip", members("autre"))
    assert [again.name for again in clear_known(small.home, small.known, small.now)] == ["again.zip"]
    assert [path.name for path in small.home.landing.iterdir()] == ["new.zip"]


def test_known_bytes_that_the_archive_lost_are_archived_again(small: SmallHome) -> None:
    small.drop("first.zip", members("bilan"))
    small.refresh()
    [sha] = small.current().values()
    archived_path(small.home, sha).unlink()
    small.recipe = "another"
    assert "expected in the archive" in next(iter(small.refresh().values())).reason["expectation"]
    small.drop("again.zip", members("bilan"))
    small.refresh()
    assert small.current() == {"bilan": sha}
    assert quarantine.entries(small.home) == []


def test_a_correction_supersedes_and_clears_what_it_corrects(small: SmallHome) -> None:
    small.drop("v1.zip", members("bilan"))
    small.refresh()
    small.drop("v2.zip", members("bilan", 2) | {"figures.csv": b""})
    small.refresh()
    [refused] = quarantine.entries(small.home)
    assert (refused.source, refused.version) == ("bilan", 2)
    small.drop("v2-again.zip", members("bilan", 2, row(value=170)))
    small.refresh()
    assert quarantine.entries(small.home) == []
    listed = small.listed().filter(table_name="report")
    assert listed.height == 2
    assert listed["superseded_at"].is_null().sum() == 1


def test_a_text_whose_extract_is_refused_by_the_guard_is_taken_with_a_better_one(small: SmallHome) -> None:
    small.is_guarded = True
    bad = members("bilan", 1, document=DOCUMENT)
    bad["report.yml"] = bad["report.yml"].replace(b"region:75", b"region:99")
    small.drop("bilan.zip", bad)
    (small.home.landing / "bilan.txt").write_text(TEXT, encoding="utf-8")
    small.refresh()
    assert "extraction" in entry(small, "bilan.txt").expectation
    small.drop("bilan-2.zip", members("bilan", 2, document=DOCUMENT))
    arrivals = small.refresh()
    assert (arrivals["bilan.txt"].status, arrivals["bilan.txt"].source) == ("accepted", "bilan")
    assert quarantine.entries(small.home) == []


def test_a_document_that_comes_later_verifies_what_stands(small: SmallHome) -> None:
    """Our fault is no reason to lose the report: it is read by machine until its extract is corrected."""
    small.drop("bilan.zip", members("bilan", 1, row(start=7), document=DOCUMENT))
    small.refresh()
    assert set(small.current()) == {"bilan"}
    (small.home.landing / "bilan.txt").write_text(TEXT, encoding="utf-8")
    small.refresh()
    assert list(small.current().values()) == [DOCUMENT]
    assert {e.name: e.line for e in quarantine.entries(small.home)} == {"bilan.zip": 2}


def test_what_did_not_change_is_neither_read_nor_written_again(
    small: SmallHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.drop("a.zip", members("a"))
    small.drop("b.zip", members("b"))
    small.refresh()
    written = {path: path.stat().st_mtime_ns for path in small.home.bronze.glob("*/*.parquet")}
    read = []
    monkeypatch.setattr(gathering, "read_members", lambda name, files: read.append(name) or original(name, files))
    small.drop("b2.zip", members("b", 2, row(value=170)))
    small.refresh()
    assert read == ["b2.zip"]
    assert {path: path.stat().st_mtime_ns for path in written} == written
    assert set(small.current()) == {"a", "b"}


def test_other_code_or_reference_data_makes_bronze_anew(small: SmallHome) -> None:
    small.drop("a.zip", members("a"))
    small.refresh()
    path = only_figures(small)
    before = path.stat().st_ino
    small.refresh()
    assert path.stat().st_ino == before
    small.recipe = "another"
    small.refresh()
    assert path.stat().st_ino != before
    assert small.current("figure").keys() == {"a"}


def test_bronze_that_was_damaged_is_made_anew(small: SmallHome) -> None:
    small.drop("a.zip", members("a"))
    small.refresh()
    path = only_figures(small)
    os.truncate(path, 20)
    small.refresh()
    assert pl.read_parquet(path).height == 1


def test_files_that_no_longer_count_are_removed(small: SmallHome) -> None:
    small.drop("a.zip", members("a"))
    small.refresh()
    stray = small.home.bronze / "figure" / "0123456789abcdef.parquet"
    pl.DataFrame({"a": [1]}).write_parquet(stray)
    small.refresh()
    assert not stray.exists()
    assert (small.home.bronze / "figure" / "empty.parquet").exists()
    assert len(list((small.home.bronze / "figure").iterdir())) == 2


def test_refused_rows_stay_told_when_they_are_not_read_again(small: SmallHome) -> None:
    small.is_guarded = True
    small.drop("a.zip", members("a", 1, row(), row("b", indicator="nope")))
    first = small.refresh()["a.zip"]
    [again] = small.refresh().values()
    assert again.made is not None
    assert (again.rows_accepted, again.rows_rejected) == (first.rows_accepted, first.rows_rejected) == (2, 1)
    assert again.rejections == first.rejections
    [found] = quarantine.entries(small.home)
    assert (found.times, len(found.rows)) == (1, 1)


def test_an_input_that_breaks_our_code_stops_no_other(small: SmallHome, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str, files: dict[str, bytes]) -> Any:
        if name == "poison.zip":
            raise ZeroDivisionError("by zero")
        return original(name, files)

    monkeypatch.setattr(gathering, "read_members", broken)
    small.drop("poison.zip", members("poison"))
    small.drop("good.zip", members("good"))
    small.refresh()
    assert set(small.current()) == {"good"}
    assert "ZeroDivisionError: by zero" in entry(small, "poison.zip").expectation


original = gathering.read_members


def test_a_file_still_being_written_is_left_for_the_next_look(
    small: SmallHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = small.drop("a.zip", members("a"))
    monkeypatch.setattr(landing, "QUIET_SECONDS", 60.0)
    monkeypatch.setattr(landing.time, "sleep", lambda _: path.write_bytes(path.read_bytes() + b"more"))
    small.refresh()
    assert small.received.archived == ()
    assert path.exists()


def test_a_file_that_changes_while_it_is_copied_is_left_and_nothing_of_it_kept(
    small: SmallHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = small.drop("a.zip", members("a"))
    looks = iter(range(100))
    monkeypatch.setattr("ingestion.archive.sight", lambda _: next(looks))
    with pytest.raises(InputError, match="changed while it was read"):
        archive_file(small.home, path, small.now)
    assert [p for p in small.home.archive.rglob("*") if p.is_file()] == []


def test_a_file_exchanged_after_it_was_archived_stays(small: SmallHome, monkeypatch: pytest.MonkeyPatch) -> None:
    path = small.drop("a.zip", members("a"))
    settle = collect.settle_quarantine
    monkeypatch.setattr("small_home.settle_quarantine", lambda *a: (settle(*a), small.drop("a.zip", members("b"))))
    small.refresh()
    assert path.exists()
    monkeypatch.undo()
    monkeypatch.setattr(receiving, "PACKAGED", small.home.root / "none")
    small.refresh()
    assert set(small.current()) == {"a", "b"}


def test_a_file_that_may_not_be_read_is_refused(small: SmallHome, monkeypatch: pytest.MonkeyPatch) -> None:
    small.drop("a.zip", members("a"))
    monkeypatch.setattr(landing.os, "access", lambda *_: False)
    small.refresh()
    assert list(small.home.landing.iterdir()) == []
    assert "chmod g+r" in entry(small, "a.zip").next_step


def test_two_files_of_one_name_are_both_delivered(small: SmallHome, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        deliver(small.home, zipped(tmp_path / name / "x.zip", members(name)), small.now)
    small.refresh()
    assert set(small.current()) == {"a", "b"}


def test_delivering_what_cannot_be_taken_says_so_at_once(small: SmallHome, tmp_path: Path) -> None:
    huge(tmp_path / "huge.csv")
    with pytest.raises(InputError, match="n’a pas été lu"):
        deliver(small.home, tmp_path / "huge.csv", small.now)
    assert list(small.home.landing.iterdir()) == []


def test_a_folder_of_the_home_that_is_bad_is_told_until_it_is_mended(small: SmallHome) -> None:
    folder = small.home.local_extracts / "mon rapport"
    folder.mkdir()
    small.refresh()
    small.refresh()
    [found] = quarantine.entries(small.home)
    assert (found.file, found.times) == ("mon rapport.extract.zip/report.yml", 1)
    for name, content in members("mine").items():
        (folder / name).write_bytes(content)
    small.refresh()
    assert set(small.current()) == {"mine"}


def test_the_manifest_names_what_was_delivered(small: SmallHome) -> None:
    small.drop("a.zip", members("a"))
    small.refresh()
    [sha] = small.current().values()
    told = json.loads(archived_path(small.home, sha).with_name(f"{sha}.json").read_text())
    assert (told["name"], told["sha256"]) == ("a.zip", sha)
