"""What the terminal is shown of a value."""

from __future__ import annotations

from decimal import Decimal

import pytest

from orchestration.tables import cell, print_rows


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (Decimal("12.3000"), "12.3"),
        (Decimal("5000000.0000"), "5000000"),
        ("écart de 5 (1,8\u202f%)", "écart de 5 (1,8\u202f%)"),
        ("two\nlines", "two\nlines"),
        ("\x1b[31mred", "\\u001b[31mred"),
        ("right\u202eleft", "right\\u202eleft"),
        (["a", 1], "['a', 1]"),
    ],
)
def test_values_are_shown_plainly_and_safely(value: object, shown: str) -> None:
    assert cell(value) == shown


def test_what_people_copy_is_never_broken(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    name = "bilan-du-plan-d-acces-aux-24af5dea"
    print_rows(("rapport", "suite"), [{"rapport": name, "suite": "tout le reste"}], whole={"rapport"})
    assert name in capsys.readouterr().out
