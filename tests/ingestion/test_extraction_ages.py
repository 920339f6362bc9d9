"""Ages bound who is counted: an indicator of people over 55 is not proposed where nobody speaks of 55."""

from __future__ import annotations

from pathlib import Path

import pytest
from extraction_samples import proposals, write_reference

from ingestion.extraction.lexicon import Lexicon, load_lexicon
from ingestion.extraction.words import ages

_INDICATORS = "".join(
    f"""
  - code: conducteurs_plus_{age}_ans_part
    concept: conducteurs_plus_{age}_ans_part
    label_fr: "Part des conducteurs de plus de {age} ans"
    label_en: drivers_{age}
    counted_unit: none
    champ_fr: conducteurs
    definition_fr: "Part des conducteurs de plus de {age} ans."
    definition_version: "1"
    unit: percent
    nature: share
    measure: bus
    additive_over_territory: false"""
    for age in (55, 60)
)


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory: pytest.TempPathFactory) -> Lexicon:
    folder: Path = write_reference(tmp_path_factory.mktemp("reference"))
    with (folder / "indicators" / "bus.yml").open("a", encoding="utf-8") as file:
        file.write(_INDICATORS)
    return load_lexicon(folder)


@pytest.mark.parametrize(
    ("folded", "found"),
    [
        ("de plus de 55 ans", {"55 ans"}),
        ("de 20 a 59 ans", {"20 ans", "59 ans"}),
        ("les 55 ans et plus et les 75\nans", {"55 ans", "75 ans"}),
        ("1 255 ans, 12,55 ans, 55 animaux", set()),
    ],
)
def test_ages_are_told_from_other_numbers(folded: str, found: set[str]) -> None:
    assert ages(folded) == found


def test_the_age_tells_indicators_apart(lexicon: Lexicon) -> None:
    for age in (55, 60):
        proposal = proposals(f"En Bretagne, 38 % des conducteurs ont plus de {age} ans.", lexicon)["38 %"]
        assert proposal.indicator_code == f"conducteurs_plus_{age}_ans_part"


def test_without_the_age_the_proposal_is_unsure(lexicon: Lexicon) -> None:
    said = proposals("38 % des conducteurs ont plus de 55 ans.", lexicon)["38 %"]
    unsaid = proposals("38 % des conducteurs sont des femmes.", lexicon)["38 %"]
    assert unsaid.scores["indicator"] < 0.6 * said.scores["indicator"]
