with
mentions as (
    select * from {{ ref('mention') }}
    where
        value is not null
        and status_class not in ('rule', 'target')
        -- A flow may be a balance, and an increment a loss; shares have a rule of their own.
        and (
            (nature in ('stock', 'cumulative', 'capacity', 'duration', 'amount') and value_form = 'level')
            or (nature = 'growth' and unit in ('percent', 'multiple'))
        )
),

bounded as (
    select
        mentions as fact,
        -- Nothing loses more than all of itself.
        case when nature = 'growth' and unit = 'percent' then -100 else 0 end as floor,
        -- What is counted one by one has no fraction; an average per territory may have one.
        unit = 'count'
        and additive_over_territory
        and counted_unit not in ('etp', 'none')
        and per_unit is null
        and value_form = 'level'
        and value_low = value_high as is_whole
    from mentions
),

judged as (
    select
        fact,
        fact.indicator_key || '|' || fact.status_class as own,
        case
            when not {{ interval_meets('fact.value_low', 'fact.value_high', 'floor', 'cast(null as double)') }}
                then {{ failed_verdict('fact.is_soft') }}
            when is_whole and fact.value <> round(fact.value) then 'impossible'
            else 'held'
        end as verdict,
        [{{ evidence_mention('fact', "'figure'") }}] as figures,
        {{ no_others() }} as others,
        case
            when fact.value < floor then floor - fact.value else abs(fact.value - round(fact.value))
        end as gap,
        cast(null as varchar) as missing_input,
        cast(null as double) as computed,
        -- A fraction of a person is out of no bounds.
        case when verdict = 'held' or fact.value < floor then floor end as computed_low,
        cast(null as double) as computed_high
    from bounded
    -- Of several printings of one figure, the gravest speaks, then the furthest out.
    qualify row_number() over (
        partition by fact.indicator_key, fact.territory_key, fact.period_key, fact.status_class
        order by {{ verdict_rank('verdict') }}, gap desc, fact.observation_id
    ) = 1
)

{{ check_verdicts('value_range', 'range', 'compare') }}
