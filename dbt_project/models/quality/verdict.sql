with
verdicts as (
    select * from {{ ref('every_verdict') }}
),

cases as (
    select * from {{ ref('case_of_verdict') }}
)

select
    verdicts.rule_code,
    verdicts.subject_key,
    verdicts.verdict,
    verdicts.severity,
    verdicts.indicator_code,
    verdicts.concept_code,
    verdicts.counted_unit,
    verdicts.champ_fr,
    verdicts.territory_key,
    verdicts.territory_code,
    verdicts.period_key,
    verdicts.period_label,
    verdicts.observation_ids,
    verdicts.fact_refs,
    cast(verdicts.gap as decimal(18, 4)) as gap,
    cast(verdicts.gap_pct as double) as gap_pct,
    verdicts.missing_input,
    coalesce(cases.joined_case_key, verdicts.case_key) as case_key,
    verdicts.parent_subject_key,
    verdicts.evidence
from verdicts
left join cases on verdicts.case_key = cases.case_key
order by verdicts.rule_code, verdicts.subject_key
