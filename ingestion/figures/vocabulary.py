"""The words that tell numbers apart, read from ``ingestion/reference/lexicon/noise.yml``, and patterns made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ingestion.reference.fragments import read_yaml

NOISE_FILE = Path(__file__).resolve().parent.parent / "reference" / "lexicon" / "noise.yml"

Term = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Terms = Annotated[tuple[Term, ...], Field(min_length=1)]


class Numbered(BaseModel):
    """Words before a number that make it the number of a thing, by the reason it is dismissed for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    heading_number: Terms
    page_reference: Terms
    reference: Terms
    law_article: Terms
    class_number: Terms


class Noise(BaseModel):
    """The whole of ``noise.yml``; each list is explained there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    not_numerals: Terms
    months: Terms
    weekdays: Terms
    year_leads: Terms
    year_followers: Terms
    relative_leads: Terms
    relative_followers: Terms
    duration_leads: Terms
    time_leads: Terms
    streets: Terms
    post_leads: Terms
    emergency_numbers: Terms
    emergency_leads: Terms
    numbered: Numbered
    ranked: Terms
    study: Terms
    study_leads: Terms
    programme_names: Terms
    named_leads: Terms
    department_leads: Terms
    department_bodies: Terms
    identifiers: Terms
    age_nouns: Terms
    duration_nouns: Terms
    age_followers: Terms
    announced: Terms
    announcing_leads: Terms
    value_labels: Terms
    both_leads: Terms
    these: Terms
    gathering: Terms


@cache
def load_noise(file: Path = NOISE_FILE) -> Noise:
    """The vocabulary of what is no figure.

    Raises:
        ReferenceInvalid: an unknown or missing key, an empty term; names the key and its line.
    """
    return read_yaml(file, Noise).value


GAP = r"[ \t\u00a0\u202f\u2009]{0,3}(?:\r?\n)?[ \t\u00a0\u202f\u2009]{0,3}"  # white space that a line may break in
SPACE = rf"(?=\s){GAP}"
WORD_END = r"(?![^\W¹²³⁰⁴-⁹]|['’])"  # the call of a note may be glued to a word


# Capitals are often printed without their accents.
_LETTERS = {letter: f"[{letter}{bare}]" for letter, bare in zip("àâçéèêëîïôùûü", "aaceeeeiiouuu", strict=True)}
_LETTERS |= {" ": SPACE, "'": "['’]", "œ": "(?:œ|oe)"}


def any_of(terms: Iterable[str]) -> str:
    """A pattern of any of the terms, longest first: a space is any white space, an apostrophe either of the two, and
    a letter stands with or without its accent."""
    return f"(?:{'|'.join(_pattern(term) for term in sorted(terms, key=len, reverse=True))})"


def _pattern(term: str) -> str:
    letters = (_LETTERS.get(letter, re.escape(letter)) for letter in term)
    return "".join(letters) + (r"(?!\w)" if term[-1].isalnum() else "")
