with
verdicts as (
    select
        *,
        -- The identity of the finding, as the state store makes it.
        left(sha256(rule_code || '|' || subject_key), 16) as finding_id
    from {{ ref('every_verdict') }}
),

cases as (
    select * from {{ ref('case_of_verdict') }}
),

shifts as (
    select * from {{ ref('shifted_column') }}
),

decisions as (
    select * from {{ ref('decision_in_force') }}
),

-- A person found that these figures do not compare: the family as asked, or what the rule compared, as long as it
-- compares nothing else.
settled as (
    select
        verdicts.* exclude (decision_id),
        coalesce(verdicts.decision_id, decisions.decision_id) as decision_id
    from verdicts
    left join decisions
        on
            verdicts.finding_id = decisions.finding_id
            and verdicts.verdict in ('impossible', 'suspicious', 'explained', 'not_comparable')
            and (
                verdicts.rule_code = 'comparability'
                or list_has_all(decisions.observation_ids, verdicts.observation_ids || verdicts.fact_refs)
            )
)

select
    settled.rule_code,
    settled.subject_key,
    case when settled.decision_id is null then settled.verdict else 'not_comparable' end as verdict,
    case when settled.decision_id is null then settled.severity else 'info' end as severity,
    settled.indicator_code,
    settled.concept_code,
    settled.counted_unit,
    settled.champ_fr,
    settled.territory_key,
    settled.territory_code,
    settled.period_key,
    settled.period_label,
    settled.observation_ids,
    settled.fact_refs,
    cast(settled.gap as decimal(18, 4)) as gap,
    cast(settled.gap_pct as double) as gap_pct,
    settled.missing_input,
    coalesce(cases.joined_case_key, settled.case_key) as case_key,
    settled.parent_subject_key,
    settled.decision_id,
    case
        when settled.decision_id is not null
            then json_merge_patch(settled.evidence, json_object('decision_id', settled.decision_id))
        when shifts.shift_key is not null
            then json_merge_patch(
                settled.evidence,
                json_object('shift', json_object(
                    'key', shifts.shift_key,
                    'territory', shifts.territory,
                    'first_line', shifts.first_line,
                    'last_line', shifts.last_line,
                    'lines', shifts.wrong_lines,
                    'moved', shifts.moved
                ))
            )
        else settled.evidence
    end as evidence
from settled
left join cases on settled.case_key = cases.case_key
left join shifts on settled.rule_code = shifts.rule_code and settled.subject_key = shifts.subject_key
order by settled.rule_code, settled.subject_key
