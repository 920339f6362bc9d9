with
reports as (
    select * from {{ ref('dim_report') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

proposed as (
    select
        report_key,
        count(*) as figures
    from {{ ref('fct_observation') }}
    where superseded_at is null and extraction_method = 'automatic' and review_status = 'unreviewed'
    group by report_key
),

pending as (
    select
        report_id as report_key,
        count(*) as figures
    from {{ ref('figure_ledger') }}
    where disposition = 'pending'
    group by report_id
),

counted as (
    select
        reports.*,
        territories.territory_code,
        territories.name as territory,
        coalesce(proposed.figures, 0) as proposed,
        coalesce(pending.figures, 0) as pending
    from reports
    left join territories on reports.scope_territory_key = territories.territory_key
    left join proposed on reports.report_key = proposed.report_key
    left join pending on reports.report_key = pending.report_key
),

-- The text, not the report's identifier, is what is read: a person who reviews it may give it another name.
judged as (
    select
        counted as text,
        case when proposed + pending > 0 then 'suspicious' else 'held' end as verdict
    from counted
    qualify row_number() over (
        partition by source_sha256
        order by proposed + pending desc, report_key
    ) = 1
)

select
    'review_wanted' as rule_code,
    concat_ws('|', 'relecture', 'none', '', 'not_stated:none', 'not_stated', text.source_sha256) as subject_key,
    verdict,
    {{ severity_of('verdict') }} as severity,
    cast(null as varchar) as indicator_code,
    'relecture' as concept_code,
    'none' as counted_unit,
    cast(null as varchar) as champ_fr,
    text.scope_territory_key as territory_key,
    text.territory_code,
    cast(null as varchar) as period_key,
    cast(null as varchar) as period_label,
    cast([] as varchar[]) as observation_ids,
    [text.report_key] as fact_refs,
    case verdict when 'held' then 0 end as gap,
    cast(null as double) as gap_pct,
    cast(null as varchar) as missing_input,
    cast(null as varchar) as case_key,
    cast(null as varchar) as parent_subject_key,
    {{ evidence(
        "'review'",
        "'Lecture automatique'",
        '[' ~ evidence_fact(
            'text.report_key', "'proposed'", 'text', 'cast(null as bigint)', 'cast(text.proposed as varchar)',
            'text.proposed', "'count'", "'Chiffres proposés'", 'text.territory', 'cast(null as varchar)'
        ) ~ ', ' ~ evidence_fact(
            'text.report_key', "'pending'", 'text', 'cast(null as bigint)', 'cast(text.pending as varchar)',
            'text.pending', "'count'", "'Chiffres en attente'", 'text.territory', 'cast(null as varchar)'
        ) ~ ']',
        "'compare'", 'null', 'null', 'null', 'null', 'null', 'null'
    ) }} as evidence
from judged
