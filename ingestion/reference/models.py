"""What each fragment of the reference may hold: one model a kind of entry, nothing beyond it accepted."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from ingestion.schemas import COUNTED_UNITS, NATURES, RELATIONS, UNITS
from ingestion.territories import SLUG_LEVELS, split_key


def _one_of(accepted: tuple[str, ...]) -> AfterValidator:
    def check(value: str) -> str:
        if value not in accepted:
            raise ValueError(f"{value!r} is not one of {', '.join(accepted)}")
        return value

    return AfterValidator(check)


def _key_of(levels: frozenset[str] | None = None) -> AfterValidator:
    def check(value: str) -> str:
        level, _ = split_key(value)
        if levels is not None and level not in levels:
            raise ValueError(f"{value!r} is of level {level}, expected {', '.join(sorted(levels))}")
        return value

    return AfterValidator(check)


def _printed_flag(value: Any) -> Any:
    """Only ``true`` and ``false`` are flags: pydantic would take ``yes``, ``1`` and ``on`` as well."""
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _read_with(read: Callable[[str], Any]) -> BeforeValidator:
    return BeforeValidator(lambda value: read(value) if isinstance(value, str) else value)


_SLUG = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*", re.ASCII)


def _slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        raise ValueError(f"{value!r} is no slug: expected a-z and 0-9, joined by _ or -")
    return value


# Outer white space is stripped: YAML's folded texts end with a line break that nobody means.
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Slug = Annotated[str, AfterValidator(_slug)]
TerritoryKey = Annotated[str, _key_of()]
Flag = Annotated[bool, BeforeValidator(_printed_flag)]
IsoDate = Annotated[date, _read_with(date.fromisoformat)]
Count = Annotated[int, _read_with(int)]


class _Entry(BaseModel):
    """Strict: no unknown key, no silent conversion, empty text refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Measure(_Entry):
    """A policy measure (dispositif)."""

    code: Slug
    label_fr: Text
    label_en: Text
    parent: Slug | None = None


class Relation(_Entry):
    """What an indicator is to another one."""

    relation: Annotated[str, _one_of(RELATIONS)]
    to: Slug
    note_fr: Text | None = None


class Indicator(_Entry):
    """What is measured, on which scope, by which definition, in which unit."""

    code: Slug
    concept: Slug
    label_fr: Text
    label_en: Text
    counted_unit: Annotated[str, _one_of(COUNTED_UNITS)]
    champ_fr: Text | None = None
    definition_fr: Text
    definition_version: Text
    unit: Annotated[str, _one_of(UNITS)]
    nature: Annotated[str, _one_of(NATURES)]
    measure: Slug | None = None
    additive_over_territory: bool
    higher_is_better: bool | None = None
    relations: tuple[Relation, ...] = Field(default=(), strict=False)


class IndicatorFile(_Entry):
    """``indicators/<theme>.yml``."""

    measures: tuple[Measure, ...] = Field(default=(), strict=False)
    indicators: tuple[Indicator, ...] = Field(default=(), strict=False)


class Commitment(_Entry):
    """A commitment, action or theme of a programme, and the measures that carry it out."""

    no: int | None = None
    label: Text
    measures: tuple[Slug, ...] = Field(default=(), strict=False)


class Axis(_Entry):
    """An axis of a programme; a programme without axes has one, unnamed."""

    axis: Text | None
    commitments: tuple[Commitment, ...] = Field(strict=False, min_length=1)


class Programme(_Entry):
    """``programmes/<report_id>.yml``: a programme as one report presents it."""

    programme: Text
    report_id: Slug
    axes: tuple[Axis, ...] = Field(strict=False, min_length=1)


class Place(_Entry):
    """A row of ``places/<report_id>.csv``: a town, area or training subdivision that a report names."""

    territory_key: Annotated[str, _key_of(SLUG_LEVELS)]
    name: Text
    printed_name: Text
    parent_territory_key: TerritoryKey
    commune_territory_key: Annotated[str, _key_of(frozenset({"commune", "municipal_arrondissement"}))] | None = None


class GroupMember(_Entry):
    """A row of ``groups/<report_id>.csv``: a member of a set of territories that a report names."""

    group_territory_key: Annotated[str, _key_of(frozenset({"group"}))]
    group_name: Text
    member_territory_key: TerritoryKey | None = None
    printed_name: Text
    complete: Flag


class Profession(_Entry):
    """A row of ``professions.csv``."""

    profession_key: Slug
    nomenclature: Slug
    profession: Text
    speciality: Text | None = None
    parent_profession_key: Slug | None = None
    is_aggregate: Flag


class FacilityCategory(_Entry):
    """A row of ``facility_categories.csv``: a category of FINESS and the aggregates that it belongs to."""

    category_code: Annotated[str, StringConstraints(pattern=r"^\d{3}$")]
    label_fr: Text
    short_label_fr: Text
    domain: Annotated[str, _one_of(("SAN", "SOC", "ENS", "ADM"))]
    valid_from: IsoDate | None = None
    valid_to: IsoDate | None = None
    aggregate_code: Annotated[str, StringConstraints(pattern=r"^\d{4}$")]
    aggregate_label_fr: Text
    aggregate_2_code: Annotated[str, StringConstraints(pattern=r"^\d{4}$")]
    aggregate_2_label_fr: Text
    aggregate_1_code: Annotated[str, StringConstraints(pattern=r"^\d{4}$")]
    aggregate_1_label_fr: Text
    vintage: IsoDate


class Dataset(_Entry):
    """A row of ``datasets.csv``: a vintage of the populations that the reference carries."""

    dataset_key: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+@[a-z0-9-]+$")]
    dataset_code: Slug
    title: Text
    publisher: Text
    vintage: Text
    reference_date: IsoDate | None = None
    territory_vintage: Text | None = None
    france_scope: Text | None = None
    definition_version: Text | None = None
    covered_territories: Count | None = None
    licence: Text
    source_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
