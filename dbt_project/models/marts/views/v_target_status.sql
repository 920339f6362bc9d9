with
progress as (
    select * from {{ ref('fct_target_progress') }}
),

observations as (
    select * from {{ ref('fct_observation') }}
    where superseded_at is null
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

measures as (
    select * from {{ ref('dim_measure') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

reports as (
    select * from {{ ref('dim_report') }}
)

select
    progress.target_observation_id,
    progress.indicator_key,
    indicators.label_fr as indicator_label_fr,
    measures.label_fr as measure_label_fr,
    progress.territory_key,
    territories.name as territory_name,
    progress.report_key,
    reports.title as report_title,
    progress.announced_on,
    progress.due_period_key,
    periods.label_fr as due_label_fr,
    progress.due_on,
    promises.printed as target_printed,
    progress.target_value,
    progress.unit,
    progress.baseline,
    proofs.printed as actual_printed,
    progress.actual_value,
    progress.actual_observed_on,
    proofs.report_key as actual_report_key,
    100 * cast(progress.actual_value as double) / nullif(cast(progress.target_value as double), 0) as achieved_pct,
    progress.outcome,
    progress.scope_relation,
    progress.superseded_by,
    restated.printed as superseded_by_printed,
    restated.report_key as superseded_by_report_key
from progress
inner join observations as promises on progress.target_observation_id = promises.observation_id
inner join indicators on progress.indicator_key = indicators.indicator_key
left join measures on indicators.measure_key = measures.measure_key
inner join territories on progress.territory_key = territories.territory_key
inner join periods on progress.due_period_key = periods.period_key
inner join reports on progress.report_key = reports.report_key
left join observations as proofs on progress.actual_observation_id = proofs.observation_id
left join observations as restated on progress.superseded_by = restated.observation_id
