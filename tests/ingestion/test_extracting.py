"""Drafting the extract of one document: what is written where, what a second reading leaves alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas
from small_home import SmallHome, members, zipped

from ingestion import landing, receiving
from ingestion.archive import archived_path
from ingestion.choices import load_choices
from ingestion.drafts import Draft, Row, draft_of, files_of
from ingestion.extract_folders import report_ids, standing, text_of, write_extract, written_as
from ingestion.extracting import Drafted, extract_document
from ingestion.extraction import lexicon
from ingestion.extracts_reading import folder_files, read_folder
from ingestion.figures.ledger import unaccounted
from ingestion.review import Codes, accept, awaiting, dismiss_numeral, modify
from ingestion.review_hints import hints_of
from ingestion.review_session import close, is_begun, keep, look, opened
from ingestion.verification import verify_spans
from warehouse.errors import InputError, UsageError
from warehouse.paths import Home

LEXICON = lru_cache(maxsize=1)(lexicon.load_lexicon)
AT = datetime(2031, 1, 1, tzinfo=UTC)
# An invented report: no text of anybody.
SENTENCES = (
    "Bilan des soins de proximité en Bretagne",
    "En 2029, 168 maisons de santé pluriprofessionnelles sont en fonctionnement dans la région.",
    "Elles étaient 131 à la fin de l’année 2028, ce qui montre l’élan donné par les équipes de soins.",
    "Le contrat d’engagement de service public compte 45 signataires depuis sa création dans la région.",
    "Une charte des équipes a été écrite avec les professions, les élus et les usagers de tous les territoires.",
    "Pour la joindre, l’agence répond au 02 99 00 00 00 chaque jour ouvré ; 37 pages la présentent en détail.",
)
TEXT = "\n\n".join(SENTENCES) + "\n"


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallHome:
    monkeypatch.setattr(receiving, "PACKAGED", tmp_path / "packaged")
    monkeypatch.setattr(landing, "QUIET_SECONDS", 0.0)
    return SmallHome(Home(tmp_path / "home").create())


@pytest.fixture(autouse=True)
def _read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lexicon is the same for all; reading it takes a second."""
    monkeypatch.setattr(lexicon, "load_lexicon", LEXICON)


@pytest.fixture
def home(small: SmallHome) -> Home:
    return small.home


@pytest.fixture(scope="module")
def codes() -> Codes:
    choices = load_choices()
    return Codes(choices.units, frozenset(choices.territories))


def document(folder: Path, text: str = TEXT, name: str = "bilan.txt") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def pdf(folder: Path, pages: Iterable[Iterable[str]]) -> Path:
    path = folder / "bilan.pdf"
    drawn = canvas.Canvas(str(path), pagesize=A4, invariant=True)
    for sentences in pages:
        for number, sentence in enumerate(sentences):
            drawn.drawString(40, 780 - 24 * number, sentence)
        drawn.showPage()
    drawn.save()
    return path


def sha_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def stands(home: Home, drafted: Drafted) -> Draft:
    """What a refresh would read of the folder, with every figure at its span."""
    extract = read_folder(drafted.folder)
    source = extract.frames["report"]["source_sha256"].item()
    text = text_of(home, source)
    assert text is not None
    assert verify_spans(extract, text) is None
    assert unaccounted(text, extract.frames["ledger"].iter_rows(named=True)) == []
    return draft_of(folder_files(drafted.folder))


def printed(rows: Iterable[Row]) -> list[str]:
    return [row["printed"] for row in rows]


def review(home: Home, drafted: Drafted, codes: Codes) -> str:
    """A short review by Anne: the first figure is right, the first numeral left pending is none; returns that one."""
    with opened(home, drafted.report_id) as session:
        draft = accept(session.draft, session.draft.figures[0]["figure_key"], "Anne", session.text, codes)
        numeral = next(item for item in awaiting(draft) if item.figure_key is None)
        draft = dismiss_numeral(draft, numeral.start or 0, "sans objet")
        keep(home, session, draft)
        close(home, session, draft)
        return numeral.printed


def test_an_unseen_text_becomes_a_draft_with_every_numeral_accounted_for(home: Home, tmp_path: Path) -> None:
    drafted = extract_document(home, document(tmp_path), AT)
    draft = stands(home, drafted)
    assert (drafted.version, drafted.is_new, drafted.folder.parent) == (1, True, home.local_extracts)
    assert "168" in printed(draft.figures)
    assert {(row["extraction_method"], row["review_status"]) for row in draft.figures} == {("automatic", "unreviewed")}
    assert {row["disposition"] for row in draft.ledger if row["printed"] in ("02", "99")} == {"dismissed"}
    assert text_of(home, sha_of(TEXT)) == TEXT
    assert [path.name for path in home.landing.iterdir()] == ["bilan.txt"]


def test_the_running_text_stays_out_of_the_draft(home: Home, tmp_path: Path) -> None:
    drafted = extract_document(home, document(tmp_path), AT)
    written = b"\n".join(folder_files(drafted.folder).values()).decode()
    for sentence in SENTENCES[1:]:
        words = sentence.split()
        for start in range(len(words) - 3):
            assert " ".join(words[start : start + 4]) not in written


def test_the_same_document_again_is_nothing_new(home: Home, tmp_path: Path) -> None:
    first = extract_document(home, document(tmp_path), AT)
    before = folder_files(first.folder)
    again = extract_document(home, document(tmp_path, name="copie.txt"), AT)
    assert (again.report_id, again.version, again.is_new) == (first.report_id, 1, False)
    assert folder_files(first.folder) == before
    assert [path.name for path in home.landing.iterdir()] == ["bilan.txt"]


def test_what_a_person_settled_stays_when_the_document_is_read_again(home: Home, tmp_path: Path, codes: Codes) -> None:
    drafted = extract_document(home, document(tmp_path), AT)
    dismissed = review(home, drafted, codes)
    reviewed = folder_files(drafted.folder)
    again = extract_document(home, document(tmp_path), AT)
    assert (again.version, again.is_new) == (2, False)
    assert folder_files(again.folder) == reviewed
    rows = {row["printed"]: row for row in stands(home, again).ledger}
    assert (rows[dismissed]["disposition"], rows[dismissed]["reason"]) == ("dismissed", "sans objet")


def test_a_pdf_keeps_its_pages_and_is_reviewed_on_its_archived_text(home: Home, tmp_path: Path, codes: Codes) -> None:
    drafted = extract_document(home, pdf(tmp_path, (SENTENCES[::5], SENTENCES[1:5])), AT)
    draft = stands(home, drafted)
    assert {row["printed"]: row["source_page"] for row in draft.figures}["168"] == "2"
    assert drafted.document.text != TEXT
    assert archived_path(home, sha256((tmp_path / "bilan.pdf").read_bytes()).hexdigest()).is_file()
    with opened(home, drafted.report_id) as session:
        assert session.document.pages == drafted.document.pages
        pending = next(item.start for item in awaiting(session.draft) if item.figure_key is None)
        assert hints_of(session.draft, session.document).rows[pending or 0]["source_page"] == "1"
    review(home, drafted, codes)
    reviewed = standing(home, drafted.report_id)
    assert reviewed is not None
    assert reviewed.version == 2


def test_a_web_page_is_read_as_what_it_says(home: Home, tmp_path: Path) -> None:
    body = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
    page = f"<!doctype html><html lang='fr'><head><title>Bilan</title></head><body>{body}</body></html>"
    drafted = extract_document(home, document(tmp_path, page, "bilan.html"), AT)
    assert "168" in printed(stands(home, drafted).figures)


def test_a_report_is_called_as_asked(home: Home, tmp_path: Path) -> None:
    drafted = extract_document(home, document(tmp_path), AT, "bilan-bretagne-2029")
    assert drafted.folder.name == "bilan-bretagne-2029"
    assert read_folder(drafted.folder).report_id == "bilan-bretagne-2029"
    assert extract_document(home, document(tmp_path), AT).report_id == "bilan-bretagne-2029"


@pytest.mark.parametrize("wrong", ["Bilan 2029", "../x", "", "a" * 65])
def test_an_identifier_is_plain(home: Home, tmp_path: Path, wrong: str) -> None:
    with pytest.raises(UsageError, match="--report-id"):
        extract_document(home, document(tmp_path), AT, wrong)
    assert list(home.local_extracts.iterdir()) == []


def test_one_text_is_one_report_and_one_report_is_one_text(home: Home, tmp_path: Path) -> None:
    extract_document(home, document(tmp_path), AT, "bilan")
    with pytest.raises(UsageError, match="Ce texte est déjà celui du rapport bilan"):
        extract_document(home, document(tmp_path), AT, "autre")
    other = "\n".join(reversed(SENTENCES)).replace("santé", "soins").replace("région", "zone")
    with pytest.raises(UsageError, match="celui d’un autre texte"):
        extract_document(home, document(tmp_path, other), AT, "bilan")
    assert report_ids(home) == ["bilan"]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("bilan.txt", b"", "vide"),
        ("bilan.pdf", b"   \n", "vide"),
        ("bilan.txt", b"Une note de cinq mots.", "mots"),
        ("bilan.pdf", b"%PDF-1.7 rien", "PDF"),
        ("bilan.pdf", TEXT.encode(), "annonce un PDF"),
    ],
)
def test_what_is_no_report_is_refused_and_leaves_nothing(
    home: Home, tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=expected):
        extract_document(home, path, AT)
    assert [*home.local_extracts.iterdir(), *home.landing.iterdir()] == []


def test_an_extract_is_no_report(home: Home, tmp_path: Path) -> None:
    packed = zipped(tmp_path / "bilan.extract.zip", members("bilan"))
    with pytest.raises(UsageError, match="est une extraction, pas un rapport"):
        extract_document(home, packed, AT)


def test_a_new_edition_keeps_the_keys_of_the_one_before(home: Home, tmp_path: Path) -> None:
    first = extract_document(home, document(tmp_path), AT, "bilan")
    edited = TEXT.replace("168 maisons", "174 maisons")
    second = extract_document(home, document(tmp_path, edited, "bilan-2.txt"), AT)
    keys = {row["figure_key"]: row["printed"] for row in stands(home, second).figures}
    before = {row["figure_key"]: row["printed"] for row in stands(home, first).figures}
    assert second.report_id != "bilan"
    assert {key for key in before if before[key] != keys.get(key)} == {k for k, v in before.items() if v == "168"}
    assert read_folder(second.folder).frames["report"]["supersedes_report_id"].item() == "bilan"


# --- what landed, and what was delivered -----------------------------------------------------------------------------


def test_a_report_that_only_landed_can_be_reviewed(small: SmallHome, codes: Codes) -> None:
    """The review starts from what the machine drafted; the folder that it makes is what counts from then on."""
    document(small.home.landing)
    arrival = small.refresh()["bilan.txt"]
    report_id = str(arrival.source)
    assert standing(small.home, report_id) is not None
    assert written_as(small.home, sha_of(TEXT)) is None
    with opened(small.home, report_id) as session:
        figure = session.draft.figures[0]
        draft = modify(session.draft, figure["figure_key"], {"territory_key": "region:52"}, "Anne", session.text, codes)
        assert close(small.home, session, draft) == 2
    assert written_as(small.home, sha_of(TEXT)) == report_id
    arrivals = small.refresh()
    assert arrivals[f"{report_id}.extract.zip"].status == "accepted"
    assert small.current()[report_id] == arrivals[f"{report_id}.extract.zip"].sha256
    assert awaiting(look(small.home, report_id)[0])[0].figure_key != figure["figure_key"]


def test_a_landed_report_can_be_given_a_better_name(small: SmallHome, tmp_path: Path) -> None:
    document(small.home.landing)
    landed = str(small.refresh()["bilan.txt"].source)
    drafted = extract_document(small.home, document(tmp_path), AT, "bilan-2029")
    assert (drafted.report_id, drafted.version) == ("bilan-2029", 1)
    small.refresh()
    assert set(small.current()) == {"bilan-2029"} != {landed}


def test_a_delivered_extract_is_reviewed_from_the_version_that_counts(
    small: SmallHome, tmp_path: Path, codes: Codes
) -> None:
    drafted = extract_document(small.home, document(tmp_path), AT, "bilan")
    sent = draft_of(folder_files(drafted.folder))
    sent = modify(
        sent, sent.figures[0]["figure_key"], {"territory_key": "region:52"}, "Zoé", drafted.document.text, codes
    )
    files = files_of(sent)
    files["report.yml"] = files["report.yml"].replace(b"extract_version: 1", b"extract_version: 5")
    zipped(small.home.landing / "bilan.extract.zip", files)
    small.refresh()
    with opened(small.home, "bilan") as session:
        assert session.base.version == 5
        assert session.draft.figures[0]["reviewed_by"] == "Zoé"


# --- what is kept of a review ----------------------------------------------------------------------------------------


def test_a_review_that_decides_nothing_leaves_no_trace(home: Home, tmp_path: Path) -> None:
    drafted = extract_document(home, document(tmp_path), AT)
    before = folder_files(drafted.folder)
    with opened(home, drafted.report_id) as session:
        assert close(home, session, session.draft) is None
    assert folder_files(drafted.folder) == before
    assert not is_begun(home, drafted.report_id)


def test_a_kept_review_of_a_text_that_was_replaced_is_not_mixed_with_the_new_one(
    home: Home, tmp_path: Path, codes: Codes
) -> None:
    drafted = extract_document(home, document(tmp_path), AT, "bilan")
    with opened(home, "bilan") as session:
        keep(home, session, accept(session.draft, session.draft.figures[0]["figure_key"], "Anne", session.text, codes))
    other = extract_document(home, document(tmp_path, TEXT + "\nEn 2028, 12 bus.\n", "autre.txt"), AT, "autre")
    for name, content in folder_files(other.folder).items():
        (drafted.folder / name).write_bytes(content.replace(b"autre", b"bilan"))
    with pytest.raises(UsageError, match="celle d’un autre texte"):
        look(home, "bilan")
    assert is_begun(home, "bilan")


def test_hints_say_how_sure_a_figure_is_and_what_a_numeral_may_be(home: Home, tmp_path: Path) -> None:
    drafted = extract_document(home, document(tmp_path), AT)
    hints = hints_of(drafted.draft, drafted.document)
    start = TEXT.index("168")
    assert 0.5 <= hints.scores[start, start + 3] <= 1
    pending = {int(row["char_start"]) for row in drafted.draft.ledger if row["disposition"] == "pending"}
    assert set(hints.rows) == pending
    assert "numéro de page" in hints.reasons


def test_a_folder_that_was_there_gets_its_description_last(
    home: Home, tmp_path: Path, codes: Codes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill half-way leaves the old version with other bytes, which a refresh refuses; the next review mends it."""
    drafted = extract_document(home, document(tmp_path), AT)
    with opened(home, drafted.report_id) as session:
        draft = accept(session.draft, session.draft.figures[0]["figure_key"], "Anne", session.text, codes)
        keep(home, session, draft)
        _die_at_the_description(monkeypatch)
        with pytest.raises(KeyboardInterrupt):
            close(home, session, draft)
        monkeypatch.undo()
    assert read_folder(drafted.folder).extract_version == 1
    with opened(home, drafted.report_id) as session:
        assert session.is_resumed
        assert close(home, session, session.draft) == 2
    assert folder_files(drafted.folder)["figures.csv"] == files_of(draft)["figures.csv"]


def test_a_folder_keeps_no_file_that_the_version_has_not(home: Home, tmp_path: Path) -> None:
    drafted = extract_document(home, document(tmp_path), AT)
    (drafted.folder / "links.csv").write_text("link_key,figure_key,role,exhaustive\n")
    (drafted.folder / ".note").write_text("une note de la personne")
    files = {name: content for name, content in folder_files(drafted.folder).items() if name != "links.csv"}
    write_extract(home, drafted.report_id, files, 7)
    assert {path.name for path in drafted.folder.iterdir()} == {*files, ".note"}
    assert read_folder(drafted.folder).extract_version == 7


def _die_at_the_description(monkeypatch: pytest.MonkeyPatch) -> None:
    from ingestion import extract_folders

    original = extract_folders.write_durably

    def dying(path: Path, content: bytes) -> None:
        if path.name == "report.yml":
            raise KeyboardInterrupt
        original(path, content)

    monkeypatch.setattr(extract_folders, "write_durably", dying)
