"""Read one fragment of the reference into models; every refusal says file, line and place inside the file."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from warehouse.errors import InputError

Step = str | int
M = TypeVar("M", bound=BaseModel)
_AGAIN = "Correct it and run the command again."


class ReferenceInvalid(InputError):
    """The reference contradicts itself or holds what it may not: nothing is loaded until it is corrected."""


@dataclass(frozen=True)
class Entry(Generic[M]):
    """One declared thing and where it stands: ``path`` is its place inside a YAML file, ``line`` its line in a CSV."""

    value: M
    file: Path
    path: tuple[Step, ...] = ()
    line: int | None = None

    def refused(self, expectation: str, next_step: str = _AGAIN, *, at: tuple[Step, ...] = ()) -> ReferenceInvalid:
        """The error that this entry causes; ``at`` leads to the value inside it."""
        path = (*self.path, *at)
        text = f"{_printed(path)}: {expectation}" if path else expectation
        return ReferenceInvalid(file=self.file, line=self.where(at), expectation=text, next_step=next_step)

    def where(self, at: tuple[Step, ...] = ()) -> int | None:
        """Line of the entry, or of the value inside it."""
        return self.line if self.line is not None else line_of(self.file, (*self.path, *at))


def read_yaml(file: Path, model: type[M]) -> Entry[M]:
    """The whole of a YAML fragment. The same text is parsed once per process: all fragments take most of a second.

    Raises:
        ReferenceInvalid: not UTF-8, not YAML, a key given twice, an unknown key, a value that the model refuses.
    """
    return _entry(file, _read_text(file), model)


@lru_cache(maxsize=256)
def _entry(file: Path, text: str, model: type[M]) -> Entry[M]:
    try:
        document = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise _unreadable(file, error) from error
    if not isinstance(document, dict):
        wanted = ", ".join(model.model_fields)
        raise ReferenceInvalid(file=file, expectation=f"a mapping was expected ({wanted})", next_step=_AGAIN)
    try:
        return Entry(model.model_validate(document), file)
    except ValidationError as error:
        line = line_of(file, error.errors()[0]["loc"])
        raise ReferenceInvalid(file=file, line=line, expectation=_sentence(error), next_step=_AGAIN) from error


def read_csv(file: Path, model: type[M]) -> list[Entry[M]]:
    """The rows of a CSV fragment (UTF-8, comma, header, empty = absent).

    Raises:
        ReferenceInvalid: not UTF-8, a header other than the model's fields, a row of another length, a value refused.
    """
    reader = csv.reader(StringIO(_read_text(file), newline=""), strict=True)
    header = next(reader, [])
    if header != list(model.model_fields):
        wanted, found = ",".join(model.model_fields), ",".join(header)
        raise ReferenceInvalid(
            file=file, line=1, expectation=f"the header {wanted} was expected, {found!r} found", next_step=_AGAIN
        )
    return [_csv_entry(file, line, header, cells, model) for line, cells in _csv_rows(file, reader)]


def line_of(file: Path, path: Sequence[Step]) -> int | None:
    """Line (from 1) of the value at ``path`` inside a YAML file: of the nearest value around it where it is absent.

    Composed anew for each error: lines are kept out of the models, and errors are rare.
    """
    node = YAML(typ="safe", pure=True).compose(_read_text(file))
    for step in path:
        child = _child(node, step)
        if child is None:
            break
        node = child
    return None if node is None else node.start_mark.line + 1


def _read_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ReferenceInvalid(
            file=file, expectation=f"UTF-8 was expected, byte {error.start} is not", next_step="Save the file as UTF-8."
        ) from error


def _csv_rows(file: Path, reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line that each begins on: a quoted cell may run over several lines."""
    line = reader.line_num + 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise ReferenceInvalid(file=file, line=line, expectation=f"CSV: {error}", next_step=_AGAIN) from error


def _csv_entry(file: Path, line: int, header: list[str], cells: list[str], model: type[M]) -> Entry[M]:
    if len(cells) != len(header):
        expectation = f"{len(header)} cells were expected, {len(cells)} found"
        raise ReferenceInvalid(file=file, line=line, expectation=expectation, next_step=_AGAIN)
    row = {name: cell or None for name, cell in zip(header, cells, strict=True)}
    try:
        return Entry(model.model_validate(row), file, line=line)
    except ValidationError as error:
        raise ReferenceInvalid(file=file, line=line, expectation=_sentence(error), next_step=_AGAIN) from error


def _unreadable(file: Path, error: YAMLError) -> ReferenceInvalid:
    if not isinstance(error, MarkedYAMLError):
        return ReferenceInvalid(file=file, expectation=f"YAML: {error}", next_step=_AGAIN)
    mark = error.problem_mark or error.context_mark
    line = None if mark is None else mark.line + 1
    return ReferenceInvalid(file=file, line=line, expectation=f"YAML: {error.problem}", next_step=_AGAIN)


def _sentence(error: ValidationError) -> str:
    """The first problem, with its place inside the file, and how many more there are."""
    problems = error.errors()
    first = problems[0]
    message = first["msg"].removeprefix("Value error, ")
    place = _printed(first["loc"])
    more = f" (and {len(problems) - 1} more in this file)" if len(problems) > 1 else ""
    return f"{place}: {message}{more}" if place else f"{message}{more}"


def _printed(path: Sequence[Step]) -> str:
    """``("indicators", 3, "unit")`` as ``indicators[3].unit``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def _child(node: Node | None, step: Step) -> Node | None:
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step]  # type: ignore[no-any-return]
    if isinstance(node, MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    return None
