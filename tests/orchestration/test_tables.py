"""What the terminal is shown of a value."""

from __future__ import annotations

from decimal import Decimal

import pytest

from orchestration.tables import cell


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
