"""Every bronze table: its columns, types and meaning. The one place where they are declared.

Bronze is what ingestion hands to dbt: typed Parquet, one folder per input version, a zero-row file per
table, and ``current.parquet`` naming the files that count. The CSV tables of an extract, the polars
reading, the Great Expectations input suites and the dbt sources all follow these declarations.

Conventions: codes are text; a territory is named by its key (``region:75``, see
:mod:`ingestion.territories`); a period by its code (``2015-10``, ``by:2017``, see
:mod:`ingestion.periods`); absent values are null, never an empty string; every table carries ``input_sha256``,
the version of the input that its row came from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

TEXT, INTEGER, DECIMAL, NUMBER, DATE, FLAG = "text", "integer", "decimal", "number", "date", "flag"


@dataclass(frozen=True)
class Column:
    """One column. ``decimal`` is DECIMAL(18,4), ``number`` a double; ``accepted`` lists its only values."""

    name: str
    type: str
    description: str
    required: bool = False
    accepted: tuple[str, ...] = ()

    @property
    def dtype(self) -> pl.DataType:
        import polars as pl

        return {
            TEXT: pl.String(),
            INTEGER: pl.Int64(),
            DECIMAL: pl.Decimal(18, 4),
            NUMBER: pl.Float64(),
            DATE: pl.Date(),
            FLAG: pl.Boolean(),
        }[self.type]


@dataclass(frozen=True)
class Table:
    """One bronze table. ``key`` is unique within one input version; ``family`` says which kind of input feeds it."""

    name: str
    family: str  # extract | reference | dataset | state
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def schema(self) -> dict[str, pl.DataType]:
        import polars as pl

        return {c.name: c.dtype for c in self.columns} | {"input_sha256": pl.String()}


def _text(name: str, description: str, *, required: bool = False, accepted: tuple[str, ...] = ()) -> Column:
    return Column(name, TEXT, description, required, accepted)


KINDS = ("actual", "target", "estimate", "growth", "share", "amount", "capacity")
VALUE_FORMS = ("level", "increment", "growth", "multiple", "share", "rank", "threshold", "parameter")
OBS_STATUSES = ("observed", "provisional", "estimated", "forecast", "target", "rule")
GROWTH_FORMS = ("total", "annual", "multiple", "points")
EXHIBIT_KINDS = ("text", "box", "table", "chart", "map")
ORIGINS = ("publisher", "quoted", "verbatim")
UNITS = (
    "count",
    "percent",
    "points",
    "multiple",
    "eur",
    "eur_per_month",
    "hours",
    "minutes",
    "days",
    "months",
    "years",
    "km",
    "per_km2",
    "ratio",
    "per_1000",
    "per_10000",
    "per_100000",
    "rank",
)
COUNTED_UNITS = (
    "personne",
    "poste",
    "etp",
    "contrat",
    "bourse",
    "structure",
    "site",
    "projet",
    "place",
    "acte",
    "reunion",
    "territoire",
    "euro",
    "protocole",
    "atelier",
    "contribution",
    "stage",
    "profession",
    "action",
    "none",
)
NATURES = ("stock", "cumulative", "flow", "share", "growth", "amount", "duration", "capacity", "parameter")
RELATIONS = (
    "part_of",
    "narrower_than",
    "same_in_other_unit",
    "numerator_of",
    "denominator_of",
    "growth_of",
    "target_of",
    "replaces",
)
LINK_ROLES = ("total", "part", "dont", "equivalent", "base", "bound", "numerator", "denominator")
HEDGES = (
    "environ",
    "pres_de",
    "plus_de",
    "un_peu_plus_de",
    "moins_de",
    "au_moins",
    "au_plus",
    "jusqu_a",
    "entre",
    "approximatif",
    "presque",
)
SECTIONS = ("problematique", "constat", "sujet", "proposition")
PARTICIPANTS = ("elus", "institutionnels", "professionnels", "associations", "usagers", "autres", "total")

#: What tells the territory of a facility: the commune's code, its name in a postal address, or no more than its
#: department (with the reason beside it). An authorisation may know no more than who gave the FINESS number.
TERRITORY_BASES = ("commune_code", "postal_label", "department")

_REPORT_ID = _text("report_id", "The report's identifier, as in report.yml.", required=True)
_LINE = Column("source_line", INTEGER, "Line of the source text (from 1) where the figure begins.")

REPORT = Table(
    "report",
    "extract",
    "One row per accepted version of a report's extract: what report.yml says of the document.",
    ("report_id",),
    (
        _REPORT_ID,
        _text("title", "Title as printed.", required=True),
        _text("publisher", "Publishing body.", required=True),
        _text("scope_territory_key", "Territory that the report as a whole is about.", required=True),
        Column("published_on", DATE, "Publication date; first day of the month or year where no more is known.", True),
        _text("published_precision", "How much of published_on is known.", accepted=("day", "month", "year")),
        _text("source_name", "File name of the source document as received.", required=True),
        _text("source_sha256", "SHA-256 of the source text.", required=True),
        _text("licence", "Licence or terms of reuse of the document.", required=True),
        _text("supersedes_report_id", "Earlier report that this one replaces."),
        Column("extract_version", INTEGER, "Version of the extract; the highest wins.", True),
    ),
)

FIGURE = Table(
    "figure",
    "extract",
    "One row per figure that a report states (one mention); a range is one row.",
    ("report_id", "figure_key"),
    (
        _REPORT_ID,
        _text("figure_key", "Stable key of the figure within its report; never reused.", required=True),
        _text("indicator_code", "Indicator, from ingestion/reference/indicators.", required=True),
        _text("territory_key", "Territory; not_stated:none where none is printed.", required=True),
        _text("period", "Period code; for a target its due date; not_stated where undated.", required=True),
        Column("value", DECIMAL, "The value in the indicator's unit; null for a pure range."),
        Column("value_low", DECIMAL, "Lower end of what the printed text allows; null when unbounded."),
        Column("value_high", DECIMAL, "Upper end of what the printed text allows; null when unbounded."),
        _text("unit", "Unit of value.", required=True, accepted=UNITS),
        _text("kind", "Short label for readers.", required=True, accepted=KINDS),
        _text("value_form", "What the number is to its indicator.", required=True, accepted=VALUE_FORMS),
        _text("obs_status", "Observed, forecast, target or rule.", required=True, accepted=OBS_STATUSES),
        _text("growth_form", "Form of a growth.", accepted=GROWTH_FORMS),
        _text("rate_period", "Period of a rate (month, week, semester…)."),
        _text("per_unit", "What one unit of the rate is counted per (habitant, département…)."),
        _text("hedge", "Class of the term of approximation.", accepted=HEDGES),
        _text("qualifier", "The term of approximation as printed."),
        _text("base_period", "Period code of the base of a growth."),
        _text("cumulated_since", "Period code from which a cumulative figure counts."),
        Column("date_is_explicit", FLAG, "Whether the period is printed (else it is the report's own date).", True),
        Column("as_of_low", DATE, "Earliest date at which the figure may hold."),
        Column("as_of_high", DATE, "Latest date at which the figure may hold."),
        _text("denominator_fr", "What a share or rate is of, in French."),
        _text("denominator_indicator", "Indicator counting that denominator."),
        _text("ambiguity_fr", "What the text leaves open, in French."),
        _text("printed", "The figure as printed, white space folded.", required=True),
        _LINE,
        Column("source_page", INTEGER, "Page of the source document, where pages are known."),
        Column("char_start", INTEGER, "Offset in the source text (code points, from 0) of the first character."),
        Column("char_end", INTEGER, "Offset just past the last character."),
        _text("exhibit_id", "Box, table, chart or map that the figure stands in."),
        _text("exhibit_kind", "Kind of that exhibit.", required=True, accepted=EXHIBIT_KINDS),
        _text("exhibit_title", "Title of that exhibit as printed."),
        _text("statement_origin", "Who states it.", required=True, accepted=ORIGINS),
        _text("cited_source", "Source that the report names (DREES, CNOM, IRDES…)."),
        Column("cited_on", DATE, "Date of that source."),
        _text("repeats", "figure_key of the earlier mention of the same fact in the same report."),
        _text("extraction_method", "How it was read.", required=True, accepted=("manual", "parser", "automatic")),
        _text("review_status", "Whether a person checked it.", required=True, accepted=("reviewed", "unreviewed")),
        _text("reviewed_by", "Who checked it."),
    ),
)

FIGURE_LINK = Table(
    "figure_link",
    "extract",
    "Figures bound by the report itself: a total and its parts, one thing in two units, a growth and its base.",
    ("report_id", "link_key", "figure_key", "role"),
    (
        _REPORT_ID,
        _text("link_key", "Key of the link within its report.", required=True),
        _text("figure_key", "The figure.", required=True),
        _text("role", "Its role in the link.", required=True, accepted=LINK_ROLES),
        _text("exhaustive", "Whether the parts make the whole.", required=True, accepted=("yes", "no", "unknown")),
    ),
)

POLICY_PARAMETER = Table(
    "policy_parameter",
    "extract",
    "Amounts, ceilings, floors, guarantees and envelopes that a report announces, one row per figure.",
    ("report_id", "figure_key", "role"),
    (
        _REPORT_ID,
        _text("figure_key", "The figure that states the amount.", required=True),
        _text(
            "role",
            "What the amount is.",
            required=True,
            accepted=("amount", "ceiling", "floor", "guarantee", "envelope", "bonus", "threshold"),
        ),
        _text("payer", "Who pays, in French."),
        _text("beneficiary", "Who benefits, in French."),
        _text("zone_category", "Zone that opens the right, in French."),
        _text("condition_fr", "Condition, in French and in few words."),
        _text("gross_or_net", "brut or net, where printed.", accepted=("brut", "net")),
        _text("legal_basis", "Legal basis, where printed."),
        Column("valid_from", DATE, "First day in force, where printed."),
        Column("valid_to", DATE, "Last day in force, where printed."),
    ),
)

COUNT = Table(
    "count",
    "extract",
    "Counts of contributions of a synthesis of workshops: one row per printed line of a count table.",
    ("report_id", "count_key"),
    (
        _REPORT_ID,
        _text("count_key", "Stable key of the line within its report.", required=True),
        _text("territory_key", "Region or department of the synthesis.", required=True),
        Column("theme_no", INTEGER, "Number of the theme, from 1.", True),
        _text("theme_label_fr", "Label of the theme as printed."),
        _text("section", "Table that the line stands in.", required=True, accepted=SECTIONS),
        _text("group_label_fr", "Label of its group as printed; null in tables without groups."),
        _text("item_label_fr", "Label of the line as printed; null on a group's total line."),
        Column("is_group_total", FLAG, "Whether the line is the total of its group.", True),
        Column("mentions", INTEGER, "The printed count.", True),
        _text("printed", "The count as printed."),
        _text("counted_unit", "What is counted.", required=True, accepted=("atelier", "verbatim")),
        _LINE,
        Column("char_start", INTEGER, "Offset of the count's first character."),
        Column("char_end", INTEGER, "Offset just past its last character."),
    ),
)

WORKSHOP = Table(
    "workshop",
    "extract",
    "One row per workshop: the table of workshops and the workshop's own report, brought together.",
    ("report_id", "workshop_key"),
    (
        _REPORT_ID,
        _text("workshop_key", "Stable key of the workshop within its report.", required=True),
        _text("department_territory_key", "Department that held it.", required=True),
        _text("place", "Town as printed.", required=True),
        _text("commune_territory_key", "Commune, where the town is one for certain."),
        Column("held_on", DATE, "Date in the table of workshops."),
        _text("start_time", "Start, HH:MM, in the table of workshops."),
        _text("end_time", "End, HH:MM, in the table of workshops."),
        Column("has_report", FLAG, "Whether the report contains the workshop's own report.", True),
        _LINE,
    ),
)

PARTICIPATION = Table(
    "participation",
    "extract",
    "One row per printed cell of the participants table of a workshop's report.",
    ("report_id", "workshop_key", "participant_category"),
    (
        _REPORT_ID,
        _text("workshop_key", "The workshop.", required=True),
        _text("participant_category", "Category of participants.", required=True, accepted=PARTICIPANTS),
        Column("participants", INTEGER, "The printed number; null where none is printed."),
        _text("printed", "The cell as printed."),
        _text("missing_reason", "Why there is no number.", accepted=("NC", "blank", "text", "absent")),
        _LINE,
        Column("char_start", INTEGER, "Offset of the cell's first character."),
        Column("char_end", INTEGER, "Offset just past its last character."),
    ),
)

WORKSHOP_STATEMENT = Table(
    "workshop_statement",
    "extract",
    "What each part of the report says of one attribute of a workshop; the same attribute may be stated several times.",
    ("report_id", "statement_key"),
    (
        _REPORT_ID,
        _text("statement_key", "Stable key of the statement within its report.", required=True),
        _text("workshop_key", "The workshop.", required=True),
        _text(
            "attribute",
            "What is stated.",
            required=True,
            accepted=("date", "start_time", "end_time", "participants", "place", "themes", "report"),
        ),
        _text("stated_in", "Where it is stated.", required=True, accepted=("table", "report", "text")),
        _text("value", "Normalised value: ISO date, HH:MM or integer; null where it cannot be read."),
        _text("printed", "The statement as printed."),
        _LINE,
        Column("char_start", INTEGER, "Offset of its first character."),
        Column("char_end", INTEGER, "Offset just past its last character."),
    ),
)

LEDGER = Table(
    "ledger",
    "extract",
    "Every numeral of a report and what became of it.",
    ("report_id", "char_start"),
    (
        _REPORT_ID,
        _LINE,
        Column("char_start", INTEGER, "Offset of the numeral's first character.", True),
        Column("char_end", INTEGER, "Offset just past its last character.", True),
        _text("printed", "The numeral as printed.", required=True),
        _text(
            "disposition",
            "What became of it.",
            required=True,
            accepted=("observed", "part_of", "dismissed", "pending"),
        ),
        _text("figure_key", "The figure that it is, or is part of."),
        _text("fact_ref", "The count, workshop or participants row that it is."),
        _text("reason", "Why it was dismissed."),
    ),
)

TERRITORY = Table(
    "territory",
    "reference",
    "Territories with their validity.",
    ("territory_key",),
    (
        _text("territory_key", "level:code, e.g. department:33.", required=True),
        _text("territory_code", "INSEE's code; SIREN for an EPCI; a slug for places and groups.", required=True),
        _text("territory_level", "Level, as listed in the contract.", required=True),
        _text("name", "Name, in French.", required=True),
        _text("france_scope", "Scope of France, for level country."),
        _text("parent_territory_key", "The territory that contains it."),
        _text("region_code", "Region's code."),
        _text("department_code", "Department's code."),
        Column("valid_from", DATE, "First day of validity; null when before the reference."),
        Column("valid_to", DATE, "Last day of validity; null while in force."),
        _text("source", "Where the row comes from.", required=True),
    ),
)

TERRITORY_GROUP = Table(
    "territory_group",
    "reference",
    "Members of the groups of territories that reports name.",
    ("group_territory_key", "printed_name"),
    (
        _text("group_territory_key", "The group.", required=True),
        _text("member_territory_key", "The member; null when not identified."),
        _text("printed_name", "The member as printed.", required=True),
        Column("complete", FLAG, "Whether the report names every member.", True),
    ),
)

TERRITORY_MEMBERSHIP = Table(
    "territory_membership",
    "reference",
    "Memberships besides the parent: commune in EPCI, commune in arrondissement, region in its former regions…",
    ("territory_key", "parent_territory_key", "relation", "valid_from"),
    (
        _text("territory_key", "The member.", required=True),
        _text("parent_territory_key", "What it belongs to.", required=True),
        _text("relation", "Kind of membership.", required=True),
        Column("valid_from", DATE, "First day of validity."),
        Column("valid_to", DATE, "Last day of validity; null while in force."),
    ),
)

COMMUNE_MOVEMENT = Table(
    "commune_movement",
    "reference",
    "Movements of communes since 1943, as INSEE publishes them with the COG; delegated and associated communes apart.",
    ("effective_on", "kind", "from_code", "to_code"),
    (
        Column("effective_on", DATE, "First day of what the movement made.", required=True),
        _text("kind", "INSEE's code of the event (MOD).", required=True),
        _text("kind_fr", "Its label, in French.", required=True),
        _text("from_code", "Code of the commune the day before; null for one that comes from nowhere."),
        _text("from_name", "Its name the day before."),
        _text("to_code", "Code of the commune from that day on; null where the ground leaves the communes."),
        _text("to_name", "Its name from that day on."),
    ),
)

COMMUNE_GROUND = Table(
    "commune_ground",
    "reference",
    "The commune that each piece of ground lay in, from 1943 on; pieces are as fine as the movements tell.",
    ("ground_key", "territory_key", "valid_from"),
    (
        _text("ground_key", "The ground, under the first code that tells it apart.", required=True),
        _text("territory_key", "The commune that it lay in.", required=True),
        Column("valid_from", DATE, "First day in it; null before 1943."),
        Column("valid_to", DATE, "Last day in it; null while there."),
    ),
)

INDICATOR = Table(
    "indicator",
    "reference",
    "What is measured: concept, counted unit, scope, definition.",
    ("indicator_code",),
    (
        _text("indicator_code", "Code.", required=True),
        _text("concept_code", "Concept that variants of one indicator share.", required=True),
        _text("label_fr", "Label in French.", required=True),
        _text("label_en", "Label in English.", required=True),
        _text("counted_unit", "What is counted.", required=True, accepted=COUNTED_UNITS),
        _text("champ_fr", "Scope, in French."),
        _text("definition_fr", "Definition, in French.", required=True),
        _text("definition_version", "Version of the definition.", required=True),
        _text("unit", "Unit.", required=True, accepted=UNITS),
        _text("nature", "Nature, from which rules are instantiated.", required=True, accepted=NATURES),
        _text("measure_code", "Dispositif that it measures."),
        Column("additive_over_territory", FLAG, "Whether territories add up.", True),
        Column("higher_is_better", FLAG, "Direction wanted; null when neither."),
    ),
)

INDICATOR_RELATION = Table(
    "indicator_relation",
    "reference",
    "Declared relations between indicators.",
    ("from_indicator_code", "relation", "to_indicator_code"),
    (
        _text("from_indicator_code", "From.", required=True),
        _text("relation", "Relation.", required=True, accepted=RELATIONS),
        _text("to_indicator_code", "To.", required=True),
        _text("note_fr", "Note, in French."),
    ),
)

MEASURE = Table(
    "measure",
    "reference",
    "Policy measures (dispositifs).",
    ("measure_code",),
    (
        _text("measure_code", "Code.", required=True),
        _text("label_fr", "Label in French, with its acronym.", required=True),
        _text("label_en", "Label in English.", required=True),
        _text("parent_measure_code", "Measure that it belongs to."),
    ),
)

MEASURE_PROGRAMME = Table(
    "measure_programme",
    "reference",
    "Programmes that a measure belongs to: programme, axis, commitment.",
    ("measure_code", "programme", "axis", "commitment", "report_id"),
    (
        _text("measure_code", "The measure.", required=True),
        _text("programme", "Programme, in French.", required=True),
        _text("axis", "Axis, in French; null where the programme has none."),
        Column("commitment_no", INTEGER, "Number of the commitment, action or theme."),
        _text("commitment", "Commitment, action or theme, in French.", required=True),
        _text("report_id", "Report that says so.", required=True),
    ),
)

PERIOD = Table(
    "period",
    "reference",
    "Periods that inputs speak of, derived from their codes.",
    ("period_key",),
    (
        _text("period_key", "Period code.", required=True),
        _text("label_fr", "Label in French.", required=True),
        _text("granularity", "Granularity.", required=True),
        Column("start_date", DATE, "First day; null when open."),
        Column("end_date", DATE, "Last day; null when open."),
        Column("year", INTEGER, "Year of reference."),
    ),
)

PROFESSION = Table(
    "profession",
    "reference",
    "Health professions and specialities.",
    ("profession_key",),
    (
        _text("profession_key", "Key.", required=True),
        _text("nomenclature", "Nomenclature.", required=True),
        _text("profession", "Profession, in French.", required=True),
        _text("speciality", "Speciality, in French."),
        _text("parent_profession_key", "Parent."),
        Column("is_aggregate", FLAG, "Whether the row is a total of others.", True),
    ),
)

FACILITY_CATEGORY = Table(
    "facility_category",
    "reference",
    "Categories of establishment of FINESS with their three levels of aggregate.",
    ("category_code",),
    (
        _text("category_code", "Code, three digits.", required=True),
        _text("label_fr", "Label, in French.", required=True),
        _text("short_label_fr", "Short label.", required=True),
        _text("domain", "Domain: SAN, SOC, ENS or ADM.", required=True),
        Column("valid_from", DATE, "First day of the category."),
        Column("valid_to", DATE, "Last day of the category; null while in force."),
        _text("aggregate_code", "Aggregate of the finest level, four digits.", required=True),
        _text("aggregate_label_fr", "Its label.", required=True),
        _text("aggregate_2_code", "Aggregate of the middle level.", required=True),
        _text("aggregate_2_label_fr", "Its label.", required=True),
        _text("aggregate_1_code", "Aggregate of the widest level.", required=True),
        _text("aggregate_1_label_fr", "Its label.", required=True),
        Column("vintage", DATE, "Date of the nomenclature.", True),
    ),
)

RULE = Table(
    "rule",
    "reference",
    "The rule catalogue.",
    ("rule_code",),
    (
        _text("rule_code", "Code.", required=True),
        _text("title_fr", "Title, in French.", required=True),
        _text("definition_fr", "Definition, in French.", required=True),
        _text("subjects_fr", "What the rule instantiates itself for, in French.", required=True),
        _text("relation", "What its evidence tells: sum, growth, contradiction…", required=True),
        _text("tolerance", "Tolerance, T0 to T9 of docs/rules.md.", required=True),
        Column("level", INTEGER, "ESS validation level, 0 to 5.", True),
        _text("severity", "Highest severity.", required=True, accepted=("info", "warning", "error")),
        _text("owner", "Who answers for the rule.", required=True),
        _text("source", "Where the rule comes from.", required=True),
        _text("why", "Why it is judged, and judged so.", required=True),
    ),
)

DATASET = Table(
    "dataset",
    "dataset",
    "Open datasets, one row per accepted vintage.",
    ("dataset_key",),
    (
        _text("dataset_key", "dataset_code@vintage.", required=True),
        _text("dataset_code", "Code.", required=True),
        _text("title", "Title, in French.", required=True),
        _text("publisher", "Publisher.", required=True),
        _text("vintage", "Vintage (millésime).", required=True),
        Column("reference_date", DATE, "Date that the data describe."),
        _text("territory_vintage", "Vintage of the territories' codes."),
        _text("france_scope", "Scope of France."),
        _text("definition_version", "Version of the definition."),
        Column("covered_territories", INTEGER, "Number of territories covered."),
        _text("licence", "Licence.", required=True),
        _text("source_sha256", "SHA-256 of the input.", required=True),
    ),
)

DATASET_COLUMN = Table(
    "dataset_column",
    "reference",
    "The columns of each open dataset, as its contract declares them.",
    ("dataset_code", "column_name"),
    (
        _text("dataset_code", "Dataset, whatever the vintage.", required=True),
        _text("column_name", "Our name of the column.", required=True),
        _text("published_as", "Heading as published, or the pattern that its headings match.", required=True),
        Column("is_pattern", FLAG, "Whether published_as is a pattern.", True),
        _text("type", "Type of its cells.", required=True),
        _text("unit", "Unit of its cells, in French, where the contract says one."),
        _text("published_in", "Table of the published file that the cells go to; null where they only serve."),
        _text("published_column", "Column of that table."),
    ),
)

_OBS = (
    _text("dataset_key", "Dataset.", required=True),
    _text("territory_key", "Territory.", required=True),
    _text("period", "Period code.", required=True),
)
_STATUS = (
    _text("obs_status", "Observation status.", required=True, accepted=OBS_STATUSES),
    _text("conf_status", "Confidentiality (secrecy) status."),
    Column("is_aggregate", FLAG, "Whether the row is already a total of others.", True),
)

POPULATION = Table(
    "population",
    "dataset",
    "Populations.",
    ("dataset_key", "territory_key", "period", "population_kind", "sex", "age_from", "age_to"),
    (
        *_OBS,
        _text("population_kind", "Kind of population.", required=True),
        _text("sex", "F, M or T.", required=True),
        Column("age_from", INTEGER, "Lowest age; null for all ages."),
        Column("age_to", INTEGER, "Highest age; null for open or all ages."),
        Column("population", NUMBER, "Persons."),
        *_STATUS,
    ),
)

ACCESSIBILITY = Table(
    "accessibility",
    "dataset",
    "Localised potential accessibility (APL).",
    ("dataset_key", "territory_key", "period", "profession_key", "doctor_age_limit"),
    (
        *_OBS,
        _text("profession_key", "Profession.", required=True),
        _text("doctor_age_limit", "Age limit of the doctors counted.", required=True),
        Column("apl", NUMBER, "The indicator."),
        _text("unit", "Its unit.", required=True),
        Column("population_standardised", NUMBER, "Standardised population."),
        Column("population_total", NUMBER, "Total population."),
        _text("mesh", "Mesh.", required=True),
        *_STATUS,
    ),
)

PROFESSIONAL = Table(
    "professional",
    "dataset",
    "Health professionals: numbers and densities.",
    (
        "dataset_key",
        "territory_key",
        "period",
        "profession_key",
        "practice_mode",
        "location_basis",
        "sex",
        "age_from",
        "age_to",
    ),
    (
        *_OBS,
        _text("profession_key", "Profession.", required=True),
        _text("practice_mode", "Practice mode.", required=True),
        _text("location_basis", "What places a professional in a territory.", required=True),
        _text("sex", "F, M or T.", required=True),
        Column("age_from", INTEGER, "Lowest age."),
        Column("age_to", INTEGER, "Highest age."),
        _text("counted_unit", "What is counted.", required=True),
        Column("headcount", NUMBER, "Number."),
        Column("density", NUMBER, "Density."),
        Column("density_per", INTEGER, "Inhabitants that the density is per."),
        _text("density_population", "Population that the density uses."),
        *_STATUS,
    ),
)

FACILITY = Table(
    "facility",
    "dataset",
    "Facilities, named by their FINESS number: one row a facility in a vintage, as its latest period describes it.",
    ("dataset_key", "facility_key"),
    (
        *_OBS,
        _text("facility_key", "FINESS number.", required=True),
        _text("legal_entity_key", "FINESS number of the legal entity."),
        _text("counted_entity", "Legal entity or establishment.", required=True),
        _text("name", "Name."),
        _text("category", "Category."),
        _text("category_label_fr", "Label of the category as the file prints it; null where it prints codes alone."),
        Column("capacity", NUMBER, "Capacity."),
        _text("open_status", "Whether it is open."),
        Column("opened_on", DATE, "Opening date."),
        Column("closed_on", DATE, "Closing date."),
        Column("is_placeholder_date", FLAG, "Whether the file has a placeholder for the opening date, hence no date."),
        Column("latitude", NUMBER, "Latitude, WGS84 degrees."),
        Column("longitude", NUMBER, "Longitude, WGS84 degrees."),
        _text("territory_basis", "What tells the territory.", accepted=TERRITORY_BASES),
        _text("territory_note_fr", "Why the territory is a department, where no commune is certain."),
        *_STATUS,
    ),
)

ZONING = Table(
    "zoning",
    "dataset",
    "Zoning of under-served areas.",
    ("dataset_key", "territory_key", "profession_key", "period"),
    (
        *_OBS,
        _text("profession_key", "Profession.", required=True),
        _text("mesh", "Mesh.", required=True),
        _text("zone", "Zone.", required=True),
        _text("legal_basis", "Legal basis."),
        _text("method_version", "Version of the method."),
        Column("valid_from", DATE, "First day in force."),
        Column("valid_to", DATE, "Last day in force."),
        *_STATUS,
    ),
)

LOCAL_INDICATOR = Table(
    "local_indicator",
    "dataset",
    "Indicators by territory as their publisher computes and words them (CartoSanté, INSEE Statistiques locales).",
    ("dataset_key", "territory_key", "period", "local_indicator_code"),
    (
        *_OBS,
        _text("local_indicator_code", "Code of the indicator within its dataset.", required=True),
        _text("label_fr", "Label as published, in French.", required=True),
        Column("value", NUMBER, "The value, in unit; null where none is published."),
        _text("unit", "Unit of value.", required=True, accepted=UNITS),
        *_STATUS,
    ),
)

AUTHORISATION = Table(
    "authorisation",
    "dataset",
    "Authorisations of care activities and of heavy equipment, and units that were labelled, one row each.",
    ("dataset_key", "authorisation_key"),
    (
        _text("dataset_key", "Dataset.", required=True),
        _text("authorisation_key", "Number of the authorisation; unique within the vintage.", required=True),
        _text("territory_key", "Territory of the facility, where the file tells it."),
        _text("territory_basis", "What tells the territory.", accepted=(*TERRITORY_BASES, "finess_number")),
        _text("period", "Period code of the vintage.", required=True),
        _text("facility_key", "FINESS number of the establishment."),
        _text("legal_entity_key", "FINESS number of the legal entity."),
        _text("kind", "Care activity or heavy equipment.", required=True, accepted=("activity", "equipment")),
        _text("activity_code", "Activity or equipment: its code.", required=True),
        _text("activity", "Activity or equipment: its label, in French; null where the file prints codes alone."),
        _text("modality_code", "Code of the modality."),
        _text("modality", "Modality, in French."),
        _text("form_code", "Code of the form."),
        _text("form", "Form, in French."),
        Column("capacity", NUMBER, "Beds, places or machines, as the file counts them."),
        _text("status", "Whether it is in force, as the file words it."),
        _text("note_fr", "What the file says besides, in French."),
        Column("authorised_on", DATE, "Date of the authorisation."),
        Column("started_on", DATE, "Date of entry into operation."),
        Column("ends_on", DATE, "Last day of the authorisation."),
        Column("is_placeholder_date", FLAG, "Whether one of the dates is published as one that means unknown."),
        *_STATUS,
    ),
)

MATERNITY = Table(
    "maternity",
    "dataset",
    "Maternity units, one row per unit and year (DREES, statistique annuelle des établissements).",
    ("dataset_key", "facility_key", "period"),
    (
        *_OBS,
        _text("facility_key", "FINESS number of the establishment.", required=True),
        _text("legal_entity_key", "FINESS number of the legal entity."),
        _text("name", "Name."),
        _text("maternity_type", "Type of neonatal care: 1, 2a, 2b or 3.", accepted=("1", "2a", "2b", "3")),
        _text("legal_status", "Public, private for profit, private not for profit."),
        Column("obstetric_beds", NUMBER, "Beds in obstetrics."),
        Column("delivery_rooms", NUMBER, "Delivery rooms."),
        Column("births", NUMBER, "Deliveries in the year."),
        *_STATUS,
    ),
)

CLASSIFICATION = Table(
    "classification",
    "dataset",
    "The class of a territory in a classification of territories (density grid…).",
    ("dataset_key", "territory_key", "period", "scheme"),
    (
        *_OBS,
        _text("scheme", "Classification and its vintage, in French.", required=True),
        _text("class_code", "Code of the class.", required=True),
        _text("class_label", "Label of the class, in French.", required=True),
        Column("share", NUMBER, "Share of the population in the class, in percent, where published."),
        *_STATUS,
    ),
)

SHAPE = Table(
    "shape",
    "dataset",
    "Outlines of territories, for maps.",
    ("dataset_key", "territory_key"),
    (
        *_OBS,
        _text("geometry", "GeoJSON geometry, WGS84.", required=True),
        _text("mesh", "Level of the territories outlined.", required=True),
        _text("geometry_precision", "How far it is simplified, in French.", required=True),
        *_STATUS,
    ),
)

TERRITORY_VINTAGE = Table(
    "territory_vintage",
    "dataset",
    "The territories that a published classification has at its date, and what each belongs to.",
    ("dataset_key", "territory_level", "territory_code", "valid_from"),
    (
        _text("dataset_key", "Dataset.", required=True),
        _text("territory_key", "Territory; null where the reference does not know the code."),
        _text("territory_level", "Level.", required=True),
        _text("territory_code", "Code as published.", required=True),
        _text("period", "Period code of the vintage.", required=True),
        _text("name", "Name as published.", required=True),
        _text("parent_territory_key", "The territory that it is a part of, where published."),
        _text("arrondissement_territory_key", "Its arrondissement, where published."),
        _text("department_territory_key", "Its department, where published."),
        _text("region_territory_key", "Its region, where published."),
        _text("epci_territory_key", "Its EPCI, where published."),
        _text("ept_territory_key", "Its établissement public territorial, where published."),
        _text("seat_territory_key", "The commune that is its seat (chef-lieu), where published."),
        _text("successor_territory_keys", "Territories that hold its ground since it went, between spaces."),
        Column("valid_from", DATE, "First day under this name and code, where published."),
        Column("valid_to", DATE, "Last day under this name and code, where published."),
        *_STATUS,
    ),
)

TERRITORY_EVENT = Table(
    "territory_event",
    "dataset",
    "What befell communes, as a delivered vintage of INSEE's movements or of its earlier history tells it.",
    ("dataset_key", "row_no"),
    (
        _text("dataset_key", "Dataset.", required=True),
        Column("row_no", INTEGER, "Line of the file.", required=True),
        _text("territory_key", "The commune concerned (from_code, or to_code without one); null if not a known code."),
        _text("period", "Period code of the vintage.", required=True),
        Column("effective_on", DATE, "Day of effect.", required=True),
        _text("kind", "INSEE's code of the event (MOD): two digits in movements, three in the history.", required=True),
        _text("kind_fr", "Its label, in French.", required=True),
        _text("from_code", "Code of the commune the day before; null for one that comes from nowhere."),
        _text("from_name", "Its name the day before."),
        _text("to_code", "The commune that it became a part of or went on as; in the history, the other commune."),
        _text("to_name", "Name from that day on: of to_code; in the history, of the commune itself."),
        *_STATUS,
    ),
)

DECISION = Table(
    "decision",
    "state",
    "What stewards settled; an input of the reconciliation.",
    ("decision_id",),
    (
        _text("decision_id", "Identifier.", required=True),
        _text("finding_id", "Finding it settles.", required=True),
        _text("rule_code", "Rule."),
        _text("indicator_code", "Indicator."),
        _text("territory_key", "Territory."),
        _text("period", "Period code."),
        _text(
            "decision",
            "What was decided.",
            required=True,
            accepted=("retain", "keep_both", "not_comparable", "publisher_error", "our_error"),
        ),
        _text("retained_observation_id", "Observation retained."),
        _text("decided_by", "Who.", required=True),
        Column("decided_at", DATE, "When."),
        _text("reason", "Why.", required=True),
        _text("guard", "JSON of the values it was taken for."),
    ),
)

SOURCE_STATUS = Table(
    "source_status",
    "state",
    "Since when each dataset with a cadence is silent, one row per dataset that was ever received.",
    ("dataset_code",),
    (
        _text("dataset_code", "Code of the dataset.", required=True),
        _text("title", "Title.", required=True),
        _text("publisher", "Publisher.", required=True),
        _text(
            "cadence",
            "How often its publisher issues it.",
            required=True,
            accepted=("weekly", "monthly", "quarterly", "yearly"),
        ),
        Column("last_received_on", DATE, "Last day on which bytes of it were taken, UTC.", True),
        Column(
            "frozen_from", DATE, "Day from which it is frozen if nothing newer comes: twice the cadence later.", True
        ),
        Column("is_frozen", FLAG, "Whether that day has come.", True),
    ),
)

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        REPORT,
        FIGURE,
        FIGURE_LINK,
        POLICY_PARAMETER,
        COUNT,
        WORKSHOP,
        PARTICIPATION,
        WORKSHOP_STATEMENT,
        LEDGER,
        TERRITORY,
        TERRITORY_GROUP,
        TERRITORY_MEMBERSHIP,
        COMMUNE_MOVEMENT,
        COMMUNE_GROUND,
        INDICATOR,
        INDICATOR_RELATION,
        MEASURE,
        MEASURE_PROGRAMME,
        PERIOD,
        PROFESSION,
        FACILITY_CATEGORY,
        RULE,
        DATASET,
        DATASET_COLUMN,
        POPULATION,
        ACCESSIBILITY,
        PROFESSIONAL,
        FACILITY,
        ZONING,
        LOCAL_INDICATOR,
        AUTHORISATION,
        MATERNITY,
        CLASSIFICATION,
        SHAPE,
        TERRITORY_VINTAGE,
        TERRITORY_EVENT,
        DECISION,
        SOURCE_STATUS,
    )
}
EXTRACT_TABLES = tuple(t for t in TABLES.values() if t.family == "extract" and t.name != "report")
