with recursive
failed as (
    select
        case_key,
        unnest(observation_ids || fact_refs) as figure_ref
    from {{ ref('every_verdict') }}
    where verdict in ('impossible', 'suspicious') and case_key is not null
    union all
    -- Lines of one column that is displaced have one cause.
    select
        verdicts.case_key,
        shifts.shift_key as figure_ref
    from {{ ref('shifted_column') }} as shifts
    inner join {{ ref('every_verdict') }} as verdicts
        on shifts.rule_code = verdicts.rule_code and shifts.subject_key = verdicts.subject_key
    where verdicts.case_key is not null
),

-- A figure that two cases name is a cause that they may share.
links as (
    select distinct
        one.case_key,
        other.case_key as other_case_key
    from failed as one
    inner join failed as other on one.figure_ref = other.figure_ref and one.case_key <> other.case_key
),

reached as (
    select
        case_key,
        case_key as reached_case_key
    from links
    union
    select
        reached.case_key,
        links.other_case_key as reached_case_key
    from reached
    inner join links on reached.reached_case_key = links.case_key
)

select
    case_key,
    min(reached_case_key) as joined_case_key
from reached
group by case_key
