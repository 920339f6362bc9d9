with
choices as (
    select * from {{ ref('int_fact_choice') }}
),

mentions as (
    select * from {{ ref('int_mention') }}
)

select
    choices.indicator_key,
    choices.territory_key,
    choices.period_key,
    mentions.value,
    case
        when choices.observation_id is not null then mentions.value_low
        when choices.is_comparable then choices.envelope_low
    end as value_low,
    case
        when choices.observation_id is not null then mentions.value_high
        when choices.is_comparable then choices.envelope_high
    end as value_high,
    choices.choice,
    choices.observation_id,
    choices.decision_id,
    choices.source_count,
    choices.mention_count,
    case when choices.is_comparable then choices.spread end as spread,
    false as has_open_finding
from choices
left join mentions on choices.observation_id = mentions.observation_id
order by choices.indicator_key, choices.territory_key, choices.period_key
