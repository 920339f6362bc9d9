with verdicts as (
    {% for rule_code in rule_codes() %}
        select * from {{ ref('verdict_' ~ rule_code) }}
        {{ 'union all by name' if not loop.last }}
    {% endfor %}
)

select
    rule_code,
    subject_key,
    verdict,
    severity,
    indicator_code,
    concept_code,
    counted_unit,
    champ_fr,
    territory_key,
    territory_code,
    period_key,
    period_label,
    observation_ids,
    fact_refs,
    cast(gap as decimal(18, 4)) as gap,
    cast(gap_pct as double) as gap_pct,
    missing_input,
    case_key,
    parent_subject_key,
    evidence
from verdicts
order by rule_code, subject_key
