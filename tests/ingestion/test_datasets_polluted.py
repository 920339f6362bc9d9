"""Polluted files: whatever a file went through, no row is lost or altered in silence.

Each case is what happened to one clean table. Either the file is refused with its name and a next step; or each row of
the table stands in the warehouse as it was, or among the refusals with its line and a reason: never both or neither,
never with other values. ``expected`` says which: ``loads``, ``refused``, or how many rows are quarantined.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from ingestion.datasets.contract_model import Contract
from ingestion.datasets.contracts import load_contracts
from ingestion.datasets.delivery import Delivery, read_delivery
from ingestion.datasets.shaping import Known
from warehouse.errors import InputError

DEPARTMENTS = [f"{n:02d}" for n in range(1, 96) if n != 20] + ["2A", "2B", "971", "972", "973", "974", "976"]
KNOWN = Known(frozenset(f"department:{code}" for code in DEPARTMENTS), frozenset({"medecins"}))
CONTRACT = """\
code: pollution
title: Table salie
publisher: Exemple
licence: Licence Ouverte 2.0
landing_page: https://example.org/
cadence: yearly
file_pattern: "*"
definition_version: "1"
format: {FORMAT, footers: [Source, Note, "(1)"]}
columns:
  - {published: Code, name: departement, type: code, pattern: "\\\\d{2,3}|2[AB]"}
  - {published: Libellé, name: label, type: text}
  - {published: Effectif, name: headcount, type: integer, null_marks: [nd], secrecy_marks: [s], may_be_empty: true}
  - {published: Densité, name: density, type: number, may_be_empty: true}
  - {published: Date, name: day, type: date}
keys: [departement]
totals:
  - {column: departement, cells: [Total, Ensemble, France]}
territories: {level: department, years_after: 0}
vintage: {read_from: constant, value: "2024"}
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
HEADER = ["Code", "Libellé", "Effectif", "Densité", "Date"]
#: Values that no other row has, so that one cannot pass for another; accents in every label.
TABLE = [
    [code, f"Département é{number}", 1_000 + 7 * number, round(20 + number * 1.3, 1), date(2024, 1, 1 + number % 28)]
    for number, code in enumerate(DEPARTMENTS)
]
Row = list[Any]
Cells = list[list[str]]


@dataclass(frozen=True)
class Case:
    """One pollution: the file's bytes, how the contract says it is written, what must become of it."""

    name: str
    content: bytes
    form: str
    expected: str | int


def cells_of(rows: Sequence[Row] = TABLE, decimal: str = ",") -> Cells:
    return [[r[0], r[1], str(r[2]), f"{r[3]}".replace(".", decimal), r[4].isoformat()] for r in rows]


def csv_text(rows: Cells, delimiter: str = ";", newline: str = "\n", header: Sequence[str] = HEADER) -> str:
    return newline.join(delimiter.join(row) for row in [list(header), *rows]) + newline


def form(encoding: str = "utf-8", delimiter: str = ";", decimal: str = ",", more: str = "") -> str:
    return f'encoding: {encoding}, delimiter: "{delimiter}", decimal: "{decimal}"{", " + more if more else ""}'


def text_case(name: str, text: str, expected: str | int, how: str | None = None, encoding: str = "utf-8") -> Case:
    return Case(name, text.encode(encoding), how or form(), expected)


def altered(change: Callable[[int, list[str]], list[str]], *lines: int) -> Cells:
    """The clean cells with some rows changed, by their number in the table."""
    return [change(n, row) if n in lines else row for n, row in enumerate(cells_of())]


def cell(place: int, value: str) -> Callable[[int, list[str]], list[str]]:
    return lambda _, row: [*row[:place], value, *row[place + 1 :]]


def encodings() -> Iterator[Case]:
    codecs = {"utf-8": "utf-8", "windows-1252": "cp1252", "iso-8859-15": "iso8859-15"}
    for (name, codec), (delimiter, written) in product(
        codecs.items(), ((";", ";"), (",", ","), ("\t", "\\t"), ("|", "|"))
    ):
        text = csv_text(cells_of(decimal="."), delimiter)
        how = form(name, written, ".")
        yield Case(f"{name} with {written}", text.encode(codec), how, "loads")
        yield Case(
            f"{name} with {written}, CRLF",
            csv_text(cells_of(decimal="."), delimiter, "\r\n").encode(codec),
            how,
            "loads",
        )
    text = csv_text(cells_of())
    yield Case("byte order mark", text.encode("utf-8-sig"), form(), "loads")
    yield Case(
        "byte order mark where the contract says Windows", text.encode("utf-8-sig"), form("windows-1252"), "loads"
    )
    yield Case("two byte order marks", b"\xef\xbb\xbf" + text.encode("utf-8-sig"), form(), "refused")
    yield Case("UTF-16", text.encode("utf-16"), form(), "refused")
    yield Case("UTF-16 without a mark", text.encode("utf-16-le"), form(), "refused")
    yield Case("UTF-32", text.encode("utf-32"), form(), "refused")
    yield Case("Windows where UTF-8 was said", text.encode("cp1252"), form(), "refused")
    yield Case("UTF-8 where Windows was said", text.encode(), form("windows-1252"), "refused")
    yield Case(
        "UTF-8 encoded twice", text.encode().decode("cp1252", "replace").encode(), form("windows-1252"), "refused"
    )
    lines = text.encode().split(b"\n")
    one = b"\n".join([*lines[:5], lines[5].decode().encode("cp1252"), *lines[6:]])
    yield Case("one line in another encoding", one, form(), 1)
    yield Case("one line in another encoding, as declared", one, form(more="fallback_encoding: windows-1252"), "loads")
    yield Case("a lone byte in the middle", text.encode().replace(b"\xc3\xa97;", b"\xc3;", 1), form(), 1)
    yield Case("old Macintosh", text.encode("mac_roman"), form("windows-1252"), "refused")


def line_ends() -> Iterator[Case]:
    for name, newline in {"LF": "\n", "CRLF": "\r\n", "CR": "\r"}.items():
        yield text_case(
            f"lines end in {name}", csv_text(cells_of(), newline=newline), "loads" if name != "CR" else "refused"
        )
        yield text_case(
            f"no end after the last line, {name}",
            csv_text(cells_of(), newline=newline).rstrip(),
            "loads" if name != "CR" else "refused",
        )
    lines = csv_text(cells_of()).split("\n")
    mixed = "".join(line + ("\r\n" if n % 2 else "\n") for n, line in enumerate(lines) if line)
    yield text_case("both line ends", mixed, "loads")
    for name, blank in {
        "empty": "",
        "of delimiters": ";;;;",
        "of spaces": "   ",
        "of no-break spaces": "\u00a0;;;;",
    }.items():
        for place in (1, 50, len(lines) - 1):
            yield text_case(f"line {place} {name}", "\n".join([*lines[:place], blank, *lines[place:]]), "loads")
    yield text_case("a hundred blank lines at the end", csv_text(cells_of()) + ";;;;\n" * 100, "loads")


def ragged() -> Iterator[Case]:
    for place in range(5):
        yield text_case(
            f"cell {place} missing in a row", csv_text(altered(lambda _, r, p=place: r[:p] + r[p + 1 :], 9)), 1
        )
    yield text_case("a row cut after its code", csv_text(altered(lambda _, r: r[:1], 9)), 1)
    for number in (1, 2, 40):
        yield text_case(
            f"{number} empty cells too many", csv_text(altered(lambda _, r, n=number: r + [""] * n, 9, 10)), "loads"
        )
    yield text_case("a cell too many", csv_text(altered(lambda _, r: [*r, "x"], 9)), 1)
    yield text_case("a delimiter inside a label", csv_text(altered(lambda _, r: [r[0], "a;b", *r[2:]], 9)), 1)
    yield text_case(
        "a delimiter too many on every line", csv_text([[*r, ""] for r in cells_of()], header=[*HEADER, ""]), "loads"
    )
    yield text_case(
        "more rows short than a file may have", csv_text(altered(lambda _, r: r[:3], *range(12))), "refused"
    )
    yield text_case(
        "everything in one cell", csv_text([[";".join(r).replace(";", " ")] for r in cells_of()]), "refused"
    )


def quotes() -> Iterator[Case]:
    quoted = [[f'"{c}"' for c in r] for r in cells_of()]
    yield text_case("everything in quotation marks", csv_text(quoted, header=[f'"{h}"' for h in HEADER]), "loads")
    yield text_case(
        "one label in quotation marks", csv_text(altered(lambda _, r: [r[0], f'"{r[1]}"', *r[2:]], 9)), "loads"
    )
    yield text_case("a quoted delimiter", csv_text(altered(lambda _, r: [r[0], '"a;b"', *r[2:]], 9)), "loads")
    yield text_case("a quoted line end", csv_text(altered(lambda _, r: [r[0], '"a\nb"', *r[2:]], 9)), "loads")
    yield text_case(
        "a doubled quotation mark", csv_text(altered(lambda _, r: [r[0], '"a ""b"" c"', *r[2:]], 9)), "loads"
    )
    yield text_case(
        "an unbalanced quotation mark", csv_text(altered(lambda _, r: [r[0], f'"{r[1]}', *r[2:]], 9)), "refused"
    )
    yield text_case(
        "text after a quotation mark", csv_text(altered(lambda _, r: [r[0], f'"{r[1]}"x', *r[2:]], 9)), "refused"
    )
    yield text_case("a mark inside a label", csv_text(altered(lambda _, r: [r[0], 'l"Isle', *r[2:]], 9)), "loads")
    yield text_case("single marks", csv_text(altered(lambda _, r: [r[0], "'a'", *r[2:]], 9)), "loads")
    yield text_case(
        "marks that are mere signs",
        csv_text(altered(lambda _, r: [r[0], '"a', *r[2:]], 9)),
        "loads",
        form(more="quotes: false"),
    )


def around() -> Iterator[Case]:
    text = csv_text(cells_of())
    for number in (1, 3, 9):
        yield text_case(
            f"{number} lines of title, declared",
            "Titre;;;;\n" * number + text,
            "loads",
            form(more=f"header_row: {number + 1}"),
        )
        yield text_case(f"{number} lines of title, undeclared", "Titre;;;;\n" * number + text, "refused")
    yield text_case(
        "a line of units", text.replace("\n", "\n;;nombre;pour 100 000;\n", 1), "loads", form(more="data_row: 3")
    )
    yield text_case("a line of units, undeclared", text.replace("\n", "\n;;nombre;pour 100 000;\n", 1), 0)
    for foot in ("Source : exemple", "Note : lecture", "(1) Résultats provisoires"):
        yield text_case(f"footer {foot[:6]}", text + f"{foot};;;;\n", "loads")
        yield text_case(f"footer {foot[:6]} without cells", text + foot, "loads")
    yield text_case("a footer that nobody declared", text + "Lecture : ceci;;;;\n", 0)
    for total in ("Total", "Ensemble", "France"):
        yield text_case(f"total {total} in front", text.replace("\n", f"\n{total};;99999;1,0;2024-01-01\n", 1), "loads")
        yield text_case(f"total {total} at the end", text + f"{total};;99999;1,0;2024-01-01\n", "loads")
    yield text_case("a total that nobody declared", text + "Métropole;x;99999;1,0;2024-01-01\n", 0)
    yield text_case("a total under a department's code", text + "01;Total;99999;1,0;2024-01-01\n", -2)
    yield text_case(
        "the header again in the middle",
        "\n".join([*(lines := text.split("\n"))[:40], ";".join(HEADER), *lines[40:]]),
        0,
    )
    yield text_case("two tables one after the other", text + text, "refused")
    yield text_case("another table under it", text + "\nCode;Surface\n01;3\n02;4\n", 0)


def headers() -> Iterator[Case]:
    rows = cells_of()
    for name, header in {
        "spaces around headings": [f" {h} " for h in HEADER],
        "double spaces": ["Code", "Libellé", "Effectif ", " Densité", "Date"],
        "no-break spaces": [f"{h}\u00a0" for h in HEADER],
    }.items():
        yield text_case(name, csv_text(rows, header=header), "loads")
    for name, header in {
        "a heading twice": ["Code", "Libellé", "Effectif", "Effectif", "Date"],
        "a heading missing": ["Code", "Libellé", "", "Densité", "Date"],
        "headings moved by one": ["", *HEADER[:-1]],
        "headings in another order": ["Code", "Libellé", "Densité", "Effectif", "Date"],
        "capitals": [h.upper() for h in HEADER],
        "no accents": ["Code", "Libelle", "Effectif", "Densite", "Date"],
        "another word": ["Code", "Libellé", "Nombre", "Densité", "Date"],
        "other headings": ["a", "b", "c", "d", "e"],
    }.items():
        yield text_case(name, csv_text(rows, header=header), "refused")
    yield text_case("no header", "\n".join(csv_text(rows).split("\n")[1:]), "refused")
    yield text_case("a header alone", ";".join(HEADER) + "\n", "refused")
    split = ["Code", '"Libellé\n"', "Effectif", '"Den\nsité"', "Date"]
    yield text_case("a line end within a heading's word", csv_text(rows, header=split), "refused")
    yield text_case("a line end after a heading", csv_text(rows, header=["Code", '"Libellé\n"', *HEADER[2:]]), "loads")


def codes() -> Iterator[Case]:
    for name, code in {
        "a zero lost": "1",
        "read as a number": "1.0",
        "a zero too many": "001",
        "spaces inside": "0 1",
        "a letter O": "O1",
        "a Corsican code in small letters": "2a",
        "Corsica of before 1976": "20",
        "a code that never was": "96",
        "a label instead": "Ain",
        "a label behind": "01 Ain",
        "nothing": "",
        "a formula": '="01"',
        "an apostrophe": "'01",
        "digits of another script": "٠١",
        "full-width digits": "０１",
        "a zero-width space": "0\u200b1",
        "a soft hyphen": "0\u00ad1",
    }.items():
        yield text_case(f"code: {name}", csv_text(altered(cell(0, code), 0)), 1)
    for name, code in {"spaces around": " 01 ", "no-break spaces around": "\u00a001\u00a0", "a tab": "\t01"}.items():
        yield text_case(f"code: {name}", csv_text(altered(cell(0, code), 0)), "loads")
    yield text_case("all zeros lost", csv_text([[r[0].lstrip("0"), *r[1:]] for r in cells_of()]), "refused")
    yield text_case(
        "all codes read as numbers",
        csv_text([[f"{r[0]}.0" if r[0].isdigit() else r[0], *r[1:]] for r in cells_of()]),
        "refused",
    )
    yield text_case("Corsica alone", csv_text([r for r in cells_of() if r[0] in ("2A", "2B")]), "loads")
    yield text_case("overseas alone", csv_text([r for r in cells_of() if r[0].startswith("97")]), "loads")
    for name, rows, count in (
        ("a row twice", [TABLE[3]], 2),
        ("a row three times", [TABLE[3]] * 2, 3),
        ("two rows of one key", [[*TABLE[3][:2], 77, 7.7, TABLE[3][4]]], 2),
        ("two rows twice", [TABLE[3], TABLE[4]], 4),
    ):
        yield text_case(f"key: {name}", csv_text(cells_of() + cells_of(rows)), -count)


def numbers() -> Iterator[Case]:
    spaced = {"space": " ", "no-break space": "\u00a0", "narrow no-break space": "\u202f", "thin space": "\u2009"}
    for name, space in spaced.items():
        rows = [[*r[:2], f"{int(r[2]):,}".replace(",", space), *r[3:]] for r in cells_of()]
        yield text_case(f"thousands: {name}, declared", csv_text(rows), "loads", form(more="thousands: space"))
        yield text_case(f"thousands: {name}, undeclared", csv_text(rows), "refused")
    for name, sign in {"point": ".", "apostrophe": "'", "comma": ","}.items():
        rows = [[*r[:2], f"{int(r[2]):,}".replace(",", sign), *r[3:]] for r in cells_of()]
        yield text_case(f"thousands: {name}", csv_text(rows), "refused", form(more="thousands: space"))
    for name, value in {
        "two numbers that lost their separator": "12 34",
        "groups of four": "1 2345",
        "a power of ten": "1.2E+03",
        "a percent sign": "12 %",
        "parentheses": "(12)",
        "a letter": "1O3",
        "an infinity": "inf",
        "no number": "NaN",
        "hexadecimal": "0x1F",
        "a footnote": "12(1)",
        "a star": "12*",
        "about": "~12",
        "a range": "10-20",
        "more than 64 bits": "9" * 30,
        "decimals": "12,5",
        "an error of a spreadsheet": "#N/A",
        "a reference error": "#REF!",
        "a formula": "=1+1",
        "a null": "NULL",
        "a dash": "-",
        "dots": "...",
        "a mark that nobody declared": "n.s.",
        "another script": "١٢",
        "a superscript": "12²",
    }.items():
        yield text_case(
            f"number: {name}",
            csv_text(
                altered(cell(2, value), 9),
            ),
            1,
            form(more="thousands: space"),
        )
    for name, value in {
        "a decimal point": "12.5",
        "two commas": "1,2,3",
        "a comma at the end": "12,",
        "a unit": "12,5 ‰",
    }.items():
        yield text_case(f"density: {name}", csv_text(altered(cell(3, value), 9)), 1)
    yield text_case("decimal points everywhere", csv_text(cells_of(decimal=".")), "refused")
    for mark in ("nd", "s", ""):
        yield text_case(f"mark {mark!r}", csv_text(altered(cell(2, mark), 9)), "loads")


def days() -> Iterator[Case]:
    for name, value in {
        "a serial": "45292",
        "a serial with its time": "45292.5",
        "French": "01/02/2024",
        "American": "02/13/2024",
        "a month of thirteen": "2024-13-01",
        "the 30th of February": "2024-02-30",
        "two digits for the year": "24-01-01",
        "a time behind": "2024-01-01 00:00:00",
        "words": "1er janvier 2024",
        "nothing": "",
    }.items():
        yield text_case(f"date: {name}", csv_text(altered(cell(4, value), 9)), 1)
    serials = [[*r[:4], str(45292 + n % 28)] for n, r in enumerate(cells_of())]
    yield text_case("all dates as serials", csv_text(serials), "refused")


def broken() -> Iterator[Case]:
    content = csv_text(cells_of()).encode()
    for share in (1, 5, 20, 50, 80, 95):
        cut = content[: len(content) * share // 100]
        # The last line may be cut; what is not there at all only the least number of rows can tell.
        yield Case(f"cut after {share} %", cut, form(), "cut")
    yield Case("empty", b"", form(), "refused")
    yield Case("blank", b"\n\n\n", form(), "refused")
    yield Case("a NUL in a label", content.replace("é9;".encode(), b"\x00;", 1), form(), "any")
    yield Case("controls in a label", content.replace("é9;".encode(), b"\x07\x1b[31m;", 1), form(), "loads")
    yield Case("all NUL", b"\x00" * 4096, form(), "refused")
    yield Case("gzip", gzip.compress(content), form(), "refused")
    yield Case("a page instead", b"<!DOCTYPE html><html><body>Connexion</body></html>", form(), "refused")
    yield Case("JSON instead", b'[{"Code": "01", "Effectif": 3}]', form(), "refused")
    yield Case("a megabyte in one cell", content.replace("é9;".encode(), b"x" * 1_000_000 + b";", 1), form(), "any")
    noise = random.Random(20261122)
    for number in range(10):
        damaged = bytearray(content)
        for _ in range(3):
            damaged[noise.randrange(len(damaged))] = noise.randrange(256)
        yield Case(f"three bytes damaged, {number}", bytes(damaged), form(), "damaged")


TEXTS = [
    *encodings(),
    *line_ends(),
    *ragged(),
    *quotes(),
    *around(),
    *headers(),
    *codes(),
    *numbers(),
    *days(),
    *broken(),
]


def contract_of(folder: Path, how: str) -> Contract:
    folder.mkdir(exist_ok=True)
    (folder / "pollution.yml").write_text(CONTRACT.replace("FORMAT", how), encoding="utf-8")
    return load_contracts.__wrapped__(folder)["pollution"]


def read_or_refused(contract: Contract, path: Path) -> Delivery | InputError:
    try:
        return read_delivery(contract, path, path.name, "0" * 64, known=KNOWN)
    except InputError as error:
        return error


def check(contract: Contract, path: Path, expected: str | int) -> None:
    read = read_or_refused(contract, path)
    if isinstance(read, InputError):
        assert expected in ("refused", "any", "cut", "damaged"), read
        assert read.file == path.name
        assert read.expectation
        assert read.next_step
        return
    account = read.account
    assert account.lines == account.loaded + account.quarantined + account.set_aside
    assert all(refused.line > 0 and refused.expectation for refused in read.refused)
    loaded = {
        row["territory_key"].split(":")[1]: (row["headcount"], row["density"], row["conf_status"])
        for row in read.frames["professional"].iter_rows(named=True)
    }
    assert len(loaded) == account.loaded, "no row twice"
    assert expected != "refused", f"taken, with {account}"
    if expected == "loads":
        assert account.quarantined == 0, read.refused[:3]
    elif isinstance(expected, int):
        assert account.quarantined == abs(expected) or (expected == 0 and account.quarantined <= 3), read.refused[:3]
    _check_rows(loaded, account.loaded + account.quarantined, expected)


def _check_rows(loaded: dict[str, tuple[Any, ...]], told: int, expected: str | int) -> None:
    """What was loaded is the table's own; what is not there was refused, or was never in the file."""
    clean = {row[0]: (float(row[2]), float(row[3]), None) for row in TABLE}
    altered_rows = [code for code, row in loaded.items() if row != clean.get(code)]
    # A declared mark, or an empty cell where one may be, is a value of its own; a damaged digit cannot be told.
    allowed = 3 if expected == "damaged" else 1 if expected in ("loads", "cut") else 0
    assert len(altered_rows) <= allowed, {code: (loaded[code], clean.get(code)) for code in altered_rows}
    assert told >= len(loaded)
    if expected not in ("cut", "damaged", "any") and len(loaded) > 10:
        missing = clean.keys() - loaded.keys()
        assert told - len(loaded) >= len(missing), f"lost in silence: {missing}"


@pytest.mark.parametrize("case", TEXTS, ids=[case.name for case in TEXTS])
def test_no_row_of_a_polluted_text_is_lost_in_silence(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(case.content)
    check(contract_of(tmp_path / "contracts", case.form), path, case.expected)


Sheet = dict[tuple[int, int], Any]


def grid(rows: Sequence[Row] = TABLE, above: int = 0) -> Sheet:
    cells: Sheet = {(above, column): heading for column, heading in enumerate(HEADER)}
    for line, row in enumerate(rows, start=above + 1):
        cells |= {(line, column): value for column, value in enumerate(row)}
    return cells


def below(rows: int = len(TABLE)) -> int:
    return rows + 1


WORKBOOKS: list[tuple[str, Sheet, str, str | int]] = [
    ("clean", grid(), "header_row: 1", "loads"),
    ("a title above", {(0, 0): "Titre", **grid(above=3)}, "header_row: 4", "loads"),
    ("a title above, undeclared", {(0, 0): "Titre", **grid(above=3)}, "header_row: 1", "refused"),
    (
        "codes as numbers",
        {**grid(), **{(n + 1, 0): int(c) for n, c in enumerate(DEPARTMENTS) if c.isdigit()}},
        "header_row: 1",
        "refused",
    ),
    ("counts as text", {**grid(), **{(n + 1, 2): str(r[2]) for n, r in enumerate(TABLE)}}, "header_row: 1", "loads"),
    ("a count with decimals", {**grid(), (9, 2): 12.5}, "header_row: 1", 1),
    ("a date as a number", {**grid(), (9, 4): 45292}, "header_row: 1", 1),
    ("a date as text", {**grid(), (9, 4): "2024-01-05"}, "header_row: 1", "loads"),
    ("an error", {**grid(), (9, 2): "=1/0"}, "header_row: 1", 1),
    ("true instead of a number", {**grid(), (9, 2): True}, "header_row: 1", 1),
    ("a number instead of a label", {**grid(), (9, 1): 12}, "header_row: 1", "loads"),
    ("empty lines at the end", {**grid(), (below() + 50, 0): " "}, "header_row: 1", "loads"),
    ("empty columns at the right", {**grid(), (0, 90): " "}, "header_row: 1", "loads"),
    ("a note at the right", {**grid(), (5, 9): "voir note"}, "header_row: 1", 1),
    ("a footer", {**grid(), (below() + 1, 0): "Source : exemple"}, "header_row: 1", "loads"),
    ("a total", {**grid(), (below(), 0): "Total", (below(), 2): 99999}, "header_row: 1", "loads"),
    ("a key twice", {**grid(), **{(below(), c): v for c, v in enumerate(TABLE[3])}}, "header_row: 1", -2),
    ("a line end inside a heading", {**grid(), (0, 2): "Effectif\n"}, "header_row: 1", "loads"),
    ("Corsica in small letters", {**grid(), (DEPARTMENTS.index("2A") + 1, 0): "2a"}, "header_row: 1", 1),
    ("a header alone", grid([]), "header_row: 1", "refused"),
    ("nothing", {}, "header_row: 1", "refused"),
]


@pytest.mark.parametrize(("cells", "how", "expected"), [w[1:] for w in WORKBOOKS], ids=[w[0] for w in WORKBOOKS])
def test_no_row_of_a_polluted_workbook_is_lost_in_silence(
    cells: Sheet, how: str, expected: str | int, tmp_path: Path
) -> None:
    path = tmp_path / "table.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, days = book.add_worksheet("Données"), book.add_format({"num_format": "dd/mm/yyyy"})
        for (line, column), value in cells.items():
            if isinstance(value, date):
                sheet.write_datetime(line, column, value, days)
            elif isinstance(value, str) and value.startswith("="):
                sheet.write_formula(line, column, value, None, "#DIV/0!")
            else:
                sheet.write(line, column, value)
    contract = contract_of(tmp_path / "contracts", f'kind: spreadsheet, sheets: "Données", {how}')
    check(contract, path, expected)


def test_there_are_as_many_cases_as_promised() -> None:
    assert len({case.name for case in TEXTS}) == len(TEXTS)
    assert len(TEXTS) + len(WORKBOOKS) >= 150


def test_a_loss_would_be_seen() -> None:
    """The check itself fails on a reader that drops or alters a row."""
    clean = {row[0]: (float(row[2]), float(row[3]), None) for row in TABLE}
    _check_rows(clean, len(clean), "loads")
    with pytest.raises(AssertionError, match="lost in silence"):
        _check_rows({code: row for code, row in clean.items() if code != "33"}, len(clean) - 1, "loads")
    with pytest.raises(AssertionError):
        _check_rows({**clean, "33": (1.0, 1.0, None), "34": (2.0, 1.0, None)}, len(clean), "loads")
