"""A small invented reference for the tests of the extractor: buses of care in Brittany, and nothing of the real one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ingestion.documents.model import Document
from ingestion.documents.plain_text import read_text
from ingestion.extraction.lexicon import Lexicon, load_lexicon
from ingestion.extraction.propose import Proposal, propose
from ingestion.extraction.reading import About

REGIONAL = About("bilan-bus", "region:53", date(2019, 9, 1), "2019-09")
NATIONAL = About("bilan-bus-france", "country:FR", date(2019, 5, 3), "2019-05-03")

_INDICATOR = """
  - code: {code}
    concept: {code}
    label_fr: "{label}"
    label_en: {code}
    counted_unit: {counted}
    champ_fr: bus de santé
    definition_fr: "{label}."
    definition_version: "1"
    unit: {unit}
    nature: {nature}
    measure: bus
    additive_over_territory: false
    relations: [{relations}]"""

_INDICATORS = (
    ("bus_en_service", "Bus de santé en service", "structure", "count", "stock", ""),
    ("bus_croissance", "Évolution du nombre de bus de santé", "none", "percent", "growth", "bus_en_service"),
    ("bus_multiple", "Multiplication du nombre de bus de santé", "none", "multiple", "growth", "bus_en_service"),
    ("bus_infirmiers", "Infirmiers des bus de santé", "personne", "count", "stock", ""),
    ("bus_infirmiers_etp", "Infirmiers des bus de santé, en équivalent temps plein", "etp", "count", "stock", ""),
    ("bus_consultations", "Consultations assurées par les bus de santé", "acte", "count", "flow", ""),
    ("bus_part_rural", "Part des bus de santé en zone rurale", "none", "percent", "share", ""),
    ("bus_budget", "Montant accordé aux bus de santé", "euro", "eur", "amount", ""),
    ("bus_indemnite", "Indemnité mensuelle des conducteurs de bus", "euro", "eur_per_month", "parameter", ""),
    ("bus_attente", "Délai d’attente d’un bus de santé", "none", "minutes", "parameter", ""),
)

LEXICON = {
    "terms.yml": "terms:\n  - {term: autobus de soins, measure: bus, seen_in: [bilan-bus]}\n",
    "units.yml": """nouns:
  - {noun: bus, counted_unit: structure, source: test}
  - {noun: infirmier, counted_unit: personne, source: test}
  - {noun: infirmière, counted_unit: personne, source: test}
  - {noun: ETP, counted_unit: etp, source: test}
  - {noun: consultation, counted_unit: acte, source: test}
""",
    "cues.yml": """cues:
  - {cue: objectif, says: target, source: test}
  - {cue: d’ici, says: target, source: test}
  - {cue: devraient, says: forecast, source: test}
  - {cue: projection, says: forecast, source: test}
  - {cue: hausse, says: growth, source: test}
  - {cue: progression, says: growth, source: test}
  - {cue: supplémentaire, says: increment, source: test}
  - {cue: plafond, says: ceiling, source: test}
  - {cue: la région, says: region, source: test}
""",
    "synonyms.yml": "synonyms:\n  - {word: véhicules, means: bus, source: test}\n",
    "moments.yml": """anchors:
  - {expression: début du quinquennat, periods: ["2012-05", "2017-05"], ahead: false, source: test}
  - {expression: fin du quinquennat, periods: ["2017-05", "2022-05"], ahead: true, source: test}
""",
    "places.yml": """names:
  - {name: au niveau national, territory: "country:FR", source: test}
  - {name: toute la France, territory: "country:FR", source: test}
  - {name: Bretons, territory: "region:53", seen_in: [bilan-bus]}
""",
    "publishers.yml": "publishers:\n  - {written: ARS Bretagne, publisher: ARS Bretagne, source: test}\n",
}


def write_reference(folder: Path) -> Path:
    """The invented reference as files."""
    for name in ("indicators", "programmes", "places", "groups", "lexicon"):
        (folder / name).mkdir(parents=True)
    measures = "measures:\n  - {code: bus, label_fr: Bus de santé (BDS), label_en: Health bus, parent: null}\n"
    (folder / "indicators" / "bus.yml").write_text(measures + "indicators:" + "".join(map(_indicator, _INDICATORS)))
    (folder / "professions.csv").write_text(
        "profession_key,nomenclature,profession,speciality,parent_profession_key,is_aggregate\n"
    )
    (folder / "datasets.csv").write_text(
        "dataset_key,dataset_code,title,publisher,vintage,reference_date,territory_vintage,france_scope,"
        "definition_version,covered_territories,licence,source_sha256\n"
    )
    (folder / "facility_categories.csv").write_text(
        "category_code,label_fr,short_label_fr,domain,valid_from,valid_to,aggregate_code,aggregate_label_fr,"
        "aggregate_2_code,aggregate_2_label_fr,aggregate_1_code,aggregate_1_label_fr,vintage\n"
    )
    (folder / "places" / "bilan-bus.csv").write_text(
        "territory_key,name,printed_name,parent_territory_key,commune_territory_key\n"
        "place:pays-bigouden,Pays bigouden,Pays bigouden,department:29,\n"
    )
    for name, content in LEXICON.items():
        (folder / "lexicon" / name).write_text(content, encoding="utf-8")
    return folder


def _indicator(entry: tuple[str, ...]) -> str:
    code, label, counted, unit, nature, growth_of = entry
    relations = f"{{relation: growth_of, to: {growth_of}}}" if growth_of else ""
    return _INDICATOR.format(code=code, label=label, counted=counted, unit=unit, nature=nature, relations=relations)


def load_sample(folder: Path) -> Lexicon:
    """The invented lexicon."""
    return load_lexicon(write_reference(folder))


def document_of(text: str) -> Document:
    """A text as a document."""
    return read_text(text.encode("utf-8"), "bilan-bus.txt")


def proposals(text: str, lexicon: Lexicon, about: About = REGIONAL) -> dict[str, Proposal]:
    """The proposals for a text by what is printed, the last of several prints alike."""
    return {proposal.found.printed: proposal for proposal in propose(document_of(text), lexicon, about)}
