"""Made-up documents of FINESS+: as the first schemas v1 describe them, and as the flow has been published since."""

from __future__ import annotations

from typing import Any

STATE = "https://mos.esante.gouv.fr/NOS/tre_r386-macro-etat-objet-administratif/FHIR/tre-r386-macro-etat-objet-administratif"
NOS = "https://mos.esante.gouv.fr/NOS/tre_{0}/FHIR/tre-{0}"


def coding(code: str, name: str) -> dict[str, str]:
    return {"code": code, "system": NOS.format(name)}


def address(commune: str, postal_code: str, label: str, *, swapped: bool = False) -> dict[str, Any]:
    """Projected coordinates as they stand in the flow, exchanged or not; degrees beside them."""
    projected = ("6421730.2", "417250.5") if swapped else ("417250.5", "6421730.2")
    return {
        "usageAdresse": "03",
        "numeroVoie": "1",
        "typeVoie": "R",
        "libelleVoie": "DE LA PAIX",
        "complementVoie": "",
        "complementPointGeographique": "",
        "lieuDit": "",
        "cogCommune": commune,
        "ligneAcheminement": label,
        "codePostal": postal_code,
        "coordonneesGeographique": {
            "coordonneeX": projected[0],
            "coordonneeY": projected[1],
            "directionLatitude": "44.8377",
            "directionLongitude": "-0.5791",
        },
    }


EVENT = {
    "evenementId": "1",
    "dateEnregistrement": "2025-10-21 18:36:29",
    "dateEvenement": "2014-05-01",
    "etatObjet1": "003",
    "identifiantObjet1": "1",
    "systemeMaitre": "01",
    "typeObjet1": "EG",
    "codeEvenement": "003",
}


def first_structures() -> dict[str, Any]:
    """Of the first schema: coded values are objects, keys have their first spelling."""
    general = {
        "pm_smsseId": "1",
        "codeApe": "86.10Z",
        "complementAdressePmSmsse": "",
        "dateCreation": "1904-04-04",
        "dateDerniereModificationSirene": "",
        "dateFermeture": "",
        "denominationLonguePmSmsse": "CENTRE HOSPITALIER",
        "denominationPm": "CH",
        "numFinessPm": "330780001",
        "etatObjet": {"code": "A", "system": STATE},
        "fonctionPublique": coding("01", "r361-fonction-publique"),
        "categorieEntiteGeographiqueExercice": coding("355", "r397-categorie-entite-geographique-exercice"),
        "siren": "260000001",
        "statutJuridique": coding("13", "r400-finess-statut-juridique"),
        "typeGroupeGco": coding("", "r372-type-groupe-gco"),
        "typePersonneMorale": coding("01", "r373-type-personne-morale"),
        "metadonneeId": "1",
        "dateDerniereMaj": {"dateEvenement": "2026-01-01"},
    }
    establishment = {
        "informationsGeneralesEGE": {
            "egeId": "799",
            "dateOuverture": "2014-05-01",
            "nomEgeCourt": "MSP DE LA PAIX",
            "numFinessEge": "330000001",
        },
        "etatObjet": {"code": "A", "system": STATE},
        "categorieEntiteGeographiqueExercice": {"code": "603"},
        "adresse": [address("33063", "33000", "BORDEAUX", swapped=True)],
        "roleEge": {"code": "01"},
    }
    entity = {
        "informationsGeneralesPmej": general,
        "etatObjet": {"code": "A", "system": STATE},
        "adresse": [address("33063", "33000", "BORDEAUX")],
        "evenement": [EVENT],
        "ege": [establishment],
    }
    return {"pmej": [entity], "gco": {}, "gcc": {}}


def structures(*establishments: dict[str, Any]) -> dict[str, Any]:
    """As published since March 2026."""
    general = {
        "pmSmsseId": "1",
        "dateCreation": "2001-01-01",
        "denominationLonguePmSmsse": "SOCIETE             ",
        "denominationPm": "SOCIETE     ",
        "numFinessPm": "330780001",
        "statutJuridique": "73",
        "typePersonneMorale": "01",
    }
    entity = {
        "informationsGeneralesPMEJ": general,
        "adresse": [address("33063", "33000", "BORDEAUX")],
        "evenement": [EVENT],
        "ege": list(establishments),
        "etatObjet": "A",
        "dateDerniereMaj": "2021-10-18 00:00:00",
    }
    groups = {"gcc": [{"gccId": "1", "pmejDuGcc": [{"pmSmsseId": "1"}]}], "gco": []}
    return {"schemaVersion": "v1.0.0", "generatedAt": "2026-03-09T15:49:37Z", **groups, "pmej": [entity]}


def establishment(number: str, category: str, opened: str, where: list[dict[str, Any]], **more: str) -> dict[str, Any]:
    """An establishment as published since March 2026; ``more`` goes into its general information."""
    general = {"egeId": number, "dateOuverture": opened, "nomEgeCourt": "MSP", "numFinessEge": number, **more}
    return {
        "informationsGeneralesEGE": general,
        "categorieentiteGeographiqueExercice": category,
        "adresse": where,
        "roleEge": [],
        "etatObjet": "I" if "dateFermeture" in more else "A",
        "dateDerniereMaj": "2021-10-18 00:00:00",
    }


NATURES = ("AASA", "ASRC", "EML", "ASDR", "ASOCR", "ASMR", "AER", "AMF", "AMM")


def first_activities() -> dict[str, Any]:
    """Of the first schema: an activity holds nine natures, one of them filled in."""

    def nature(name: str, number: str) -> dict[str, Any]:
        specific = {"ASRC": "ASR", "AASA": "ASA"}.get(name, name)
        return {
            "caracteristiquesGeneriques": {
                "activiteAeId": number,
                "etatObjet": "A" if number else "",
                "identifiantAutorisation": "",
                "numeroAutorisationArhgos": "",
                "dateDebutActiviteAutorisee": "2014-05-01" if number else "",
                "engagementId": "",
                "egeId": "",
                "typeActiviteSMSSE": "272" if number else "",
            },
            f"caracteristiquesSpecifiques{specific}": {},
            "evenement": [],
            "engagement": [],
            "capacite": [],
            "zoneIntervention": {},
        }

    activity = {f"nature{name}": nature(name, "43285" if name == "AMF" else "") for name in NATURES}
    # The schema names the specific part of natures ASMR, AASA and ASRC otherwise than their key.
    exercised = {f"nature{name}": nature(name, "43286" if name == "EML" else "") for name in NATURES}
    entity = {
        "numeroFiness": "330780001",
        "pmSmsseId": "1",
        "activitesAutorisees": [activity],
        "ege": [{"egeId": "799", "numFinessEge": "330000001", "activitesExercees": [exercised]}],
    }
    return {"pmej": [entity]}


def activity(number: str, nature: str, kind: dict[str, str], under: str | None = None, **more: Any) -> dict[str, Any]:
    """An activity as published since April 2026; ``more`` goes into its generic part."""
    capacity = more.pop("capacite", [])
    return {
        "caracteristiquesGeneriques": {
            "activiteAeId": number,
            "etatObjet": "A",
            "identifiantAutorisation": under,
            "dateDebutActiviteAutorisee": "2009-06-10",
            "dateFinActiviteAutorisee": None,
            "typeActiviteSMSSE": "272",
            **more,
        },
        "nature": {
            "codeNature": nature,
            "caracteristiquesSpecifiques": {"activiteAeId": None, f"typeActivite{nature}": kind},
        },
        "evenement": [],
        "engagement": [],
        "capacite": [{"nombre": nombre} for nombre in capacity],
        "zoneIntervention": None,
    }


def activities(authorised: list[dict[str, Any]], exercised: list[dict[str, Any]]) -> dict[str, Any]:
    """As published since April 2026."""
    entity = {
        "numFiness": "330780001",
        "pmSmsseId": "1",
        "activitesAutorisees": authorised,
        "ege": [{"egeId": "799", "numFinessEge": "330000001", "activitesExercees": exercised}],
    }
    return {"schemaVersion": "v1.0.0", "generatedAt": "2026-04-01T14:46:05Z", "pmej": [entity]}
