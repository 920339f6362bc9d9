with
workshops as (
    select * from {{ ref('workshop_fact') }}
),

judged as (
    select
        workshops as workshop,
        -- The report may lie elsewhere: its absence is a gap, not an impossibility.
        case when has_report then 'held' else 'suspicious' end as verdict
    from workshops
)

select
    'workshop_without_report' as rule_code,
    {{ count_key('workshop', "'atelier_compte_rendu'", "'atelier'", 'workshop.workshop_key') }} as subject_key,
    verdict,
    {{ severity_of('verdict') }} as severity,
    {{ count_columns('workshop', "'atelier_compte_rendu'", "'atelier'") }},
    cast([] as varchar[]) as observation_ids,
    [workshop.workshop_key] as fact_refs,
    case verdict when 'held' then 0 end as gap,
    cast(null as double) as gap_pct,
    cast(null as varchar) as missing_input,
    workshop.workshop_key as case_key,
    cast(null as varchar) as parent_subject_key,
    {{ evidence(
        "'statement'",
        "'Compte rendu ' || " ~ of_workshop('workshop.place'),
        '[' ~ evidence_fact(
            'workshop.workshop_key', "'table'", 'workshop', 'workshop.source_line', 'workshop.place', '1',
            "'count'", "'Atelier de la liste'", 'workshop.territory', 'workshop.period_label'
        ) ~ ']',
        "'compare'",
        'cast(workshop.has_report as integer)', 'cast(workshop.has_report as integer)',
        'cast(workshop.has_report as integer)', '1', '1', '1'
    ) }} as evidence
from judged
