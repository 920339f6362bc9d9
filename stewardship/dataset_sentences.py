"""French sentences about open datasets: how many numbers of a vintage fail, of how many, and the worst of them.

Such evidence lists at most ten numbers, the worst first, each with the one that it stands ``beside``; ``compared`` and
``failed`` count them all. Pure functions, as in :mod:`stewardship.sentences`, which calls them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from stewardship.typography import NBSP, NNBSP, listed_fr, number_fr, quantity_fr, quoted_fr

if TYPE_CHECKING:
    from stewardship.sentences import Evidence, Figure

#: Relations of the rules that judge a vintage as a whole.
RELATIONS = frozenset(
    {
        "dataset_total",
        "dataset_density",
        "dataset_step",
        "dataset_revision",
        "dataset_coverage",
        "dataset_copy",
        "reference_codes",
    }
)
#: Those that compare no two numbers: nothing to compute with.
WITHOUT_ARITHMETIC = frozenset({"dataset_coverage", "dataset_copy", "reference_codes"})
#: What is wrong with numbers, singular and plural.
_WRONG = {
    ("dataset_total", None): ("somme", "ne tombe pas juste", "ne tombent pas juste"),
    ("dataset_density", None): (
        "densité",
        "ne s’accorde pas avec l’effectif et la population",
        "ne s’accordent pas avec l’effectif et la population",
    ),
    ("dataset_step", "facteur"): (
        "nombre",
        "est dix, cent ou mille fois celui d’une date voisine, ou l’inverse",
        "sont dix, cent ou mille fois ceux d’une date voisine, ou l’inverse",
    ),
    ("dataset_step", "évolution"): (
        "nombre",
        "évolue tout autrement que ceux des autres territoires",
        "évoluent tout autrement que ceux des autres territoires",
    ),
    ("dataset_step", "signe"): ("nombre", "est négatif", "sont négatifs"),
    ("dataset_revision", None): ("nombre", "diffère", "diffèrent"),
    ("dataset_copy", None): (
        "série",
        "redonne les nombres d’une autre date",
        "redonnent les nombres d’une autre date",
    ),
}
VERDICTS = {
    "impossible": "Impossible : ces nombres d’un même jeu de données ne peuvent pas être vrais ensemble.",
    "suspicious": "Douteux : ces nombres sont peu vraisemblables à côté de ceux du même jeu de données, sans être "
    "exclus.",
    "explained": "Expliqué : des nombres provisoires ou estimés ont été remplacés, ou leur arrondi suffit.",
}
#: What a relation says otherwise: its verdict, and what to do.
OWN_VERDICTS = {
    (
        "reference_codes",
        "suspicious",
    ): "À reconstruire : une classification plus récente que la nomenclature de référence "
    "a été livrée ; d’ici là, les lignes de tous les fichiers qui portent ces codes sont mises en quarantaine.",
}
OWN_NEXT_STEPS = {
    "reference_codes": "Reconstruire la nomenclature de référence avec le millésime livré "
    "(ingestion/reference/README.md), puis actualiser : les lignes en quarantaine sont relues.",
}
NEXT_STEP = (
    "Comparer les lignes citées avec le fichier de l’éditeur. S’il les donne ainsi, le lui signaler ; sinon, corriger "
    "le contrat du jeu de données et livrer le fichier de nouveau."
)


def body_fr(evidence: Evidence) -> str:
    """What is wrong with a vintage, as the middle of a sentence."""
    if evidence.relation == "dataset_coverage":
        return _coverage(evidence)
    if evidence.relation == "reference_codes":
        return _codes(evidence)
    wrong = _WRONG.get((evidence.relation, evidence.cause)) or _WRONG.get((evidence.relation, None))
    noun, one, several = wrong or ("nombre", "est à vérifier", "sont à vérifier")
    number, compared = evidence.counts.get("failed"), evidence.counts.get("compared")
    many = number is not None and number >= 2
    of_all = f" sur {number_fr(compared)}" if compared else ""
    told = f"{number_fr(number)}{NBSP}{noun}{'s' if many else ''}{of_all} {several if many else one}{_from(evidence)}"
    if not evidence.figures:
        return told
    return f"{told}, {'à commencer par ' if many else ''}{line_fr(evidence.relation, evidence.figures[0])}"


def places_fr(evidence: Evidence) -> list[str]:
    """Every number listed, one per line of a card."""
    lines = [line_fr(evidence.relation, figure) for figure in evidence.figures]
    failed = evidence.counts.get("failed") or Decimal(0)
    rest = int(failed) - len(lines)
    return [*lines, *([f"et {number_fr(rest)}{NBSP}autre{'s' if rest > 1 else ''}"] if rest > 0 else [])]


def line_fr(relation: str, figure: Figure) -> str:
    """« Cardiologues (Gironde, 2024) : 76,1 au lieu de 7,6 avec la population de 2023 »."""
    return f"{_named(figure)}{NNBSP}: {_LINES.get(relation, _instead)(figure)}"


def _named(figure: Figure) -> str:
    where = [figure.details[key] for key in ("territory", "period_label") if key in figure.details]
    label = figure.details.get("label_fr", "ligne")
    return f"{label} ({', '.join(where)})" if where else label


def _value(figure: Figure) -> str:
    return quantity_fr(figure.value, figure.unit)


def _beside(figure: Figure) -> str:
    return quantity_fr(figure.beside, figure.unit)


def _instead(figure: Figure) -> str:
    return f"{_value(figure)} au lieu de {_beside(figure)}" if figure.beside is not None else _value(figure)


def _summed(figure: Figure) -> str:
    of = figure.details.get("beside_fr")
    return _instead(figure) + (f", somme de {of}" if of else "")


def _rated(figure: Figure) -> str:
    year = figure.details.get("beside_label")
    return _instead(figure) + (f" avec la population de {year}" if year else "")


def _stepped(figure: Figure) -> str:
    if figure.beside is None:
        return _value(figure)
    return f"{_value(figure)}, à côté de {_beside(figure)}{_at(figure)}"


def _copied(figure: Figure) -> str:
    of = f"{_value(figure)} des {_beside(figure)} nombres comparés sont ceux de la date voisine"
    return of + (f" ({figure.details['beside_label']})" if "beside_label" in figure.details else "")


def _unknown(_figure: Figure) -> str:
    return "code inconnu de la nomenclature de référence"


def _absent(figure: Figure) -> str:
    return figure.details.get("beside_label", "ligne")


def _at(figure: Figure) -> str:
    period = figure.details.get("beside_label")
    return f" ({period})" if period else ""


_LINES: Mapping[str, Callable[[Figure], str]] = {
    "dataset_total": _summed,
    "dataset_density": _rated,
    "dataset_step": _stepped,
    "dataset_copy": _copied,
    "dataset_coverage": _absent,
    "reference_codes": _unknown,
}


def _from(evidence: Evidence) -> str:
    """Which document the numbers differ from, for a revision."""
    before = _before(evidence.figures)
    return f" de {before}" if evidence.relation == "dataset_revision" and before else ""


def _before(figures: Sequence[Figure]) -> str | None:
    titles = {figure.details.get("beside_fr") for figure in figures} - {None}
    return quoted_fr(str(titles.pop())) if len(titles) == 1 else None


def _coverage(evidence: Evidence) -> str:
    failed, compared = evidence.counts.get("failed"), evidence.counts.get("compared")
    named = list(dict.fromkeys(_lacking(figure) for figure in evidence.figures))
    rest = int(failed or 0) - len(evidence.figures)
    others = [f"{number_fr(rest)}{NBSP}autre{'s' if rest > 1 else ''}"] if rest > 0 else []
    before = _before(evidence.figures) or "le millésime précédent"
    of_all = f" (sur {number_fr(compared)}{NBSP}lignes)" if compared else ""
    return f"il manque, par rapport à {before}{of_all}, {listed_fr([*named, *others]) or number_fr(failed)}"


def _codes(evidence: Evidence) -> str:
    """« la nomenclature de référence est à reconstruire, elle ne connaît pas 1 code sur 9 : Villenouvelle (33999) »."""
    failed, compared = evidence.counts.get("failed"), evidence.counts.get("compared")
    several = failed is not None and failed >= 2
    named = [figure.details.get("label_fr", "ligne") for figure in evidence.figures]
    rest = int(failed or 0) - len(named)
    others = [f"{number_fr(rest)}{NBSP}autre{'s' if rest > 1 else ''}"] if rest > 0 else []
    of_all = f" sur {number_fr(compared)}" if compared else ""
    counted = f"{number_fr(failed)}{NBSP}code{'s' if several else ''}{of_all}"
    told = f"la nomenclature de référence est à reconstruire, elle ne connaît pas {counted}"
    return f"{told}{NNBSP}: {listed_fr([*named, *others])}" if named else told


def _lacking(figure: Figure) -> str:
    """A territory by its name, a series by its label, a line by both, a date by its period."""
    kind = figure.details.get("beside_label")
    label, place = figure.details.get("label_fr", "ligne"), figure.details.get("territory", "")
    if kind == "territoire":
        return place or label
    if kind == "date":
        return figure.details.get("period_label", label)
    return label if kind == "série" else f"{label} ({place})"
