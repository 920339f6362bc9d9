with
rules as (
    select * from {{ ref('rule') }}
),

verdicts as (
    select * from {{ ref('verdict') }}
),

counts as (
    select
        rule_code,
        count(*) as expected,
        count(*) filter (where verdict <> 'not_evaluable') as evaluated,
        count(*) filter (where verdict = 'held') as held,
        count(*) filter (where verdict not in ('held', 'not_evaluable')) as failed,
        count(*) filter (where verdict = 'not_evaluable') as not_evaluable,
        list(distinct missing_input order by missing_input) filter (where missing_input is not null) as missing_inputs
    from verdicts
    group by rule_code
)

-- A rule that found nothing to compare is listed with zeros: silence would look like success.
select
    coalesce(rules.rule_code, counts.rule_code) as rule_code,
    coalesce(counts.expected, 0) as expected,
    coalesce(counts.evaluated, 0) as evaluated,
    coalesce(counts.held, 0) as held,
    coalesce(counts.failed, 0) as failed,
    coalesce(counts.not_evaluable, 0) as not_evaluable,
    coalesce(counts.missing_inputs, []) as missing_inputs
from rules
full join counts on rules.rule_code = counts.rule_code
order by rule_code
