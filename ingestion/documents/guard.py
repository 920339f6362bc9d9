"""Reading in a process of its own, so that no document can take anything else down.

A document that makes its reader crash, hang or take all memory is refused like any other that cannot be read.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from ingestion.documents.limits import Limits
from ingestion.documents.model import Document, Form
from ingestion.documents.refusal import Refusal
from ingestion.documents.wire import from_json

ROOT = Path(__file__).resolve().parents[2]
#: Isolated mode reads neither the environment nor the folder it is started in; this checkout is named to it instead.
_START = "import sys; sys.path.insert(0, sys.argv[1]); from ingestion.documents.child import main; main(*sys.argv[2:])"
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_CHUNK = 1 << 20
_ANOTHER_FR = (
    "Vérifier que le fichier s’ouvre ailleurs ; l’imprimer en PDF ou l’enregistrer en texte UTF-8, "
    "et déposer le résultat"
)


class GuardError(Exception):
    """A reader that had to be stopped."""


class TooSlow(GuardError):
    """It took longer than permitted."""


class TooLong(GuardError):
    """It answered more than permitted."""


def read_guarded(path: Path, form: Form, limits: Limits) -> Document:
    """A document of a form that is not plain text, read in a guarded process.

    Raises:
        Refusal: the reader refuses it, or did not survive it.
    """
    try:
        status, answer = run_guarded(
            [sys.executable, "-I", "-c", _START, str(ROOT), form, json.dumps(asdict(limits))], path, limits
        )
    except TooSlow as error:
        raise _too_slow(limits) from error
    except TooLong as error:
        raise Refusal(
            "la lecture du document a été arrêtée : il en sort plus de contenu que permis", _ANOTHER_FR
        ) from error
    if status != 0:
        raise _died(status, limits)
    return _understood(answer, limits)


def run_guarded(command: list[str], path: Path, limits: Limits) -> tuple[int, bytes]:
    """The exit status and the output of a command that reads a file, within the time and the size of answer allowed.

    The command is the leader of a group, and the whole group is gone when this returns or raises.

    Raises:
        GuardError: it was stopped.
    """
    environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    with path.open("rb") as document:
        child = subprocess.Popen(
            command,
            stdin=document,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=environment,
            start_new_session=True,
        )
    assert child.stdout is not None
    deadline = time.monotonic() + limits.seconds
    try:
        with child.stdout as pipe:
            answer = _received(pipe.fileno(), deadline, limits.answer_bytes)
        return child.wait(max(deadline - time.monotonic(), 0.0) + 1), answer
    except subprocess.TimeoutExpired as error:
        raise TooSlow("it took too long") from error
    finally:
        # macOS refuses to signal a group of which only an unreaped leader is left.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _received(pipe: int, deadline: float, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not selector.select(left):
                raise TooSlow("it took too long")
            chunk = os.read(pipe, _CHUNK)
            if not chunk:
                return b"".join(chunks)
            chunks.append(chunk)
            size += len(chunk)
            if size > limit:
                raise TooLong("more comes out of it than is permitted")


def _understood(answer: bytes, limits: Limits) -> Document:
    try:
        data = json.loads(answer)
        if "refused" in data:
            expectation, next_step = data["refused"]
            raise Refusal(str(expectation), str(next_step))
        if "fault" in data:
            raise _out_of_memory(limits) if data["fault"] == "MemoryError" else _fault(str(data["fault"]))
        return from_json(data["document"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _fault(f"réponse illisible ({type(error).__name__})") from error


def _died(status: int, limits: Limits) -> Refusal:
    """Of a reader that ended otherwise than by answering. Libraries that get no more memory often end themselves."""
    if status in (-signal.SIGXCPU, -signal.SIGALRM):
        return _too_slow(limits)
    name = signal.Signals(-status).name if -status in set(signal.Signals) else f"code {status}"
    return Refusal(
        f"la lecture du document a fait tomber le lecteur ({name}) : le fichier est abîmé ou piégé, "
        f"ou demande plus de {limits.memory_bytes >> 20} Mio de mémoire",
        _ANOTHER_FR,
    )


def _too_slow(limits: Limits) -> Refusal:
    return Refusal(
        f"la lecture du document a été arrêtée au bout de {limits.seconds:g} s".replace(".", ","), _ANOTHER_FR
    )


def _out_of_memory(limits: Limits) -> Refusal:
    return Refusal(f"la lecture du document demande plus de {limits.memory_bytes >> 20} Mio de mémoire", _ANOTHER_FR)


def _fault(what: str) -> Refusal:
    return Refusal(f"le document n’a pas pu être lu : {what}", _ANOTHER_FR)
