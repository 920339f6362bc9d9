"""The drop folder: what lies there, what of it may be opened, and what each file is, told by its content.

Anybody may drop anything. What is no regular file of a bearable size is never opened nor followed; a file that is
still being written is left for the next look. Refusals are French: they go to whoever delivered the file.
"""

from __future__ import annotations

import json
import os
import re
import stat
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from ingestion.documents.forms import DELIVER_FR, HEAD_BYTES, form_of, looks_like
from ingestion.extracts_reading import FILES, is_extract
from ingestion.packing import packed_names
from ingestion.report_file import REPORT_FILE
from warehouse.errors import InputError

Form = Literal["file", "directory", "link", "special"]
Kind = Literal["extract", "report", "dataset"]

#: The largest open dataset that we know of is half of it; beyond, somebody dropped a disk image.
MAX_INPUT_BYTES = 1 << 30
#: A text of fewer words is a note, not a report.
MIN_REPORT_WORDS = 30
#: Share of its words that have letters: in tables of figures it is a third at least, in a dump of numbers none.
LEAST_LETTERED = 0.1
#: Names go into paths: file systems allow 255 bytes, of which our own prefixes and suffixes need some.
MAX_NAME_BYTES = 120
#: A file touched more recently than this may still be growing; it is looked at twice.
QUIET_SECONDS = 2.0
PAUSE_SECONDS = 0.5

_ZIP = b"PK\x03\x04", b"PK\x05\x06"
#: The narrow no-break space that French typography puts before ; : ! and ?
NNBSP: Final = "\u202f"
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]+')
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_GUIDE = f"{DELIVER_FR}{NNBSP}; les guides docs/add-a-report.md et docs/add-a-dataset.md disent le reste"
_WHOLE = f"Le déposer à nouveau, entier{NNBSP}: l’écrire sous un nom en .part et le renommer une fois complet"


@dataclass(frozen=True, order=True)
class Sighting:
    """What one look at the drop folder says of one entry, without opening it. Times are in nanoseconds."""

    name: str
    form: Form
    bytes: int
    modified_ns: int
    inode: int


@dataclass(frozen=True)
class Head:
    """What a recogniser of dataset files sees: the file, its name as delivered, its first 64 KiB.

    ``members`` are the names of the files inside, when it is a zip.
    """

    path: Path
    name: str
    first: bytes
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recognised:
    """What a file is. ``dataset`` is the code of the dataset of which it is a vintage."""

    kind: Kind
    dataset: str | None = None


#: Gives the code of the dataset of which a file is a vintage, by its header or its content; null when it is not one.
Recogniser = Callable[[Head], str | None]


def look(folder: Path) -> list[Sighting]:
    """Every entry of a drop folder, by name; hidden ones and ``*.part`` are the sender's business until renamed."""
    if not folder.is_dir():
        return []
    shown = (entry for entry in os.scandir(folder) if not entry.name.startswith(".") and not _is_part(entry.name))
    return sorted(seen for entry in shown if (seen := sight(Path(entry.path))))


def sight(path: Path) -> Sighting | None:
    """One entry as it stands, a link itself and not its target; None when it is gone."""
    try:
        facts = path.lstat()
    except FileNotFoundError:
        return None
    return Sighting(path.name, _form(facts.st_mode), facts.st_size, facts.st_mtime_ns, facts.st_ino)


def settled(before: Iterable[Sighting], now: Iterable[Sighting]) -> list[Sighting]:
    """The entries that did not change between two looks: those that may be taken."""
    unchanged = set(before)
    return [sighting for sighting in now if sighting in unchanged]


def look_until_settled(folder: Path, pause: float = PAUSE_SECONDS) -> list[Sighting]:
    """The entries that may be taken now. A second look is needed only when something was written just now."""
    first = look(folder)
    if not any(is_fresh(sighting, time.time_ns()) for sighting in first):
        return first
    time.sleep(pause)
    return settled(first, look(folder))


def is_fresh(sighting: Sighting, now_ns: int) -> bool:
    """Whether an entry was written so recently, or by so wrong a clock, that it may still be growing."""
    return now_ns - sighting.modified_ns < QUIET_SECONDS * 1e9


def obstacle(sighting: Sighting) -> InputError | None:
    """Why an entry must not be opened, or None."""
    name = safe_name(sighting.name)
    if sighting.form != "file":
        found, do = _NO_FILE[sighting.form]
        return InputError(file=name, expectation=f"un fichier était attendu, {found}", next_step=do)
    if sighting.bytes > MAX_INPUT_BYTES:
        return InputError(
            file=name,
            expectation=f"au plus {_mib(MAX_INPUT_BYTES)} étaient attendus, le fichier en fait "
            f"{_mib(sighting.bytes)}{NNBSP}; il n’a pas été lu",
            next_step=f"Vérifier que c’est le bon fichier{NNBSP}; déposer en plusieurs parties un jeu de données de "
            "cette taille",
        )
    return None


_NO_FILE: Final = {
    "directory": ("ceci est un dossier", "Mettre l’extraction dans une seule archive zip et déposer celle-ci"),
    "link": ("ceci est un lien symbolique, qui n’a pas été suivi", "Déposer le fichier lui-même"),
    "special": ("ceci est un tube, une prise ou un périphérique, qui n’a pas été ouvert", "Déposer un vrai fichier"),
}


def _mib(size: int) -> str:
    return f"{size / (1 << 20):.0f} Mio"


def unreadable(path: Path) -> InputError | None:
    """Why a regular file cannot be read by this process, or None."""
    if os.access(path, os.R_OK):
        return None
    return InputError(
        file=safe_name(path.name),
        expectation="un fichier que le service peut lire était attendu, les droits de celui-ci l’interdisent",
        next_step="Donner au compte du service le droit de le lire (chmod g+r) et le déposer à nouveau",
    )


def safe_name(name: str) -> str:
    """A name that is safe in paths, in terminals and in databases, and still recognisable.

    Separators, control characters, direction marks and bytes that are not UTF-8 become ``_``; it never begins with a
    dot, is never empty, and keeps its suffix when it is cut.
    """
    plain = _UNSAFE.sub("_", name).lstrip(". ").rstrip(" ") or "unnamed"
    if len(plain.encode()) <= MAX_NAME_BYTES:
        return plain
    stem, dot, suffix = plain.rpartition(".")
    if not dot or len(suffix.encode()) > 20:
        return _cut(plain, MAX_NAME_BYTES)
    return f"{_cut(stem, MAX_NAME_BYTES - len(suffix.encode()) - 1)}.{suffix}"


def recognise(path: Path, name: str, recognisers: Sequence[Recogniser] = ()) -> Recognised:
    """What a regular file of bearable size is, whatever it is called.

    A report in another form than text is only recognised here: reading it is dear, and done where it is guarded.

    Raises:
        InputError: it is nothing that can be taken; the message, in French, says what it looks like and what to do.
    """
    with path.open("rb") as stream:
        first = stream.read(HEAD_BYTES)
    if not first.strip():
        blank = " ou ne contient que des blancs" if first else ""
        raise InputError(file=name, expectation=f"le fichier est vide{blank}", next_step=_WHOLE)
    members = packed_names(path) if first.startswith(_ZIP) else []
    if is_extract(members):
        return Recognised("extract")
    head = Head(path, name, first, tuple(members))
    dataset = next((code for recogniser in recognisers if (code := recogniser(head))), None)
    if dataset:
        return Recognised("dataset", dataset)
    form = form_of(first, name, members)
    if form is None:
        raise _unknown_zip(name, members) if first.startswith(_ZIP) else _no_document(name, first)
    if form == "text":
        _refuse_other_texts(path, name, first)
    return Recognised("report")


def refuse_note(text: str, name: str) -> None:
    """Refuse what is too short to be a report, or is no text that a person wrote.

    Raises:
        InputError: in French.
    """
    said = text.split()
    lettered = sum(any(map(str.isalpha, word)) for word in said)
    if len(said) >= MIN_REPORT_WORDS and lettered < max(MIN_REPORT_WORDS, LEAST_LETTERED * len(said)):
        raise InputError(
            file=name,
            line=1,
            expectation=f"un rapport était attendu, ceci n’est qu’une suite de nombres et de signes ({lettered} mots)",
            next_step=_GUIDE,
        )
    if len(said) < MIN_REPORT_WORDS:
        raise InputError(
            file=name,
            line=1,
            expectation=f"un rapport d’au moins {MIN_REPORT_WORDS} mots, une extraction ou un jeu de données connu "
            f"était attendu, ce texte a {len(said)} mots",
            next_step=_GUIDE,
        )
    if control := _CONTROL.search(text):
        raise InputError(
            file=name,
            line=text.count("\n", 0, control.start()) + 1,
            expectation=f"un texte était attendu, le caractère de commande U+{ord(control[0]):04X} s’y trouve",
            next_step="Enregistrer le rapport comme texte et le déposer à nouveau",
        )


def _refuse_other_texts(path: Path, name: str, first: bytes) -> None:
    from ingestion.documents.read import LIMITS, read_document

    if path.stat().st_size > LIMITS.text_bytes:
        _refuse_table(first.decode(errors="replace"), name)
    text = read_document(path, name).text
    _refuse_part_of_extract(text, name)
    _refuse_records(text, name)
    _refuse_table(text, name)
    refuse_note(text, name)


def _refuse_part_of_extract(text: str, name: str) -> None:
    """A file of an extract says nothing alone: it lacks the report that it belongs to, or the figures."""
    header = text.split("\n", 1)[0].strip().replace('"', "").split(",")
    alone = next((f for f, table in FILES.items() if {*table.key} - {"report_id"} < {*header} <= _columns(f)), None)
    if alone is None and re.search(r"^report_id:\s", text, re.MULTILINE):
        alone = REPORT_FILE
    if alone:
        raise InputError(
            file=name,
            line=1,
            expectation=f"une extraction entière était attendue, ceci n’en est que {alone}",
            next_step=f"Le mettre avec {REPORT_FILE} et les autres fichiers de l’extraction dans une archive zip, et "
            "déposer celle-ci",
        )


def _columns(file: str) -> set[str]:
    return {column.name for column in FILES[file].columns}


def _refuse_records(text: str, name: str) -> None:
    """JSON, GeoJSON or ndjson of no dataset that is known: words and numbers enough to pass for a report."""
    try:
        value, end = json.JSONDecoder().raw_decode(text := text.strip())
    except (ValueError, RecursionError):
        return
    # « [1] » may begin a report.
    if isinstance(value, dict) or (isinstance(value, list) and end == len(text)):
        raise InputError(
            file=name,
            line=1,
            expectation="un rapport ou un jeu de données connu était attendu, ceci est du JSON qu’aucun jeu de données "
            "ne reconnaît",
            next_step=f"Vérifier que c’est le bon fichier{NNBSP}; déclarer un nouveau jeu de données comme le dit "
            "docs/add-a-dataset.md",
        )


def _refuse_table(text: str, name: str) -> None:
    lines = text.split("\n", 2)[:2]
    for separator in ";\t,|":
        cells = [line.count(separator) for line in lines]
        if len(lines) == 2 and cells[0] >= 2 and cells[0] == cells[1]:
            raise InputError(
                file=name,
                line=1,
                expectation="les titres de colonnes d’un jeu de données connu étaient attendus, ceux-ci ne le sont "
                f"pas{NNBSP}: {lines[0].strip()[:160]!r}",
                next_step=f"Vérifier que c’est le bon fichier{NNBSP}; déclarer un nouveau jeu de données comme le dit "
                "docs/add-a-dataset.md",
            )


def _no_document(name: str, first: bytes) -> InputError:
    return InputError(
        file=name,
        expectation="une extraction, un rapport ou un jeu de données connu était attendu, le contenu est celui "
        f"d’{looks_like(first)}",
        next_step=_GUIDE,
    )


def _unknown_zip(name: str, members: Sequence[str]) -> InputError:
    if any(member.startswith("xl/") for member in members):
        return _unknown_workbook(name)
    if not members:
        return InputError(
            file=name,
            expectation="une archive zip entière et non vide était attendue, celle-ci est vide, tronquée ou abîmée",
            next_step=f"La refaire et la déposer entière{NNBSP}: l’écrire sous un nom en .part et la renommer une fois "
            "complète",
        )
    return InputError(
        file=name,
        expectation=f"une archive zip avec {REPORT_FILE}, seule ou dans un dossier, était attendue, celle-ci contient "
        f"{', '.join(members[:3])[:160]!r}",
        next_step=_GUIDE,
    )


def _unknown_workbook(name: str) -> InputError:
    return InputError(
        file=name,
        expectation="un classeur entier était attendu, dont les feuilles et les titres de colonnes sont ceux d’un jeu "
        "de données connu",
        next_step=f"Vérifier que c’est le bon fichier et qu’il s’ouvre{NNBSP}; déclarer un nouveau jeu de données "
        "comme le dit docs/add-a-dataset.md",
    )


def _form(mode: int) -> Form:
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "directory"
    return "link" if stat.S_ISLNK(mode) else "special"


def _is_part(name: str) -> bool:
    return name.endswith(".part")


def _cut(text: str, limit: int) -> str:
    return text.encode()[:limit].decode(errors="ignore").rstrip()
