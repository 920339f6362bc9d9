"""The changes of form that people accepted, with who, when and why: ``config/accepted-forms/<code>.yml`` of the home.

A file to be read, reviewed and kept with the other settings; entries are only ever added. It says what is taken from
then on: files taken before it are read as they were.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from ruamel.yaml import YAML

from ingestion.datasets.drift import Change
from ingestion.reference.fragments import read_yaml
from warehouse.files import write_durably
from warehouse.paths import Home

_Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AcceptedChange(_Part):
    """A change as the file keeps it."""

    kind: _Said
    column: str | None = None
    before: str | None = None
    after: str | None = None
    update: dict[str, Any] = Field(default_factory=dict)

    def as_change(self) -> Change:
        """The same, to be compared with what is found."""
        update = {key: tuple(value) if isinstance(value, list) else value for key, value in self.update.items()}
        return Change(self.kind, self.column, self.before, self.after, update=update)


class AcceptedForm(_Part):
    """One acceptance: the changes of one file's form, who accepted them, when and why."""

    accepted_by: _Said
    accepted_at: datetime
    why: _Said
    file: str
    sha256: str
    changes: tuple[AcceptedChange, ...] = Field(min_length=1)


class _Forms(_Part):
    accepted: tuple[AcceptedForm, ...] = ()


def forms_path(home: Home, code: str) -> Path:
    """Where the acceptances of a dataset are."""
    return home.config / "accepted-forms" / f"{code}.yml"


def accepted_forms(home: Home, code: str) -> tuple[AcceptedForm, ...]:
    """What people accepted of a dataset, the oldest first.

    Raises:
        ReferenceInvalid: somebody edited the file into something else; names file and line.
    """
    path = forms_path(home, code)
    return read_yaml(path, _Forms).value.accepted if path.exists() else ()


def accepted_changes(home: Home, code: str) -> list[tuple[Change, ...]]:
    """The same as sets of changes."""
    return [tuple(change.as_change() for change in form.changes) for form in accepted_forms(home, code)]


def accept(
    home: Home, code: str, changes: Sequence[Change], *, file: str, sha256: str, by: str, why: str, at: datetime
) -> AcceptedForm:
    """Record that a person accepts these changes."""
    told = tuple(
        AcceptedChange(kind=c.kind, column=c.column, before=c.before, after=c.after, update=c.update) for c in changes
    )
    form = AcceptedForm(accepted_by=by, accepted_at=at.astimezone(UTC), why=why, file=file, sha256=sha256, changes=told)
    whole = _Forms(accepted=(*accepted_forms(home, code), form))
    stream = io.StringIO()
    YAML(typ="safe", pure=True).dump(whole.model_dump(mode="json", exclude_defaults=True), stream)
    path = forms_path(home, code)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path, stream.getvalue().encode())
    return form
