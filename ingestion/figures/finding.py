"""Every candidate figure of a document: its number with sign, scale, unit and hedge, or why it is no figure.

Each numeral of the text belongs to exactly one candidate. A candidate either may be a quantity (``noise`` is null): its
span holds the number with its unit and scale words, as an extract keeps it, and a range, a fraction or a rate is one;
or it is one numeral that stands for something else (``noise`` names it, :data:`NOISE_FR` says it in French).
``au moins une`` and ``un … dans chaque département`` are candidates without a numeral: there the article counts.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from ingestion.documents.model import Document, Line, Span
from ingestion.figures.hedges import hedge_of
from ingestion.figures.noise import noise_of
from ingestion.figures.numerals import find_numerals
from ingestion.figures.place import Place
from ingestion.figures.shapes import Shape, article_shapes, bare, shape_at
from ingestion.figures.stretches import Stretches
from ingestion.numbers import Printed, normalise_printed
from warehouse.errors import InputError

NOISE_FR: Final = {
    "address": "adresse postale",
    "age_threshold": "âge qui délimite une population, sans quantité",
    "anaphora": "renvoi à ce qui vient d’être compté",
    "announced": "nombre d’éléments énumérés à la suite",
    "availability": "disponibilité permanente, locution",
    "class_number": "numéro d’une catégorie, d’un secteur ou d’un niveau",
    "code": "chiffre d’un sigle ou d’un code",
    "date": "date, sans quantité",
    "department_code": "code de département",
    "emergency_number": "numéro d’appel",
    "header_footer": "en-tête ou pied de page",
    "heading_number": "numéro d’un titre, d’un engagement ou d’une action",
    "law_article": "numéro d’un texte ou d’un article de loi",
    "list_number": "numéro d’une liste",
    "ordinal": "rang qui désigne, sans quantité",
    "ordinal_of_study": "rang d’un cycle ou d’une année d’études",
    "page_number": "numéro de page",
    "page_reference": "renvoi à une page",
    "phone": "numéro de téléphone",
    "postcode": "code postal",
    "programme_name": "nom d’un programme ou d’un dispositif",
    "rate_base": "base d’un taux imprimé avec sa valeur",
    "reference": "renvoi à un document, une mesure ou une illustration",
    "relative_date": "durée qui date ce qui est dit, sans quantité",
    "time_of_day": "horaire, sans quantité",
    "unreadable": "suite de chiffres qui ne se lit pas comme un nombre",
    "url": "adresse électronique ou lien",
}


@dataclass(frozen=True)
class Found:
    """A candidate figure. ``line`` counts from 1; ``qualifier`` is the hedge as printed, outside the span but for
    « entre … et … », and ``hedge`` its class."""

    start: int
    end: int
    printed: str
    read: Printed
    hedge: str | None
    qualifier: str | None
    hedge_span: Span | None
    line: int
    noise: str | None


# A report of 200 pages has some 3,500 numerals, each looked at in 0.1 ms: a text of nothing but numbers is no report.
MOST_NUMERALS = 100_000


def find_figures(document: Document) -> list[Found]:
    """The candidates of a document in the order of its text; none overlaps another.

    Raises:
        InputError: the text has more numbers than any report.
    """
    text, numerals = document.text, find_numerals(document.text)
    if len(numerals) > MOST_NUMERALS:
        raise InputError(
            file=document.title or "texte du rapport",
            expectation=f"un rapport d’au plus {MOST_NUMERALS} nombres était attendu, celui-ci en a {len(numerals)}",
            next_step="Vérifier que c’est le bon fichier ; déposer un rapport très long en plusieurs parties",
        )
    stretches, previous, end, index = Stretches(document), None, 0, 0
    found: list[Found] = []
    while index < len(numerals):
        numeral = numerals[index]
        shape = shape_at(text, numerals, index)
        line = document.line_at(numeral.start)
        noise = noise_of(Place(text, numeral, line, shape, previous, text[end : numeral.start]), stretches)
        shape = shape if noise is None else bare(text, numeral)
        found.append(_found(text, shape, line, noise))
        index, end, previous = index + shape.numerals, shape.end, noise
    return _with_articles(document, found)


def _found(text: str, shape: Shape, line: Line, noise: str | None) -> Found:
    hedge = hedge_of(text, shape) if noise is None else None
    code = hedge.code if hedge else "approximatif" if shape.read.form == "round_noun" and noise is None else None
    return Found(
        start=shape.start,
        end=shape.end,
        printed=normalise_printed(text[shape.start : shape.end]),
        read=shape.read,
        hedge=code,
        qualifier=hedge.printed if hedge else None,
        hedge_span=hedge.span if hedge else None,
        line=line.number,
        noise=noise,
    )


def _with_articles(document: Document, found: list[Found]) -> list[Found]:
    """The candidates with the articles that count, where no numeral's figure stands already."""
    taken = {shape.start: shape for shape in article_shapes(document.text)}
    starts = [candidate.start for candidate in found]
    for start, shape in sorted(taken.items()):
        before = bisect_right(starts, start) - 1
        if before < 0 or found[before].end <= start:
            found.append(_found(document.text, shape, document.line_at(start), None))
    return sorted(found, key=lambda candidate: candidate.start)
