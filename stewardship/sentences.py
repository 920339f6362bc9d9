"""French sentences about verdicts: both figures as printed, both places, the gap.

Pure functions over the ``evidence`` of a verdict (relation, subject_fr, figures, arithmetic). SQL gives
the numbers and the codes; here they become what a steward reads. Whatever is missing or misshapen in the evidence is
left out of the sentence: a finding must never be lost to its wording.

Roles of figures: ``total``, ``whole``, ``growth``, ``share``, ``ratio``, ``multiple``, ``stated`` or ``result`` for
the figure that the others are compared with, ``bound`` for a limit; ``table``, ``report`` or ``text`` for the part of a
document where something is stated; ``earlier`` and ``later`` for two editions, ``added`` for what only the later one
prints; ``proposed`` and ``pending`` for how many figures a machine read; any other role (part, base, level, printing…)
says nothing more than the order given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any

from stewardship import dataset_sentences
from stewardship.typography import (
    MINUS,
    NBSP,
    NNBSP,
    as_number,
    gap_fr,
    listed_fr,
    number_fr,
    quantity_fr,
    quoted_fr,
    safe_text,
    typeset_fr,
)

_RESULT_ROLES = {"total", "whole", "growth", "share", "ratio", "multiple", "stated", "result"}
_STATED_IN = {"table": "tableau", "report": "compte rendu", "text": "texte"}
_UNKNOWN = number_fr(None)
#: Said of a figure, these add nothing to a sentence.
_NOWHERE = ("France", "Territoire non précisé")
#: What may differ between figures, and must then be said of each.
_TELLING = ("stated_in", "label_fr", "territory", "period_label")
#: What a number of a dataset stands beside.
_BESIDE = ("beside_fr", "beside_label")
#: What makes figures incomparable, in the words in which it is said.
_COUNTED_APART = {
    "counted_fr": "l’unité comptée",
    "champ_fr": "le champ",
    "denominator_fr": "le dénominateur",
    "definition_fr": "la définition",
}
#: More printings or parts than this make a sentence that nobody reads; the evidence lists them all.
_MOST_NAMED = 6


@dataclass(frozen=True)
class Figure:
    """One figure of the evidence, cleaned: texts are safe to print, numbers are numbers or None."""

    role: str
    printed: str
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    unit: str | None
    document: str
    report_id: str
    line: int | None
    page: int | None
    details: Mapping[str, str]
    beside: Decimal | None = None


@dataclass(frozen=True)
class Evidence:
    """The evidence of a verdict, cleaned."""

    relation: str
    subject: str
    figures: tuple[Figure, ...]
    arithmetic: Mapping[str, Any]
    cause: str | None = None
    counts: Mapping[str, Decimal | None] = field(default_factory=dict)

    @property
    def result(self) -> Figure | None:
        """The figure that the others are compared with."""
        return next((figure for figure in self.figures if figure.role in _RESULT_ROLES), None)

    @property
    def operands(self) -> tuple[Figure, ...]:
        """The figures compared with the result; an empty cell of a table is none."""
        rest = (figure for figure in self.figures if figure is not self.result and figure.role != "bound")
        return tuple(figure for figure in rest if figure.printed != _UNKNOWN)

    def number(self, name: str) -> Decimal | None:
        """A number of the arithmetic, None where it is missing."""
        return as_number(self.arithmetic.get(name))

    @property
    def tells_an_absence(self) -> bool:
        """Whether something was announced once, and found nowhere."""
        return self.relation == "statement" and len(self.figures) == 1 and self.number("computed") == 0

    @property
    def unit(self) -> str | None:
        """Unit of the comparison: that of the result, else of the first figure."""
        compared = self.result or next(iter(self.figures), None)
        return compared.unit if compared else None


def message_fr(evidence: Any, *, verdict: str, gap: Any = None, gap_pct: float | None = None) -> str:
    """One sentence about a verdict.

    ``evidence`` is the JSON object of ``quality.verdict``; ``gap`` is in the unit of the comparison, ``gap_pct`` in
    percent.
    """
    clean = read_evidence(evidence)
    body = _BODIES.get(clean.relation, _side_by_side)(clean)
    end = _conclusion(clean, verdict, gap, gap_pct)
    return f"{clean.subject}{NNBSP}: {body}{NNBSP}; {end}."


def arithmetic_fr(evidence: Any) -> str | None:
    """The arithmetic in one line, « 83 + 72 + 119 = 274, imprimé 279, écart 5 »; None where there is none."""
    clean = read_evidence(evidence)
    if clean.relation in dataset_sentences.WITHOUT_ARITHMETIC:
        return None
    if clean.relation in _TOLD_WITHOUT_ARITHMETIC and clean.number("computed") is None:
        return None
    operation = _OPERATIONS.get(str(clean.arithmetic.get("form")), _compared)(clean)
    computed, printed = _bounded(clean, "computed"), _bounded(clean, "printed")
    if clean.relation == "statement" and operation is None:
        return None
    if clean.arithmetic.get("form") == "compare":
        parts = [operation or _against(computed, printed)]
    else:
        parts = [f"{operation} = {computed}" if operation and computed else operation or computed]
        parts.append(f"imprimé {printed}" if printed else None)
    gap = _arithmetic_gap(clean)
    parts.append(f"écart {gap_fr(gap, clean.unit)}" if gap is not None else None)
    return ", ".join(part for part in parts if part) or None


def places_fr(evidence: Any) -> list[str]:
    """Each figure of the evidence with its place, one per line of a card; a document of several is named once."""
    clean = read_evidence(evidence)
    if clean.relation in dataset_sentences.RELATIONS:
        return dataset_sentences.places_fr(clean)
    counted = _varying(clean.figures, _COUNTED_APART) if clean.relation == "comparability" else []
    varying = [*_varying(clean.figures), *counted]
    documents = {figure.document for figure in clean.figures}
    if len(documents) > 1 or len(clean.figures) <= 2:
        return [_mention(figure, None, varying) + _allowed(figure) for figure in clean.figures]
    return [
        f"{documents.pop()}{NNBSP}:",
        *(_placed(figure, varying) + _allowed(figure) for figure in clean.figures),
    ]


def verdict_fr(verdict: str, evidence: Any = None) -> str:
    """What a verdict means, in plain French; the relation that the evidence tells may give it a meaning of its own."""
    told = read_evidence(evidence)
    own = _ABSENT if told.tells_an_absence else _VERDICTS_OF.get((told.relation, verdict))
    if isinstance(evidence, Mapping) and evidence.get("decision_id"):
        own = _DECIDED
    return typeset_fr(own or _VERDICTS.get(verdict, safe_text(verdict)))


def read_evidence(evidence: Any) -> Evidence:
    """Clean the evidence, whatever its shape."""
    content = evidence if isinstance(evidence, Mapping) else {}
    figures, arithmetic = content.get("figures"), content.get("arithmetic")
    listed = figures if isinstance(figures, list | tuple) else ()
    read = tuple(_read_figure(figure) for figure in listed if isinstance(figure, Mapping))
    subject = safe_text(content.get("subject_fr") or "Chiffres comparés")
    where = territory_fr(read)
    told = f", {where}" if where and where not in _NOWHERE and where not in subject else ""
    return Evidence(
        relation=str(content.get("relation")),
        subject=subject[:1].upper() + subject[1:] + told,
        figures=read,
        arithmetic=arithmetic if isinstance(arithmetic, Mapping) else {},
        cause=safe_text(content["cause"]) if content.get("cause") else None,
        counts={name: as_number(content.get(name)) for name in ("compared", "failed")},
    )


def label_fr(figures: Sequence[Figure]) -> str | None:
    """What all figures are of; None where they differ."""
    labels = {figure.details.get("label_fr") for figure in figures}
    return labels.pop() if len(labels) == 1 else None


def territory_fr(figures: Sequence[Figure]) -> str | None:
    """The territory that all figures are of, or their total is; None where they differ."""
    totals = [figure for figure in figures if figure.role == "total"]
    names = {figure.details.get("territory") for figure in totals or figures}
    return names.pop() if len(names) == 1 else None


def _read_figure(figure: Mapping[str, Any]) -> Figure:
    unit = figure["unit"] if isinstance(figure.get("unit"), str) else None
    value, low, high = (as_number(figure.get(key)) for key in ("value", "low", "high"))
    role = str(figure.get("role"))
    counted = figure.get("counted_unit")
    version = figure.get("definition_version")
    telling = {
        **figure,
        "stated_in": _STATED_IN.get(role),
        "counted_fr": _COUNTED.get(str(counted), counted),
        "definition_fr": f"version{NBSP}{version}" if version else None,
    }
    return Figure(
        role=role,
        printed=_printed(figure) or (_interval(low, high, unit) if value is None else quantity_fr(value, unit)),
        value=value,
        low=low,
        high=high,
        unit=unit,
        document=safe_text(figure.get("report_title") or figure.get("report_id") or "source non précisée"),
        report_id=str(figure.get("report_id") or figure.get("report_title") or ""),
        line=_whole(figure.get("line")),
        page=_whole(figure.get("page")),
        details={key: safe_text(telling[key]) for key in (*_TELLING, *_COUNTED_APART, *_BESIDE) if telling.get(key)},
        beside=as_number(figure.get("beside")),
    )


def _printed(figure: Mapping[str, Any]) -> str:
    """The figure as printed, with the term of approximation before it."""
    words = [safe_text(figure[key]) for key in ("qualifier", "printed") if figure.get(key)]
    return " ".join(words) if figure.get("printed") else ""


def _interval(low: Decimal | None, high: Decimal | None, unit: str | None) -> str:
    end_unit = None if unit == "multiple" else unit
    return f"de {number_fr(low)} à {quantity_fr(high, end_unit)}" if low is not None and high is not None else _UNKNOWN


def _whole(value: Any) -> int | None:
    number = as_number(value)
    return int(number) if number is not None and abs(number) < 10**9 and number == int(number) else None


# Places


def _mention(figure: Figure, before: Figure | None, varying: Sequence[str]) -> str:
    """« printed » (what tells it apart, document, place)."""
    details = [figure.details[key] for key in varying if key in figure.details]
    return f"{quoted_fr(figure.printed)} ({', '.join([*details, _document(figure, before), *_spot([figure])])})"


def _allowed(figure: Figure) -> str:
    """« , soit de 72,5 à 73,5 % »: what a printing allows, where it is more than one value."""
    if figure.low == figure.high:
        return ""
    if figure.high is None:
        return f", soit {quantity_fr(figure.low, figure.unit)} ou plus"
    if figure.low is None:
        return f", soit {quantity_fr(figure.high, figure.unit)} ou moins"
    return f", soit {_interval(figure.low, figure.high, figure.unit)}"


def _placed(figure: Figure, varying: Sequence[str]) -> str:
    """« printed » (what tells it apart, place), where the document is known."""
    details = [figure.details[key] for key in varying if key in figure.details]
    told = ", ".join([*details, *_spot([figure])])
    return f"{quoted_fr(figure.printed)} ({told})" if told else quoted_fr(figure.printed)


def _mentions(figures: Sequence[Figure]) -> str:
    varying = _varying(figures)
    named = figures[:_MOST_NAMED]
    texts = [_mention(f, named[i - 1] if i else None, varying) for i, f in enumerate(named)]
    others = len(figures) - len(named)
    return listed_fr([*texts, f"{others}{NBSP}autre{'s' if others > 1 else ''}"] if others else texts)


def _varying(figures: Sequence[Figure], among: Iterable[str] = _TELLING) -> list[str]:
    """What differs between figures."""
    return [key for key in among if len({figure.details.get(key) for figure in figures}) > 1]


def _document(figure: Figure, before: Figure | None) -> str:
    same = before is not None and figure.report_id and before.report_id == figure.report_id
    return "même document" if same else figure.document


def _spot(figures: Sequence[Figure]) -> list[str]:
    """« page 3, ligne 52 », or the range of several figures, as far as they are known."""
    spots = []
    for word, numbers in (("page", [f.page for f in figures]), ("ligne", [f.line for f in figures])):
        known = sorted({number for number in numbers if number is not None})
        if len(known) == 1:
            spots.append(f"{word}{NBSP}{known[0]}")
        elif known:
            spots.append(f"{word}s{NBSP}{known[0]} à{NBSP}{known[-1]}")
    return spots


# Bodies, one per relation


def _side_by_side(evidence: Evidence) -> str:
    return _mentions(evidence.figures) or "aucun chiffre transmis"


def _contradiction(evidence: Evidence) -> str:
    """The two printings furthest apart, which the arithmetic names, and how many there are."""
    apart = [next((f for f in evidence.figures if f.value == evidence.number(name)), None) for name in _COMPARED]
    named = sorted((figure for figure in apart if figure), key=evidence.figures.index)
    if len(evidence.figures) <= 2 or len({figure.value for figure in named}) < 2:
        return _side_by_side(evidence)
    return f"{_mentions(named)}, sur {len(evidence.figures)}{NBSP}mentions"


def _sum(evidence: Evidence) -> str:
    total, parts = evidence.result, evidence.operands
    if not parts:
        return _announced(evidence)
    makes = (
        f"font {_approximate(evidence, 'computed')}"
        if evidence.number("computed") is not None
        else "ne s’y accordent pas"
    )
    if total is None:
        expected = evidence.number("printed")
        instead = f", au lieu de {quantity_fr(expected, evidence.unit)}" if expected is not None else ""
        return f"{_parts(parts, None)} {makes}{instead}"
    return f"total imprimé {_mention(total, None, ())}, mais {_parts(parts, total)} {makes}"


def _parts(parts: Sequence[Figure], before: Figure | None) -> str:
    if len({part.report_id for part in parts}) > 1:
        return _mentions(parts)
    place = ", ".join([_document(parts[0], before), *_spot(parts)])
    if len(parts) > _MOST_NAMED:
        return f"les {len(parts)} parties ({place})"
    return f"{listed_fr([quoted_fr(part.printed) for part in parts])} ({place})"


def _announced(evidence: Evidence) -> str:
    counted = evidence.number("computed")
    told = f", mais le compte donne {quantity_fr(counted, evidence.unit)}" if counted is not None else ""
    return _side_by_side(evidence) + told


def _cumulative(evidence: Evidence) -> str:
    if len(evidence.figures) != 2:
        return f"un cumul ne peut pas baisser, or on lit {_side_by_side(evidence)}"
    earlier, later = evidence.figures
    varying = _varying(evidence.figures)
    return (
        f"un cumul ne peut pas baisser, or {_mention(earlier, None, varying)} "
        f"est suivi de {_mention(later, earlier, varying)}"
    )


def _growth(evidence: Evidence) -> str:
    stated, levels = evidence.result, evidence.operands
    if stated is None or len(levels) != 2 or evidence.number("computed") is None:
        return _side_by_side(evidence)
    varying = [key for key in _varying(levels) if key != "label_fr"]
    return (
        f"évolution imprimée {_mention(stated, None, ())}, alors que de {_mention(levels[0], stated, varying)} "
        f"à {_mention(levels[1], levels[0], varying)} le calcul donne {_approximate(evidence, 'computed')}"
    )


def _range(evidence: Evidence) -> str:
    figures = [figure for figure in evidence.figures if figure.role != "bound"]
    bounds = [figure for figure in evidence.figures if figure.role == "bound"]
    if not figures:
        return _side_by_side(evidence)
    limits = f" ({_mentions(bounds)})" if bounds else _limits(evidence)
    return f"{_mentions(figures)} {'sort' if len(figures) == 1 else 'sortent'} des bornes possibles{limits}"


def _limits(evidence: Evidence) -> str:
    low, high = evidence.number("computed_low"), evidence.number("computed_high")
    if low is not None and high is not None:
        return f" (de {number_fr(low)} à {quantity_fr(high, evidence.unit)})"
    if low is not None:
        return f" (au moins {quantity_fr(low, evidence.unit)})"
    return f" (au plus {quantity_fr(high, evidence.unit)})" if high is not None else ""


def _part_whole(evidence: Evidence) -> str:
    whole, parts = evidence.result, evidence.operands
    if whole is None or len(parts) != 1:
        return _side_by_side(evidence)
    varying = _varying(evidence.figures)
    return f"la partie {_mention(parts[0], None, varying)} dépasse le tout {_mention(whole, parts[0], varying)}"


def _statement(evidence: Evidence) -> str:
    stated, facts = evidence.result, evidence.operands
    if evidence.tells_an_absence:
        return f"annoncé {_mention(evidence.figures[0], None, ['stated_in'])}, mais absent du document"
    if stated is None or not facts:
        return _side_by_side(evidence)
    before = [stated, *facts]
    texts = [_mention(f, before[i], _varying(facts)) for i, f in enumerate(facts[:_MOST_NAMED])]
    return f"l’énoncé {_mention(stated, None, ())} ne s’accorde pas avec {listed_fr(texts)}"


def _templated(evidence: Evidence) -> str:
    """What the template of the relation says of the figure judged, of the others, and of what they give."""
    result, others = evidence.result, evidence.operands
    varying = _varying(others) if result is None else [key for key in _varying(evidence.figures) if key != "stated_in"]
    return _TEMPLATES[evidence.relation].format(
        result=_mention(result, None, varying) if result else _UNKNOWN,
        others=listed_fr([_mention(f, before, varying) for before, f in pairwise([result, *others[:_MOST_NAMED]]) if f])
        or _UNKNOWN,
        computed=_approximate(evidence, "computed"),
        give="donne" if len(others) == 1 else "donnent",
    )


def _edition(evidence: Evidence) -> str:
    """One figure in two editions of a document, or what is in one of them only."""
    earlier = next((figure for figure in evidence.figures if figure.role == "earlier"), None)
    later = next((figure for figure in evidence.figures if figure.role == "later"), None)
    if earlier is None:
        return f"la nouvelle édition ajoute {_mentions(evidence.figures)}"
    before = f"l’édition précédente imprime {_mention(earlier, None, ())}"
    if later is None:
        return f"{before}, la nouvelle ne l’imprime plus au même endroit"
    changed = [key for key in _varying((earlier, later)) if key != "stated_in"]
    return f"{before}, la nouvelle {_mention(later, None, changed)}"


def _comparability(evidence: Evidence) -> str:
    """Figures side by side, each with what it counts, and by what they differ."""
    figures = evidence.figures
    varying = ["counted_fr", *(key for key in _varying(figures) if key != "label_fr")]
    texts = [_mention(f, figures[i - 1] if i else None, varying) for i, f in enumerate(figures[:_MOST_NAMED])]
    told: dict[str, str] = {}
    for key in _varying(figures, _COUNTED_APART):
        words = list(dict.fromkeys(figure.details[key] for figure in figures if key in figure.details))
        shown = words if key == "counted_fr" else [quoted_fr(word) for word in words]
        # A share is often of its own scope: the same words twice tell nothing more.
        told.setdefault(", ".join(words), f"par {_COUNTED_APART[key]} ({', '.join(shown)})")
    differs = listed_fr(list(told.values())) or f"par ce qu’ils désignent ({', '.join(_labels(figures))})"
    return f"{listed_fr(texts)} diffèrent {differs}"


def _labels(figures: Sequence[Figure]) -> list[str]:
    return list(dict.fromkeys(figure.details.get("label_fr", _UNKNOWN) for figure in figures))


def _review(evidence: Evidence) -> str:
    """How many figures a machine proposed, and how many it left to a person."""
    counts = {figure.role: figure.value or Decimal(0) for figure in evidence.figures}
    proposed, pending = counts.get("proposed", Decimal(0)), counts.get("pending", Decimal(0))
    told = [
        f"{number_fr(proposed)}{NBSP}chiffre{_s(proposed)} proposé{_s(proposed)}" if proposed else None,
        f"{number_fr(pending)}{NBSP}chiffre{_s(pending)} en attente dans le registre" if pending else None,
    ]
    document = evidence.figures[0].document if evidence.figures else _UNKNOWN
    return f"{listed_fr([part for part in told if part]) or 'aucun chiffre'} ({document})"


def _frozen(evidence: Evidence) -> str:
    """Since when nothing new came, and how often it should."""
    told = {figure.role: figure for figure in evidence.figures}
    received, cadence = told.get("received"), told.get("cadence")
    document = evidence.figures[0].document if evidence.figures else _UNKNOWN
    since, every = (figure.printed if figure else _UNKNOWN for figure in (received, cadence))
    return f"rien de nouveau depuis le {since}, pour une périodicité {every} ({document})"


def _s(count: Decimal) -> str:
    return "s" if count >= 2 else ""


_COMPARED = ("computed", "printed")
#: What is counted, as a reader says it.
_COUNTED = {
    "personne": "personnes",
    "poste": "postes",
    "etp": "équivalents temps plein",
    "contrat": "contrats",
    "bourse": "bourses",
    "structure": "structures",
    "site": "sites",
    "projet": "projets",
    "place": "places",
    "acte": "actes",
    "territoire": "territoires",
    "reunion": "réunions",
    "none": None,
    "euro": None,
}
#: Relations whose sentence is one pattern.
_TEMPLATES = {
    "share": "imprimé {result}, alors que {others} {give} {computed}",
    "annual": "évolution totale imprimée {result}, alors que {others} par an donne {computed}",
    "average": "taux d’ensemble imprimé {result}, alors que {others} {give} en moyenne {computed}",
    "slip": "{result} s’écarte d’une puissance de dix de {others}, qui l’encadrent",
    "copy": "mêmes chiffres pour deux territoires ou deux dates, {others}",
    "register": "imprimé {result}, alors que le répertoire officiel donne {computed}",
    "facility_register": (
        "imprimé {result}, alors que FINESS en connaît {computed} ouverts à cette date, sans ceux qui ont fermé depuis "
        "ni ceux qui n’y sont pas enregistrés"
    ),
    "announced": "annoncé {result}, mais {others} se sont tenus hors de cette période",
    "future": "{result} est donné pour observé après la parution du document",
    "promise": "l’objectif {result} est déjà atteint par {others}",
    "pace": "prévu {result}, alors qu’au rythme de {others} le niveau serait de {computed}",
}
#: Relations whose figures are not computed with, unless the evidence says otherwise.
_TOLD_WITHOUT_ARITHMETIC = {"edition", "review", "comparability", "announced", "frozen"}
_BODIES = {
    "contradiction": _contradiction,
    "sum": _sum,
    "groups": _sum,
    "cumulative": _cumulative,
    "growth": _growth,
    "range": _range,
    "part_whole": _part_whole,
    "statement": _statement,
    "edition": _edition,
    "review": _review,
    "frozen": _frozen,
    "comparability": _comparability,
    **dict.fromkeys(_TEMPLATES, _templated),
    **dict.fromkeys(dataset_sentences.RELATIONS, dataset_sentences.body_fr),
}


def _conclusion(evidence: Evidence, verdict: str, gap: Any, gap_pct: float | None) -> str:
    if evidence.relation == "review":
        named = evidence.figures[0].report_id if evidence.figures else ""
        return f"à relire avec {quoted_fr(f'barometre review {safe_text(named)}')}"
    size = as_number(gap)
    if evidence.relation == "edition" and not size:
        return "à vérifier"
    if verdict == "not_comparable":
        return "valeurs non comparables en l’état"
    # Points and percent side by side would be taken for each other.
    share = as_number(gap_pct) if evidence.unit != "percent" else None
    in_percent = f" ({number_fr(abs(share), 1)}{NNBSP}%)" if share is not None else ""
    told = f"écart de {gap_fr(size, evidence.unit)}{in_percent}" if size else "valeurs incompatibles"
    if evidence.tells_an_absence:
        return "à vérifier"
    if verdict == "explained":
        return f"{told}, expliqué" if size else "différence expliquée"
    if verdict == "suspicious":
        return f"{told}, à vérifier" if size else "à vérifier"
    return told


# Arithmetic


def _added(evidence: Evidence) -> str | None:
    """The addition, unless the figures are not all of its terms: a false equation convinces nobody."""
    values = [figure.value for figure in evidence.operands if figure.value is not None]
    all_known = len(values) == len(evidence.operands)
    if all_known and evidence.number("computed") not in (None, sum(values)):
        return None
    return " + ".join(_operand(figure) for figure in evidence.operands) or None


def _subtracted(evidence: Evidence) -> str | None:
    """Later minus earlier: the operands come in the order of time."""
    operands = [_operand(figure) for figure in reversed(evidence.operands)]
    return f" {MINUS} ".join(operands) or None


def _divided(evidence: Evidence) -> str | None:
    if len(evidence.operands) != 2:
        return None
    base, level = (_operand(figure) for figure in evidence.operands)
    if evidence.relation != "growth":
        return f"{base} ÷ {level}"
    if evidence.unit != "percent":
        return f"{level} ÷ {base}"
    # A growth per year is not that of the two levels: then only they are told.
    return f"({level} {MINUS} {base}) ÷ {base}" if _grows_as_computed(evidence) else f"de {base} à {level}, calcul"


def _grows_as_computed(evidence: Evidence) -> bool:
    base, level = (figure.value for figure in evidence.operands)
    computed = evidence.number("computed")
    if not base or level is None or computed is None:
        return False
    return abs(100 * (level / base - 1) - computed) < Decimal("0.01")


def _compared(evidence: Evidence) -> str | None:
    """The two sides; what was stated in words or as a date is told as printed."""
    if len(evidence.figures) != 2:
        return None
    as_printed = evidence.relation == "statement"
    return " contre ".join(figure.printed if as_printed else _operand(figure) for figure in evidence.figures)


def _compounded(evidence: Evidence) -> str | None:
    """What a growth per year makes over the years that it covers."""
    parts = [figure.printed for figure in evidence.figures if figure.role == "part"]
    return f"{parts[0]} par an, composés sur la période" if parts else None


_OPERATIONS = {
    "sum": _added,
    "difference": _subtracted,
    "ratio": _divided,
    "compound": _compounded,
    "compare": _compared,
}


def _operand(figure: Figure) -> str:
    if figure.value is not None:
        return number_fr(figure.value)
    if figure.low is not None and figure.high is not None:
        return f"[{number_fr(figure.low)}{NNBSP}; {number_fr(figure.high)}]"
    return "?"


def _against(computed: str | None, printed: str | None) -> str | None:
    return f"{computed} contre {printed}" if computed and printed else computed or printed


def _bounded(evidence: Evidence, name: str) -> str | None:
    """A computed or printed number with the interval that the printing allows, where it is wider than the number."""
    value, low, high = (evidence.number(key) for key in (name, f"{name}_low", f"{name}_high"))
    interval = _interval(low, high, evidence.unit)
    if value is None:
        return interval if interval != _UNKNOWN else None
    return quantity_fr(value, evidence.unit) + (f" ({interval})" if interval != _UNKNOWN and low != high else "")


def _approximate(evidence: Evidence, name: str) -> str:
    value, low, high = (evidence.number(key) for key in (name, f"{name}_low", f"{name}_high"))
    if low is not None and high is not None and low != high:
        return f"entre {number_fr(low)} et {quantity_fr(high, evidence.unit)}"
    return quantity_fr(value, evidence.unit)


def _arithmetic_gap(evidence: Evidence) -> Decimal | None:
    computed, printed = (evidence.number(name) for name in _COMPARED)
    return abs(computed - printed) if computed is not None and printed is not None else None


_VERDICTS = {
    "impossible": "Impossible : aucune valeur exacte, arrondis compris, ne rend ces chiffres vrais ensemble.",
    "suspicious": "Douteux : c’est peu vraisemblable sans être exclu, ou la comparaison repose sur un terme "
    "d’approximation, une date, une unité ou une façon de compter qui restent à vérifier.",
    "not_comparable": "Non comparables : champ, date ou définition diffèrent ; aucun jugement sur les nombres.",
    "explained": "Expliqué : la différence a une cause connue (révision, rupture de série, arrondi).",
}
_ABSENT = "Douteux : ce que la liste annonce n’est nulle part dans le document."
_DECIDED = "Non comparables : un référent l’a décidé ; aucune règle ne compare plus ces chiffres."
_VERDICTS_OF = {
    ("comparability", "not_comparable"): "Non comparables : ces documents ne comptent pas la même chose ; aucun "
    "jugement sur les nombres.",
    ("edition", "suspicious"): "Changé : le document a paru de nouveau et ce chiffre n’y est plus le même ; les deux "
    "éditions restent dans l’entrepôt.",
    ("edition", "explained"): "Nouveau : ces chiffres ne sont que dans la nouvelle édition du document.",
    ("groups", "suspicious"): "Douteux : le document ne dit pas ce que compte l’annonce ; aucune façon de compter ses "
    "tableaux ne la donne.",
    ("register", "suspicious"): "Douteux : l’écart avec la population légale dépasse ce que l’année ou la définition "
    "expliquent d’ordinaire.",
    ("promise", "suspicious"): "Douteux : un objectif déjà atteint le jour où il est annoncé n’en est plus un, ou l’un "
    "des deux chiffres est mal daté.",
    ("pace", "suspicious"): "Douteux : la prévision demande plus de trois fois le rythme observé.",
    ("copy", "suspicious"): "Douteux : des chiffres aussi précis ne sont presque jamais les mêmes deux fois.",
    ("announced", "suspicious"): "Douteux : la période annoncée ne contient pas tous les ateliers de la liste.",
    ("average", "suspicious"): "Douteux : la moyenne des territoires, pondérée par leur population, s’écarte du taux "
    "d’ensemble plus que les arrondis ne le permettent.",
    ("statement", "suspicious"): "Douteux : deux endroits d’un même document ne disent pas la même chose.",
    ("review", "suspicious"): "À relire : la machine a proposé une lecture de ce document, que personne n’a encore "
    "vérifiée ; elle n’entre ni dans les valeurs retenues ni dans les autres règles.",
    ("frozen", "suspicious"): "Figée : rien de nouveau n’a été reçu pendant le double de la périodicité ; ce qui est "
    "publié reste juste à sa date, et vieillit.",
    **{
        (relation, verdict): text
        for relation in dataset_sentences.RELATIONS
        for verdict, text in dataset_sentences.VERDICTS.items()
    },
    **dataset_sentences.OWN_VERDICTS,
}
