"""The reader's process: what a document does to it never reaches the process that asked."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
import zlib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from documents_samples import docx_of, drawn, image_page, pdf_of, rewritten

from ingestion.documents import guard
from ingestion.documents.limits import LIMITS, MIB, Limits
from ingestion.documents.read import read_document
from warehouse.errors import InputError

ON_LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux limits address space")
CONFINED = (
    "import sys, json; sys.path.insert(0, sys.argv[1]); from ingestion.documents.child import *; "
    "confine(Limits(**json.loads(sys.argv[3])));"
)


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    path = tmp_path / "rapport.pdf"
    path.write_bytes(pdf_of())
    return path


def refused(path: Path, limits: Limits = LIMITS) -> InputError:
    with pytest.raises(InputError) as caught:
        read_document(path, path.name, limits)
    assert caught.value.exit_code == 1
    assert caught.value.next_step
    return caught.value


def instead(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Has the reader's process run this instead of reading."""
    monkeypatch.setattr(guard, "_START", code)


def test_reading_takes_less_than_a_second_of_processor_time(pdf: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert read_document(pdf, pdf.name).form == "pdf"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert 0 < after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1


def test_only_the_library_of_the_form_is_loaded() -> None:
    heavy = ("lxml", "pypdfium2", "polars", "yaml")
    code = f"import sys, ingestion.documents.child; print([name for name in {heavy} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=guard.ROOT)
    assert shown.stdout == "[]\n"


def test_an_endless_reader_is_stopped_with_all_that_it_started(
    pdf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "pid"
    instead(
        monkeypatch,
        f"import subprocess; child = subprocess.Popen(['sleep', '60'])\n"
        f"with open({str(told)!r}, 'w') as stream: stream.write(str(child.pid))\n"
        "while True: pass",
    )
    error = refused(pdf, replace(LIMITS, seconds=2.5))
    assert "arrêtée au bout de 2,5 s" in error.expectation
    assert not _runs(int(told.read_text()))


def test_a_reader_that_hangs_after_its_answer_is_stopped(pdf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, "import os, time; os.close(1); time.sleep(60)")
    assert "arrêtée au bout de 0,5 s" in refused(pdf, replace(LIMITS, seconds=0.5)).expectation


def test_a_reader_whose_parent_is_gone_ends_by_itself(pdf: Path) -> None:
    code = CONFINED + "import time; time.sleep(60)"
    arguments = [str(guard.ROOT), "pdf", '{"seconds": -0.5}']
    with pdf.open("rb") as document:
        child = subprocess.run([sys.executable, "-I", "-c", code, *arguments], stdin=document, check=False, timeout=10)
    assert child.returncode == -signal.SIGALRM


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV", "SIGABRT"])
def test_a_reader_that_dies_is_told_with_its_signal(pdf: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    instead(monkeypatch, f"import os, signal; os.kill(os.getpid(), signal.{name})")
    error = refused(pdf)
    assert f"({name})" in error.expectation
    assert "abîmé ou piégé" in error.expectation


def test_processor_time_is_limited(pdf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, CONFINED + "\nwhile True: pass")
    assert "arrêtée" in refused(pdf, replace(LIMITS, cpu_seconds=1, seconds=20)).expectation


@ON_LINUX
def test_memory_is_limited(pdf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "import ingestion.documents.child as c; c._reader = lambda form: lambda content, limits: bytearray(1 << 40);"
    instead(monkeypatch, CONFINED + body + "main(*sys.argv[2:])")
    assert "plus de 1536 Mio de mémoire" in refused(pdf).expectation


@ON_LINUX
def test_a_reader_without_enough_memory_is_an_error_like_any_other(pdf: Path) -> None:
    assert "plus de 18 Mio de mémoire" in refused(pdf, replace(LIMITS, memory_bytes=18 * MIB)).expectation


@ON_LINUX
def test_a_page_whose_text_fills_the_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bombe.pdf"
    path.write_bytes(stream_pdf(zlib.compress(b"BT /F1 9 Tf 9 9 Td (1 811) Tj ET " * 900_000, 9), "/FlateDecode"))
    assert path.stat().st_size < MIB
    assert "plus de 192 Mio de mémoire" in refused(path, replace(LIMITS, memory_bytes=192 * MIB)).expectation


def test_no_file_is_written(pdf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "written"
    instead(monkeypatch, CONFINED + f"open({str(told)!r}, 'w').write('x' * 100)")
    refused(pdf)
    assert not told.exists() or not told.read_text()


@pytest.mark.parametrize(
    "deed",
    [
        "__import__('socket').socket()",
        "__import__('subprocess').Popen(['true'])",
        "__import__('os').system('true')",
        "__import__('os').fork()",
        "open('/tmp/x', 'w')",
    ],
)
def test_a_library_can_do_nothing_but_read(pdf: Path, monkeypatch: pytest.MonkeyPatch, deed: str) -> None:
    body = f"import ingestion.documents.child as c; c._reader = lambda form: lambda content, limits: {deed};"
    instead(monkeypatch, CONFINED + body + "main(*sys.argv[2:])")
    assert "PermissionError" in refused(pdf).expectation


def test_no_core_is_left(pdf: Path) -> None:
    code = CONFINED + "import resource; print(resource.getrlimit(resource.RLIMIT_CORE))"
    command = [sys.executable, "-I", "-c", code, str(guard.ROOT), "pdf", "{}"]
    assert guard.run_guarded(command, pdf, LIMITS) == (0, b"(0, 0)\n")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("print('x' * 3_000_000)", "plus de contenu que permis"),
        ("print('not json')", "réponse illisible"),
        ("print('[]')", "réponse illisible"),
        ("print('{}')", "réponse illisible"),
        ("print('[' * 100000)", "réponse illisible"),
        ("""print('{"document": {"text": 1}}')""", "réponse illisible"),
        ("""print('{"fault": "KeyError"}')""", "KeyError"),
        ("raise SystemExit(3)", "code 3"),
    ],
)
def test_an_answer_is_not_believed(pdf: Path, monkeypatch: pytest.MonkeyPatch, code: str, told: str) -> None:
    instead(monkeypatch, code)
    assert told in refused(pdf, replace(LIMITS, answer_bytes=2 * MIB)).expectation


def test_the_environment_and_the_working_directory_do_not_reach_the_reader(
    pdf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(7)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("BAROMETRE_STATE_URL", "postgresql://user:password@host/db")
    monkeypatch.chdir(tmp_path)
    assert read_document(pdf, pdf.name).form == "pdf"
    code = "import os, sys, json; json.dump([sorted(os.environ), os.getcwd(), sys.flags.isolated], sys.stdout)"
    status, answer = guard.run_guarded([sys.executable, "-I", "-c", code], pdf, LIMITS)
    names, folder, isolated = json.loads(answer)
    assert (status, folder, isolated) == (0, "/", 1)
    assert not {name for name in names if name.startswith(("BAROMETRE", "PYTHON"))}


def test_nothing_is_left_running_or_open(pdf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(guard, "subprocess", SimpleNamespace(**vars(subprocess) | {"Popen": start}))
    before = len([*Path("/dev/fd").iterdir()])
    for _ in range(2):
        read_document(pdf, pdf.name)
    assert len([*Path("/dev/fd").iterdir()]) == before
    assert [child.returncode for child in started] == [0, 0]


def stream_pdf(stream: bytes, filters: str) -> bytes:
    """A PDF of one page with this stream as its content."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
        b"<</Length %d/Filter[%s]>>stream\n%s\nendstream" % (len(stream), filters.encode(), stream),
    ]
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        body
        + b"xref\n0 5\n0000000000 65535 f \n"
        + table
        + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(body)
    )


def test_a_page_that_inflates_without_end_is_refused(tmp_path: Path) -> None:
    once = zlib.compress(bytes(64 * MIB), 9)
    path = tmp_path / "bombe.pdf"
    path.write_bytes(stream_pdf(zlib.compress(once * 30, 9), "/FlateDecode/FlateDecode"))
    assert path.stat().st_size < MIB
    start = time.monotonic()
    refused(path, replace(LIMITS, seconds=10, cpu_seconds=8))
    assert time.monotonic() - start < 12


def test_hostile_files_are_refused_and_the_next_one_is_read(tmp_path: Path, pdf: Path) -> None:
    hostile = {
        "entites.docx": rewritten(docx_of(), {"word/document.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}),
        "bombe.docx": rewritten(docx_of(), {"word/document.xml": bytes(60 * MIB)}),
        "tronque.pdf": pdf_of()[:-200],
        "scan.pdf": drawn(image_page),
        "profond.html": b"<html>" + b"<b>" * 100_000,
    }
    for name, content in hostile.items():
        path = tmp_path / name
        path.write_bytes(content)
        assert refused(path).file == name
    assert read_document(pdf, pdf.name).form == "pdf"


def _runs(pid: int) -> bool:
    """Whether a process is still there; one that nobody has waited for counts as gone."""
    for _ in range(20):
        with suppress(ProcessLookupError):
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat")
            if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
                return False
            time.sleep(0.05)
            continue
        return False
    return True
