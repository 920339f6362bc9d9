with
reports as (
    select * from {{ ref('dim_report') }}
),

observations as (
    select * from {{ ref('fct_observation') }}
    where superseded_at is null
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

-- A document that replaces another one; only where both are here is there something to compare.
editions as (
    select
        newer.report_key as newer_report_key,
        older.report_key as older_report_key,
        older.report_key || '|' || newer.source_sha256 as edition_key
    from reports as newer
    inner join reports as older on newer.supersedes_report_key = older.report_key
),

-- Proposals are compared too: this is where a new edition is told before anybody has read it.
printings as (
    select
        observations.*,
        substr(observations.observation_id, length(observations.report_key) + 2) as figure_key,
        reports.title as report_title,
        indicators.concept_code,
        indicators.counted_unit,
        indicators.champ_fr,
        indicators.definition_version,
        indicators.label_fr,
        indicators.measure_key,
        territories.territory_code,
        territories.name as territory,
        periods.label_fr as period_label
    from observations
    inner join reports on observations.report_key = reports.report_key
    inner join indicators on observations.indicator_key = indicators.indicator_key
    inner join territories on observations.territory_key = territories.territory_key
    inner join periods on observations.period_key = periods.period_key
),

older as (
    select
        editions.edition_key,
        printings.figure_key,
        printings as printing  -- noqa: RF02
    from editions
    inner join printings on editions.older_report_key = printings.report_key
),

newer as (
    select
        editions.edition_key,
        printings.figure_key,
        printings as printing  -- noqa: RF02
    from editions
    inner join printings on editions.newer_report_key = printings.report_key
),

figures_of_before as (
    select
        older.edition_key,
        older.figure_key,
        older.printing as earlier,
        newer.printing as later,
        case
            when newer.printing is null then 'suspicious'
            when
                (older.printing.value is distinct from newer.printing.value)
                or (older.printing.value_low is distinct from newer.printing.value_low)
                or (older.printing.value_high is distinct from newer.printing.value_high)
                or older.printing.indicator_key <> newer.printing.indicator_key
                or older.printing.territory_key <> newer.printing.territory_key
                or older.printing.period_key <> newer.printing.period_key
                or older.printing.obs_status <> newer.printing.obs_status
                then 'suspicious'
            else 'held'
        end as verdict,
        case
            when older.printing.unit = newer.printing.unit then abs(newer.printing.value - older.printing.value)
        end as gap
    from older
    left join newer on older.edition_key = newer.edition_key and older.figure_key = newer.figure_key
),

-- What the newer edition adds is one subject: which figures it is made of changes as people review them.
figures_added as (
    select
        newer.edition_key,
        min_by(newer.printing, (newer.printing.char_start, newer.printing.observation_id)) as fact,
        list(newer.printing.observation_id order by newer.printing.observation_id) as observation_ids,
        list(
            {{ evidence_mention('newer.printing', "'added'") }}
            order by newer.printing.char_start, newer.printing.observation_id
        ) as figures
    from newer
    left join older on newer.edition_key = older.edition_key and newer.figure_key = older.figure_key
    where older.figure_key is null
    group by newer.edition_key
),

verdicts as (
    select
        concat_ws('|', {{ fact_key('earlier') }}, edition_key, figure_key) as subject_key,
        verdict,
        earlier as fact,
        case
            when later is null then [earlier.observation_id] else [earlier.observation_id, later.observation_id]
        end as observation_ids,
        gap,
        case
            when later is null then [{{ evidence_mention('earlier', "'earlier'") }}]
            else [{{ evidence_mention('earlier', "'earlier'") }}, {{ evidence_mention('later', "'later'") }}]
        end as figures,
        earlier.label_fr as subject_fr,
        case when later is not null then earlier.value end as earlier_value,
        case when later is not null then later.value end as later_value
    from figures_of_before
    union all
    select
        concat_ws('|', 'edition', 'none', '', 'not_stated:none', 'not_stated', edition_key) as subject_key,
        'explained' as verdict,
        fact,
        observation_ids,
        null as gap,
        figures,
        'Chiffres nouveaux' as subject_fr,
        null as earlier_value,
        null as later_value
    from figures_added
)

select
    'edition_difference' as rule_code,
    subject_key,
    verdict,
    {{ severity_of('verdict') }} as severity,
    {{ fact_columns('fact') }},
    observation_ids,
    cast([] as varchar[]) as fact_refs,
    case verdict when 'held' then 0 else gap end as gap,
    case verdict when 'held' then 0 else {{ gap_percent('gap', 'fact.value') }} end as gap_pct,
    cast(null as varchar) as missing_input,
    {{ case_key('fact', 'fact.report_key') }} as case_key,
    cast(null as varchar) as parent_subject_key,
    {{ evidence(
        "'edition'", 'subject_fr', 'figures', "'compare'",
        'earlier_value', 'earlier_value', 'earlier_value', 'later_value', 'later_value', 'later_value'
    ) }} as evidence
from verdicts
