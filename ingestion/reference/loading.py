"""Put the fragments of the reference together, check them against each other, hand over the bronze tables.

The skeleton is load, check, frame: fragments become entries (:mod:`.fragments`), entries are checked one against the
other, frames are built in the columns of :mod:`ingestion.schemas` (``input_sha256`` apart, which the caller adds).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from ingestion import schemas
from ingestion.reference.fragments import Entry, ReferenceInvalid, read_csv, read_yaml
from ingestion.reference.models import (
    Dataset,
    FacilityCategory,
    GroupMember,
    Indicator,
    IndicatorFile,
    Measure,
    Place,
    Profession,
    Programme,
)
from ingestion.territories import (
    REFERENCE,
    scan_commune_grounds,
    scan_commune_movements,
    scan_memberships,
    scan_populations,
    scan_shapes,
    scan_territories,
    split_key,
)

if TYPE_CHECKING:
    import polars as pl

TABLES = (
    schemas.TERRITORY,
    schemas.TERRITORY_GROUP,
    schemas.TERRITORY_MEMBERSHIP,
    schemas.COMMUNE_MOVEMENT,
    schemas.COMMUNE_GROUND,
    schemas.INDICATOR,
    schemas.INDICATOR_RELATION,
    schemas.MEASURE,
    schemas.MEASURE_PROGRAMME,
    schemas.PROFESSION,
    schemas.FACILITY_CATEGORY,
    schemas.POPULATION,
    schemas.SHAPE,
    schemas.DATASET,
)
_FOLDERS = {"indicators": ".yml", "programmes": ".yml", "places": ".csv", "groups": ".csv"}

Row = dict[str, Any]
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Declared:
    """Everything that people declared, with where each entry stands."""

    measures: list[Entry[Measure]]
    indicators: list[Entry[Indicator]]
    programmes: list[Entry[Programme]]
    places: list[Entry[Place]]
    groups: list[Entry[GroupMember]]
    professions: list[Entry[Profession]]
    facility_categories: list[Entry[FacilityCategory]]
    datasets: list[Entry[Dataset]]


def load_reference(folder: Path = REFERENCE) -> dict[str, pl.DataFrame]:
    """The bronze tables of the reference, by name, in the columns of :mod:`ingestion.schemas` without input_sha256.

    ``folder`` holds the fragments; the territories and populations are always the committed ones.

    Raises:
        ReferenceInvalid: a fragment that cannot be read, or that contradicts another one; names file and line.
    """
    declared = read_fragments(folder)
    official = _official_territories()
    check(declared, official)
    frames = _frames(declared, official)
    for table in TABLES:
        _check_frame(frames[table.name], table)
    return frames


def read_fragments(folder: Path) -> Declared:
    """Read every fragment of ``folder``.

    Raises:
        ReferenceInvalid: the first fragment that cannot be read.
    """
    indicator_files = [read_yaml(file, IndicatorFile) for file in _fragments(folder, "indicators")]
    return Declared(
        measures=[_inside(f, "measures", i, m) for f in indicator_files for i, m in enumerate(f.value.measures)],
        indicators=[_inside(f, "indicators", i, m) for f in indicator_files for i, m in enumerate(f.value.indicators)],
        programmes=[read_yaml(file, Programme) for file in _fragments(folder, "programmes")],
        places=[row for file in _fragments(folder, "places") for row in read_csv(file, Place)],
        groups=[row for file in _fragments(folder, "groups") for row in read_csv(file, GroupMember)],
        professions=read_csv(_present(folder / "professions.csv"), Profession),
        facility_categories=read_csv(_present(folder / "facility_categories.csv"), FacilityCategory),
        datasets=read_csv(_present(folder / "datasets.csv"), Dataset),
    )


def _fragments(folder: Path, name: str) -> list[Path]:
    """The fragments of one folder. A file of another kind is refused, for it would be left out in silence."""
    suffix = _FOLDERS[name]
    files = sorted(file for file in (folder / name).glob("*") if not file.name.startswith("."))
    for file in files:
        if file.suffix != suffix:
            raise ReferenceInvalid(
                file=file,
                expectation=f"only {suffix} files were expected in {name}/",
                next_step="Rename it or move it away.",
            )
    return files


def _present(file: Path) -> Path:
    if not file.is_file():
        raise ReferenceInvalid(file=file, expectation="the file is missing", next_step="Restore it.")
    return file


def _inside(file: Entry[IndicatorFile], part: str, index: int, value: M) -> Entry[M]:
    return Entry(value, file.file, (part, index))


# --- Checks ---------------------------------------------------------------------------------------------------------


def check(declared: Declared, official: Mapping[str, Row]) -> None:
    """Check the entries against each other; ``official`` are the committed territories by key.

    Raises:
        ReferenceInvalid: a code declared twice, or a reference to what does not exist.
    """
    measures = _by_code(declared.measures, lambda m: m.code, "measure")
    indicators = _by_code(declared.indicators, lambda i: i.code, "indicator")
    professions = _by_code(declared.professions, lambda p: p.profession_key, "profession")
    _by_code(declared.facility_categories, lambda c: c.category_code, "facility category")
    _by_code(declared.datasets, lambda d: d.dataset_key, "dataset")
    _check_parents(measures, lambda m: m.parent, "parent", "measure")
    _check_parents(professions, lambda p: p.parent_profession_key, "parent_profession_key", "profession")
    _check_aggregates(professions)
    _check_indicators(indicators, measures)
    for programme in declared.programmes:
        _check_programme(programme, measures)
    _check_territories(declared, official)


def _by_code(entries: Iterable[Entry[M]], code: Callable[[M], str], what: str) -> dict[str, Entry[M]]:
    found: dict[str, Entry[M]] = {}
    for entry in entries:
        key = code(entry.value)
        if key in found:
            first = found[key]
            raise entry.refused(
                f"{what} {key} is already declared in {first.file}:{first.where()}", "Keep one of the two declarations."
            )
        found[key] = entry
    return found


def _check_parents(entries: Mapping[str, Entry[M]], parent: Callable[[M], str | None], field: str, what: str) -> None:
    """Every parent exists, and no entry is its own ancestor."""
    for key, entry in entries.items():
        seen, above = {key}, parent(entry.value)
        while above is not None:
            if above not in entries:
                raise entry.refused(f"{what} {above} is declared nowhere", at=(field,))
            if above in seen:
                raise entry.refused(f"{what} {above} would be its own ancestor", at=(field,))
            seen.add(above)
            above = parent(entries[above].value)


def _check_aggregates(professions: Mapping[str, Entry[Profession]]) -> None:
    for entry in professions.values():
        above = entry.value.parent_profession_key
        if above is not None and not professions[above].value.is_aggregate:
            raise entry.refused(f"its parent {above} was expected to have is_aggregate true")


def _check_indicators(indicators: Mapping[str, Entry[Indicator]], measures: Mapping[str, Entry[Measure]]) -> None:
    for entry in indicators.values():
        if entry.value.measure is not None and entry.value.measure not in measures:
            raise entry.refused(f"measure {entry.value.measure} is declared nowhere", at=("measure",))
        _check_relations(entry, indicators)


def _check_relations(entry: Entry[Indicator], indicators: Mapping[str, Entry[Indicator]]) -> None:
    seen = set()
    for index, relation in enumerate(entry.value.relations):
        at = ("relations", index)
        if relation.to not in indicators:
            raise entry.refused(f"indicator {relation.to} is declared nowhere", at=(*at, "to"))
        if relation.to == entry.value.code:
            raise entry.refused("an indicator has no relation to itself", at=(*at, "to"))
        if (relation.relation, relation.to) in seen:
            raise entry.refused(f"{relation.relation} {relation.to} is given twice", at=at)
        seen.add((relation.relation, relation.to))


def _check_programme(entry: Entry[Programme], measures: Mapping[str, Entry[Measure]]) -> None:
    if not entry.file.stem.startswith(entry.value.report_id):
        raise entry.refused(f"a file named after {entry.value.report_id} was expected", at=("report_id",))
    for a, axis in enumerate(entry.value.axes):
        for c, commitment in enumerate(axis.commitments):
            for m, code in enumerate(commitment.measures):
                at = ("axes", a, "commitments", c, "measures", m)
                if code not in measures:
                    raise entry.refused(f"measure {code} is declared nowhere", at=at)
                if code in commitment.measures[:m]:
                    raise entry.refused(f"measure {code} is given twice", at=at)


def _check_territories(declared: Declared, official: Mapping[str, Row]) -> None:
    places = _by_code(declared.places, lambda p: p.territory_key, "territory")
    groups = _groups(declared.groups)
    known = official.keys() | places.keys() | groups.keys()
    for place in places.values():
        if place.value.parent_territory_key not in known:
            raise place.refused(f"its parent {place.value.parent_territory_key} exists nowhere")
        commune = place.value.commune_territory_key
        if commune is not None and commune not in official:
            raise place.refused(f"{commune} exists nowhere")
    _check_parents(places, lambda p: _declared_parent(p, places), "parent_territory_key", "territory")
    for member in declared.groups:
        key = member.value.member_territory_key
        if key is not None and (key not in known or key == member.value.group_territory_key):
            raise member.refused(f"the member {key} exists nowhere, or is the group itself")
    _check_groups(groups, places)


def _declared_parent(place: Place, places: Mapping[str, Entry[Place]]) -> str | None:
    return place.parent_territory_key if place.parent_territory_key in places else None


def _groups(rows: Iterable[Entry[GroupMember]]) -> dict[str, list[Entry[GroupMember]]]:
    groups: dict[str, list[Entry[GroupMember]]] = {}
    for row in rows:
        groups.setdefault(row.value.group_territory_key, []).append(row)
    return groups


def _check_groups(groups: Mapping[str, list[Entry[GroupMember]]], places: Mapping[str, Entry[Place]]) -> None:
    """A group stands in one file, under one name, with one answer on completeness, and names each member once."""
    for key, members in groups.items():
        first = members[0]
        _by_code(members, lambda m: m.printed_name, f"in {key}, the member")
        for member in members[1:]:
            if member.file != first.file:
                raise member.refused(f"{key} is already declared in {first.file}:{first.where()}")
            if (member.value.group_name, member.value.complete) != (first.value.group_name, first.value.complete):
                raise member.refused(f"the group_name and complete of line {first.line} were expected")
        if key in places and places[key].value.name != first.value.group_name:
            raise first.refused(f"the name {places[key].value.name!r} of {places[key].file} was expected")


def _check_frame(frame: pl.DataFrame, table: schemas.Table) -> None:
    """The declared key is unique, what is required is there, and lists of accepted values hold.

    The fragments were checked one by one; this guards the committed Parquet tables and the joining of both.
    """
    import polars as pl

    expectation = None
    if frame.select(table.key).is_duplicated().any():
        double = frame.filter(frame.select(table.key).is_duplicated()).select(table.key).row(0)
        expectation = f"one row a key ({', '.join(table.key)}) was expected, {double} has several"
    for column in table.columns:
        values = frame[column.name]
        if column.required and values.null_count():
            expectation = f"{column.name} was expected in every row"
        if column.accepted and not values.drop_nulls().is_in(pl.Series(column.accepted)).all():
            expectation = f"{column.name} was expected to be one of {', '.join(column.accepted)}"
    if expectation is not None:
        raise ReferenceInvalid(
            file=table.name, expectation=expectation, next_step="Correct the reference that feeds this table."
        )


# --- Frames ---------------------------------------------------------------------------------------------------------


def _frames(declared: Declared, official: Mapping[str, Row]) -> dict[str, pl.DataFrame]:
    import polars as pl

    local = [*_place_rows(declared, official), *_group_rows(declared)]
    resolved = [_membership_row(p.value) for p in declared.places if p.value.commune_territory_key]
    return {
        "territory": pl.concat([scan_territories().collect(), _frame(local, schemas.TERRITORY)]),
        "territory_membership": pl.concat(
            [scan_memberships().collect(), _frame(resolved, schemas.TERRITORY_MEMBERSHIP)]
        ),
        "commune_movement": scan_commune_movements().collect(),
        "commune_ground": scan_commune_grounds().collect(),
        "population": scan_populations().collect(),
        "shape": scan_shapes().collect(),
        "territory_group": _frame((_group_row(g.value) for g in declared.groups), schemas.TERRITORY_GROUP),
        "indicator": _frame((_indicator_row(i.value) for i in declared.indicators), schemas.INDICATOR),
        "indicator_relation": _frame(_relation_rows(declared.indicators), schemas.INDICATOR_RELATION),
        "measure": _frame((_measure_row(m.value) for m in declared.measures), schemas.MEASURE),
        "measure_programme": _frame(_programme_rows(declared.programmes), schemas.MEASURE_PROGRAMME),
        "profession": _frame((p.value.model_dump() for p in declared.professions), schemas.PROFESSION),
        "facility_category": _frame(
            (c.value.model_dump() for c in declared.facility_categories), schemas.FACILITY_CATEGORY
        ),
        "dataset": _frame((d.value.model_dump() for d in declared.datasets), schemas.DATASET),
    }


def _frame(rows: Iterable[Row], table: schemas.Table) -> pl.DataFrame:
    """A frame of the table's columns; a key that a row lacks is null."""
    import polars as pl

    columns = {column.name: column.dtype for column in table.columns}
    return pl.DataFrame([[row.get(name) for name in columns] for row in rows], schema=columns, orient="row")


def _official_territories() -> dict[str, Row]:
    """Region and department of each committed territory, by its key."""
    codes = scan_territories().select("territory_key", "region_code", "department_code").collect()
    return {key: {"region_code": region, "department_code": dep} for key, region, dep in codes.iter_rows()}


def _place_rows(declared: Declared, official: Mapping[str, Row]) -> list[Row]:
    places = {entry.value.territory_key: entry for entry in declared.places}
    return [_place_row(entry, _surroundings(entry.value, places, official)) for entry in declared.places]


def _surroundings(place: Place, places: Mapping[str, Entry[Place]], official: Mapping[str, Row]) -> Row:
    """Region and department of a place: those of the official territory that it, or its parents, lie in."""
    above = place.parent_territory_key
    while above in places:
        above = places[above].value.parent_territory_key
    return dict(official.get(above, {}))


def _place_row(entry: Entry[Place], surroundings: Row) -> Row:
    place = entry.value
    return surroundings | {
        **_identity(place.territory_key, place.name, entry.file.stem),
        "parent_territory_key": place.parent_territory_key,
    }


def _group_rows(declared: Declared) -> list[Row]:
    """Rows of the groups that no places file declares."""
    declared_as_places = {entry.value.territory_key for entry in declared.places}
    firsts = [members[0] for members in _groups(declared.groups).values()]
    return [
        _identity(first.value.group_territory_key, first.value.group_name, first.file.stem)
        for first in firsts
        if first.value.group_territory_key not in declared_as_places
    ]


def _identity(key: str, name: str, report_id: str) -> Row:
    level, code = split_key(key)
    return {
        "territory_key": key,
        "territory_code": code,
        "territory_level": level,
        "name": name,
        "source": f"rapport {report_id}",
    }


def _membership_row(place: Place) -> Row:
    return {
        "territory_key": place.territory_key,
        "parent_territory_key": place.commune_territory_key,
        "relation": "commune",
    }


def _group_row(member: GroupMember) -> Row:
    return member.model_dump(exclude={"group_name"})


def _indicator_row(indicator: Indicator) -> Row:
    own = indicator.model_dump(exclude={"code", "concept", "measure", "relations"})
    return own | {
        "indicator_code": indicator.code,
        "concept_code": indicator.concept,
        "measure_code": indicator.measure,
    }


def _relation_rows(indicators: Iterable[Entry[Indicator]]) -> list[Row]:
    return [
        {
            "from_indicator_code": entry.value.code,
            "relation": relation.relation,
            "to_indicator_code": relation.to,
            "note_fr": relation.note_fr,
        }
        for entry in indicators
        for relation in entry.value.relations
    ]


def _measure_row(measure: Measure) -> Row:
    return {
        "measure_code": measure.code,
        "label_fr": measure.label_fr,
        "label_en": measure.label_en,
        "parent_measure_code": measure.parent,
    }


def _programme_rows(programmes: Iterable[Entry[Programme]]) -> list[Row]:
    return [
        {
            "measure_code": code,
            "programme": entry.value.programme,
            "axis": axis.axis,
            "commitment_no": commitment.no,
            "commitment": commitment.label,
            "report_id": entry.value.report_id,
        }
        for entry in programmes
        for axis in entry.value.axes
        for commitment in axis.commitments
        for code in commitment.measures
    ]
