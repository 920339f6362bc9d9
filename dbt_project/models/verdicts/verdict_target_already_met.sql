with
mentions as (
    select * from {{ ref('mention') }}
),

targets as (
    select * from {{ ref('int_target') }}
),

-- Where the indicator stood when the promise was made, as printed: what a steward retains is no matter of rules.
starts as (
    select
        targets.target_observation_id,
        measured.observation_id as baseline_observation_id
    from targets
    inner join {{ ref('int_mention') }} as measured
        on
            targets.indicator_key = measured.indicator_key
            and targets.territory_key = measured.territory_key
            and targets.target_form = measured.value_form
            and targets.announced_by >= measured.observed_on
    qualify row_number() over (
        partition by targets.target_observation_id
        order by measured.observed_on desc, measured.obs_status = 'estimated', measured.choice_rank
    ) = 1
),

-- A promise, and how things stood when it was made; what is promised of each year may be less than the year before.
promises as (
    select
        promised as fact,  -- noqa: RF02
        baselines as baseline,  -- noqa: RF02
        coalesce(indicators.higher_is_better, true) as wants_higher
    from starts
    inner join mentions as promised on starts.target_observation_id = promised.observation_id
    inner join mentions as baselines on starts.baseline_observation_id = baselines.observation_id
    inner join {{ ref('dim_indicator') }} as indicators on promised.indicator_key = indicators.indicator_key
    -- Without a date, what is to be done may be what has been done.
    where promised.nature <> 'flow' and promised.value_form <> 'increment' and promised.window_end is not null
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
