"""The lexicon: strict to read, and able to forget what one report taught it."""

from __future__ import annotations

from pathlib import Path

import pytest
from extraction_samples import LEXICON, load_sample, write_reference

from ingestion.extraction.lexicon import load_lexicon, names_in_label
from ingestion.extraction.phrases import tokens
from ingestion.extraction.words import fold
from ingestion.reference.fragments import ReferenceInvalid
from ingestion.report_file import read_report
from ingestion.territories import REFERENCE

EXTRACTS = REFERENCE.parent / "extracts"


@pytest.mark.parametrize(
    ("file", "line", "content", "said"),
    [
        ("terms.yml", 2, "terms:\n  - {term: autobus, measure: bus, source: s, colour: red}\n", "colour"),
        ("terms.yml", 2, "terms:\n  - {term: autobus, measure: tram, source: s}\n", "tram is declared nowhere"),
        ("terms.yml", 2, "terms:\n  - {term: autobus, indicator: tram, source: s}\n", "tram is declared nowhere"),
        ("terms.yml", 2, "terms:\n  - {term: autobus, source: s}\n", "measure or indicator"),
        ("terms.yml", 2, "terms:\n  - {term: autobus, measure: bus}\n", "seen_in"),
        (
            "terms.yml",
            3,
            "terms:\n  - {term: autobus, measure: bus, source: s}\n  - {term: Autobus, measure: bus, source: s}\n",
            "given twice",
        ),
        ("units.yml", 2, "nouns:\n  - {noun: bus, counted_unit: wheels, source: s}\n", "wheels"),
        ("cues.yml", 2, "cues:\n  - {cue: hausse, says: maybe, source: s}\n", "maybe"),
        ("cues.yml", 2, "cues:\n  - {cue: hausse, says: growth, source: s}\n    extra: 1\n", ""),
        ("moments.yml", 2, "anchors:\n  - {expression: hier, periods: [soon], ahead: false, source: s}\n", "soon"),
        ("places.yml", 2, "names:\n  - {name: ici, territory: nowhere, source: s}\n", "nowhere"),
        ("places.yml", 1, "- ici\n", "mapping"),
    ],
)
def test_a_fault_is_told_with_its_file_and_line(tmp_path: Path, file: str, line: int, content: str, said: str) -> None:
    folder = write_reference(tmp_path)
    (folder / "lexicon" / file).write_text(content, encoding="utf-8")
    with pytest.raises(ReferenceInvalid) as refused:
        load_lexicon(folder)
    assert Path(refused.value.file).name == file
    assert said in refused.value.expectation
    if said:
        assert refused.value.line in (line, None if said == "mapping" else line)


def test_a_territory_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    folder = write_reference(tmp_path)
    (folder / "lexicon" / "places.yml").write_text('names:\n  - {name: ici, territory: "department:999", source: s}\n')
    with pytest.raises(ReferenceInvalid, match="department:999"):
        load_lexicon(folder)


def test_a_report_left_out_takes_its_own_entries_and_places_along(tmp_path: Path) -> None:
    lexicon = load_sample(tmp_path)
    left = lexicon.without("bilan-bus")
    assert [term.term for term in lexicon.terms] == ["autobus de soins"]
    assert left.terms == ()
    assert {name.name for name in lexicon.names} - {name.name for name in left.names} == {"Bretons"}
    assert [name.name for name in lexicon.declared_places] == ["Pays bigouden"]
    assert left.declared_places == ()
    assert left.nouns == lexicon.nouns
    assert lexicon.without("another-report") == lexicon


def test_a_label_gives_the_long_name_and_the_acronym() -> None:
    assert list(names_in_label("Bus de santé (BDS)")) == ["Bus de santé", "BDS"]
    assert list(names_in_label("Bus de santé (ville)")) == ["Bus de santé"]


def test_the_samples_cover_every_file_of_the_lexicon() -> None:
    assert {file.name for file in (REFERENCE / "lexicon").glob("*.yml")} - {"noise.yml"} == set(LEXICON)


def test_the_committed_lexicon_names_known_reports() -> None:
    lexicon = load_lexicon()
    entries = (*lexicon.terms, *lexicon.nouns, *lexicon.cues, *lexicon.synonyms, *lexicon.anchors, *lexicon.names)
    known = {folder.parent.name for folder in EXTRACTS.glob("*/report.yml")}
    assert {report_id for entry in entries for report_id in entry.seen_in} <= known


def test_the_committed_lexicon_holds_set_phrases_not_sentences() -> None:
    """The running text of reports is not redistributed: an entry is a term of the field or a turn of phrase."""
    lexicon = load_lexicon()
    phrases = [term.term for term in lexicon.terms] + [cue.cue for cue in lexicon.cues]
    assert max(len(phrase.split()) for phrase in phrases) <= 9


def test_seen_in_is_true(documents: Path) -> None:
    """A report that an entry names does print the entry."""
    lexicon = load_lexicon()
    texts = {}
    for folder in sorted(path.parent for path in EXTRACTS.glob("*/report.yml")):
        report, _ = read_report(folder.name, {"report.yml": (folder / "report.yml").read_bytes()})
        text = (documents / "reports" / report["source_name"]).read_bytes().decode("utf-8")
        texts[report["report_id"]] = stems(text)
    entries = [(term.term, term.seen_in) for term in lexicon.terms] + [(cue.cue, cue.seen_in) for cue in lexicon.cues]
    untrue = [(phrase, seen) for phrase, seen_in in entries for seen in seen_in if stems(phrase) not in texts[seen]]
    assert untrue == []


def stems(text: str) -> str:
    """The stems of a text, to look for those of a phrase in a row."""
    return f" {' '.join(word.stem for word in tokens(fold(text)))} "
