with
sources as (
    select * from {{ ref('stg_source_status') }}
),

judged as (
    select
        dataset_code as report_key,
        title || ', ' || publisher as title,
        strftime(last_received_on, '%d/%m/%Y') as received_fr,
        case cadence
            when 'weekly' then 'hebdomadaire'
            when 'monthly' then 'mensuelle'
            when 'quarterly' then 'trimestrielle'
            else 'annuelle'
        end as cadence_fr,
        case when is_frozen then 'suspicious' else 'held' end as verdict
    from sources
)

select
    'source_frozen' as rule_code,
    concat_ws('|', 'source', 'none', '', 'not_stated:none', 'not_stated', sources.report_key) as subject_key,
    verdict,
    {{ severity_of('verdict') }} as severity,
    cast(null as varchar) as indicator_code,
    'source' as concept_code,
    'none' as counted_unit,
    cast(null as varchar) as champ_fr,
    cast(null as varchar) as territory_key,
    cast(null as varchar) as territory_code,
    cast(null as varchar) as period_key,
    cast(null as varchar) as period_label,
    cast([] as varchar[]) as observation_ids,
    [sources.report_key] as fact_refs,
    case verdict when 'held' then 0 end as gap,
    cast(null as double) as gap_pct,
    cast(null as varchar) as missing_input,
    cast(null as varchar) as case_key,
    cast(null as varchar) as parent_subject_key,
    {{ evidence(
        "'frozen'",
        "'Source figée'",
        '[' ~ evidence_fact(
            'sources.report_key', "'received'", 'sources', 'cast(null as bigint)', 'sources.received_fr',
            'null', "'date'", "'Dernières données reçues'", 'cast(null as varchar)', 'cast(null as varchar)'
        ) ~ ', ' ~ evidence_fact(
            'sources.report_key', "'cadence'", 'sources', 'cast(null as bigint)', 'sources.cadence_fr',
            'null', "'cadence'", "'Périodicité'", 'cast(null as varchar)', 'cast(null as varchar)'
        ) ~ ']',
        "'compare'", 'null', 'null', 'null', 'null', 'null', 'null'
    ) }} as evidence
from judged as sources
