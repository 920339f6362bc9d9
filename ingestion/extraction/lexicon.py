"""The vocabulary of the extractor, as data: ``ingestion/reference/lexicon/*.yml``, and what the reference declares.

Every entry says where it comes from: the reports whose wording shows it (``seen_in``), or the official text or
nomenclature that defines it (``source``). An entry that only one report shows is taken out when the extractor is
measured on that report (:meth:`Lexicon.without`). Labels of indicators and measures are reference data, and stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ingestion.extraction.gazetteer import Gazetteer, Name
from ingestion.extraction.phrases import PhraseBook, tokens
from ingestion.extraction.words import fold, words
from ingestion.periods import parse_period
from ingestion.reference.fragments import Entry, read_yaml
from ingestion.reference.loading import Declared, read_fragments
from ingestion.reference.models import Indicator, Measure, Slug, TerritoryKey, Text
from ingestion.schemas import COUNTED_UNITS
from ingestion.territories import REFERENCE, scan_territories

FOLDER = "lexicon"

#: What a cue says of the figure beside it.
CUES = (
    "target",  # an objective: d’ici, à l’horizon
    "plan",  # money that is announced
    "forecast",
    "estimated",
    "provisional",
    "growth",
    "decrease",
    "share",
    "rule",  # what a text of law or a convention grants
    "ceiling",
    "increment",  # so many more
    "capacity",  # places
    "rate",  # per month, per year
    "average",
    "region",  # the report’s own territory, not named
    "neutral",  # holds the word of another cue without saying it: « répondant aux objectifs de la loi »
)


def _one_of(accepted: tuple[str, ...]) -> AfterValidator:
    def check(value: str) -> str:
        if value not in accepted:
            raise ValueError(f"{value!r} is not one of {', '.join(accepted)}")
        return value

    return AfterValidator(check)


def _period(value: str) -> str:
    return parse_period(value).period_key


class _Sourced(BaseModel):
    """An entry with its provenance."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    seen_in: tuple[Slug, ...] = Field(default=(), strict=False)
    source: Text | None = None

    @model_validator(mode="after")
    def _has_provenance(self) -> _Sourced:
        if not self.seen_in and self.source is None:
            raise ValueError("seen_in (reports whose wording shows it) or source was expected")
        return self

    def stands_without(self, report_id: str) -> bool:
        """Whether anything but that report justifies the entry."""
        return self.source is not None or any(seen != report_id for seen in self.seen_in)


class Term(_Sourced):
    """A name of a measure, or a phrase that only one indicator is spoken of in."""

    term: Text
    measure: Slug | None = None
    indicator: Slug | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Term:
        if (self.measure is None) == (self.indicator is None):
            raise ValueError("either measure or indicator was expected")
        return self


class CountedNoun(_Sourced):
    """A noun that says what a number counts."""

    noun: Text
    counted_unit: Annotated[str, _one_of(COUNTED_UNITS)]


class Cue(_Sourced):
    """A phrase that says in which capacity a figure stands."""

    cue: Text
    says: Annotated[str, _one_of(CUES)]


class Synonym(_Sourced):
    """A word that reports use where labels say another one."""

    word: Text
    means: Text


class Anchor(_Sourced):
    """A moment that reports name without its date, such as the start of a presidential term."""

    expression: Text
    periods: tuple[Annotated[str, AfterValidator(_period)], ...] = Field(strict=False, min_length=1)
    #: Whether it is a deadline: then the next one after the report's date is meant, else the last before it.
    ahead: bool


class PlaceName(_Sourced):
    """A name of a territory beside those of the reference: a demonym, an abbreviation, a national turn of phrase."""

    name: Text
    territory: TerritoryKey


class Publisher(_Sourced):
    """A body that publishes reports; ``written`` is how texts call it."""

    written: Text
    publisher: Text


class TermFile(BaseModel):
    """``terms.yml``."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    terms: tuple[Term, ...] = Field(strict=False)


class UnitFile(BaseModel):
    """``units.yml``."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    nouns: tuple[CountedNoun, ...] = Field(strict=False)


class CueFile(BaseModel):
    """``cues.yml``."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    cues: tuple[Cue, ...] = Field(strict=False)


class SynonymFile(BaseModel):
    """``synonyms.yml``."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    synonyms: tuple[Synonym, ...] = Field(strict=False)


class AnchorFile(BaseModel):
    """``moments.yml``."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    anchors: tuple[Anchor, ...] = Field(strict=False)


class PlaceFile(BaseModel):
    """``places.yml``."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    names: tuple[PlaceName, ...] = Field(strict=False)


class PublisherFile(BaseModel):
    """``publishers.yml``."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    publishers: tuple[Publisher, ...] = Field(strict=False)


S = TypeVar("S", bound=_Sourced)


@dataclass(frozen=True)
class Lexicon:
    """Everything that a proposal may rest on."""

    indicators: tuple[Indicator, ...]
    measures: tuple[Measure, ...]
    terms: tuple[Term, ...]
    nouns: tuple[CountedNoun, ...]
    cues: tuple[Cue, ...]
    synonyms: tuple[Synonym, ...]
    anchors: tuple[Anchor, ...]
    names: tuple[PlaceName, ...]
    bodies: tuple[Publisher, ...]
    declared_places: tuple[Name, ...]

    def without(self, report_id: str) -> Lexicon:
        """The lexicon as it would be had that report never been read: its own entries and places taken out."""
        return replace(
            self,
            terms=_standing(self.terms, report_id),
            nouns=_standing(self.nouns, report_id),
            cues=_standing(self.cues, report_id),
            synonyms=_standing(self.synonyms, report_id),
            anchors=_standing(self.anchors, report_id),
            names=_standing(self.names, report_id),
            bodies=_standing(self.bodies, report_id),
            declared_places=tuple(name for name in self.declared_places if name.declared_by != report_id),
        )

    @cached_property
    def by_code(self) -> dict[str, Indicator]:
        """The indicators by code."""
        return {indicator.code: indicator for indicator in self.indicators}

    @cached_property
    def subjects(self) -> PhraseBook[str]:
        """Names of measures (``@cesp``) and phrases of indicators (``=cesp_signes_cumul``)."""
        own = ((name, f"@{measure.code}") for measure in self.measures for name in names_in_label(measure.label_fr))
        known = ((t.term, f"@{t.measure}" if t.measure else f"={t.indicator}") for t in self.terms)
        return PhraseBook(sorted({*own, *known}))

    @cached_property
    def counted(self) -> PhraseBook[str]:
        """Nouns that say what is counted."""
        return PhraseBook((noun.noun, noun.counted_unit) for noun in self.nouns)

    @cached_property
    def cue_book(self) -> PhraseBook[str]:
        """Phrases that say in which capacity a figure stands."""
        return PhraseBook((cue.cue, cue.says) for cue in self.cues)

    @cached_property
    def anchor_book(self) -> PhraseBook[Anchor]:
        """Moments named without their date."""
        return PhraseBook((anchor.expression, anchor) for anchor in self.anchors)

    @cached_property
    def publishers(self) -> PhraseBook[str]:
        """Publishing bodies as texts call them."""
        return PhraseBook((body.written, body.publisher) for body in self.bodies)

    @cached_property
    def meanings(self) -> dict[str, tuple[str, ...]]:
        """The stems that a stem stands for as well."""
        found: dict[str, tuple[str, ...]] = {}
        for synonym in self.synonyms:
            word, means = tokens(fold(synonym.word))[0].stem, tokens(fold(synonym.means))[0].stem
            found[word] = (*found.get(word, ()), means)
        return found

    @cached_property
    def groups(self) -> dict[str, tuple[str, frozenset[str]]]:
        """The declared sets of territories: the stem that their name begins with, and all the stems of the name."""
        named = (
            (n.territory_key, words(fold(n.name))) for n in self.declared_places if n.territory_key[:6] == "group:"
        )
        return {key: (said[0].stem, frozenset(word.stem for word in said)) for key, said in named if said}

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The territories by the names that texts print."""
        added = tuple(Name(n.name, n.territory) for n in self.names)
        return Gazetteer((*added, *self.declared_places))


_IN_BRACKETS = re.compile(r"\(([^)]*)\)")


def names_in_label(label: str) -> Iterator[str]:
    """The names that a measure's label gives: the long one, and the acronym in brackets after it."""
    yield _IN_BRACKETS.sub("", label).split(",")[0].strip()
    yield from (inside for inside in _IN_BRACKETS.findall(label) if inside.isupper() and inside.isalpha())


def load_lexicon(reference_folder: Path = REFERENCE) -> Lexicon:
    """Read the lexicon and the reference that it speaks of.

    Raises:
        ReferenceInvalid: an unknown key, measure, indicator or territory, an entry given twice or without
            provenance; names the file and the line.
    """
    declared = read_fragments(reference_folder)
    folder = reference_folder / FOLDER
    terms = read_yaml(folder / "terms.yml", TermFile)
    _check_terms(terms, declared)
    places = read_yaml(folder / "places.yml", PlaceFile)
    _check_names(places, declared)
    return Lexicon(
        indicators=tuple(entry.value for entry in declared.indicators),
        measures=tuple(entry.value for entry in declared.measures),
        terms=terms.value.terms,
        nouns=_unique(read_yaml(folder / "units.yml", UnitFile), "nouns", lambda f: f.nouns, lambda n: n.noun),
        cues=_unique(read_yaml(folder / "cues.yml", CueFile), "cues", lambda f: f.cues, lambda c: c.cue + c.says),
        synonyms=_unique(
            read_yaml(folder / "synonyms.yml", SynonymFile),
            "synonyms",
            lambda f: f.synonyms,
            lambda s: s.word + s.means,
        ),
        anchors=_unique(
            read_yaml(folder / "moments.yml", AnchorFile), "anchors", lambda f: f.anchors, lambda a: a.expression
        ),
        names=_unique(places, "names", lambda f: f.names, lambda n: n.name),
        bodies=_unique(
            read_yaml(folder / "publishers.yml", PublisherFile),
            "publishers",
            lambda f: f.publishers,
            lambda p: p.written,
        ),
        declared_places=tuple(_declared_places(declared)),
    )


def _standing(entries: tuple[S, ...], report_id: str) -> tuple[S, ...]:
    return tuple(entry for entry in entries if entry.stands_without(report_id))


F = TypeVar("F", bound=BaseModel)


def _unique(file: Entry[F], part: str, entries: Callable[[F], tuple[S, ...]], key: Callable[[S], str]) -> tuple[S, ...]:
    """The entries of a file; the second of two alike is refused."""
    seen: set[str] = set()
    for index, entry in enumerate(entries(file.value)):
        folded = fold(key(entry))
        if folded in seen:
            raise file.refused(f"{key(entry)!r} is given twice", "Keep one of the two.", at=(part, index))
        seen.add(folded)
    return entries(file.value)


def _check_terms(file: Entry[TermFile], declared: Declared) -> None:
    """Each term leads to a declared measure or indicator, and leads there once."""
    measures = {entry.value.code for entry in declared.measures}
    indicators = {entry.value.code for entry in declared.indicators}
    _unique(file, "terms", lambda f: f.terms, lambda t: f"{t.term} {t.measure or t.indicator}")
    for index, term in enumerate(file.value.terms):
        for what, code, known in (("measure", term.measure, measures), ("indicator", term.indicator, indicators)):
            if code is not None and code not in known:
                raise file.refused(f"{what} {code} is declared nowhere", at=("terms", index, what))


def _check_names(file: Entry[PlaceFile], declared: Declared) -> None:
    """Each name leads to an official territory, or to one that the reference declares."""
    import polars as pl

    wanted = {name.territory for name in file.value.names}
    official = (
        scan_territories().filter(pl.col("territory_key").is_in(sorted(wanted))).select("territory_key").collect()
    )
    known = {*official["territory_key"], *(name.territory_key for name in _declared_places(declared))}
    for index, name in enumerate(file.value.names):
        if name.territory not in known:
            raise file.refused(f"territory {name.territory} is known nowhere", at=("names", index, "territory"))


def _declared_places(declared: Declared) -> Iterator[Name]:
    for place in declared.places:
        yield Name(place.value.printed_name, place.value.territory_key, place.file.stem)
    seen: Iterable[str] = {place.value.territory_key for place in declared.places}
    for group in declared.groups:
        if group.value.group_territory_key not in seen:
            seen = {*seen, group.value.group_territory_key}
            yield Name(group.value.group_name, group.value.group_territory_key, group.file.stem)
