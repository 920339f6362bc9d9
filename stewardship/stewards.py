"""Who owns what: ``config/stewards.yml`` of a home, read strictly. A home without the file has no stewards.

Whatever is unknown, misspelt or contradicts itself is refused with file, line and place: a rule that was ignored would
leave findings with nobody. Importing this module imports pydantic: import it inside functions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import time
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from ingestion.reference.fragments import Entry, Step, read_yaml
from stewardship.channels import channel_fault
from warehouse.errors import InputError

if TYPE_CHECKING:
    from warehouse.paths import Home

#: What a rule may name, the most specific first; a report and a dataset are as specific as each other.
KINDS = ("indicator", "concept", "measure", "report", "dataset", "territory")
Problems = Iterator[tuple[tuple[Step, ...], str]]
_NEXT = "Correct it; until then findings keep their owners."


def _several(value: Any) -> Any:
    """One code, or a list of them."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def _name(text: str) -> str:
    if text != text.strip() or not text or not text.isprintable():
        raise ValueError("a name on one line, without white space around it, was expected")
    return text


def _email(text: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        raise ValueError("an address such as anne.martin@example.org was expected")
    return text


def _clock(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError('a time of the day such as "19:30" was expected')
    return time.fromisoformat(value)


def _channel(text: str) -> str:
    if fault := channel_fault(text):
        raise ValueError(fault)
    return text


def _listed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


Code = Annotated[str, Field(pattern=r"^\S+$")]
Codes = Annotated[tuple[Code, ...], BeforeValidator(_several), Field(min_length=1)]
Clock = Annotated[time, BeforeValidator(_clock)]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]


class _Section(BaseModel):
    # What is refused may be a secret: no message repeats it.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class QuietHours(_Section):
    """No message between two times of the day (Europe/Paris); over midnight when the end is before the start."""

    start: Clock = Field(alias="from")
    end: Clock = Field(alias="to")


class Escalation(_Section):
    """Who is told of what nobody dealt with for so many days."""

    to: Identifier
    after_days: int = Field(ge=1, le=366)


class Steward(_Section):
    """A person who owns findings, and how they are told. ``channels`` are addresses in the form of Apprise."""

    id: Identifier
    name: Annotated[str, AfterValidator(_name)]
    email: Annotated[str, AfterValidator(_email)] | None = None
    substitute: Identifier | None = None
    channels: Annotated[tuple[Annotated[str, AfterValidator(_channel)], ...], BeforeValidator(_listed)] = ()
    min_severity: Literal["info", "warning", "error"] = "info"
    delivery: Literal["immediate", "digest"] = "digest"
    quiet_hours: QuietHours | None = None
    escalation: Escalation | None = None


class Rule(_Section):
    """Who owns what: one kind of thing, one code of it or several. A territory stands for all that lies in it."""

    steward: Identifier
    indicator: Codes | None = None
    concept: Codes | None = None
    measure: Codes | None = None
    report: Codes | None = None
    dataset: Codes | None = None
    territory: Codes | None = None

    @property
    def claims(self) -> tuple[tuple[str, str], ...]:
        """Kind and code of each thing that the rule names."""
        return tuple((kind, code) for kind in KINDS for code in getattr(self, kind) or ())


class Stewards(_Section):
    """The whole file. Who owns what no rule names is ``default``."""

    default: Identifier
    stewards: Annotated[tuple[Steward, ...], BeforeValidator(_listed), Field(min_length=1)]
    ownership: Annotated[tuple[Rule, ...], BeforeValidator(_listed)] = ()

    def by_id(self, identifier: str) -> Steward:
        """The steward with this identifier, which the file is known to have."""
        return next(one for one in self.stewards if one.id == identifier)


def read_stewards(home: Home) -> Entry[Stewards] | None:
    """The stewards of a home and the file that they stand in; None without a file.

    Raises:
        InputError: the file cannot be read, or holds what it may not; names file, line and place.
    """
    path = home.stewards
    if not path.exists() and not path.is_symlink():
        return None
    try:
        entry = read_yaml(path, Stewards)
        for at, problem in _problems(entry.value):
            raise entry.refused(problem, at=at)
    except InputError as error:
        # Of a key given twice the parser repeats the values.
        told = error.expectation.split(' with value "')[0]
        raise InputError(file=path, line=error.line, expectation=told, next_step=_NEXT) from None
    except Exception as error:  # Whatever a file written by hand makes of its parser, it must not stop a refresh.
        told = f"the file cannot be read ({type(error).__name__})"
        raise InputError(file=path, expectation=told, next_step=_NEXT) from error
    return entry


def _problems(file: Stewards) -> Problems:
    known = {steward.id for steward in file.stewards}
    yield from _given_twice(file)
    for at, named in _named(file):
        if named not in known:
            yield at, f"one of {', '.join(sorted(known))} was expected, {named!r} is no steward"
    yield from _rule_problems(file)
    for index, steward in enumerate(file.stewards):
        hours = steward.quiet_hours
        if hours and hours.start == hours.end:
            yield ("stewards", index, "quiet_hours"), "two different times were expected"
        if steward.substitute == steward.id:
            yield ("stewards", index, "substitute"), "somebody else was expected"
    yield from _circles(file)


def _given_twice(file: Stewards) -> Problems:
    for attribute in ("id", "name"):
        seen = Counter[str]()
        for index, steward in enumerate(file.stewards):
            given = getattr(steward, attribute).casefold()
            if seen[given]:
                yield ("stewards", index, attribute), f"{getattr(steward, attribute)!r} is given twice"
            seen[given] += 1


def _named(file: Stewards) -> Iterator[tuple[tuple[Step, ...], str]]:
    yield ("default",), file.default
    for index, steward in enumerate(file.stewards):
        if steward.substitute:
            yield ("stewards", index, "substitute"), steward.substitute
        if steward.escalation:
            yield ("stewards", index, "escalation", "to"), steward.escalation.to
    for index, rule in enumerate(file.ownership):
        yield ("ownership", index, "steward"), rule.steward


def _rule_problems(file: Stewards) -> Problems:
    seen: set[tuple[str, str]] = set()
    for index, rule in enumerate(file.ownership):
        if len({kind for kind, _ in rule.claims}) != 1:
            yield ("ownership", index), f"one of {', '.join(KINDS)} was expected in a rule"
        for kind, code in rule.claims:
            if (kind, code) in seen:
                yield ("ownership", index, kind), f"{kind} {code!r} has an owner already"
            seen.add((kind, code))


def _circles(file: Stewards) -> Problems:
    """Escalations that come back to somebody who was told already; each goes to one person."""
    following = {one.id: one.escalation.to for one in file.stewards if one.escalation}
    for index, steward in enumerate(file.stewards):
        told, current = [steward.id], following.get(steward.id)
        while current is not None and current not in told:
            told.append(current)
            current = following.get(current)
        if current == steward.id:
            circle = " → ".join([*told, current])
            yield ("stewards", index, "escalation", "to"), f"the escalation goes in a circle: {circle}"
