with
targets as (
    select * from {{ ref('int_target') }}
),

actuals as (
    select * from {{ ref('int_actual') }}
)

-- Where the indicator stood when the promise was made.
select
    targets.target_observation_id,
    actuals.actual_observation_id as baseline_observation_id,
    actuals.actual_value as baseline
from targets
inner join actuals
    on
        targets.indicator_key = actuals.indicator_key
        and targets.territory_key = actuals.territory_key
        and targets.target_form = actuals.value_form
        -- A report dated by its month says how things stood in that month: its own figures are where it starts from.
        and targets.announced_by >= actuals.observed_on
qualify row_number() over (
    partition by targets.target_observation_id
    order by actuals.observed_on desc, actuals.obs_status = 'estimated', actuals.actual_observation_id
) = 1
