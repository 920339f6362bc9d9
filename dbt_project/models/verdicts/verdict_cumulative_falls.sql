with
mentions as (
    select * from {{ ref('mention') }}
    where
        nature = 'cumulative'
        and value_form = 'level'
        and status_class = 'observed'
        and is_dated
        and value is not null
        and territory_key <> 'not_stated:none'
),

-- What a later figure of an indicator cannot be below: its own past and, as everybody signs one contract at least, the
-- past number of signers.
lower_bounds as (
    select distinct
        indicator_key as later_indicator_key,
        indicator_key as earlier_indicator_key
    from mentions
    union all
    select
        to_indicator_key as later_indicator_key,
        from_indicator_key as earlier_indicator_key
    from {{ ref('dim_indicator_relation') }}
    where relation = 'same_in_other_unit'
),

-- A later mention against an earlier one, counted from the same day as far as is known.
pairs as (
    select
        later,  -- noqa: RF02
        earlier,  -- noqa: RF02
        coalesce(later.value_high < earlier.value_low, false) as falls,
        -- Figures in two units say the same only as far as everybody signs one contract.
        later.is_soft or earlier.is_soft or later.indicator_key <> earlier.indicator_key as is_soft,
        settled.decision_id
    from lower_bounds
    inner join mentions as later on lower_bounds.later_indicator_key = later.indicator_key
    inner join mentions as earlier
        on
            lower_bounds.earlier_indicator_key = earlier.indicator_key
            and later.territory_key = earlier.territory_key
            and later.unit = earlier.unit
            and later.window_start > earlier.window_end
            and coalesce(later.cumulated_since_period_key = earlier.cumulated_since_period_key, true)
            and later.rate_period is not distinct from earlier.rate_period
            and later.per_unit is not distinct from earlier.per_unit
    left join {{ ref('settled_pair') }} as settled
        on
            later.observation_id = settled.observation_id
            and earlier.observation_id = settled.other_observation_id
    where
        later.indicator_key = earlier.indicator_key
        or (earlier.counted_unit in ('personne', 'bourse', 'contrat') and later.counted_unit in ('bourse', 'contrat'))
),

judged as (
    select
        *,
        case
            when decision_id is not null then 'not_comparable'
            when falls then {{ failed_verdict('is_soft') }}
            else 'held'
        end as verdict,
        list_distinct([earlier.report_key, later.report_key]) as reports
    from pairs
),

-- One subject per later date: the gravest fall speaks, then the highest figure printed before.
worst as (
    select * from judged
    qualify row_number() over (
        partition by later.indicator_key, later.territory_key, later.period_key, earlier.indicator_key
        order by
            {{ verdict_rank('verdict') }},
            earlier.value_low - later.value_high desc nulls last,
            earlier.window_end desc,
            earlier.observation_id,
            later.observation_id
    ) = 1
)

select
    'cumulative_falls' as rule_code,
    concat_ws('|', {{ fact_key('later') }}, later.indicator_key, earlier.indicator_key) as subject_key,
    verdict,
    {{ severity_of('verdict') }} as severity,
    {{ fact_columns('later') }},
    [earlier.observation_id, later.observation_id] as observation_ids,
    cast([] as varchar[]) as fact_refs,
    case when falls then earlier.value - later.value else 0 end as gap,
    case when falls then {{ gap_percent('earlier.value - later.value', 'earlier.value') }} else 0 end as gap_pct,
    cast(null as varchar) as missing_input,
    {{ case_key('later', "array_to_string(list_sort(reports), '+')") }} as case_key,
    cast(null as varchar) as parent_subject_key,
    decision_id,
    {{ evidence(
        "'cumulative'", 'later.label_fr',
        '[' ~ evidence_mention('earlier', "'earlier'") ~ ', ' ~ evidence_mention('later', "'later'") ~ ']',
        "'compare'",
        'later.value', 'later.value_low', 'later.value_high',
        'earlier.value', 'earlier.value_low', 'earlier.value_high'
    ) }} as evidence
from worst
