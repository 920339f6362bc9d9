"""What a steward can do about a finding today: short steps in French, each with the command that does it, if one does.

Pure functions over the verdict, its evidence and the documents that it names. A step never asks for SQL, and names no
command that does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stewardship import dataset_sentences
from stewardship.sentences import read_evidence
from stewardship.typography import NBSP, listed_fr, quoted_fr, safe_text, typeset_fr

#: What is left to do once somebody acted.
_AFTER_STATUS = {
    "resolved": ("Rien à faire : la règle a été évaluée et elle est respectée.",),
    "settled": (
        "Rien à faire tant que les valeurs ne changent pas : l’incohérence est tranchée.",
        "Pour revenir sur la décision : « barometre findings reopen {id} --why … ».",
    ),
    "waived": (
        "Rien à faire avant la fin de la dérogation.",
        "Pour y mettre fin plus tôt : « barometre findings reopen {id} --why … ».",
    ),
    "correction_pending": ("Attendre la réponse de l’éditeur.",),
}
_SEEN = (
    "Dire qu’elle est vue, « barometre findings ack {id} --why … », ou à qui elle revient, « barometre findings assign "
    "{id} --to NOM --why … »."
)
_DEALT_WITH = "La confier à quelqu’un d’autre : « barometre findings assign {id} --to NOM --why … »."
_DECIDE = (
    "Trancher : « barometre findings settle {id} --decision … --why … » (retain --observation OBS, keep_both, "
    "not_comparable, publisher_error ou our_error)."
)
_WAIVE = "L’accepter pour un temps : « barometre findings waive {id} --reason … --why … --until DATE »."
_COMPARABILITY = (
    "Décider une fois pour toute la famille si ces chiffres se comparent, et à quelle condition (même unité comptée, "
    "même champ, table de passage) ; sinon, « barometre findings settle {id} --decision not_comparable --why … ». "
    "D’ici là, ne pas les mettre dans une même série ni dans un même total.",
    "Si l’éditeur seul peut le dire, lui transmettre la phrase du haut, qui nomme les chiffres et leurs lignes.",
)
_EXPLAINED = (
    "Rien à faire, sauf si l’explication ne convient pas : le dire avec « barometre findings settle {id} --decision … "
    "--why … ».",
)
_EDITION = (
    "Comparer les deux éditions aux lignes indiquées, relire la nouvelle, et demander à l’éditeur la raison du "
    "changement s’il ne la donne pas.",
    _SEEN,
)
_FROZEN = (
    "Chercher sur la page du jeu de données une publication plus récente : la déposer avec « barometre ingest FICHIER "
    "», ou faire corriger l’adresse du contrat ; si l’éditeur ne publie plus, l’accepter par une dérogation : "
    "« barometre findings waive {id} --reason publication_arretee --why … --until DATE »."
)
#: What to look for in the passages; the first words of the step are the same for all.
_LOOK_FOR = {
    "contradiction": "les deux passages parlent-ils bien de la même chose à la même date",
    "sum": "manque-t-il une ligne, et chaque chiffre est-il dans sa case",
    "groups": "que compte l’annonce, que comptent les tableaux",
    "cumulative": "depuis quand compte chacun des deux cumuls",
    "growth": "entre quelles dates l’évolution est-elle mesurée",
    "range": "l’unité et le signe sont-ils les bons",
    "part_whole": "la partie est-elle toute comprise dans le tout",
    "statement": "lequel des passages est repris d’une version antérieure",
    "share": "l’unité du taux est-elle la bonne, et de quelle population est-ce la part",
    "shares": "la liste est-elle complète, et de quoi sont ces parts",
    "annual": "sur combien d’années l’évolution annuelle est-elle calculée",
    "average": "les territoires énumérés sont-ils bien tous ceux du territoire d’ensemble",
    "slip": "combien de zéros, et dans quelle unité",
    "copy": "l’une des lignes a-t-elle été recopiée sans être mise à jour",
    "register": "de quel territoire et de quelle année est la population imprimée",
    "announced": "la période annoncée est-elle celle de tous les ateliers",
    "future": "le chiffre est-il observé, ou attendu",
    "promise": "l’objectif est-il ancien, ou déjà tenu",
    "pace": "la prévision est-elle encore tenable, et d’où vient-elle",
}


def next_steps_fr(
    verdict: str,
    status: str,
    evidence: Any = None,
    documents: Mapping[str, str] | None = None,
    finding_id: str = "ID",
) -> list[str]:
    """The steps, in their order; ``documents`` gives the file of each report that is known, ``finding_id`` what
    commands on the finding call it."""
    steps = _AFTER_STATUS[status] if status in _AFTER_STATUS else _steps(verdict, status, evidence, documents or {})
    return [_typeset(step.replace("{id}", safe_text(finding_id))) for step in steps]


def _steps(verdict: str, status: str, evidence: Any, documents: Mapping[str, str]) -> tuple[str, ...]:
    """What to do while it is open; « {id} » stands for the finding."""
    told = read_evidence(evidence)
    if told.relation == "review":
        return _review(told.figures[0].report_id if told.figures else "")
    if told.relation == "comparability" or verdict == "not_comparable":
        return _COMPARABILITY
    if told.relation == "edition":
        return _EDITION
    if told.relation == "frozen":
        return (_FROZEN,)
    acts = (_DEALT_WITH if status in ("acknowledged", "assigned") else _SEEN, _DECIDE, _WAIVE)
    if told.relation in dataset_sentences.OWN_NEXT_STEPS:
        return (dataset_sentences.OWN_NEXT_STEPS[told.relation], *acts)
    if told.relation in dataset_sentences.RELATIONS:
        return (dataset_sentences.NEXT_STEP, *acts)
    if verdict == "explained":
        return _EXPLAINED
    return (*_reading(told.relation, evidence, documents), *acts)


def _reading(relation: str, evidence: Any, documents: Mapping[str, str]) -> list[str]:
    """Read again, correct our reading, tell the publisher."""
    told = read_evidence(evidence)
    reports = list(dict.fromkeys(f.report_id for f in told.figures if f.report_id and f.line is not None))
    steps = [_reread(relation, reports, documents)]
    if reports:
        are_figures = any(_is_observation(figure) for figure in _raw(evidence))
        steps.append(_correct(reports, are_figures=are_figures))
    steps.append(
        "Si le document est bien lu, transmettre à l’éditeur la phrase du haut, qui nomme les chiffres et leurs lignes "
        "; son document corrigé se dépose avec « barometre ingest FICHIER »."
    )
    return steps


def _review(report: str) -> tuple[str, ...]:
    return (
        f"Relire le document : accepter, corriger ou écarter chaque chiffre proposé, avec "
        f"{quoted_fr(f'barometre review {safe_text(report)}')} ; puis « barometre refresh ».",
    )


def _reread(relation: str, reports: list[str], documents: Mapping[str, str]) -> str:
    files = [safe_text(documents[report]) for report in reports if report in documents]
    where = f" (fichier{'s' if len(files) > 1 else ''} {listed_fr(files)})" if files else ""
    question = _LOOK_FOR.get(relation)
    return f"Relire les passages aux lignes indiquées{where}{f' : {question} ?' if question else '.'}"


def _correct(reports: list[str], *, are_figures: bool) -> str:
    begin = "Si c’est l’entrepôt qui a mal lu, corriger sa lecture :"
    if are_figures:
        commands = listed_fr([quoted_fr(f"barometre review {safe_text(report)}") for report in reports])
        return f"{begin} {commands}, puis « barometre refresh » ; l’incohérence se ferme alors d’elle-même."
    zips = listed_fr([quoted_fr(f"barometre ingest {safe_text(report)}.extract.zip") for report in reports])
    return (
        f"{begin} ce tableau se corrige dans l’extraction du document, dont on livre la version suivante avec {zips} "
        "(docs/add-a-report.md) ; l’incohérence se ferme alors d’elle-même."
    )


def _raw(evidence: Any) -> list[Mapping[str, Any]]:
    figures = evidence.get("figures") if isinstance(evidence, Mapping) else None
    return [figure for figure in figures or () if isinstance(figure, Mapping)]


def _is_observation(figure: Mapping[str, Any]) -> bool:
    """Figures of reports are named « report#key »; cells of tables and the register are not."""
    return "#" in str(figure.get("ref") or "") and bool(figure.get("status"))


def _typeset(text: str) -> str:
    """With the no-break spaces that punctuation and guillemets take."""
    return typeset_fr(text).replace("« ", f"«{NBSP}").replace(" »", f"{NBSP}»")
