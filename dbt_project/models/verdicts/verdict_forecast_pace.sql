with
levels as (
    select * from {{ ref('mention') }}
    where
        value_form = 'level'
        and nature in ('stock', 'cumulative')
        and is_dated
        and value is not null
        and rate_period is null
        and per_unit is null
        and territory_key <> 'not_stated:none'
),

-- A level at its date: one figure per indicator, territory and day.
observed as (
    select * from levels
    where status_class = 'observed'
    qualify row_number() over (
        partition by indicator_key, territory_key, window_end
        order by is_soft, observation_id
    ) = 1
),

-- What is expected at a date to come, and the last two levels that were observed before.
expected as (
    select
        forecasts as fact,  -- noqa: RF02
        max_by(observed, (observed.window_end, observed.observation_id), 2) as latest  -- noqa: RF02
    from levels as forecasts
    inner join observed
        on
            forecasts.indicator_key = observed.indicator_key
            and forecasts.territory_key = observed.territory_key
            and forecasts.unit = observed.unit
            and forecasts.window_end > observed.window_end
            and forecasts.report_key = observed.report_key
    where forecasts.status_class in ('forecast', 'estimated')
    group by forecasts  -- noqa: RF02
    having count(*) > 1
),

-- Change per month: what was observed, and the least that the forecast asks for: « près de 800 » may be 742.
paces as (
    select
        fact,
        latest[1] as last_level,
        latest[2] as level_before,
        30.4375 * (latest[1].value - latest[2].value) / (latest[1].window_end - latest[2].window_end) as observed_pace,
        30.4375
        * (coalesce(fact.value_low, fact.value) - latest[1].value)
        / greatest(fact.window_end - latest[1].window_end, 30.4375) as asked_pace,
        greatest(fact.window_end - latest[1].window_end, 30.4375) / 30.4375 as months
    from expected
),

judged as (
    select
        fact,
        concat_ws('|', fact.indicator_key, fact.status_class) as own,
        [
            {{ evidence_mention('fact', "'stated'") }},
            {{ evidence_mention('level_before', "'earlier'") }},
            {{ evidence_mention('last_level', "'later'") }}
        ] as figures,
        {{ no_others() }} as others,
        round(last_level.value + observed_pace * months) as computed,
        cast(null as double) as computed_low,
        cast(null as double) as computed_high,
        round(abs(fact.value - last_level.value - observed_pace * months)) as gap,
        cast(null as varchar) as missing_input,
        case
            when observed_pace > 0 and asked_pace > 3 * observed_pace then 'suspicious'
            else 'held'
        end as verdict
    from paces
    qualify row_number() over (
        partition by fact.indicator_key, fact.territory_key, fact.period_key, fact.status_class
        order by {{ verdict_rank('verdict') }}, fact.observation_id
    ) = 1
)

{{ check_verdicts('forecast_pace', 'pace', 'compare') }}
