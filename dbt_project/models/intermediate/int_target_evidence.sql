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
        demands.nature,
        actuals.*,
        case
            when demands.territory_key = 'not_stated:none' then 'territory_not_stated'
            when demands.territory_key <> actuals.territory_key then 'france_scope_differs'
            when demands.target_form <> actuals.value_form then 'form_differs'
            else 'same'
        end as scope_relation
    from demands
    inner join actuals
        on
            demands.indicator_key = actuals.indicator_key
            and (
                demands.territory_key = actuals.territory_key
                or (demands.territory_key like 'country:%' and actuals.territory_key like 'country:%')
            )
            -- What stood when the promise was made is its baseline, never its proof.
            and demands.announced_by < actuals.observed_on
)

-- Certain either way, or neither: an estimate, or an interval that straddles the target, proves nothing. A cumulative
-- figure never falls, so that one below the target after the deadline was below it then; a stock must be seen then.
select
    *,
    scope_relation = 'same'
    and obs_status <> 'estimated'
    and coalesce(case when wants_higher then actual_low >= required_value else actual_high <= required_value end, false)
        as is_met,
    scope_relation = 'same'
    and obs_status <> 'estimated'
    and coalesce(case when wants_higher then actual_high < required_value else actual_low > required_value end, false)
    and coalesce(
        observed_on >= due_on
        and (nature = 'cumulative' or observed_on = due_on or due_on between period_start and period_end),
        false
    ) as is_missed_at_deadline
from pairs
