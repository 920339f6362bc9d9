"""A publisher changes the form of a file: what changed is told; it is stopped, taken, or accepted once for all."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner
from test_datasets_collecting import CODE, COMMUNES, DatasetHome

from ingestion.archive import Archived, archived_path
from ingestion.datasets import contracts
from ingestion.datasets.accepted_forms import accept, accepted_changes, accepted_forms, forms_path
from ingestion.datasets.contract_model import Contract
from ingestion.datasets.contracts import load_contracts
from ingestion.datasets.delivery import Delivery, changes_of_form, read_delivery
from ingestion.datasets.drift import Change, FormChanged
from ingestion.datasets.drift_finding import nearest
from ingestion.datasets.shaping import Known
from ingestion.quarantine import keep
from orchestration.cli import cli
from warehouse.errors import InputError, UsageError
from warehouse.paths import Home

KNOWN = Known(frozenset(f"department:{code}" for code in ("01", "2A", "33", "48", "75")), frozenset({"medecins"}))
CONTRACT = """\
code: medecins-exemple
title: Médecins par département
publisher: Exemple
licence: Licence Ouverte 2.0
landing_page: https://example.org/medecins
cadence: yearly
file_pattern: medecins-*.csv
definition_version: "1"
format: {FORMAT, footers: [Source]}
columns:
  - {published: code, name: departement, type: code, pattern: "\\\\d{2}|2[AB]"}
  - {published: libellé, name: label, type: text}
  - {published: effectif, name: headcount, type: integer}
  - {published: densité, name: density, type: number}
  - {published: mise à jour, name: updated, type: date}
ignored_columns: [région]
keys: [departement]
territories: {level: department, years_after: 0}
vintage: {read_from: file_name, pattern: "-(\\\\d{4})"}
target: professional
transform:
  territory: departement
  period: vintage
  constants:
    profession_key: medecins
    practice_mode: ensemble
    location_basis: activite_principale
    sex: T
    counted_unit: personne
    obs_status: observed
    is_aggregate: false
"""
CSV = 'encoding: utf-8, delimiter: ";", decimal: ","'
SHEET = 'kind: spreadsheet, sheets: "Données", header_row: 2'
ROWS = [
    ["code", "région", "libellé", "effectif", "densité", "mise à jour"],
    ["01", "84", "Ain", "301", "44,8", "2024-03-01"],
    ["2A", "94", "Corse-du-Sud", "52", "31,9", "2024-03-01"],
    ["33", "75", "Gironde", "1204", "70,7", "2024-03-02"],
    ["48", "76", "Lozère", "17", "22,2", "2024-03-02"],
    ["75", "11", "Paris", "5230", "240,1", "2024-03-03"],
]
Edit = Callable[[list[list[str]]], list[list[str]]]


def contract(folder: Path, form: str = CSV, more: str = "") -> Contract:
    folder.mkdir(exist_ok=True)
    text = CONTRACT.replace("FORMAT", form) + more
    (folder / "medecins-exemple.yml").write_text(text, encoding="utf-8")
    return load_contracts.__wrapped__(folder)["medecins-exemple"]


def written(
    path: Path, rows: list[list[str]], *, encoding: str = "utf-8", delimiter: str = ";", above: str = ""
) -> Path:
    text = above + "".join(delimiter.join(row) + "\n" for row in rows)
    path.write_bytes(text.encode(encoding))
    return path


def table(read: Delivery) -> list[tuple[object, ...]]:
    columns = ("territory_key", "period", "headcount", "density")
    return sorted(read.frames["professional"].select(columns).rows())


def heading(old: str, new: str) -> Edit:
    return lambda rows: [[new if cell == old else cell for cell in rows[0]], *rows[1:]]


def cells(place: int, change: Callable[[str], str]) -> Edit:
    return lambda rows: [rows[0], *([*row[:place], change(row[place]), *row[place + 1 :]] for row in rows[1:])]


def swapped(rows: list[list[str]]) -> list[list[str]]:
    return [[row[0], row[1], row[2], row[4], row[3], row[5]] for row in rows]


def without(place: int) -> Edit:
    return lambda rows: [[*row[:place], *row[place + 1 :]] for row in rows]


def added(rows: list[list[str]]) -> list[list[str]]:
    return [[*rows[0], "part des femmes"], *([*row, "0.4"] for row in rows[1:])]


#: What the publisher did, the changes that must be found, and words that the sentence must have.
DRIFTS: list[tuple[str, Edit, dict[str, str], list[tuple[str, str | None]], str]] = [
    ("a column more", added, {}, [("added", None)], "une colonne nouvelle, «\u00a0part des femmes\u00a0»"),
    ("a column less", without(4), {}, [("removed", "density")], "la colonne «\u00a0densité\u00a0» n’est plus là"),
    (
        "another word",
        heading("effectif", "effectifs"),
        {},
        [("renamed", "headcount")],
        "désormais «\u00a0effectifs\u00a0»",
    ),
    (
        "with a year",
        heading("effectif", "effectif_2024"),
        {},
        [("renamed", "headcount")],
        "«\u00a0effectif_2024\u00a0»",
    ),
    ("in capitals", heading("densité", "DENSITE"), {}, [("renamed", "density")], "«\u00a0DENSITE\u00a0»"),
    ("a word of its own", heading("effectif", "nombre"), {}, [("renamed", "headcount")], "«\u00a0nombre\u00a0»"),
    (
        "another order",
        swapped,
        {},
        [("reordered", None)],
        "dans un autre ordre (densité, effectif au lieu de effectif, densité)",
    ),
    ("a decimal point", cells(4, lambda c: c.replace(",", ".")), {}, [("retyped", "density")], "signe décimal"),
    (
        "spaces in thousands",
        cells(3, lambda c: f"{int(c) + 9000:,}".replace(",", " ")),
        {},
        [("retyped", "headcount")],
        "milliers",
    ),
    ("decimals", cells(3, lambda c: f"{c},0"), {}, [("retyped", "headcount")], "des décimales"),
    ("French dates", cells(5, lambda c: "/".join(reversed(c.split("-")))), {}, [("retyped", "updated")], "%d/%m/%Y"),
    ("commas", lambda rows: rows, {"delimiter": "\t"}, [("rewritten", None)], "tabulation"),
    ("a title", lambda rows: rows, {"above": "Médecins\n\n"}, [("rewritten", None)], "à la ligne «\u00a03\u00a0»"),
    ("old encoding", lambda rows: rows, {"encoding": "windows-1252"}, [("rewritten", None)], "windows-1252"),
    (
        "all at once",
        lambda rows: added(heading("effectif", "effectifs")(cells(4, lambda c: c.replace(",", "."))(rows))),
        {"delimiter": ","},
        [("rewritten", None), ("renamed", "headcount"), ("added", None), ("retyped", "density")],
        "virgule",
    ),
]


@pytest.mark.parametrize(("edit", "how", "expected", "words"), [d[1:] for d in DRIFTS], ids=[d[0] for d in DRIFTS])
def test_a_change_of_form_is_told_stopped_and_once_accepted_taken(
    tmp_path: Path, edit: Edit, how: dict[str, str], expected: list[tuple[str, str | None]], words: str
) -> None:
    frozen = contract(tmp_path / "contracts")
    path = written(tmp_path / "medecins-2025.csv", edit(ROWS), **how)  # type: ignore[arg-type]
    changes = changes_of_form(frozen, path, path.name)
    assert [(change.kind, change.column) for change in changes] == expected
    with pytest.raises(FormChanged) as stopped:
        read_delivery(frozen, path, path.name, "0" * 64, known=KNOWN, accepted=[changes[:-1]])
    assert "la forme de «\u00a0Médecins par département\u00a0» a changé" in stopped.value.expectation
    assert "barometre sources accept medecins-exemple" in stopped.value.next_step
    with pytest.raises(FormChanged) as first:
        read_delivery(frozen, path, path.name, "0" * 64, known=KNOWN)
    assert words in first.value.expectation or words in stopped.value.expectation

    taken = read_delivery(frozen, path, path.name, "0" * 64, known=KNOWN, accepted=[changes])
    assert (taken.account.loaded, taken.account.quarantined, taken.warnings) == (5, 0, ())
    before = written(tmp_path / "medecins-2024.csv", ROWS)
    known = table(read_delivery(frozen, before, before.name, "0" * 64, known=KNOWN))
    lost = {column for kind, column in expected if kind == "removed"}
    got = table(taken)
    assert [row[0] for row in got] == [row[0] for row in known]
    if words != "milliers":
        assert [row[2] for row in got] == [row[2] for row in known]
    assert [row[3] for row in got] == [None if "density" in lost else row[3] for row in known]


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (without(0), "la colonne «\u00a0code\u00a0» n’est plus là, sans laquelle rien ne peut être chargé"),
        (cells(3, lambda _: "beaucoup"), "contient ce que l’on ne sait pas lire (par exemple «\u00a0beaucoup\u00a0»)"),
    ],
)
def test_what_nobody_can_just_say_yes_to_asks_for_another_contract(tmp_path: Path, edit: Edit, words: str) -> None:
    frozen = contract(tmp_path / "contracts")
    path = written(tmp_path / "medecins-2025.csv", edit(ROWS))
    changes = changes_of_form(frozen, path, path.name)
    assert not all(change.is_acceptable for change in changes)
    with pytest.raises(FormChanged, match=r"adapter le contrat medecins-exemple\.yml") as stopped:
        read_delivery(frozen, path, path.name, "0" * 64, known=KNOWN, accepted=[changes])
    assert words in stopped.value.expectation


def test_zeros_that_a_spreadsheet_took_are_given_back_when_somebody_accepts_it(tmp_path: Path) -> None:
    frozen = contract(tmp_path / "contracts")
    rows = [ROWS[0], *([str(n), "84", "Ain", "3", "4,0", "2024-03-01"] for n in range(1, 10))]
    known = Known(frozenset(f"department:0{n}" for n in range(1, 10)), KNOWN.professions)
    path = written(tmp_path / "medecins-2025.csv", rows)
    (change,) = changes_of_form(frozen, path, path.name)
    assert (change.kind, change.column, change.update["pad_to"]) == ("retyped", "departement", 2)
    read = read_delivery(frozen, path, path.name, "0" * 64, known=known, accepted=[(change,)])
    assert read.frames["professional"]["territory_key"][0] == "department:01"


def test_a_renamed_column_is_no_column_whose_cells_cannot_be_its_own(tmp_path: Path) -> None:
    path = written(
        tmp_path / "medecins-2025.csv",
        heading("effectif", "effectif_en_toutes_lettres")(cells(3, lambda _: "dix")(ROWS)),
    )
    changes = changes_of_form(contract(tmp_path / "contracts"), path, path.name)
    assert [(c.kind, c.column, c.after) for c in changes] == [
        ("removed", "headcount", None),
        ("added", None, "effectif_en_toutes_lettres"),
    ]


@pytest.mark.parametrize(("said", "warned"), [("accept", 0), ("warn", 1)])
def test_a_contract_may_take_a_change_in_silence_or_with_a_warning(tmp_path: Path, said: str, warned: int) -> None:
    tolerant = contract(tmp_path / "contracts", more=f"drift: {{added: {said}}}\n")
    path = written(tmp_path / "medecins-2025.csv", added(ROWS))
    read = read_delivery(tolerant, path, path.name, "0" * 64, known=KNOWN)
    assert read.account.loaded == 5
    assert len(read.warnings) == warned
    both = written(tmp_path / "medecins-2026.csv", heading("effectif", "effectifs")(added(ROWS)))
    with pytest.raises(FormChanged):
        read_delivery(tolerant, both, both.name, "0" * 64, known=KNOWN)


def test_a_column_may_say_otherwise_than_its_contract(tmp_path: Path) -> None:
    folder = tmp_path / "contracts"
    folder.mkdir()
    text = CONTRACT.replace("FORMAT", CSV).replace(
        "name: density, type: number}", "name: density, type: number, drift: {removed: warn}}"
    )
    (folder / "medecins-exemple.yml").write_text(text, encoding="utf-8")
    one = load_contracts.__wrapped__(folder)["medecins-exemple"]
    path = written(tmp_path / "medecins-2025.csv", without(4)(ROWS))
    assert read_delivery(one, path, path.name, "0" * 64, known=KNOWN).warnings == (
        "la colonne «\u00a0densité\u00a0» n’est plus là",
    )
    other = written(tmp_path / "medecins-2026.csv", without(2)(ROWS))
    with pytest.raises(FormChanged, match="libellé"):
        read_delivery(one, other, other.name, "0" * 64, known=KNOWN)


def workbook(path: Path, sheet: str, rows: list[list[str]], above: int = 1) -> Path:
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                numeric = number and place in (3, 4)
                page.write(number + above, place, float(cell.replace(",", ".")) if numeric else cell)
    return path


@pytest.mark.parametrize(
    ("sheet", "above", "edit", "expected"),
    [
        ("Données", 1, heading("effectif", "effectifs"), [("renamed", "headcount")]),
        ("Données", 4, lambda rows: rows, [("rewritten", None)]),
        ("Données 2025", 1, lambda rows: rows, [("rewritten", None)]),
        ("Données 2025", 3, added, [("rewritten", None), ("rewritten", None), ("added", None)]),
    ],
)
def test_a_workbook_changes_its_form_too(
    tmp_path: Path, sheet: str, above: int, edit: Edit, expected: list[tuple[str, str | None]]
) -> None:
    frozen = contract(tmp_path / "contracts", SHEET)
    path = workbook(tmp_path / "medecins-2025.xlsx", sheet, edit(ROWS), above)
    changes = changes_of_form(frozen, path, path.name)
    assert [(change.kind, change.column) for change in changes] == expected
    read = read_delivery(frozen, path, path.name, "0" * 64, known=KNOWN, accepted=[changes])
    assert [row[2] for row in table(read)] == [301, 52, 1204, 17, 5230]


def test_a_file_of_changed_form_is_recognised_by_what_is_left_of_its_header(tmp_path: Path) -> None:
    known = {"medecins-exemple": contract(tmp_path / "contracts")}
    path = written(
        tmp_path / "x.csv", heading("effectif", "nombre de praticiens")(ROWS), delimiter=",", above="Titre\n"
    )
    assert nearest(path, known, path.name) == "medecins-exemple"
    other = written(
        tmp_path / "y.csv", [["code", "libellé", "surface", "altitude", "prix"], ["01", "Ain", "1", "2", "3"]]
    )
    assert nearest(other, known, other.name) is None
    with pytest.raises(InputError, match="unknown column"):
        read_delivery(known["medecins-exemple"], other, other.name, "0" * 64, known=KNOWN)


def test_what_was_accepted_is_kept_with_who_when_and_why(home: Path) -> None:
    kept, at = Home(home).create(), datetime(2026, 11, 22, tzinfo=UTC)
    first = Change("renamed", "headcount", "effectif", "effectifs", ("1",))
    second = Change("rewritten", None, "1", "3", update={"header_row": None, "header_rows": (3, 4), "data_row": 6})
    accept(kept, "medecins-exemple", [first], file="a.csv", sha256="0" * 64, by="Anne", why="vu avec la DREES", at=at)
    accept(kept, "medecins-exemple", [second], file="b.csv", sha256="1" * 64, by="Benoît", why="titre", at=at)
    assert [(form.accepted_by, form.why, form.file) for form in accepted_forms(kept, "medecins-exemple")] == [
        ("Anne", "vu avec la DREES", "a.csv"),
        ("Benoît", "titre", "b.csv"),
    ]
    assert [[c.identity for c in changes] for changes in accepted_changes(kept, "medecins-exemple")] == [
        [first.identity],
        [second.identity],
    ]
    assert accepted_changes(kept, "autre") == []
    path = forms_path(kept, "medecins-exemple")
    path.write_text(path.read_text().replace("why: titre", "why: titre\n  whyy: x"))
    with pytest.raises(InputError, match=r"medecins-exemple\.yml"):
        accepted_forms(kept, "medecins-exemple")


# From the drop folder to bronze, with the real contract of the legal populations

RENAMED = """\
Code commune;COM;PMUN;PCAP;PTOT;Variation
01004;Ambérieu-en-Bugey;14035;393;14428;1
2A004;Ajaccio;70659;849;71508;2
33063;Bordeaux;254436;3368;257804;3
75101;Paris 1er Arrondissement;16266;129;16395;4
"""


@pytest.fixture
def datasets(home: Path, monkeypatch: pytest.MonkeyPatch) -> DatasetHome:
    known = load_contracts()
    small = {**known, CODE: known[CODE].model_copy(update={"at_least": 1})}
    monkeypatch.setattr("ingestion.datasets.collecting.load_contracts", lambda: small)
    monkeypatch.setattr(contracts, "load_contracts", lambda: small)
    return DatasetHome(Home(home).create())


def test_a_steward_reads_what_changed_accepts_it_and_the_next_refresh_takes_the_file(datasets: DatasetHome) -> None:
    refused = datasets.refresh({"Communes.csv": RENAMED.encode()})["Communes.csv"]
    assert (refused.status, refused.source) == ("quarantined", CODE)
    assert refused.reason is not None
    told = refused.reason["expectation"]
    assert "la colonne «\u00a0DEPCOM\u00a0» s’appelle sans doute désormais «\u00a0Code commune\u00a0»" in told
    assert "une colonne nouvelle, «\u00a0Variation\u00a0»" in told

    home = datasets.home
    archived = Archived(refused.sha256, refused.name, refused.bytes, archived_path(home, refused.sha256))
    keep(home, archived, {"kind": "dataset", "source": CODE, **refused.reason}, datasets.now, delivered=True)

    asked = ["sources", "accept", CODE, "--why", "L’INSEE a renommé la colonne", "--by", "Anne", "--format", "json"]
    done = CliRunner().invoke(cli, asked)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["accepted_by"] == "Anne"
    taken = datasets.refresh()["Communes.csv"]
    assert taken.status == "accepted"
    assert datasets.populations()[f"{CODE}@2017", "2017"] == 254436

    # Another file of that form needs nobody any more; the old form is taken as ever, and as the later one counts.
    later = RENAMED.replace("14035;393;14428", "14036;393;14429").encode()
    assert datasets.refresh({"Communes.csv": later})["Communes.csv"].status == "accepted"
    assert datasets.refresh({"ensemble.csv": COMMUNES})["ensemble.csv"].status == "accepted"
    assert datasets.read == 1, "what was made before is not read again"


def test_there_is_nothing_to_accept_where_nothing_changed_or_was_refused(datasets: DatasetHome, tmp_path: Path) -> None:
    assert [datasets.home.landing.is_dir(), *datasets.home.landing.iterdir()] == [True]
    nothing = CliRunner().invoke(cli, ["sources", "accept", CODE, "--why", "x"])
    assert isinstance(nothing.exception, UsageError)
    assert "No file of insee-populations-legales is quarantined" in str(nothing.exception)
    good = tmp_path / "Communes.csv"
    good.write_bytes(COMMUNES)
    same = CliRunner().invoke(cli, ["sources", "accept", CODE, str(good), "--why", "x"])
    assert isinstance(same.exception, UsageError)
    assert "nothing to accept" in str(same.exception)
    assert not forms_path(datasets.home, CODE).exists()
