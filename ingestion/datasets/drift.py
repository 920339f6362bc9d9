"""When a publisher changes the form of a file: what changed, what the contract says of such changes, and the contract
that takes the file as it is now.

A change is one of six: a column added, removed, renamed, the columns in another order (``reordered``), the cells of a
column written otherwise (``retyped``), or the file itself (``rewritten``: encoding, delimiter, line of the header,
name of the sheet). The policy says of each ``accept``, ``warn`` (take it and say so) or ``quarantine``; frozen is the
default. What a steward accepted once (:mod:`ingestion.datasets.accepted_forms`) is taken from then on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingestion.datasets.contract_model import Action, Column, Contract
from warehouse.errors import InputError

#: Examples of cells that a sentence shows.
SHOWN = 3
_WRITTEN = {
    "encoding": "l’encodage est {after} au lieu de {before}",
    "delimiter": "le séparateur est {after} au lieu de {before}",
    "header_row": "l’en-tête est à la ligne {after} au lieu de {before}",
    "sheets": "la feuille s’appelle {after} au lieu de {before}",
}
_SIGNS = {";": "point-virgule", ",": "virgule", "\t": "tabulation", "|": "barre verticale"}
_TYPES = {
    "integer": "un nombre entier",
    "number": "un nombre",
    "code": "un code",
    "text": "un texte",
    "date": "une date",
    "flag": "oui ou non",
}


@dataclass(frozen=True)
class Change:
    """One change of form.

    ``column`` is our name of the column concerned, null for one that is new and for the file as a whole; ``before`` and
    ``after`` are headings, orders or ways of writing; ``examples`` are cells as published. ``update`` is what it alters
    in the contract's column or format. ``is_acceptable`` is false where nobody can just say yes: a key is gone, words
    came that mean nothing yet.
    """

    kind: str
    column: str | None = None
    before: str | None = None
    after: str | None = None
    examples: tuple[str, ...] = ()
    update: dict[str, Any] = field(default_factory=dict)
    is_acceptable: bool = True

    @property
    def identity(self) -> tuple[Any, ...]:
        """What makes two changes the same one; examples do not."""
        return (self.kind, self.column, self.before, self.after, tuple(sorted(self.update.items())))


def action(contract: Contract, change: Change) -> Action:
    """What the contract says of a change: of its column first, then of all."""
    column = next((c for c in contract.columns if c.name == change.column), None)
    for policy in (column.drift if column else None, contract.drift):
        told: Action | None = getattr(policy, change.kind) if policy else None
        if told is not None:
            return told
    return "quarantine"


def taken(
    contract: Contract, changes: Sequence[Change], accepted: Iterable[Iterable[Change]], name: str
) -> tuple[Contract, tuple[str, ...]]:
    """The contract that reads a file of changed form, and the sentences that warn of it.

    ``accepted`` are the sets of changes that people accepted.

    Raises:
        InputError: a change is to be quarantined and nobody accepted it; the message is the difference, in French.
    """
    known = {change.identity for form in accepted for change in form}
    news = [change for change in changes if change.identity not in known or not change.is_acceptable]
    actions = [action(contract, change) if change.is_acceptable else "quarantine" for change in news]
    if "quarantine" in actions:
        raise refusal(contract, changes, name)
    warned = tuple(sentence(contract, c) for c, said in zip(news, actions, strict=True) if said == "warn")
    return amended(contract, changes), warned


def amended(contract: Contract, changes: Iterable[Change]) -> Contract:
    """The contract with these changes in it."""
    for change in changes:
        contract = _amended(contract, change)
    return contract


def _amended(contract: Contract, change: Change) -> Contract:
    if change.kind == "rewritten":
        return contract.model_copy(update={"format": contract.format.model_copy(update=change.update)})
    if change.kind == "added":
        return contract.model_copy(update={"ignored_columns": (*contract.ignored_columns, change.after)})
    columns = tuple(_altered(c, change) if c.name == change.column else c for c in contract.columns)
    return contract.model_copy(update={"columns": columns})


def _altered(column: Column, change: Change) -> Column:
    if change.kind == "renamed":
        return column.model_copy(update={"aliases": (*column.aliases, change.after)})
    if change.kind == "removed":
        return column.model_copy(update={"may_be_absent": True})
    return column.model_copy(update=change.update)


def is_needed(contract: Contract, column: Column) -> bool:
    """Whether rows cannot be without this column: a key, a territory or period, what the bronze table requires."""
    transform = contract.transform
    used = {*contract.keys, transform.territory, transform.period, contract.territories.level_from}
    if contract.vintage.read_from == "column":
        used.add(contract.vintage.column)
    required = {c.name for table in contract.tables for c in table.columns if c.required}
    return column.name in used | required


def refusal(contract: Contract, changes: Sequence[Change], name: str) -> InputError:
    """The difference as a person is told it, and what to do."""
    told = "\u202f; ".join(sentence(contract, change) for change in changes)
    if all(change.is_acceptable for change in changes):
        step = f"Vérifier auprès du producteur que le contenu est le même, puis\u00a0: {accept_command(contract.code)}"
    else:
        step = f"Cela ne s’accepte pas d’un mot\u00a0: adapter le contrat {contract.code}.yml (docs/add-a-dataset.md)"
    expectation = f"la forme de «\u00a0{contract.title}\u00a0» a changé\u00a0: {told}"
    return FormChanged(tuple(changes), file=name, expectation=expectation, next_step=step)


class FormChanged(InputError):
    """A file of a known dataset whose form is not the one that is known; ``changes`` are all that differs so far."""

    def __init__(self, changes: tuple[Change, ...], *, file: str, expectation: str, next_step: str) -> None:
        super().__init__(file=file, expectation=expectation, next_step=next_step)
        self.changes = changes


def accept_command(code: str) -> str:
    """What a person types to accept the form of the last refused file."""
    return f'barometre sources accept {code} --why "…"'


def sentence(contract: Contract, change: Change) -> str:
    """One change for a person who never saw the contract."""
    column = next((c for c in contract.columns if c.name == change.column), None)
    before, after = _quoted(change.before), _quoted(change.after)
    shown = _shown(change.examples)
    if change.kind == "added":
        return f"une colonne nouvelle, {after}{shown}, qui serait laissée de côté"
    if change.kind == "removed":
        lost = "" if change.is_acceptable else ", sans laquelle rien ne peut être chargé"
        return f"la colonne {before} n’est plus là{lost}"
    if change.kind == "renamed":
        return f"la colonne {before} s’appelle sans doute désormais {after}{shown}"
    if change.kind == "reordered":
        return f"les colonnes sont dans un autre ordre ({change.after} au lieu de {change.before})"
    if change.kind == "rewritten":
        what = next(key for key in _WRITTEN if key in change.update)
        return _WRITTEN[what].format(before=before, after=after)
    expected = _TYPES[column.type] if column else "autre chose"
    if not change.is_acceptable:
        return f"la colonne {before} contient ce que l’on ne sait pas lire{shown}, là où {expected} était attendu"
    return f"la colonne {before} s’écrit autrement{shown}\u00a0: {change.after}, là où {expected} était attendu"


def _quoted(text: str | None) -> str:
    told = _SIGNS.get(text or "", re.sub(r"\s+", " ", text or ""))
    return f"«\u00a0{told}\u00a0»"


def _shown(examples: Sequence[str]) -> str:
    if not examples:
        return ""
    return f" (par exemple {', '.join(_quoted(cell) for cell in examples[:SHOWN])})"
