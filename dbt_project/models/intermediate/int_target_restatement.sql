with
targets as (
    select * from {{ ref('int_target') }}
),

pairs as (
    select
        targets.target_observation_id,
        restated.target_observation_id as superseded_by,
        restated.announced_on as restated_on,
        targets.due_period_key = restated.due_period_key
        or 'not_stated' in (targets.due_period_key, restated.due_period_key) as has_same_due,
        (
            coalesce(targets.target_value, targets.target_low)
            is not distinct from coalesce(restated.target_value, restated.target_low)
        ) as has_same_value,
        targets.targets_in_report = 1 and restated.targets_in_report = 1 as is_only_pair
    from targets
    inner join targets as restated
        on
            targets.indicator_key = restated.indicator_key
            and targets.territory_key = restated.territory_key
            and targets.target_form = restated.target_form
            and targets.announced_on < restated.announced_on
),

-- "From 1 500 to 1 700 by 2017": a report that prints two targets, the undated one being the lesser, rewrites that one.
rewritten_at_once as (
    select
        former.target_observation_id,
        restated.target_observation_id as superseded_by,
        restated.announced_on as restated_on
    from targets as former
    inner join targets as restated
        on
            former.report_key = restated.report_key
            and former.indicator_key = restated.indicator_key
            and former.territory_key = restated.territory_key
            and former.target_form = restated.target_form
    where
        former.targets_in_report = 2
        and former.due_period_key = 'not_stated'
        and restated.due_period_key <> 'not_stated'
        and case
            when former.higher_is_better then former.target_value < restated.target_value
            else former.target_value > restated.target_value
        end
),

rewritten_later as (
    select
        target_observation_id,
        superseded_by,
        restated_on
    from pairs
    where
        not (has_same_due and has_same_value)
        and (has_same_due or has_same_value or is_only_pair)
),

rewritten as (
    select * from rewritten_at_once
    union all
    select * from rewritten_later
)

-- A report with several steps of one trajectory rewrites the step that shares its date or its value; the same step
-- printed again, or printed without its date, rewrites nothing.
select
    target_observation_id,
    superseded_by,
    restated_on
from rewritten
qualify row_number() over (
    partition by target_observation_id
    order by restated_on, superseded_by
) = 1
