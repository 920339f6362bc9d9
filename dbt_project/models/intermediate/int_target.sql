with observations as (
    select * from {{ ref('int_observation') }}
    where is_counted
)

-- One promise per report: its first mention.
select
    observation_id as target_observation_id,
    report_key,
    indicator_key,
    concept_code,
    territory_key,
    nature,
    higher_is_better,
    value_form as target_form,
    published_on as announced_on,
    published_by as announced_by,
    period_key as due_period_key,
    period_end as due_on,
    unit,
    value as target_value,
    value_low as target_low,
    value_high as target_high,
    count(*) over (partition by report_key, indicator_key, territory_key, value_form) as targets_in_report
from observations
where
    obs_status = 'target'
    and statement_origin <> 'verbatim'
    and observation_id = first_observation_id
