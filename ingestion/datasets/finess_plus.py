"""FINESS+, the JSON flows that followed the old ones in 2026: one document of legal entities, read one by one.

Names and nesting changed while the schemas were made (``informationsGeneralesPmej`` and ``…PMEJ``, ``pm_smsseId`` and
``pmSmsseId``, a code alone or ``{code, system}``): keys are looked up without case or underscores, so that both forms
are read. Codes have no labels here; those of categories are in the reference (facility_categories.csv).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ingestion.datasets.records import open_limited

Cells = dict[str, str | None]


def legal_entities(path: Path) -> Iterator[Mapping[str, Any]]:
    """Each ``pmej`` of a flow, without the rest of the document in memory.

    Raises:
        ValueError: the document is cut short, or is no JSON.
    """
    import ijson

    with open_limited(path) as stream:
        try:
            yield from ijson.items(stream, "pmej.item")
        except ijson.JSONError as error:
            raise ValueError(str(error)) from error


def at(value: Any, *path: str) -> Any:
    """What stands at a path of keys, or None; case and underscores of keys make no difference."""
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = next((v for key, v in value.items() if _folded(key) == _folded(name)), None)
    return value


def text(value: Any, *path: str) -> str | None:
    """The text, or the code, at a path; None where there is none."""
    found = at(value, *path)
    if isinstance(found, Mapping):
        found = at(found, "code")
    return str(found) if found not in (None, "") else None


def listed(value: Any, *path: str) -> list[Mapping[str, Any]]:
    """The objects of a list at a path."""
    found = at(value, *path)
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def _folded(key: str) -> str:
    return key.replace("_", "").lower()


# Structures


def structure_cells(entity: Mapping[str, Any]) -> Iterator[Cells]:
    """The cells of a legal entity, then those of each of its establishments."""
    own = at(entity, "informationsGeneralesPMEJ")
    number = text(own, "numFinessPm")
    yield {
        "objet": "PMEJ",
        "numFiness": number,
        "numFinessPm": None,
        "denomination": text(own, "denominationPm"),
        "categorie": None,
        "dateOuverture": text(own, "dateCreation"),
        "dateFermeture": text(own, "dateFermeture"),
        "etatObjet": _state(entity, own),
        **_address(entity),
    }
    for establishment in listed(entity, "ege"):
        general = at(establishment, "informationsGeneralesEGE")
        yield {
            "objet": "EGE",
            "numFiness": text(general, "numFinessEge"),
            "numFinessPm": number,
            "denomination": text(general, "nomEgeCourt"),
            "categorie": text(establishment, "categorieEntiteGeographiqueExercice"),
            "dateOuverture": text(general, "dateOuverture"),
            "dateFermeture": text(general, "dateFermeture"),
            "etatObjet": _state(establishment, general),
            **_address(establishment),
        }


def _state(structure: Mapping[str, Any], general: Any) -> str | None:
    return text(structure, "etatObjet") or text(general, "etatObjet")


def _address(structure: Mapping[str, Any]) -> Cells:
    """The first address with a commune.

    ``directionLatitude`` and ``directionLongitude`` are WGS84 degrees; ``coordonneeX`` and ``coordonneeY`` are
    projected and sometimes exchanged (X is the northing in the publisher's own example): they are not read.
    """
    addresses = listed(structure, "adresse")
    address = next((a for a in addresses if text(a, "cogCommune")), next(iter(addresses), {}))
    return {
        "cogCommune": text(address, "cogCommune"),
        "codePostal": text(address, "codePostal"),
        "ligneAcheminement": text(address, "ligneAcheminement"),
        "latitude": text(address, "coordonneesGeographique", "directionLatitude"),
        "longitude": text(address, "coordonneesGeographique", "directionLongitude"),
    }


# Activities

#: Natures whose codes are those of the old flows: care activities and heavy equipment. Others name their nature.
KNOWN_CODES = ("AMF", "EML")
_MODALITIES = ("modaliteActivite", "modeFonctionnement")
_FORMS = ("formeActivite", "public")


def activity_cells(entity: Mapping[str, Any]) -> Iterator[Cells]:
    """The cells of each activity that a legal entity is authorised to, and of each that an establishment exercises."""
    number = text(entity, "numFiness") or text(entity, "numeroFiness")
    for activity in listed(entity, "activitesAutorisees"):
        yield from _activity(activity, number, None)
    for establishment in listed(entity, "ege"):
        for activity in listed(establishment, "activitesExercees"):
            yield from _activity(activity, number, text(establishment, "numFinessEge"))


def _activity(activity: Mapping[str, Any], legal_entity: str | None, establishment: str | None) -> Iterator[Cells]:
    for nature, general, specific, capacity in _natures(activity):
        kind = at(specific, f"typeActivite{nature}")
        codes = dict(kind) if isinstance(kind, Mapping) else {}
        beside = {_folded(name) for name in (*_MODALITIES, *_FORMS)}
        code = next((text(codes, key) for key in codes if _folded(key) not in beside), None)
        code = code or text(general, "typeActiviteSMSSE")
        yield {
            "activiteAeId": text(general, "activiteAeId"),
            "identifiantAutorisation": text(general, "identifiantAutorisation"),
            "numFinessPm": legal_entity,
            "numFinessEge": establishment,
            "codeNature": nature,
            "activite": code if nature in KNOWN_CODES or code is None else f"{nature}-{code}",
            "modalite": next((text(codes, name) for name in _MODALITIES if text(codes, name)), None),
            "forme": next((text(codes, name) for name in _FORMS if text(codes, name)), None),
            "etatObjet": text(general, "etatObjet"),
            "dateDebutActiviteAutorisee": text(general, "dateDebutActiviteAutorisee"),
            "dateFinActiviteAutorisee": text(general, "dateFinActiviteAutorisee"),
            "dateFinEffectiveActivite": text(general, "dateFinEffectiveActivite"),
            "nombre": next((text(c, "nombre") for c in capacity), None) if len(capacity) == 1 else None,
        }


def _natures(activity: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any, list[Mapping[str, Any]]]]:
    """The nature of an activity: the one named, or in the first schema those of nine that are filled in."""
    if named := text(activity, "nature", "codeNature"):
        specific = at(activity, "nature", "caracteristiquesSpecifiques")
        yield named, at(activity, "caracteristiquesGeneriques"), specific, listed(activity, "capacite")
        return
    for key, nature in activity.items():
        general = at(nature, "caracteristiquesGeneriques")
        if key.startswith("nature") and text(general, "activiteAeId"):
            code = key.removeprefix("nature")
            name = next((name for name in nature if name.startswith("caracteristiquesSpecifiques")), "")
            yield code, general, at(nature, name), listed(nature, "capacite")
