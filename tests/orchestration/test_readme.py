"""The README's five questions have the answers that it prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import Command

from orchestration.tables import cell

pytestmark = pytest.mark.xdist_group("refresh")
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^\*\*([^*\n]+)\*\*\n\n```sql\n(.+?)```\n\n((?:\|[^\n]+\n)+)", README, re.MULTILINE | re.DOTALL)


def markdown(names: list[str], rows: list[tuple[object, ...]]) -> str:
    """Rows as the README prints them."""
    lines = [names, ["---"] * len(names), *([cell(value).replace("|", "\\|") for value in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def test_the_readme_asks_five_questions() -> None:
    assert len(QUESTIONS) == 5


@pytest.mark.parametrize(("question", "query", "answer"), QUESTIONS, ids=[question for question, _, _ in QUESTIONS])
def test_each_question_has_the_answer_printed(barometre: Command, question: str, query: str, answer: str) -> None:
    names, rows = barometre.answer(query)
    assert markdown(names, rows) == answer, f"{question}\n{markdown(names, rows)}"
