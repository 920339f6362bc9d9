with
mentions as (
    select * from {{ ref('mention') }}
),

progress as (
    select * from {{ ref('fct_target_progress') }}
),

-- A promise, and how things stood when it was made; what is promised of each year may be less than the year before.
promises as (
    select
        targets as fact,  -- noqa: RF02
        baselines as baseline,  -- noqa: RF02
        coalesce(indicators.higher_is_better, true) as wants_higher
    from progress
    inner join mentions as targets on progress.target_observation_id = targets.observation_id
    inner join mentions as baselines on progress.baseline_observation_id = baselines.observation_id
    inner join {{ ref('dim_indicator') }} as indicators on targets.indicator_key = indicators.indicator_key
    -- Without a date, what is to be done may be what has been done.
    where targets.nature <> 'flow' and targets.value_form <> 'increment' and targets.window_end is not null
),

judged as (
    select
        fact,
        concat_ws('|', fact.indicator_key, fact.value_form) as own,
        [{{ evidence_mention('fact', "'stated'") }}, {{ evidence_mention('baseline', "'level'") }}] as figures,
        {{ no_others() }} as others,
        cast(baseline.value as double) as computed,
        cast(baseline.value_low as double) as computed_low,
        cast(baseline.value_high as double) as computed_high,
        abs(fact.value - baseline.value) as gap,
        cast(null as varchar) as missing_input,
        case
            when wants_higher and baseline.value_low >= fact.value_low then 'suspicious'
            when not wants_higher and baseline.value_high <= fact.value_high then 'suspicious'
            else 'held'
        end as verdict
    from promises
    qualify row_number() over (
        partition by fact.indicator_key, fact.territory_key, fact.period_key, fact.value_form
        order by {{ verdict_rank('verdict') }}, fact.observation_id
    ) = 1
)

{{ check_verdicts('target_already_met', 'promise', 'compare') }}
