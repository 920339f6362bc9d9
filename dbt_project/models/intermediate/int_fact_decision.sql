with
decisions as (
    select * from {{ ref('stg_decision') }}
),

mentions as (
    select * from {{ ref('int_mention') }}
),

-- Retaining a mention decides the fact of that mention, whatever the finding that it settled was about.
retained as (
    select
        mentions.indicator_key,
        mentions.territory_key,
        mentions.period_key,
        decisions.decision_id,
        decisions.decided_at,
        decisions.retained_observation_id
    from decisions
    inner join mentions on decisions.retained_observation_id = mentions.observation_id
),

left_open as (
    select
        indicator_key,
        territory_key,
        period_key,
        decision_id,
        decided_at,
        cast(null as varchar) as retained_observation_id
    from decisions
    where
        decision in ('keep_both', 'not_comparable')
        and indicator_key is not null
        and territory_key is not null
        and period_key is not null
),

decided as (
    select * from retained
    union all
    select * from left_open
)

select * from decided
qualify row_number() over (
    partition by indicator_key, territory_key, period_key
    order by decided_at desc nulls last, decision_id desc
) = 1
