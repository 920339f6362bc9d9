with
-- Figures whose digits tell them apart: printed to a thousandth, and not round.
telling as (
    select * from {{ ref('mention') }}
    where
        not is_soft
        and value > 0
        and value_form in ('level', 'share')
        and nature not in ('parameter', 'amount')
        and status_class in ('observed', 'estimated')
        and territory_key <> 'not_stated:none'
        and value_high - value_low <= value / 500
        and case
            when unit = 'count' then value >= 1000 and value % 100 <> 0
            else (value * 100) % 10 <> 0
        end
),

-- A figure and the first one of the same indicator that is printed for another territory or another time: with the
-- same digits if there is one.
pairs as (
    select
        later,  -- noqa: RF02
        earlier  -- noqa: RF02
    from telling as later
    inner join telling as earlier
        on
            later.indicator_key = earlier.indicator_key
            and later.status_class = earlier.status_class
            and (later.report_key, later.source_line, later.observation_id)
            > (earlier.report_key, earlier.source_line, earlier.observation_id)
            and (
                later.territory_key <> earlier.territory_key
                or later.window_end < earlier.window_start
                or later.window_start > earlier.window_end
            )
    qualify row_number() over (
        partition by later.observation_id
        order by later.value = earlier.value desc, earlier.report_key, earlier.source_line, earlier.observation_id
    ) = 1
),

judged as (
    select
        later as fact,
        concat_ws('|', later.indicator_key, later.status_class) as own,
        [{{ evidence_mention('earlier', "'printing'") }}, {{ evidence_mention('later', "'printing'") }}] as figures,
        {{ no_others('later') }} as others,
        cast(null as double) as computed,
        cast(null as double) as computed_low,
        cast(null as double) as computed_high,
        cast(null as double) as gap,
        cast(null as varchar) as missing_input,
        case when later.value = earlier.value then 'suspicious' else 'held' end as verdict
    from pairs
    qualify row_number() over (
        partition by later.indicator_key, later.territory_key, later.period_key, later.status_class
        order by {{ verdict_rank('verdict') }}, later.observation_id
    ) = 1
)

{{ check_verdicts('copied_value', 'copy', 'compare') }}
