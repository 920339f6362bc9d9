"""A server on loopback that misbehaves on purpose, a clock that nobody waits for, and what was asked of both."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
CSV = {"Content-Type": "text/csv; charset=utf-8"}


class Answering(BaseHTTPRequestHandler):
    """One request: looked up among the answers of its path, the last of which is given again and again."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        answers = self.server.answers.get(self.path, [status(404)])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        self.close_connection = True
        answer(self)

    def head(self, code: int, headers: Mapping[str, str]) -> None:
        self.send_response_only(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


Answer = Callable[[Answering], None]


class Server(ThreadingHTTPServer):
    """``answers`` maps a path to what it gives; ``asked`` are the requests that came, in order."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.over = threading.Event()

    def gives(self, path: str, *answers: Answer) -> str:
        """Have a path answer so; returns its address."""
        self.answers[path] = list(answers)
        return self.address(path)

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def headers(self, index: int = -1) -> dict[str, str]:
        """Those of a request."""
        return self.asked[index][1]

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def handle_error(self, *_: Any) -> None:
        """Clients hang up on purpose."""


@contextmanager
def serving() -> Iterator[Server]:
    """A server until the block ends; whoever still waits is let go then."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class TestClock:
    """Time that passes when somebody sleeps, and by ``step`` whenever somebody looks."""

    __test__ = False
    step: float = 0.0
    at: float = 0.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.at)

    def monotonic(self) -> float:
        self.at += self.step
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


def whole(body: bytes, code: int = 200, **headers: str) -> Answer:
    """The body, as it should be; ``Last_Modified`` stands for ``Last-Modified``."""

    def answer(to: Answering) -> None:
        to.head(code, CSV | {"Content-Length": str(len(body))} | _named(headers))
        to.wfile.write(body)

    return answer


def status(code: int, body: bytes = b"", **headers: str) -> Answer:
    """A status with a plain text."""
    return whole(body, code, **{"Content_Type": "text/plain"} | headers)


def redirect(location: str, code: int = 302) -> Answer:
    return whole(b"", code, Location=location)


def conditional(body: bytes, etag: str | None = None, modified: str | None = None) -> Answer:
    """The body, unless the client has it already: a server that behaves."""
    told = {name: value for name, value in (("ETag", etag), ("Last-Modified", modified)) if value}

    def answer(to: Answering) -> None:
        has = (etag and to.headers.get("If-None-Match") == etag) or (
            modified and to.headers.get("If-Modified-Since") == modified
        )
        (whole(b"", 304, **told) if has else whole(body, **told))(to)

    return answer


def ranged(body: bytes, **headers: str) -> Answer:
    """The rest of the body that was asked for, where the validator is still right; else all of it."""
    told = _named(headers)

    def answer(to: Answering) -> None:
        asked, proof = to.headers.get("Range"), to.headers.get("If-Range")
        if asked is None or proof not in told.values():
            whole(body, **headers)(to)
            return
        start = int(asked.removeprefix("bytes=").rstrip("-"))
        if start >= len(body):
            whole(b"", 416, Content_Range=f"bytes */{len(body)}")(to)
            return
        whole(body[start:], 206, Content_Range=f"bytes {start}-{len(body) - 1}/{len(body)}", **headers)(to)

    return answer


def cut(body: bytes, after: int, **headers: str) -> Answer:
    """All of it announced, ``after`` bytes given, then silence and a closed door."""

    def answer(to: Answering) -> None:
        to.head(200, CSV | {"Content-Length": str(len(body))} | _named(headers))
        to.wfile.write(body[:after])

    return answer


def chunked(body: bytes, *, is_cut: bool = False, **headers: str) -> Answer:
    """In chunks, of unknown length; the last of them missing when ``is_cut``."""

    def answer(to: Answering) -> None:
        to.head(200, CSV | {"Transfer-Encoding": "chunked"} | _named(headers))
        for start in range(0, len(body), 7):
            piece = body[start : start + 7]
            to.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        to.wfile.write(b"5\r\nab" if is_cut else b"0\r\n\r\n")

    return answer


def endless(piece: bytes, **headers: str) -> Answer:
    """Chunks without end."""

    def answer(to: Answering) -> None:
        to.head(200, CSV | {"Transfer-Encoding": "chunked"} | _named(headers))
        server: Server = to.server
        while not server.over.is_set():
            to.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))

    return answer


def stalled(body: bytes, after: int, **headers: str) -> Answer:
    """Nothing more comes, and the door stays open."""

    def answer(to: Answering) -> None:
        cut(body, after, **headers)(to)
        to.wfile.flush()
        to.server.over.wait(30)

    return answer


def compressed(body: bytes, **headers: str) -> Answer:
    """Compressed, whatever the client accepts."""
    return whole(gzip.compress(body, mtime=0), Content_Encoding="gzip", **headers)


def hung_up(to: Answering) -> None:
    """No answer at all."""
    to.connection.close()


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
