"""The catalogue refuses what it does not know, and every rule has the model that judges by it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from expectations.catalogue import RuleRefused, load_catalogue, load_rules, rule_aliases, rule_files
from ingestion.schemas import RULE

DBT = Path(__file__).parents[2] / "dbt_project"
GOOD = """\
code: one
title_fr: Un
definition_fr: Une règle.
subjects_fr: Chaque total.
relation: sum
level: 1
tolerance: T1
severity: error
owner: stewards
source: nous
why: because
"""


def folder_with(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.yml").write_text(text, encoding="utf-8")
    return tmp_path


def listed_rules() -> list[str]:
    macro = (DBT / "macros" / "verdicts.sql").read_text(encoding="utf-8")
    listing = re.search(r"macro rule_codes\(\).*?\[(.*?)\]", macro, re.DOTALL)
    assert listing is not None
    return re.findall(r"'([a-z_]+)'", listing.group(1))


def emitted_rules() -> dict[str, set[str]]:
    """The codes that each verdict model writes, by the code in the model's name."""
    pattern = re.compile(r"'([a-z_]+)' as rule_code|(?:contribution|check|dataset)_verdicts\('([a-z_]+)'")
    models = (DBT / "models" / "verdicts").glob("verdict_*.sql")
    return {
        path.stem.removeprefix("verdict_"): {a or b for a, b in pattern.findall(path.read_text(encoding="utf-8"))}
        for path in models
    }


def test_every_rule_has_a_model_that_emits_it_and_conversely() -> None:
    codes = {rule.code for rule in load_rules()}
    assert emitted_rules() == {code: {code} for code in codes}
    assert sorted(listed_rules()) == sorted(codes)


def test_every_rule_emits_the_relation_that_it_declares() -> None:
    emitted = re.compile(r"'relation': '([a-z_]+)'|\"'([a-z_]+)'\",|_verdicts\('[a-z_]+', '([a-z_]+)'")
    for rule in load_rules():
        text = (DBT / "models" / "verdicts" / f"verdict_{rule.code}.sql").read_text(encoding="utf-8")
        assert rule.relation in {word for found in emitted.findall(text) for word in found}, rule.code


def test_every_rule_has_a_unit_test() -> None:
    files = (DBT / "models" / "verdicts").glob("*unit_tests.yml")
    tests = "\n".join(path.read_text(encoding="utf-8") for path in files)
    assert set(re.findall(r"model: verdict_([a-z_]+)", tests)) == {rule.code for rule in load_rules()}


def test_every_rule_is_documented() -> None:
    page = (DBT.parent / "docs" / "rules.md").read_text(encoding="utf-8")
    page = page.partition("\n## Rules\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z_]+)` \|", page, re.MULTILINE)) == {rule.code for rule in load_rules()}


def test_catalogue_has_the_columns_of_bronze() -> None:
    frame = load_catalogue()
    assert dict(frame.schema) == {column.name: column.dtype for column in RULE.columns}
    assert frame.height == len(rule_files())
    assert frame.null_count().sum_horizontal().item() == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD + "tolerence: T2\n", "tolerence"),
        (GOOD + "level: 2\n", "duplicate"),
        (GOOD.replace("level: 1", "level: 6"), "level"),
        (GOOD.replace("tolerance: T1", "tolerance: T12"), "tolerance"),
        (GOOD.replace("severity: error", "severity: fatal"), "severity"),
        (GOOD.replace("source: nous\n", ""), "source"),
        (GOOD.replace("owner: stewards\n", ""), "owner"),
        (GOOD.replace("subjects_fr: Chaque total.\n", ""), "subjects_fr"),
        (GOOD.replace("relation: sum", "relation: Sum"), "relation"),
        (GOOD.replace("title_fr: Un", "title_fr: ' '"), "title_fr"),
        (GOOD.replace("code: one", "code: two"), "two.yml"),
        ("", "one.yml"),
        ("- a list\n", "one.yml"),
    ],
)
def test_a_faulty_rule_is_refused_with_its_file(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(RuleRefused, match=re.escape(said)) as refused:
        load_rules(folder_with(tmp_path, one=text))
    assert "one.yml" in str(refused.value)


def test_a_good_rule_is_taken(tmp_path: Path) -> None:
    assert [rule.code for rule in load_rules(folder_with(tmp_path, one=GOOD))] == ["one"]


def test_aliases_lead_to_the_code_of_today_and_are_nobody_elses(tmp_path: Path) -> None:
    renamed = GOOD + "aliases: [uno]\n"
    assert rule_aliases(folder_with(tmp_path, one=renamed)) == {"uno": "one"}
    with pytest.raises(RuleRefused, match="uno"):
        load_rules(folder_with(tmp_path, uno=GOOD.replace("code: one", "code: uno")))
