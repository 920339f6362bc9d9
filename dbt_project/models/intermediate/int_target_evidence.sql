with
targets as (
    select * from {{ ref('int_target') }}
),

actuals as (
    select * from {{ ref('int_actual') }}
),

baselines as (
    select * from {{ ref('int_target_baseline') }}
),

-- Which way the promise goes, and the least that keeps it: the nearer end of what the text allows.
demands as (
    select
        targets.*,
        baselines.baseline_observation_id,
        coalesce(targets.higher_is_better, targets.target_value >= baselines.baseline) as wants_higher,
        case
            when wants_higher then coalesce(targets.target_low, targets.target_value)
            else coalesce(targets.target_high, targets.target_value)
        end as required_value
    from targets
    left join baselines on targets.target_observation_id = baselines.target_observation_id
),

pairs as (
    select
        demands.target_observation_id,
        demands.wants_higher,
        demands.required_value,
        demands.due_on,
        demands.nature as target_nature,
        actuals.*,
        actuals.actual_observation_id = demands.baseline_observation_id as is_baseline,
        case
            when demands.indicator_key <> actuals.indicator_key then 'counted_differently'
            when demands.territory_key = 'not_stated:none' then 'territory_not_stated'
            when demands.territory_key <> actuals.territory_key then 'france_scope_differs'
            when demands.target_form <> actuals.value_form then 'form_differs'
            else 'same'
        end as scope_relation
    from demands
    inner join actuals
        on
            demands.concept_code = actuals.concept_code
            and (
                demands.territory_key = actuals.territory_key
                or (
                    demands.indicator_key = actuals.indicator_key
                    and demands.territory_key like 'country:%'
                    and actuals.territory_key like 'country:%'
                )
            )
            and (demands.indicator_key = actuals.indicator_key or demands.nature = actuals.nature)
            -- What stood when the promise was made is its baseline: it proves nothing but that the promise was kept
            -- already. What is counted over a time starts again from nothing.
            and (
                demands.announced_by < actuals.observed_on
                or (demands.baseline_observation_id = actuals.actual_observation_id and demands.nature <> 'flow')
            )
),

judged as (
    select
        *,
        scope_relation = 'same'
        and obs_status <> 'estimated'
        and coalesce(
            case when wants_higher then actual_low >= required_value else actual_high <= required_value end, false
        ) as is_met
    from pairs
)

-- Certain either way, or neither: an estimate, or an interval that straddles the target, proves nothing. A cumulative
-- figure never falls, so that one below the target after the deadline was below it then; a stock must be seen then.
select
    *,
    scope_relation = 'same'
    and obs_status <> 'estimated'
    and coalesce(case when wants_higher then actual_high < required_value else actual_low > required_value end, false)
    and coalesce(
        observed_on >= due_on
        and (target_nature = 'cumulative' or observed_on = due_on or due_on between period_start and period_end),
        false
    ) as is_missed_at_deadline
from judged
where is_met or not coalesce(is_baseline, false)
