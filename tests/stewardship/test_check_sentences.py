"""Sentences of the relations that are told by one pattern."""

from __future__ import annotations

from typing import Any

import pytest

from stewardship.sentences import arithmetic_fr, message_fr


def figure(role: str, printed: str | None, value: float, **more: Any) -> dict[str, Any]:
    return {"role": role, "printed": printed, "value": value, "unit": "count", "report_title": "Bilan", **more}


def told(relation: str, *figures: dict[str, Any], gap: float | None = None, **arithmetic: Any) -> str:
    evidence = {"relation": relation, "subject_fr": "objet", "figures": list(figures), "arithmetic": arithmetic}
    message = message_fr(evidence, verdict="suspicious", gap=gap)
    return message.replace("\u202f", " ").replace("\u00a0", " ")


STATED = figure("stated", "800", 800, line=3)
EARLIER = figure("earlier", "600", 600, line=1)
LATER = figure("later", "730", 730, line=2)


@pytest.mark.parametrize(
    ("relation", "figures", "arithmetic", "said"),
    [
        (
            "share",
            [figure("share", "8 %", 8, unit="percent"), figure("part", "60 000", 60000), figure("base", None, 1200000)],
            {"computed": 5},
            "alors que « 60 000 » (même document) et « 1 200 000 » (même document) donnent 5 % ;",
        ),
        ("slip", [EARLIER, STATED, LATER], {}, "« 800 » (Bilan, ligne 3) s’écarte d’une puissance de dix de « 600 »"),
        (
            "copy",
            [EARLIER, LATER],
            {},
            "mêmes chiffres pour deux territoires ou deux dates, « 600 » (Bilan, ligne 1) et",
        ),
        ("register", [STATED], {"computed_low": 700, "computed_high": 710, "computed": 705}, "donne entre 700 et 710"),
        (
            "facility_register",
            [STATED],
            {"computed_low": 172, "computed_high": 174, "computed": 174},
            "« 800 » (Bilan, ligne 3), alors que FINESS en connaît entre 172 et 174 ouverts à cette date,",
        ),
        (
            "announced",
            [STATED, {**EARLIER, "role": "table"}],
            {},
            "mais « 600 » (même document, ligne 1) se sont tenus hors",
        ),
        ("future", [STATED], {}, "« 800 » (Bilan, ligne 3) est donné pour observé après la parution du document ;"),
        (
            "promise",
            [STATED, LATER],
            {},
            "l’objectif « 800 » (Bilan, ligne 3) est déjà atteint par « 730 » (même document, ligne 2)",
        ),
        ("pace", [STATED, EARLIER, LATER], {"computed": 742}, "le niveau serait de 742 ;"),
        ("average", [figure("whole", "71", 71), figure("part", "72", 72)], {"computed": 72}, "donne en moyenne 72"),
        ("annual", [figure("growth", "29 %", 29), figure("part", "3 %", 3)], {"computed": 34}, "par an donne 34"),
        ("pace", [], {}, "prévu ?, alors qu’au rythme de ? le niveau serait de ?"),
    ],
)
def test_what_each_relation_says(relation: str, figures: list[Any], arithmetic: dict[str, Any], said: str) -> None:
    assert said in told(relation, *figures, gap=3, **arithmetic)


def test_a_growth_per_year_is_told_as_what_it_makes() -> None:
    evidence = {
        "relation": "annual",
        "figures": [figure("growth", "28,7%", 28.7, unit="percent"), figure("part", "2,8%", 2.8, unit="percent")],
        "arithmetic": {"form": "compound", "computed": 35.5, "printed": 28.7},
    }
    assert (arithmetic_fr(evidence) or "").replace("\u202f", " ").replace("\u00a0", " ") == (
        "2,8% par an, composés sur la période = 35,5 %, imprimé 28,7 %, écart 6,8 points"
    )
