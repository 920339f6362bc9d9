with
retained as (
    select * from {{ ref('fct_indicator_value') }}
    where observation_id is not null
),

mentions as (
    select * from {{ ref('int_mention') }}
)

select
    retained.indicator_key,
    retained.territory_key,
    retained.period_key,
    retained.observation_id as actual_observation_id,
    retained.value as actual_value,
    retained.value_low as actual_low,
    retained.value_high as actual_high,
    mentions.concept_code,
    mentions.nature,
    mentions.value_form,
    mentions.obs_status,
    mentions.period_start,
    mentions.period_end,
    mentions.observed_on
from retained
inner join mentions on retained.observation_id = mentions.observation_id
where mentions.observed_on is not null
