with
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

reports as (
    select * from {{ ref('dim_report') }}
),

retained as (
    select * from {{ ref('fct_indicator_value') }}
)

select
    observations.indicator_key,
    indicators.label_fr as indicator_label_fr,
    indicators.concept_code,
    indicators.counted_unit,
    indicators.champ_fr,
    observations.territory_key,
    territories.name as territory_name,
    observations.period_key,
    periods.label_fr as period_label_fr,
    count(*) over fact as printings,
    row_number() over (fact order by reports.published_on, observations.observation_id) as printing_no,
    observations.observation_id,
    observations.report_key,
    reports.title as report_title,
    reports.published_on,
    observations.source_line,
    observations.source_page,
    observations.exhibit_kind,
    observations.qualifier,
    observations.printed,
    observations.value,
    observations.value_low,
    observations.value_high,
    observations.unit,
    observations.kind,
    observations.obs_status,
    observations.base_period_key,
    observations.cumulated_since_period_key,
    observations.date_is_explicit,
    observations.statement_origin,
    observations.cited_source,
    observations.repeats_observation_id,
    observations.extraction_method,
    observations.review_status,
    retained.value as retained_value,
    retained.choice,
    coalesce(retained.observation_id = observations.observation_id, false) as is_retained,
    retained.has_open_finding
from observations
inner join indicators on observations.indicator_key = indicators.indicator_key
inner join territories on observations.territory_key = territories.territory_key
inner join periods on observations.period_key = periods.period_key
inner join reports on observations.report_key = reports.report_key
left join retained
    on
        observations.indicator_key = retained.indicator_key
        and observations.territory_key = retained.territory_key
        and observations.period_key = retained.period_key
        and observations.obs_status in ('observed', 'provisional', 'estimated')
window fact as (
    partition by observations.indicator_key, observations.territory_key, observations.period_key
)
