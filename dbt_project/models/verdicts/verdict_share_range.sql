with
shares as (
    select * from {{ ref('mention') }}
    where
        unit = 'percent'
        and (nature = 'share' or value_form = 'share')
        -- How much a share grew is no share.
        and value_form not in ('growth', 'increment')
),

judged as (
    select
        shares as fact,
        case
            when {{ interval_meets('value_low', 'value_high', 0, 100) }} then 'held'
            else {{ failed_verdict('is_soft') }}
        end as verdict,
        {{ interval_distance('value_low', 'value_high', 0, 100) }} as gap
    from shares
),

-- Of several printings of one share, the gravest speaks, then the furthest out.
worst as (
    select * from judged
    qualify row_number() over (
        partition by fact.indicator_key, fact.territory_key, fact.period_key, fact.status_class
        order by {{ verdict_rank('verdict') }}, gap desc, fact.observation_id
    ) = 1
)

select
    'share_range' as rule_code,
    concat_ws('|', {{ fact_key('fact') }}, fact.indicator_key, fact.status_class) as subject_key,
    verdict,
    {{ severity_of('verdict') }} as severity,
    {{ fact_columns('fact') }},
    [fact.observation_id] as observation_ids,
    cast([] as varchar[]) as fact_refs,
    gap,
    cast(gap as double) as gap_pct,
    cast(null as varchar) as missing_input,
    {{ case_key('fact', 'fact.report_key') }} as case_key,
    cast(null as varchar) as parent_subject_key,
    {{ evidence(
        "'range'", 'fact.label_fr', '[' ~ evidence_mention('fact', "'share'") ~ ']', "'compare'",
        'null', '0', '100', 'fact.value', 'fact.value_low', 'fact.value_high'
    ) }} as evidence
from worst
