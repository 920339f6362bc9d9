"""``barometre review``: what a person sees and types, what is kept of it, what a kill loses."""

from __future__ import annotations

import csv
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ingestion.archive import archive_bytes
from ingestion.extract_folders import standing
from ingestion.extracts_reading import read_folder
from ingestion.receiving import PACKAGED
from ingestion.verification import verify_spans
from orchestration.cli import cli
from orchestration.review_lines import context, line_of, shown
from warehouse.errors import LockHeld
from warehouse.lock import refresh_lock
from warehouse.paths import CHECKOUT, Home

HOSTILE = "\x1b[2J\x1b]0;titre\x07[red]rouge[/red]\u202e"
TEXT = f"""\
Bilan de la région {HOSTILE}
La région compte près de 168 maisons de santé en 2030, contre 120 en 2025,
soit + 40 %. En tout 3 500 consultations, 24 bus, page 7.
"""
HEADER = (
    "figure_key,indicator_code,territory_key,period,value,unit,kind,value_form,obs_status,growth_form,hedge,qualifier,"
    "date_is_explicit,printed,source_line,char_start,char_end,exhibit_kind,statement_origin,extraction_method,"
    "review_status"
)
SHARED = "text,publisher,automatic,unreviewed"


def place(printed: str) -> str:
    start = TEXT.index(printed)
    return f"{printed},{TEXT.count(chr(10), 0, start) + 1},{start},{start + len(printed)}"


FIGURES = (
    f"msp-2030,msp_en_fonctionnement,region:75,2030,168,count,actual,level,observed,,pres_de,près de,true,"
    f"{place('168')},{SHARED}",
    f"msp-2025,msp_en_fonctionnement,region:75,2025,120,count,actual,level,observed,,,,true,{place('120')},{SHARED}",
    "msp-hausse,msp_croissance,region:75,2030,40,percent,growth,growth,observed,total,,,true,"
    f"{place('+ 40 %')},{SHARED}",
)


def numeral(printed: str, told: str) -> str:
    _, line, start, end = place(printed).split(",")
    return f"{line},{start},{end},{printed},{told}"


LEDGER = (
    numeral("168", "observed,msp-2030,"),
    numeral("2030", "dismissed,,année"),
    numeral("120", "observed,msp-2025,"),
    numeral("40", "observed,msp-hausse,"),
    numeral("3 500", "pending,,"),
    numeral("24", "pending,,"),
    numeral("7", "dismissed,,numéro de page"),
)


def report_yml(text: str) -> str:
    return f"""\
report_id: bilan
title: Bilan
publisher: ARS Exemple
scope_territory_key: region:75
published_on: 2030-06-01
published_precision: month
source_name: bilan.txt
source_sha256: {sha256(text.encode()).hexdigest()}
licence: Licence Ouverte 2.0
extract_version: 1
"""


@pytest.fixture
def made(home: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with an extract nobody reviewed, and its text in the archive."""
    monkeypatch.setenv("COLUMNS", "160")
    at = Home(home).create()
    folder = at.local_extracts / "bilan"
    folder.mkdir()
    (folder / "report.yml").write_text(report_yml(TEXT), encoding="utf-8")
    (folder / "figures.csv").write_text("\n".join([HEADER, *FIGURES, ""]), encoding="utf-8")
    ledger = "source_line,char_start,char_end,printed,disposition,figure_key,reason"
    (folder / "ledger.csv").write_text("\n".join([ledger, *LEDGER, ""]), encoding="utf-8")
    archive_bytes(at, "bilan.txt", TEXT.encode(), datetime(2031, 1, 1, tzinfo=UTC))
    return at


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli, ["review", *arguments], input=typed, catch_exceptions=False)


def keys(*lines: str) -> str:
    """What a person types, once the description of the report is found right."""
    return "".join(f"{line}\n" for line in ("ok", *lines))


def rows(made: Home, file: str = "figures.csv", report_id: str = "bilan") -> dict[str, dict[str, str]]:
    with (made.local_extracts / report_id / file).open(encoding="utf-8", newline="") as stream:
        read = list(csv.DictReader(stream))
    return {row.get("figure_key" if file == "figures.csv" else "printed", ""): row for row in read}


def version(made: Home, report_id: str = "bilan") -> int:
    found = standing(made, report_id)
    assert found is not None
    return found.version


def listed(*arguments: str) -> Any:
    result = run(*arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


# --- drafts ----------------------------------------------------------------------------------------------------------

# Of a text, what begins a sequence for the terminal in one character is not refused; what a text may not have is.
UNSEEN = """\
Bilan 2030 des soins de proximité en Bretagne \x9b2J[red]rouge[/red]\u202e

En 2029, 168 maisons de santé pluriprofessionnelles sont en fonctionnement dans la région. Les équipes tiennent
aussi une charte de 37 pages, écrite avec les professions, les élus et les usagers de tous les territoires.
"""


@pytest.fixture
def unseen(tmp_path: Path, made: Home) -> Path:
    path = tmp_path / "bilan-2030.txt"
    path.write_text(UNSEEN, encoding="utf-8")
    assert made.landing.is_dir()
    return path


def extract(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["extract", *arguments], catch_exceptions=False)


def test_a_draft_is_shown_with_its_proposals_and_what_comes_next(unseen: Path, made: Home) -> None:
    result = extract(str(unseen), "--report-id", "bilan-2030")
    assert result.exit_code == 0, result.output
    assert re.search(r"│ 3 +│ 168 +│ Maisons de santé pluriprofessionnelles en .+│ 0,\d+", result.output)
    assert re.search(r"│ 4 +│ 37 +│ en attente", result.output)
    assert "Ensuite\u202f: barometre review bilan-2030" in result.output
    assert str(made.local_extracts / "bilan-2030") in result.output.replace("\n", "")
    assert "Rien de nouveau" in extract(str(unseen)).output


def test_a_draft_is_told_to_programs(unseen: Path, made: Home) -> None:
    told = json.loads(extract(str(unseen), "--format", "json").output)
    assert told["folder"] == str(made.local_extracts / told["report_id"])
    assert (told["version"], told["is_new"]) == (1, True)
    [first, *_] = [row for row in told["awaiting"] if row["figure_key"]]
    assert (first["printed"], first["line"], first["page"], first["indicator_code"]) == (
        "168",
        3,
        None,
        "msp_en_fonctionnement",
    )
    assert first["text"].startswith("En 2029, 168 maisons")


def test_what_a_draft_quotes_is_shown_and_not_obeyed(unseen: Path) -> None:
    for output in (extract(str(unseen)).output, extract(str(unseen), "--format", "json").output):
        assert not re.search("[\x9b\u202e]", output)


def test_a_drafted_report_is_reviewed_to_its_end(unseen: Path, made: Home) -> None:
    extract(str(unseen), "--report-id", "bilan-2030")
    typed = keys("a", *("r", "numéro de page") * 9)
    assert "plus rien n’attend" in run("bilan-2030", "--by", "Anne", typed=typed).output
    assert rows(made, report_id="bilan-2030")["msp-en-fonctionnement"]["reviewed_by"] == "Anne"
    assert version(made, "bilan-2030") == 2


@pytest.mark.parametrize(
    ("name", "content", "code", "message"),
    [
        ("vide.txt", b"", 1, "vide"),
        ("scan.pdf", b"%PDF-1.4\n%%EOF\n", 1, "scan.pdf"),
        ("latin.txt", "é".encode("latin-1") * 400, 1, "UTF-8"),
        ("bilan.txt", UNSEEN.encode(), 2, "--report-id"),
        ("table.csv", b"code;nom;nombre\n01;Ain;3\n" * 40, 1, "table.csv"),
    ],
)
def test_what_cannot_be_drafted_says_why(
    made: Home, tmp_path: Path, name: str, content: bytes, code: int, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    done = command("extract", str(tmp_path / name), "--report-id", "Faux Nom", home=made)
    assert done.returncode == code
    assert message in done.stderr
    assert done.stderr.startswith("barometre: ")
    assert [path.name for path in made.local_extracts.iterdir()] == ["bilan"]


def test_the_description_of_a_report_is_corrected_and_what_hangs_on_it_follows(made: Home) -> None:
    figures = made.local_extracts / "bilan" / "figures.csv"
    figures.write_text(
        figures.read_text().replace("region:75,2030,168", "region:75,2030-06,168").replace(",true,168", ",false,168"),
        encoding="utf-8",
    )
    typed = ("t", "Bilan : « 2029 »", "d", "hier", "d", "2029", "r", "bretagne", "1", "ok", "a", "q")
    result = run("bilan", typed="".join(f"{line}\n" for line in typed))
    assert "une date comme 2019, 2019-09 ou 2019-09-30 était attendue" in result.output
    assert "fiche corrigée et 1 acceptée" in result.output
    report = read_folder(made.local_extracts / "bilan").frames["report"].row(0, named=True)
    assert (report["title"], str(report["published_on"]), report["published_precision"]) == (
        "Bilan : « 2029 »",
        "2029-01-01",
        "year",
    )
    assert report["extract_version"] == 2
    told = {key: (row["territory_key"], row["period"]) for key, row in rows(made).items()}
    assert told["msp-2030"] == ("region:53", "2029")
    assert told["msp-2025"] == ("region:53", "2025")


def test_what_is_offered_of_a_pending_number_follows_the_description(made: Home) -> None:
    typed = ("d", "2029", "r", "bretagne", "1", "o", *("p",) * 3, "c", "i", "consultations avancées", "1", "ok", "q")
    output = run("bilan", typed="".join(f"{line}\n" for line in typed)).output
    assert "1 ajoutée" in output
    added = next(row for row in rows(made).values() if row["printed"] == "3 500")
    assert (added["territory_key"], added["date_is_explicit"]) == ("region:53", "false")
    assert added["period"] == "2029"


# --- one review, typed ahead -----------------------------------------------------------------------------------------


def test_a_review_from_the_first_figure_to_the_last_numeral(made: Home) -> None:
    typed = keys(
        "a",
        *("m", "t", "gironde", "1", "p", "2025-06", "n", "ok"),
        *("r", "déjà dit"),
        *("c", "bus consultations", "consultations avancées", "1", "x", "r", "titre"),
        *("c", "centres santé", "1", "h", "plus de", "ok"),
    )
    result = run("bilan", "--by", "Anne  Martin", typed=typed)
    assert result.exit_code == 0, result.output
    assert "1 acceptée, 1 modifiée, 1 rejetée, 1 ajoutée et 1 nombre sans figure" in result.output
    assert "plus rien n’attend" in result.output
    assert version(made) == 2
    figures = rows(made)
    assert [*figures][:2] == ["msp-2030", "msp-2025"]
    assert [figures["msp-2030"][name] for name in ("review_status", "reviewed_by", "extraction_method")] == [
        "reviewed",
        "Anne Martin",
        "automatic",
    ]
    changed = figures["msp-2025"]
    assert (changed["territory_key"], changed["period"], changed["date_is_explicit"]) == (
        "department:33",
        "2025-06",
        "false",
    )
    assert changed["extraction_method"] == "manual"
    added = next(row for row in figures.values() if row["printed"] == "24")
    assert (added["hedge"], added["qualifier"], added["period"]) == ("plus_de", "plus de", "2030-06")
    ledger = rows(made, "ledger.csv")
    assert [(ledger[name]["disposition"], ledger[name]["reason"]) for name in ("40", "3 500", "24")] == [
        ("dismissed", "déjà dit"),
        ("dismissed", "titre"),
        ("observed", ""),
    ]
    assert verify_spans(read_folder(made.local_extracts / "bilan"), TEXT) is None
    assert listed("bilan", "--list") == []


@pytest.mark.usefixtures("made")
def test_each_figure_is_shown_in_its_line_with_what_is_said_of_it() -> None:
    output = run("bilan", typed=keys("q")).output
    assert "La région compte près de [168] maisons de santé en 2030" in output
    assert "Maisons de santé pluriprofessionnelles en fonctionnement (msp_en_fonctionnement)" in output
    assert "Nouvelle-Aquitaine (region:75)" in output
    assert "Période       2030 (2030), imprimée" in output
    assert re.search(r"Valeur +168 \(de 151,2 à 168\)", output.replace("\u202f", " "))
    assert "« près de »" in output.replace("\xa0", " ")


@pytest.mark.usefixtures("made")
def test_what_a_document_says_is_shown_and_not_obeyed() -> None:
    for output in (run("bilan", typed=keys("q")).output, run("bilan", "--list").output):
        assert "\x1b[2J" not in output
        assert "\x07" not in output
        assert "\u202e" not in output
    assert r"\u001b[2J" in run("bilan", typed=keys("q")).output
    assert "[red]rouge[/red]" in run("bilan", typed=keys("q")).output


def test_quitting_at_once_changes_nothing(made: Home) -> None:
    before = {path.name: path.read_bytes() for path in (made.local_extracts / "bilan").iterdir()}
    result = run("bilan", typed=keys("p", "p", "q"))
    assert "aucune décision" in result.output
    assert {path.name: path.read_bytes() for path in (made.local_extracts / "bilan").iterdir()} == before
    assert list(made.local_extracts.glob(".*.zip")) == []


def test_the_end_of_the_input_is_a_way_to_quit(made: Home) -> None:
    result = run("bilan", typed=keys("a"))
    assert (result.exit_code, version(made)) == (0, 2)
    assert rows(made)["msp-2030"]["review_status"] == "reviewed"


def test_a_decision_can_be_undone(made: Home) -> None:
    run("bilan", typed=keys("r", "erreur", "d", "a", "q"))
    assert rows(made)["msp-2030"]["review_status"] == "reviewed"
    assert rows(made, "ledger.csv")["168"]["disposition"] == "observed"


def test_a_figure_that_nobody_found_is_added_and_one_that_was_reviewed_is_changed(made: Home) -> None:
    typed = keys(
        *("n", "3", "7", "centres santé", "1", "ok"),
        *("a", "a", "a", "r", "titre", "r", "titre"),
        *("m", "msp-2025", "p", "2026", "o", "ok", "m", "absente", "n", "", "d", "z", "q"),
    )
    output = run("bilan", typed=typed).output
    assert "aucune figure « absente »" in output
    assert "Touches" not in output
    added = next(row for row in rows(made).values() if row["printed"] == "7")
    assert (added["extraction_method"], added["review_status"]) == ("manual", "reviewed")
    assert rows(made, "ledger.csv")["7"]["disposition"] == "observed"
    assert rows(made)["msp-2025"]["period"] == "2025"


def test_what_cannot_be_is_said_and_asked_again(made: Home) -> None:
    typed = keys(
        *("z", "m", "i", "maisons de santé licornes", "msp_croissance", "p", "en 2030", "c", "169", "h", "peu ou prou"),
        *("x", "r", "", "a", "q"),
    )
    output = run("bilan", typed=typed).output
    assert "Touches : a accepter" in output
    assert "Aucun indicateur ne porte ces mots." in output
    assert "n’est pas un code de période" in output
    assert "« 169 » n’est pas imprimé à cet endroit" in output
    assert "sans classe" in output
    assert rows(made)["msp-2030"]["extraction_method"] == "automatic"


@pytest.mark.usefixtures("made")
def test_an_indicator_in_another_unit_is_refused_where_it_is_chosen() -> None:
    output = run("bilan", typed=keys("p", "p", "m", "i", "msp_en_fonctionnement", "x", "q")).output
    assert "cet indicateur est en count" in output


def test_the_usual_reasons_are_listed_when_asked_and_chosen_by_number(made: Home) -> None:
    output = run("bilan", typed=keys("r", "?", "1", "q")).output
    first = re.search(r"^   1  (.+)$", output, re.MULTILINE)
    assert first is not None
    assert rows(made, "ledger.csv")["168"]["reason"] == first[1]


# --- who, and what is listed -----------------------------------------------------------------------------------------


def test_who_reviews_is_said_and_written(made: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "personne-inconnue")
    assert "par personne-inconnue" in run("bilan", typed=keys("a", "q")).output
    assert rows(made)["msp-2030"]["reviewed_by"] == "personne-inconnue"


def test_no_name_is_wrong_use(made: Home) -> None:
    done = command("review", "bilan", "--by", " ", home=made)
    assert done.returncode == 2
    assert done.stderr.startswith("barometre: --by : un nom d’au plus")


@pytest.mark.usefixtures("made")
def test_what_awaits_is_listed_for_people_and_programs() -> None:
    [first, *_, last] = listed("bilan", "--list")
    assert (first["figure_key"], first["line"], first["printed"], first["kind"]) == ("msp-2030", 2, "168", "actual")
    assert 0 <= first["score"] <= 1
    assert first["text"].startswith("La région compte près de 168")
    assert (last["figure_key"], last["printed"]) == (None, "24")
    assert "Nouvelle-Aquitaine · 2030 · évolution" in run("bilan", "--list").output
    [mine] = [row for row in listed() if row["report_id"] == "bilan"]
    assert mine == {"report_id": "bilan", "version": 1, "figures": 3, "numerals": 2, "begun": False}
    assert {path.name for path in PACKAGED.iterdir()} < {row["report_id"] for row in listed()}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("absent",), "Aucun rapport 'absent'. Pour voir ceux qui existent : barometre review"),
        (("../../etc",), "Aucun rapport '../../etc'"),
        (("absent", "--list"), "Aucun rapport 'absent'"),
        (("pts2-2015",), "Le texte de pts2-2015 n’est pas dans l’archive"),
        (("bilan", "--format", "json"), "--format json demande --list"),
    ],
)
def test_wrong_use_says_what_is_right(made: Home, arguments: tuple[str, ...], message: str) -> None:
    done = command("review", *arguments, home=made)
    assert done.returncode == 2
    assert message in done.stderr
    assert not list(made.local_extracts.glob(".*.zip"))


def test_a_figure_that_is_not_where_it_says_is_named_before_anything_is_asked(made: Home) -> None:
    path = made.local_extracts / "bilan" / "figures.csv"
    path.write_text(path.read_text().replace("168,2,", "168,3,"), encoding="utf-8")
    done = command("review", "bilan", home=made)
    assert done.returncode == 1
    assert "bilan/figures.csv:2" in done.stderr


# --- versions and durability -----------------------------------------------------------------------------------------


def test_the_extracts_of_the_checkout_are_copied_before_they_are_changed(made: Home, documents: Path) -> None:
    [text] = (documents / "reports").glob("004_*.txt")
    archive_bytes(made, text.name, text.read_bytes(), datetime(2031, 1, 1, tzinfo=UTC))
    packaged = {path.name: path.read_bytes() for path in (PACKAGED / "pts-na-2016").iterdir()}
    started_from = version(made, "pts-na-2016")
    run("pts-na-2016", "--by", "Anne", typed=keys("a", "q"))
    assert {path.name: path.read_bytes() for path in (PACKAGED / "pts-na-2016").iterdir()} == packaged
    assert version(made, "pts-na-2016") == started_from + 1
    copied = {path.name: path.read_bytes() for path in (made.local_extracts / "pts-na-2016").iterdir()}
    assert copied["ledger.csv"] == packaged["ledger.csv"]
    reviewed = [row for row in rows(made, report_id="pts-na-2016").values() if row.get("reviewed_by") == "Anne"]
    assert len(reviewed) == 1


def test_decisions_are_kept_beside_the_folder_until_the_review_is_left(made: Home) -> None:
    """A refresh meanwhile must not see an extract whose bytes change under one version."""
    before = {path.name: path.read_bytes() for path in (made.local_extracts / "bilan").iterdir()}
    with Terminal(made, "bilan", "--by", "Anne") as terminal:
        terminal.type("a", until="msp-2025")
        assert {path.name: path.read_bytes() for path in (made.local_extracts / "bilan").iterdir()} == before
        assert listed("bilan", "--list")[0]["figure_key"] == "msp-2025"
        [mine] = [row for row in listed() if row["report_id"] == "bilan"]
        assert (mine["figures"], mine["begun"]) == (3, True)


def test_a_kill_between_two_rows_loses_nothing(made: Home) -> None:
    with Terminal(made, "bilan", "--by", "Anne") as terminal:
        terminal.type("a", until="msp-2025")
        terminal.type("r", until="motif")
        terminal.type("date", until="msp-hausse")
        terminal.kill()
    assert version(made) == 1
    output = run("bilan", "--by", "Zoé", typed=keys("a", "q")).output
    assert "La relecture commencée reprend là où elle en était." in output
    assert version(made) == 2
    figures = rows(made)
    assert {key: row["reviewed_by"] for key, row in figures.items()} == {"msp-2030": "Anne", "msp-hausse": "Zoé"}
    assert rows(made, "ledger.csv")["120"]["reason"] == "date"


def test_in_a_terminal_a_person_accepts_edits_rejects_quits_and_goes_on_later(made: Home) -> None:
    with Terminal(made, "bilan", "--by", "Anne") as terminal:
        terminal.type("a", until="msp-2025")
        terminal.type("m", until="abandonner >")
        terminal.type("p", until="période")
        terminal.type("end:2025", until="fin 2025")
        terminal.type("o", until="abandonner >")
        terminal.type("ok", until="msp-hausse")
        terminal.type("r", until="motif")
        terminal.type("annoncé ailleurs", until="nombre en attente")
        terminal.type("q", until="barometre refresh")
        assert terminal.wait() == 0
    assert "\x1b[2J" not in terminal.seen
    assert rows(made)["msp-2025"]["period"] == "end:2025"
    with Terminal(made, "bilan", "--by", "Anne") as terminal:
        terminal.interrupt(until="aucune décision")
        assert terminal.wait() == 0
    assert [item["printed"] for item in listed("bilan", "--list")] == ["3 500", "24"]
    assert version(made) == 2


def test_two_people_do_not_review_one_report_at_once(made: Home) -> None:
    with Terminal(made, "bilan", "--by", "Anne"):
        done = command("review", "bilan", home=made)
    assert done.returncode == 2
    assert "bilan est en cours de relecture" in done.stderr


def test_what_was_decided_goes_onto_a_version_that_came_meanwhile(made: Home) -> None:
    with Terminal(made, "bilan", "--by", "Anne") as terminal:
        terminal.type("a", until="msp-2025")
        terminal.kill()
    report = made.local_extracts / "bilan" / "report.yml"
    report.write_text(report.read_text().replace("extract_version: 1", "extract_version: 7"), encoding="utf-8")
    run("bilan", typed=keys("q"))
    assert version(made) == 8
    assert rows(made)["msp-2030"]["reviewed_by"] == "Anne"


def test_a_refresh_that_runs_is_waited_for(made: Home) -> None:
    with Terminal(made, "bilan", "--by", "Anne") as terminal:
        terminal.type("a", until="msp-2025")
        with refresh_lock(made.lock, "refresh"):
            terminal.type("q", until="Une actualisation")
            time.sleep(0.3)
            assert version(made) == 1
        terminal.read(until="barometre refresh")
    assert version(made) == 2


def test_what_cannot_be_written_now_stays_kept(made: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refresh that never ends: the review ends with 3, says where its decisions are, and the next one writes them."""
    monkeypatch.setattr("ingestion.extract_folders.PATIENCE_SECONDS", 0.0)
    with lock_of_another_process(made.lock), pytest.raises(LockHeld):
        run("bilan", "--by", "Anne", typed=keys("a", "q"))
    assert version(made) == 1
    assert "1 acceptée" in run("bilan", "--by", "Anne", typed="q\n").output
    assert version(made) == 2


@contextmanager
def lock_of_another_process(path: Path) -> Iterator[None]:
    code = "import sys; from pathlib import Path; from warehouse.lock import refresh_lock\n"
    code += "with refresh_lock(Path(sys.argv[1]), 'refresh'): print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield
        holder.terminate()


# --- pure parts of what is shown -------------------------------------------------------------------------------------


def test_context_marks_a_figure_over_two_lines() -> None:
    text = "un\ndeux 1\n000 trois\nquatre\ncinq\nsix"
    start = text.index("1\n000")
    lines = context(text, start, start + 5, around=1)
    assert [(line.number, line.before, line.marked, line.after) for line in lines] == [
        (1, "un", "", ""),
        (2, "deux ", "1", ""),
        (3, "", "000", " trois"),
        (4, "", "", "quatre"),
    ]


def test_a_long_line_is_cut_around_its_figure() -> None:
    text = f"{'a ' * 3000}168{' b' * 3000}"
    told = line_of(text, 6000, 6003)
    assert "168" in told
    assert len(told) < 600


def test_shown_text_is_one_line_without_control() -> None:
    assert shown("a\tb\r\n\x00\x9b31m\u2028") == "a b \\u0000\\u009b31m\\u2028"


# --- a real terminal -------------------------------------------------------------------------------------------------


def command(*arguments: str, home: Home) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "BAROMETRE_HOME": str(home.root), "COLUMNS": "160"}
    return subprocess.run(
        [sys.executable, "-m", "orchestration.cli", *arguments],
        cwd=CHECKOUT,
        env=environment,
        input="",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class Terminal:
    """``barometre review`` in a pseudo-terminal, as a person has it before them."""

    def __init__(self, home: Home, *arguments: str) -> None:
        self.arguments, self.home, self.seen = arguments, home, ""

    def __enter__(self) -> Terminal:
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            environment = {**os.environ, "BAROMETRE_HOME": str(self.home.root), "COLUMNS": "160", "TERM": "xterm"}
            os.chdir(CHECKOUT)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.execve(
                sys.executable, [sys.executable, "-m", "orchestration.cli", "review", *self.arguments], environment
            )
        self.read(until="quitter >")
        if "t titre" in self.seen:
            self.type("ok", until="autre chiffre · f fiche · q quitter >")
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        os.close(self.descriptor)

    def type(self, line: str, until: str) -> None:
        os.write(self.descriptor, f"{line}\n".encode())
        self.read(until)

    def interrupt(self, until: str) -> None:
        """Type Ctrl-C, again where nothing comes of it: between its prompt and its reading, Python misses one."""
        self.read(until, again=b"\x03")

    def read(self, until: str, again: bytes = b"") -> None:
        """Read what is printed until some words, which must come within twenty seconds."""
        read, deadline = "", time.monotonic() + 20
        os.write(self.descriptor, again)
        while until not in read:
            assert time.monotonic() < deadline, f"{until!r} was expected, seen: {read}"
            if select.select([self.descriptor], [], [], 3)[0]:
                read += _chunk(self.descriptor)
            else:
                os.write(self.descriptor, again)
        self.seen += read

    def wait(self) -> int:
        """The exit code."""
        _, status = os.waitpid(self.process, 0)
        self.process = 0
        return os.waitstatus_to_exitcode(status)

    def kill(self) -> None:
        if self.process:
            os.kill(self.process, signal.SIGKILL)
            self.wait()


def _chunk(descriptor: int) -> str:
    try:
        return os.read(descriptor, 1 << 16).decode(errors="replace")
    except OSError:
        return ""
