"""The reader's own process: it gives up every right that it does not need, reads one document, and answers.

Started by :mod:`ingestion.documents.guard`. The document is its standard input, the answer its standard output.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ingestion.documents.limits import Limits
from ingestion.documents.model import Document
from ingestion.documents.refusal import Refusal
from ingestion.documents.wire import encoded, to_json

Reader = Callable[[bytes, Limits], Document]

_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "urllib.")
_MOST_OPEN_FILES = 64


def main(form: str, limits: str) -> None:
    """Reads standard input as a document of the form, within limits given as JSON."""
    allowed = Limits(**json.loads(limits))
    confine(allowed)
    sys.stdout.buffer.write(encoded(answer(form, allowed)))


def answer(form: str, limits: Limits) -> dict[str, Any]:
    """The document, or why there is none, in JSON's own types."""
    try:
        reader = _reader(form)
        sys.addaudithook(refuse_deeds)
        return {"document": to_json(reader(sys.stdin.buffer.read(), limits))}
    except Refusal as refusal:
        return {"refused": [refusal.expectation, refusal.next_step]}
    except MemoryError:
        return {"fault": "MemoryError"}
    except Exception as error:
        return {"fault": type(error).__name__}


def confine(limits: Limits) -> None:
    """Limits that the kernel keeps, whatever the document makes the libraries do.

    macOS does not limit address space; there the time and the size of the answer are what protects.
    """
    signal.setitimer(signal.ITIMER_REAL, limits.seconds + 1)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, _MOST_OPEN_FILES)
    _limit(resource.RLIMIT_CPU, limits.cpu_seconds)
    _limit(resource.RLIMIT_AS, limits.memory_bytes)


def _limit(kind: int, value: int) -> None:
    """Where the machine already allows less, that stays. A second of processor time is left to die of SIGXCPU."""
    with suppress(OSError, ValueError):
        resource.setrlimit(kind, (value, value + (kind == resource.RLIMIT_CPU)))


def _reader(form: str) -> Reader:
    """Only the library of the form at hand is loaded."""
    if form == "pdf":
        from ingestion.documents.pdf import read_pdf

        return read_pdf
    if form == "html":
        from ingestion.documents.web import read_web

        return read_web
    if form == "docx":
        from ingestion.documents.word import read_word

        return read_word
    from ingestion.documents.opendocument import read_opendocument

    return read_opendocument


def refuse_deeds(event: str, arguments: tuple[Any, ...]) -> None:
    """A second fence, for libraries in Python: no network, no process, no file opened for writing."""
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if writes or event.startswith(_FORBIDDEN):
        raise PermissionError(f"a reader of documents does not do this: {event}")
