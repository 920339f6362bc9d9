"""Made-up files of the forms that FINESS is published in: real codes of territories, invented establishments."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

#: A line of cs1100507 up to its category: number, legal entity, name, six cells of address, commune, department…
Cells = tuple[str, ...]
COMMENT = "finess;etalab;93;2021-01-08"


def structure_et(number: str, name: str, commune: str, department: str, category: str, opened: str) -> Cells:
    """A ``structureet`` line of cs1100507: 31 cells."""
    before = ("structureet", number, "330780001", name, "", "", "", "1", "R", "DE LA PAIX", "", "", commune, department)
    label = {"603": "Maison de santé (L.6223-3)", "355": "Centre Hospitalier (C.H.)"}.get(category, "Autre")
    after = (
        "DEPT",
        "33000 BORDEAUX",
        "0500000000",
        "",
        category,
        label,
        "2103",
        "Agrégat",
        "",
        "8690F",
        "07",
        "L",
        "",
        "",
    )
    return (*before, *after, opened, "2019-01-02", "2020-12-01")


def geolocalisation(number: str, x: str, y: str) -> Cells:
    """A line of the second section of cs1100507."""
    return ("geolocalisation", number, x, y, "1,ATLASANTE,100,IGN,BD_ADRESSE,V2.2,LAMBERT_93", "2020-12-08")


def structure_ej(number: str, name: str, commune: str, department: str, created: str) -> Cells:
    """A ``structureej`` line of cs1100501: 23 cells."""
    before = ("structureej", number, name, "", "", "1", "R", "DE LA PAIX", "", "", "", commune, "33000 BORDEAUX")
    return (*before, department, "DEPT", "", "13", "Etablissement public", "", "", "260000001", "8610Z", created)


def flow(rows: Iterable[Cells], comment: str = COMMENT, end: str = "\n") -> bytes:
    """A flow, in UTF-8."""
    return "".join(f"{line}{end}" for line in (comment, *(";".join(row) for row in rows))).encode()


def organization(number: str, name: str, city: str, postal_code: str, category: str, opened: str) -> dict[str, Any]:
    """An establishment as FHIR."""
    codings = [
        {"code": "GEOGRAPHICAL-ENTITY", "system": "http://terminology.hl7.org/CodeSystem/v2-3307"},
        {"code": category, "display": "Libellé", "system": "http://finess.sante.gouv.fr/valuesets/CAT_ETAB"},
        {"code": "2103", "display": "Agrégat", "system": "http://finess.sante.gouv.fr/valuesets/CAT_AGR_ETAB"},
    ]
    return {
        "id": f"330780001-{number}",
        "extension": [{"url": "http://hl7.org/organization-period", "valuePeriod": {"start": opened}}],
        "active": True,
        "address": [{"city": city, "postalCode": postal_code, "line": ["1 R DE LA PAIX"]}],
        "identifier": [
            {"system": "urn:oid:1.2.250.1.71.4.2.2", "value": number},
            {"system": "http://sirene.fr", "value": "26000000100011"},
        ],
        "name": name,
        "type": [{"coding": codings}],
        "resourceType": "Organization",
    }


def location(number: str, latitude: float, longitude: float) -> dict[str, Any]:
    """Its place, which says its type inside its position."""
    position = {"latitude": latitude, "longitude": longitude, "resourceType": "Location"}
    reference = {"reference": f"Organization/330780001-{number}"}
    return {"id": f"330780001-{number}-loc", "managingOrganization": reference, "position": position}


def ndjson(resources: Iterable[dict[str, Any]]) -> bytes:
    """One JSON object a line."""
    return "".join(json.dumps(resource) + "\n" for resource in resources).encode()
