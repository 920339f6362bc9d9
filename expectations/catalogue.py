"""The rule catalogue: one YAML file per rule in ``expectations/rules``, named after the rule's code.

A rule is its declaration here and the dbt model ``verdict_<code>`` that judges by it. A misspelt key would silently
drop a tolerance, so unknown keys, keys given twice and codes used twice are refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ingestion.schemas import RULE
from warehouse.errors import BarometreError

if TYPE_CHECKING:
    import polars as pl

RULES = Path(__file__).parent / "rules"

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class RuleRefused(BarometreError):
    """A rule file is not what a rule file must be; the message names the file."""


class Rule(BaseModel):
    """One rule.

    ``subjects_fr`` says what it instantiates itself for, ``relation`` what its evidence tells (the key of the French
    sentence), ``level`` is the ESS validation level, ``tolerance`` T0 to T9 of docs/rules.md, ``severity`` the highest
    that the rule may give, ``owner`` who answers for it, ``aliases`` the codes that it bore before. A rule that
    ``may_fall_silent`` judges what few inputs give: once it had something to judge, it may have nothing again.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Code
    title_fr: Text
    definition_fr: Text
    subjects_fr: Text
    relation: Code
    level: Annotated[int, Field(ge=0, le=5)]
    tolerance: Literal["T0", "T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9"]
    severity: Literal["info", "warning", "error"]
    owner: Text
    source: Text
    why: Text
    aliases: tuple[Code, ...] = ()
    may_fall_silent: bool = False


def rule_files(folder: Path = RULES) -> list[Path]:
    """Every rule file, in the order of the codes."""
    return sorted(folder.glob("*.yml"))


def load_rules(folder: Path = RULES) -> list[Rule]:
    """Read every rule. Raises :class:`RuleRefused`."""
    rules = [_read(path) for path in rule_files(folder)]
    _check_codes(rules)
    return rules


def load_catalogue(folder: Path = RULES) -> pl.DataFrame:
    """The rules as rows of the bronze table ``rule``, without ``input_sha256``. Raises :class:`RuleRefused`."""
    import polars as pl

    rows = [
        {"rule_code": rule.code, **rule.model_dump(exclude={"code", "aliases", "may_fall_silent"})}
        for rule in load_rules(folder)
    ]
    return pl.DataFrame(rows, schema={column.name: column.dtype for column in RULE.columns})


def rule_aliases(folder: Path = RULES) -> dict[str, str]:
    """The current code of each former one. Raises :class:`RuleRefused`."""
    return {alias: rule.code for rule in load_rules(folder) for alias in rule.aliases}


def _read(path: Path) -> Rule:
    try:
        rule = Rule.model_validate(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
    except (YAMLError, UnicodeDecodeError) as error:
        raise RuleRefused(f"{path}: not a readable YAML file ({error}). Correct it.") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors())
        raise RuleRefused(f"{path}: {faults}. Correct it.") from error
    if rule.code != path.stem:
        raise RuleRefused(f"{path}: the code is {rule.code}; name the file {rule.code}.yml.")
    return rule


def _check_codes(rules: Iterable[Rule]) -> None:
    bearers: dict[str, str] = {}
    for rule in rules:
        for code in (rule.code, *rule.aliases):
            if code in bearers:
                raise RuleRefused(f"{code} is a code of both {bearers[code]} and {rule.code}. Rename one.")
            bearers[code] = rule.code
