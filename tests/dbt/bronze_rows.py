"""The rows of a small, valid warehouse: invented figures that reach every mart."""

from __future__ import annotations

from datetime import date, datetime

from bronze_sample import Input, figure, target

SECOND_RECEIPT = datetime(2026, 2, 1, 8)


def _report(report_id: str, published_on: date, version: int = 1) -> dict[str, object]:
    return {
        "report_id": report_id,
        "title": f"Rapport {report_id}",
        "publisher": "Ministère",
        "scope_territory_key": "country:FR",
        "published_on": published_on,
        "published_precision": "day",
        "source_name": f"{report_id}.txt",
        "source_sha256": "0" * 64,
        "licence": "Licence Ouverte 2.0",
        "extract_version": version,
    }


def _territory(key: str, name: str, parent: str | None = "country:FR", **changes: object) -> dict[str, object]:
    level, code = key.split(":")
    return {
        "territory_key": key,
        "territory_code": code,
        "territory_level": level,
        "name": name,
        "parent_territory_key": parent,
        "source": "COG 2026",
    } | changes


def _period(key: str, start: date | None, end: date | None, granularity: str = "year") -> dict[str, object]:
    year = (end or start or date(2018, 1, 1)).year
    return {
        "period_key": key,
        "label_fr": key,
        "granularity": granularity,
        "start_date": start,
        "end_date": end,
        "year": year,
    }


def _indicator(code: str, **changes: object) -> dict[str, object]:
    return {
        "indicator_code": code,
        "concept_code": code,
        "label_fr": code.upper(),
        "label_en": code.upper(),
        "counted_unit": "structure",
        "definition_fr": "Structures ouvertes.",
        "definition_version": "1",
        "unit": "count",
        "nature": "cumulative",
        "measure_code": "msp",
        "additive_over_territory": True,
        "higher_is_better": True,
    } | changes


REFERENCE = Input(
    "reference",
    {
        "territory": [
            _territory("country:FR", "France", None, france_scope="entière"),
            _territory("region:75", "Nouvelle-Aquitaine", region_code="75"),
            _territory("region:53", "Bretagne", region_code="53"),
            _territory("department:33", "Gironde", "region:75", region_code="75", department_code="33"),
            _territory("commune:33063", "Bordeaux", "department:33", region_code="75", department_code="33"),
            _territory("epci:243300316", "Bordeaux Métropole", None),
            _territory("group:pilotes", "Régions pilotes", None),
        ],
        "territory_group": [
            {
                "group_territory_key": "group:pilotes",
                "member_territory_key": "region:53",
                "printed_name": "Bretagne",
                "complete": False,
            }
        ],
        "territory_membership": [
            {"territory_key": "commune:33063", "parent_territory_key": "epci:243300316", "relation": "epci"}
        ],
        "commune_movement": [
            {
                "effective_on": date(1960, 1, 1),
                "kind": "31",
                "kind_fr": "fusion simple",
                "from_code": "33063",
                "from_name": "Bordeaux",
                "to_code": "33063",
                "to_name": "Bordeaux",
            }
        ],
        "commune_ground": [{"ground_key": "33063", "territory_key": "commune:33063"}],
        "period": [
            _period("2015-11-26", date(2015, 11, 26), date(2015, 11, 26), "day"),
            _period("end:2018", date(2018, 12, 31), date(2018, 12, 31), "day"),
            _period("2018", date(2018, 1, 1), date(2018, 12, 31)),
            _period("2022", date(2022, 1, 1), date(2022, 12, 31)),
            _period("by:2017", None, date(2017, 12, 31), "interval"),
            _period("by:2019", None, date(2019, 12, 31), "interval"),
        ],
        "measure": [{"measure_code": "msp", "label_fr": "Maison de santé (MSP)", "label_en": "Health centre"}],
        "measure_programme": [
            {
                "measure_code": "msp",
                "programme": "Pacte",
                "commitment_no": 1,
                "commitment": "Regrouper",
                "report_id": "alpha-2018",
            }
        ],
        "indicator": [
            _indicator("msp_ouvertes", concept_code="msp"),
            _indicator("msp_projets", concept_code="msp", counted_unit="projet", nature="stock"),
            _indicator("aide", counted_unit="euro", unit="eur", nature="amount", additive_over_territory=False),
        ],
        "indicator_relation": [
            {"from_indicator_code": "msp_projets", "relation": "part_of", "to_indicator_code": "msp_ouvertes"}
        ],
        "profession": [
            {
                "profession_key": "medecin_generaliste",
                "nomenclature": "DREES",
                "profession": "Médecin généraliste",
                "is_aggregate": False,
            }
        ],
        "rule": [
            {
                "rule_code": "contradiction",
                "title_fr": "Mentions contradictoires",
                "definition_fr": "Deux mentions d’un même fait se recoupent.",
                "subjects_fr": "Mentions d’un même fait.",
                "relation": "contradiction",
                "tolerance": "T1",
                "level": 3,
                "severity": "error",
                "owner": "stewards",
                "source": "ESS",
                "why": "Readers are misled by it.",
            }
        ],
    },
)

ALPHA_FIRST = Input(
    "alpha-2018",
    {
        "report": [_report("alpha-2018", date(2018, 12, 31))],
        "figure": [
            figure("alpha-2018", "msp", "msp_ouvertes", 1100),
            figure("alpha-2018", "withdrawn", "msp_projets", 7),
        ],
    },
    superseded_at=SECOND_RECEIPT,
)

ALPHA = Input(
    "alpha-2018",
    {
        "report": [_report("alpha-2018", date(2018, 12, 31), version=2)],
        "figure": [
            figure("alpha-2018", "msp", "msp_ouvertes", 1000),
            figure("alpha-2018", "msp-na", "msp_ouvertes", 250, territory_key="region:75"),
            figure("alpha-2018", "msp-bis", "msp_ouvertes", 1000, repeats="msp", source_line=9),
            target("alpha-2018", "msp-cible", "msp_ouvertes", 1500),
            figure("alpha-2018", "projets-1", "msp_projets", 40),
            figure("alpha-2018", "projets-2", "msp_projets", 45),
            figure("alpha-2018", "prime", "aide", 50000, unit="eur", kind="amount", obs_status="rule"),
        ],
        "figure_link": [
            {
                "report_id": "alpha-2018",
                "link_key": "l1",
                "figure_key": "msp",
                "role": "total",
                "exhaustive": "no",
            },
            {
                "report_id": "alpha-2018",
                "link_key": "l1",
                "figure_key": "msp-na",
                "role": "part",
                "exhaustive": "no",
            },
        ],
        "policy_parameter": [{"report_id": "alpha-2018", "figure_key": "prime", "role": "amount", "payer": "État"}],
        "count": [
            {
                "report_id": "alpha-2018",
                "count_key": "c1",
                "territory_key": "department:33",
                "theme_no": 1,
                "theme_label_fr": "Accès aux soins",
                "section": "constat",
                "group_label_fr": "Délais",
                "item_label_fr": "Attente",
                "is_group_total": False,
                "mentions": 4,
                "counted_unit": "atelier",
            }
        ],
        "workshop": [
            {
                "report_id": "alpha-2018",
                "workshop_key": "bordeaux",
                "department_territory_key": "department:33",
                "place": "Bordeaux",
                "commune_territory_key": "commune:33063",
                "has_report": True,
            }
        ],
        "participation": [
            {
                "report_id": "alpha-2018",
                "workshop_key": "bordeaux",
                "participant_category": "elus",
                "missing_reason": "NC",
            }
        ],
        "workshop_statement": [
            {
                "report_id": "alpha-2018",
                "statement_key": "s1",
                "workshop_key": "bordeaux",
                "attribute": "date",
                "stated_in": "report",
                "value": "2018-11-05",
            }
        ],
        "ledger": [
            {
                "report_id": "alpha-2018",
                "source_line": 1,
                "char_start": 0,
                "char_end": 4,
                "printed": "1000",
                "disposition": "observed",
                "figure_key": "msp",
            }
        ],
    },
    received_at=SECOND_RECEIPT,
)

BETA = Input(
    "beta-2022",
    {
        "report": [_report("beta-2022", date(2022, 3, 1))],
        "figure": [
            figure("beta-2022", "msp", "msp_ouvertes", 1005),
            figure("beta-2022", "msp-2019", "msp_ouvertes", 1510, period="2022", as_of_high=date(2019, 12, 1)),
        ],
    },
)

_UNREAD = {"extraction_method": "automatic", "review_status": "unreviewed"}
#: What a machine proposed of a report that nobody has read: later, more precise and dated ahead of everything.
GAMMA = Input(
    "gamma-2030",
    {
        "report": [_report("gamma-2030", date(2030, 1, 1))],
        "figure": [
            figure("gamma-2030", "msp", "msp_ouvertes", 9999, **_UNREAD),
            figure("gamma-2030", "projets", "msp_projets", 45, **_UNREAD),
            figure(
                "gamma-2030", "msp-2019", "msp_ouvertes", 1, period="2022", as_of_high=date(2019, 12, 15), **_UNREAD
            ),
            target("gamma-2030", "msp-cible", "msp_ouvertes", 5000, **_UNREAD),
        ],
    },
)

_STATUS = {"obs_status": "observed", "is_aggregate": False}
_BORDEAUX = {"territory_key": "commune:33063", "period": "2022"}


def _communes(vintage: str) -> dict[str, object]:
    return {
        "dataset_key": f"communes@{vintage}",
        "dataset_code": "communes",
        "title": "Communes",
        "publisher": "INSEE",
        "vintage": vintage,
        "reference_date": date(int(vintage), 1, 1),
        "licence": "Licence Ouverte 2.0",
        "source_sha256": "1" * 64,
    }


def _inhabitants(vintage: str, population: int) -> dict[str, object]:
    return {
        "dataset_key": f"communes@{vintage}",
        "population_kind": "municipale",
        "sex": "T",
        "population": population,
        "territory_key": "commune:33063",
        "period": vintage,
        **_STATUS,
    }


# An earlier vintage stays beside the newer one; a file of the same vintage that was corrected does not.
EARLIER = Input("communes", {"dataset": [_communes("2018")], "population": [_inhabitants("2018", 257068)]})
CORRECTED = Input(
    "communes",
    {"dataset": [_communes("2022")], "population": [_inhabitants("2022", 999999)]},
    superseded_at=SECOND_RECEIPT,
)
OPEN_DATA = Input(
    "communes",
    {
        "dataset": [_communes("2022")],
        "population": [
            _inhabitants("2022", 261804),
            {**_inhabitants("2022", 6_000_000), "territory_key": "region:75", "is_aggregate": True},
        ],
        "accessibility": [
            {
                "dataset_key": "communes@2022",
                "profession_key": "medecin_generaliste",
                "doctor_age_limit": "none",
                "apl": 5.2,
                "unit": "consultations",
                "population_standardised": 250000,
                "mesh": "commune",
                **_BORDEAUX,
                **_STATUS,
            }
        ],
        "zoning": [
            {
                "dataset_key": "communes@2022",
                "profession_key": "medecin_generaliste",
                "mesh": "commune",
                "zone": "hors zone",
                **_BORDEAUX,
                **_STATUS,
            }
        ],
        "facility": [
            {
                "dataset_key": "communes@2022",
                "facility_key": "330000001",
                "counted_entity": "etablissement",
                **_BORDEAUX,
                **_STATUS,
            }
        ],
        "facility_category": [
            {
                "category_code": "603",
                "label_fr": "Maison de santé (L.6223-3)",
                "short_label_fr": "Maison de santé",
                "domain": "SAN",
                "aggregate_code": "2103",
                "aggregate_label_fr": "Autres structures d’exercice libéral",
                "aggregate_2_code": "2100",
                "aggregate_2_label_fr": "Cabinets libéraux",
                "aggregate_1_code": "2000",
                "aggregate_1_label_fr": "Autres établissements de soins et prévention",
                "vintage": date(2021, 12, 14),
            }
        ],
        "dataset_column": [
            {
                "dataset_code": "communes",
                "column_name": "pmun",
                "published_as": "PMUN",
                "is_pattern": False,
                "type": "integer",
                "unit": "personnes",
                "published_in": "marts.fct_population",
                "published_column": "population",
            }
        ],
        "local_indicator": [
            {
                "dataset_key": "communes@2022",
                "local_indicator_code": "pharmacies",
                "label_fr": "Densité des pharmacies pour 10 000 hab.",
                "value": 3.1,
                "unit": "per_10000",
                **_BORDEAUX,
                **_STATUS,
            }
        ],
        "authorisation": [
            {
                "dataset_key": "communes@2022",
                "authorisation_key": "842605068",
                "facility_key": "330000001",
                "kind": "activity",
                "activity_code": "03",
                "activity": "Gynécologie",
                **_BORDEAUX,
                **_STATUS,
            }
        ],
        "maternity": [
            {
                "dataset_key": "communes@2022",
                "facility_key": "330000001",
                "maternity_type": "2a",
                "births": 1200,
                **_BORDEAUX,
                **_STATUS,
            }
        ],
        "classification": [
            {
                "dataset_key": "communes@2022",
                "scheme": "grille de densité",
                "class_code": "1",
                "class_label": "Urbain dense",
                **_BORDEAUX,
                **_STATUS,
            }
        ],
        "territory_vintage": [
            {
                "dataset_key": "communes@2022",
                "territory_level": "commune",
                "territory_code": "33063",
                "name": "Bordeaux",
                "department_territory_key": "department:33",
                **_BORDEAUX,
                **_STATUS,
            }
        ],
        "territory_event": [
            {
                "dataset_key": "communes@2022",
                "row_no": 2,
                "effective_on": date(1965, 1, 1),
                "kind": "31",
                "kind_fr": "fusion simple",
                "from_code": "33063",
                **_BORDEAUX,
                **_STATUS,
            }
        ],
        "shape": [
            {
                "dataset_key": "communes@2022",
                "geometry": '{"type": "Point", "coordinates": [-0.58, 44.84]}',
                "mesh": "commune",
                "geometry_precision": "un point",
                **_BORDEAUX,
                **_STATUS,
            }
        ],
        "professional": [
            {
                "dataset_key": "communes@2022",
                "profession_key": "medecin_generaliste",
                "practice_mode": "liberal",
                "location_basis": "cabinet",
                "sex": "T",
                "counted_unit": "personne",
                "headcount": 400,
                **_BORDEAUX,
                **_STATUS,
            }
        ],
    },
)

INPUTS = (REFERENCE, ALPHA_FIRST, ALPHA, BETA, GAMMA, EARLIER, CORRECTED, OPEN_DATA)
