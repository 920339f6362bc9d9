"""What lists of a review tell of numbers that wait."""

from __future__ import annotations

import pytest

from ingestion.choices import Choice, Choices
from ingestion.review import Item
from ingestion.review_hints import Hints
from orchestration.review_lines import LEAST_TOLD, _item_row

CHOICES = Choices(
    {"msp": Choice("msp", "Maisons de santé", "")}, {"region:53": Choice("region:53", "Bretagne", "")}, {}, {}
)
ROW = {
    "indicator_code": "msp",
    "territory_key": "region:53",
    "period": "2029",
    "kind": "actual",
    "printed": "24",
    "char_start": "4",
    "char_end": "6",
}


@pytest.mark.parametrize(
    ("score", "told"),
    [
        (LEAST_TOLD, "en attente, peut-être\u202f: Maisons de santé · Bretagne · 2029 · constaté"),
        (LEAST_TOLD / 2, "en attente"),
    ],
)
def test_what_a_number_is_most_unlikely_to_say_is_not_told(score: float, told: str) -> None:
    item = Item(figure_key=None, printed="24", line=1, start=4, end=6)
    row = _item_row(item, ROW, CHOICES, Hints({}, {(4, 6): score}, {4: ROW}), None)
    assert (row["proposal"], row["score"]) == (told, score)
