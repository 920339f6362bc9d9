with
targets as (
    select * from {{ ref('int_target') }}
),

evidence as (
    select * from {{ ref('int_target_evidence') }}
),

restatements as (
    select * from {{ ref('int_target_restatement') }}
),

horizon as (
    select * from {{ ref('int_horizon') }}
),

findings as (
    select
        target_observation_id,
        arg_min(actual_observation_id, (observed_on, actual_observation_id))
        filter (where is_met and observed_on <= due_on) as met_by_deadline,
        arg_min(actual_observation_id, (observed_on, actual_observation_id))
        filter (where is_missed_at_deadline) as missed_at_deadline,
        arg_min(actual_observation_id, (observed_on, actual_observation_id))
        filter (where is_met and observed_on > due_on) as met_after_deadline,
        arg_max(actual_observation_id, (observed_on, actual_observation_id))
        filter (where scope_relation = 'same') as latest_actual,
        min(scope_relation) filter (where scope_relation <> 'same') as other_scope_relation
    from evidence
    group by target_observation_id
),

outcomes as (
    select
        targets.target_observation_id,
        findings.met_by_deadline,
        findings.missed_at_deadline,
        findings.met_after_deadline,
        findings.latest_actual,
        findings.other_scope_relation,
        restatements.superseded_by,
        case
            when findings.met_by_deadline is not null then 'met_by_deadline'
            when restatements.restated_on <= targets.due_on then 'moved'
            when findings.missed_at_deadline is not null and findings.met_after_deadline is not null then 'met_late'
            when findings.missed_at_deadline is not null then 'missed'
            when restatements.superseded_by is not null then 'moved'
            when targets.due_on > horizon.known_until then 'not_due'
            else 'not_verifiable'
        end as outcome
    from targets
    cross join horizon
    left join findings on targets.target_observation_id = findings.target_observation_id
    left join restatements on targets.target_observation_id = restatements.target_observation_id
)

select
    target_observation_id,
    outcome,
    superseded_by,
    case outcome
        when 'met_by_deadline' then met_by_deadline
        when 'met_late' then met_after_deadline
        when 'missed' then missed_at_deadline
        else latest_actual
    end as actual_observation_id,
    case
        when latest_actual is not null then 'same'
        else coalesce(other_scope_relation, 'no_actual')
    end as scope_relation
from outcomes
