"""The draft extract: readable, complete and the same each time, whatever the document."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from extraction_samples import document_of, load_sample
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.documents.model import Document
from ingestion.extraction.describe import UNKNOWN_DATE, UNKNOWN_PUBLISHER, describe, report_id_of
from ingestion.extraction.draft import draft_extract
from ingestion.extraction.lexicon import Lexicon
from ingestion.extraction.propose import propose
from ingestion.extracts_reading import Extract, read_members
from ingestion.figures.ledger import unaccounted
from ingestion.verification import verify_spans
from warehouse.errors import InputError

BILAN = """Bilan 2019 des bus de santé en Bretagne
ARS Bretagne, 12 septembre 2019

La région compte 24 bus de santé en service, contre 12 bus de santé en 2017.
Le nombre de bus de santé est en hausse de 100 % depuis 2017 ; 80 % des bus de santé roulent en zone rurale.
On compte donc 24 bus de santé en service (page 3). Tél : 02 99 00 00 00
Il a couru 42 tours de piste.
"""


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory: pytest.TempPathFactory) -> Lexicon:
    return load_sample(tmp_path_factory.mktemp("reference"))


def drafted(document: Document, lexicon: Lexicon, name: str = "bilan-bus.txt") -> dict[str, bytes]:
    about, cells = describe(document, name, lexicon)
    return draft_extract(document, about, cells, propose(document, lexicon, about))


def rows(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(files[name].decode("utf-8"), newline="")))


def read(files: dict[str, bytes]) -> Extract:
    return read_members("draft", files)


def test_a_draft_is_an_extract_marked_automatic_and_unreviewed(lexicon: Lexicon) -> None:
    document = document_of(BILAN)
    extract = read(drafted(document, lexicon))
    figures = extract.frames["figure"]
    assert verify_spans(extract, document.text) is None
    assert set(figures["extraction_method"]) == {"automatic"}
    assert set(figures["review_status"]) == {"unreviewed"}
    assert figures["figure_key"].to_list() == [
        "bus-en-service",
        "bus-en-service--2",
        "bus-croissance",
        "bus-part-rural",
        "bus-en-service--3",
    ]


def test_what_is_said_again_repeats_what_was_said(lexicon: Lexicon) -> None:
    figures = rows(drafted(document_of(BILAN), lexicon), "figures.csv")
    assert {row["figure_key"]: row["repeats"] for row in figures if row["repeats"]} == {
        "bus-en-service--3": "bus-en-service"
    }


def test_every_numeral_is_in_the_ledger_with_what_became_of_it(lexicon: Lexicon) -> None:
    document = document_of(BILAN)
    ledger = rows(drafted(document, lexicon), "ledger.csv")
    assert unaccounted(document.text, ledger) == []
    said = {row["printed"]: (row["disposition"], bool(row["reason"]), bool(row["figure_key"])) for row in ledger}
    assert said["24"] == ("observed", False, True)
    assert said["3"] == ("dismissed", True, False)
    assert said["42"] == ("pending", False, False)


def test_the_same_document_gives_the_same_bytes(lexicon: Lexicon) -> None:
    assert drafted(document_of(BILAN), lexicon) == drafted(document_of(BILAN), lexicon)


def test_a_report_says_what_it_is(lexicon: Lexicon) -> None:
    about, cells = describe(document_of(BILAN), "Bilan des bus (2019).txt", lexicon)
    assert (about.report_id, about.scope_territory_key) == ("bilan-des-bus-2019", "region:53")
    assert (about.published_period, cells["published_on"], cells["published_precision"]) == (
        "2019-09-12",
        "2019-09-12",
        "day",
    )
    assert (cells["title"], cells["publisher"]) == ("Bilan 2019 des bus de santé en Bretagne", "ARS Bretagne")


def test_what_a_report_does_not_say_has_an_honest_default(lexicon: Lexicon) -> None:
    about, cells = describe(document_of("Les bus roulent."), "???.txt", lexicon)
    assert (about.report_id, about.scope_territory_key, about.published_on) == ("rapport", "country:FR", None)
    assert (cells["publisher"], cells["published_on"]) == (UNKNOWN_PUBLISHER, UNKNOWN_DATE.isoformat())


@pytest.mark.parametrize(
    ("name", "report_id"),
    [
        ("Rapport d’activité 2023.pdf", "rapport-d-activite-2023"),
        ("ŒUVRE--2.docx", "oeuvre-2"),
        ("日本.html", "rapport"),
        ("x" * 200 + ".txt", "x" * 48),
    ],
)
def test_an_identifier_is_plain_whatever_the_file_is_called(name: str, report_id: str) -> None:
    assert report_id_of(name) == report_id


@pytest.mark.parametrize(
    "text",
    [
        "9" * 400 + " bus de santé en service",
        "bus de santé en service : 123 456 789 012 345 678",
        "entre 10 et 2 bus de santé en service",
        "1.234 bus de santé en service, multipliés par 0",
        'bus "de santé", en service : 24\r\n\r\n25,\tbus',
        "bus de santé\u2028en service 24\x0b25\x0c26",
        "(" * 500 + "24 bus de santé en service" + ")" * 500,
        "24 bus de santé en service. " * 60,
        "le 99/99/2099, d’ici 2019-2018, 24 bus de santé en service fin 31 février 2019",
    ],
)
def test_a_hostile_text_gives_a_readable_draft(text: str, lexicon: Lexicon) -> None:
    document = document_of(text)
    files = drafted(document, lexicon)
    assert verify_spans(read(files), document.text) is None
    assert unaccounted(document.text, rows(files, "ledger.csv")) == []


_PIECES = """24|1 811|7,6 millions d’€|+ 37 %|x 3,5|deux tiers|un quart|une vingtaine|entre 2 et 3|de 15 à 20 %|2e|40M€
30 minutes|300 € par mois|doublé|9 ETP|98 pour 100 000|près de |au moins |plus de |moins de |bus de santé|infirmiers
consultations|en service|zone rurale|hausse de |objectif |d’ici 2022|depuis 2010|en 2018|fin 2019|entre |et |à Rennes
en Bretagne|dans le Finistère|la région|(|)|;|:|,|.| ► |Engagement 3 : |source : |« |»|LE NOMBRE DE|%|€|-|/|jusqu’à """
_SOUP = st.lists(st.sampled_from([*_PIECES.replace("\n", "|").split("|"), "\n", "\n\n", "\u202f", "\r"]), max_size=40)


@settings(max_examples=150, deadline=None)
@given(text=st.one_of(_SOUP.map(" ".join), st.text(max_size=120)))
def test_no_text_can_make_a_draft_that_is_not_an_extract(text: str, lexicon: Lexicon) -> None:
    try:
        document = document_of(text)
    except InputError:
        return
    files = drafted(document, lexicon)
    extract = read(files)
    keys = extract.frames["figure"]["figure_key"]
    assert verify_spans(extract, document.text) is None
    assert keys.n_unique() == len(keys)
    assert unaccounted(document.text, rows(files, "ledger.csv")) == []
    assert {row["disposition"] for row in rows(files, "ledger.csv")} <= {"observed", "part_of", "dismissed", "pending"}
