with
targets as (
    select * from {{ ref('int_target') }}
),

baselines as (
    select * from {{ ref('int_target_baseline') }}
),

outcomes as (
    select * from {{ ref('int_target_outcome') }}
),

actuals as (
    select * from {{ ref('int_actual') }}
)

select
    targets.target_observation_id,
    outcomes.actual_observation_id,
    targets.report_key,
    targets.indicator_key,
    targets.territory_key,
    targets.announced_on,
    targets.due_period_key,
    targets.due_on,
    targets.target_form,
    targets.unit,
    targets.target_value,
    targets.target_low,
    targets.target_high,
    baselines.baseline_observation_id,
    baselines.baseline,
    actuals.period_key as actual_period_key,
    actuals.observed_on as actual_observed_on,
    actuals.actual_value,
    actuals.actual_low,
    actuals.actual_high,
    outcomes.outcome,
    outcomes.scope_relation,
    outcomes.superseded_by
from targets
inner join outcomes on targets.target_observation_id = outcomes.target_observation_id
left join baselines on targets.target_observation_id = baselines.target_observation_id
left join actuals on outcomes.actual_observation_id = actuals.actual_observation_id
order by targets.target_observation_id
