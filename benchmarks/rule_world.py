"""The warehouse in memory, from bronze tables to verdicts, so that rules can be tried on thousands of other inputs.

The SQL is that of ``dbt_project``, models and macros alike, rendered by the engine that dbt renders it with; only what
reads the bronze files is told to read tables instead. What changes in one bronze table is followed by its descendants
alone, in a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from warehouse.paths import CHECKOUT

if TYPE_CHECKING:
    import duckdb
    import polars as pl

PROJECT = CHECKOUT / "dbt_project"
RECEIVED = datetime(2026, 1, 1, 8)
_VERDICT = "rule_code, subject_key, verdict, severity, observation_ids, fact_refs, gap, missing_input, evidence"

Frames = Mapping[str, "pl.DataFrame"]


@dataclass(frozen=True)
class Model:
    """One dbt model: its SQL, and what it reads (``schema.model`` or ``bronze.table``)."""

    name: str
    sql: str
    reads: frozenset[str]


def extract_frames() -> dict[str, pl.DataFrame]:
    """The bronze tables of every extract of the repository, each row with the version that it is of."""
    import polars as pl

    from ingestion.extracts_reading import read_folder

    parts: dict[str, list[pl.DataFrame]] = {}
    for folder in sorted((CHECKOUT / "ingestion" / "extracts").iterdir()):
        if folder.is_dir():
            extract = read_folder(folder)
            for table, frame in extract.frames.items():
                parts.setdefault(table, []).append(frame.with_columns(input_sha256=pl.lit(extract.sha256)))
    return {table: pl.concat(frames) for table, frames in parts.items()}


def reference_frames(extracts: Frames) -> dict[str, pl.DataFrame]:
    """The bronze tables of the reference, the catalogue, and the periods that both and the extracts speak of."""
    import polars as pl

    from expectations.catalogue import load_catalogue
    from ingestion.arrivals import period_codes
    from ingestion.periods import periods_frame
    from ingestion.reference.loading import load_reference

    frames = {**load_reference(), "rule": load_catalogue()}
    years = {str(year) for year in range(1990, 2041)}
    frames["period"] = periods_frame(period_codes([*extracts.values(), *frames.values()]) | years | {"not_stated"})
    return {table: frame.with_columns(input_sha256=pl.lit("reference")) for table, frame in frames.items()}


class World:
    """A working database in memory. ``build`` makes it from bronze, ``follow`` after a change of bronze tables.

    It has the models that the rules are made from, or with ``everything`` all of the project. With a ``seed``, the rows
    of every table, bronze and made, lie in an order of that seed's: whatever is made must be the same.
    """

    def __init__(self, frames: Frames, *, everything: bool = False, seed: int | None = None) -> None:
        import duckdb

        self._everything = everything
        self._seed = seed
        self.connection: duckdb.DuckDBPyConnection = duckdb.connect(":memory:")
        self.connection.execute("SET threads = 1")
        for schema in ("bronze", *_SCHEMAS):
            self.connection.execute(f"CREATE SCHEMA {schema}")
        self._write_bronze(frames)

    @cached_property
    def models(self) -> dict[str, Model]:
        """Every model of this world, in an order in which each finds what it reads."""
        wanted = [name for name in _model_files() if self._everything or name.startswith("verdict_")]
        ordered: dict[str, Model] = {}
        for name in wanted:
            _add(name, ordered)
        return ordered

    @property
    def rules(self) -> list[str]:
        """The codes of the rules, by the models that judge by them."""
        return [name.removeprefix("verdict_") for name in self.models if name.startswith("verdict_")]

    def build(self) -> None:
        """Make every model."""
        for model in self.models.values():
            self._make(model)

    def make(self, name: str) -> float:
        """Make one model again; the seconds that it took."""
        started = perf_counter()
        self._make(self.models[name])
        return perf_counter() - started

    def follow(self, changed: Iterable[str]) -> list[str]:
        """Make again what hangs on the bronze tables given; the rules that were judged again."""
        return [model.name.removeprefix("verdict_") for model in self._remake(changed) if _is_rule(model)]

    def descendants(self, changed: Iterable[str]) -> list[Model]:
        """The models that hang on these bronze tables."""
        touched = {f"bronze.{table}" for table in changed}
        found = []
        for model in self.models.values():
            if touched & model.reads:
                touched.add(_qualified(model.name))
                found.append(model)
        return found

    def verdicts(self, rules: Iterable[str]) -> list[dict[str, Any]]:
        """The rows of ``quality.verdict`` of some rules."""
        union = " UNION ALL BY NAME ".join(f"SELECT {_VERDICT} FROM verdicts.verdict_{code}" for code in rules)
        result = self.connection.execute(union)
        columns = [column[0] for column in result.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]

    def _remake(self, changed: Iterable[str]) -> list[Model]:
        models = self.descendants(changed)
        for model in models:
            self._make(model)
        return models

    def _make(self, model: Model) -> None:
        self.connection.execute(f"CREATE OR REPLACE TABLE {_qualified(model.name)} AS {self._laid(model.sql)}")

    def _laid(self, sql: str) -> str:
        """The rows of a query, in the order of this world's seed; what `any_value` takes is then the last in value."""
        if self._seed is None:
            return sql
        return f"SELECT * FROM ({sql.replace('any_value(', 'max(')}\n) AS laid ORDER BY hash(laid, {self._seed})"

    def _write_bronze(self, frames: Frames) -> None:
        import polars as pl

        from ingestion.bronze import empty_frame
        from ingestion.schemas import TABLES

        listing: set[tuple[str, str]] = set()
        for name, table in TABLES.items():
            empty = empty_frame(table)
            frame = frames[name].select(empty.columns) if name in frames else empty
            self.connection.register("incoming", pl.concat([empty, frame]).to_arrow())
            self.connection.execute(f"CREATE TABLE bronze.{name} AS {self._laid('SELECT * FROM incoming')}")
            listing |= {(name, version) for version in frame["input_sha256"].unique()}
        self.connection.unregister("incoming")
        self._list_inputs(sorted(listing))

    def _list_inputs(self, listing: list[tuple[str, str]]) -> None:
        self.connection.execute(
            "CREATE TABLE bronze.current (table_name VARCHAR, version VARCHAR, path VARCHAR, source VARCHAR, "
            "received_at TIMESTAMP, superseded_at TIMESTAMP)"
        )
        for table, version in listing:
            row = (table, version, version, version, RECEIVED, None)
            self.connection.execute("INSERT INTO bronze.current VALUES (?, ?, ?, ?, ?, ?)", row)


_SCHEMAS = ("staging", "intermediate", "marts", "verdicts", "quality")


def _is_rule(model: Model) -> bool:
    return model.name.startswith("verdict_")


@cache
def _model_files() -> dict[str, Path]:
    return {path.stem: path for path in sorted((PROJECT / "models").rglob("*.sql"))}


def _qualified(name: str) -> str:
    """``schema.model``: the folder right under ``models`` names the schema."""
    return f"{_model_files()[name].relative_to(PROJECT / 'models').parts[0]}.{name}"


def _add(name: str, ordered: dict[str, Model]) -> None:
    """Render a model, after the models that it reads."""
    if name in ordered:
        return
    sql, models, tables = _render(name)
    for read in models:
        _add(read, ordered)
    reads = {_qualified(read) for read in models} | {f"bronze.{table}" for table in tables}
    ordered[name] = Model(name, sql, frozenset(reads))


def _render(name: str) -> tuple[str, list[str], list[str]]:
    """The SQL of a model, the models and the bronze tables that it reads."""
    from jinja2 import Environment

    models: list[str] = []
    tables: list[str] = []

    def ref(model: str) -> str:
        models.append(model)
        return _qualified(model)

    def bronze(table: str) -> str:
        tables.append(table)
        return f"bronze.{table}"

    reading = {
        "ref": ref,
        "bronze": bronze,
        "bronze_versions": bronze,
        "bronze_inputs": lambda: "bronze.current",
        "config": lambda **_: "",
        "rule_codes": _rule_codes,
    }
    text = _model_files()[name].read_text(encoding="utf-8")
    return Environment().from_string(text).render(_macros() | reading).strip(), models, tables


def _rule_codes() -> list[str]:
    """What the macro of that name returns: only dbt's own engine returns more than a text."""
    return [name.removeprefix("verdict_") for name in _model_files() if name.startswith("verdict_")]


@cache
def _macros() -> dict[str, Any]:
    """The macros of the project by name, but for those that read bronze or name schemas."""
    from jinja2 import Environment

    files = sorted((PROJECT / "macros").glob("*.sql"))
    texts = [path.read_text(encoding="utf-8") for path in files if path.stem not in ("bronze", "generate_schema_name")]
    module = Environment().from_string("\n".join(texts)).make_module({"return": str, "target": {"type": "duckdb"}})
    return {name: macro for name, macro in vars(module).items() if not name.startswith("_")}
