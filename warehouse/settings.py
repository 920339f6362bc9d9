"""Settings of a home: ``config/settings.yml``, read strictly. A home without the file has the defaults.

A setting that is unknown, misspelt or out of range is refused, never ignored: an operator who wrote ``kep: 300`` meant
snapshots to stay. Importing this module imports pydantic: import it inside functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from warehouse.errors import UsageError
from warehouse.retention import Retention

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.paths import Home


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SnapshotSettings(_Section):
    """Which snapshots stay; see :class:`warehouse.retention.Retention` for what the defaults are made of."""

    keep: int = Field(default=Retention.keep, ge=1)
    keep_days: int = Field(default=Retention.keep_days, ge=0)
    at_most: int = Field(default=Retention.at_most, ge=1)

    @model_validator(mode="after")
    def _ends_meet(self) -> SnapshotSettings:
        if self.at_most < self.keep:
            raise ValueError(f"at_most ({self.at_most}) is below keep ({self.keep})")
        return self

    @property
    def retention(self) -> Retention:
        return Retention(self.keep, self.keep_days, self.at_most)


class Settings(_Section):
    """The whole file. ``fetch`` says whether the service looks at sources by itself; nothing does unless asked."""

    fetch: Literal["asked", "scheduled"] = "asked"
    snapshots: SnapshotSettings = Field(default_factory=SnapshotSettings)


def read_settings(home: Home) -> Settings:
    """The settings of a home.

    Raises:
        UsageError: the file cannot be read, or holds what it may not; the message names file, setting and problem.
    """
    path = home.settings
    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise UsageError(f"{path} cannot be read: {_first_line(error)}. Correct it, or remove it.") from error
    try:
        return Settings.model_validate({} if content is None else content)
    except ValidationError as error:
        raise UsageError(_told(path, error)) from error


def _told(path: Path, error: ValidationError) -> str:
    problems = [f"{'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}" for one in error.errors()]
    known = ", ".join(["fetch", *(f"snapshots.{name}" for name in SnapshotSettings.model_fields)])
    return f"{path}: {'; '.join(problems)}. Known settings: {known}."


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
