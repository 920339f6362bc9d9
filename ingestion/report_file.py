"""Read ``report.yml``: one flat mapping of plain values, each fault with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from ingestion.schemas import REPORT
from warehouse.errors import InputError

if TYPE_CHECKING:
    from ruamel.yaml.events import Event

REPORT_FILE = "report.yml"
#: Ten short lines make a whole one; a parser in Python takes minutes over megabytes.
MAX_BYTES = 32 * 1024
#: It names assets and files: kept plain.
REPORT_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
KEYS = tuple(column.name for column in REPORT.columns)


def read_report(name: str, files: Mapping[str, bytes]) -> tuple[dict[str, str], int]:
    """The values of ``report.yml`` as text, by column of the bronze table, and the line of ``report_id``.

    Raises:
        InputError: it is absent, not YAML, not flat, or a key is unknown or missing.
    """
    from ruamel.yaml import YAML

    file = f"{name}/{REPORT_FILE}"
    if REPORT_FILE not in files:
        raise InputError(
            file=file,
            expectation="an extract was expected to contain it",
            next_step="Describe the report in it; see docs/add-a-report.md",
        )
    content = files[REPORT_FILE]
    if len(content) > MAX_BYTES:
        raise InputError(
            file=file,
            expectation=f"a description of at most {MAX_BYTES} bytes was expected, {len(content)} were found",
            next_step="Check that the right file was packed",
        )
    with _faults_told(file, content):
        lines = _checked_lines(file, content)
        report = {key: _text(value) for key, value in YAML(typ="safe", pure=True).load(content).items()}
    _check_identifier(file, report.get("report_id", ""), lines.get("report_id"))
    return report, lines["report_id"]


def claimed_source(files: Mapping[str, bytes]) -> tuple[str | None, int | None]:
    """The report and the version that an extract claims to be, even one that is refused; nulls when unreadable."""
    try:
        report, _ = read_report("", files)
        return report["report_id"], int(report["extract_version"])
    except (InputError, KeyError, ValueError):
        return None, None


@contextmanager
def _faults_told(file: str, content: bytes) -> Iterator[None]:
    """What the parser raises, as an :class:`InputError` with its line."""
    from ruamel.yaml.error import YAMLError

    try:
        yield
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            file=file, line=line, expectation="UTF-8 was expected", next_step="Save it as UTF-8"
        ) from error
    except (YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError(
            file=file,
            line=mark.line + 1 if mark else None,
            expectation=f"valid YAML was expected: {getattr(error, 'problem', None) or error}",
            next_step="Correct it and deliver the extract again",
        ) from error


def _checked_lines(file: str, content: bytes) -> dict[str, int]:
    """The line of each key.

    The first nested value or alias ends the reading: such can be made to grow without end, and this one never has any.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.events import MappingStartEvent, ScalarEvent

    events = islice(YAML(typ="safe", pure=True).parse(content), 2, None)
    if not isinstance(next(events, None), MappingStartEvent):
        raise InputError(
            file=file,
            line=1,
            expectation=f"keys among {', '.join(KEYS)} were expected, no mapping was found",
            next_step="Write one key and its value on each line",
        )
    lines = {}
    while isinstance(key := next(events, None), ScalarEvent):
        if key.value not in KEYS:
            found = f"keys among {', '.join(KEYS)} were expected, {key.value[:80]!r} was found"
            raise _at(file, key, found, "Correct the key")
        if not isinstance(next(events, None), ScalarEvent):
            raise _at(file, key, f"one plain value was expected for {key.value}", "Write it on the line of its key")
        lines[key.value] = key.start_mark.line + 1
    return lines


def _check_identifier(file: str, report_id: str, line: int | None) -> None:
    if not REPORT_ID.fullmatch(report_id):
        raise InputError(
            file=file,
            line=line,
            expectation="a report_id of at most 64 small letters, digits and dashes was expected, "
            f"{report_id[:80]!r} was found",
            next_step="Give the report a plain identifier, such as pts-na-2016",
        )


def _at(file: str, node: Event, expectation: str, next_step: str) -> InputError:
    return InputError(file=file, line=node.start_mark.line + 1, expectation=expectation, next_step=next_step)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
