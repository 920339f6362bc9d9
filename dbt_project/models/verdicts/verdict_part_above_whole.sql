with
mentions as (
    select * from {{ ref('mention') }}
    where value is not null and value_form = 'level' and territory_key <> 'not_stated:none'
),

relations as (
    select * from {{ ref('dim_indicator_relation') }}
    where relation in ('part_of', 'narrower_than')
),

-- A narrower indicator against the wider one, in one territory.
by_indicator as (
    select
        part,  -- noqa: RF02
        whole  -- noqa: RF02
    from relations
    inner join mentions as part on relations.from_indicator_key = part.indicator_key
    inner join mentions as whole
        on
            relations.to_indicator_key = whole.indicator_key
            and part.territory_key = whole.territory_key
),

-- One additive count of a region against the country's, or of a department against its region's.
by_territory as (
    select
        part,  -- noqa: RF02
        whole  -- noqa: RF02
    from mentions as part
    inner join mentions as whole
        on
            part.indicator_key = whole.indicator_key
            and (
                (
                    part.territory_level in ('region', 'former_region', 'department')
                    and whole.territory_level = 'country'
                    -- Overseas regions are no part of metropolitan France.
                    and (whole.territory_code = 'FR' or part.region_code > '06')
                )
                or (
                    part.territory_level = 'department'
                    and whole.territory_level = 'region'
                    and part.region_code = whole.territory_code
                )
            )
    where part.additive_over_territory and part.nature in ('stock', 'cumulative')
),

pairs as (
    select * from by_indicator
    union all
    select * from by_territory
),

judged as (
    select
        part,
        whole,
        case
            when not coalesce(part.value_low > whole.value_high, false) then 'held'
            else
                -- Figures whose dates only overlap may hold on two different days.
                {{ failed_verdict('part.is_soft or whole.is_soft or part.period_key <> whole.period_key') }}
        end as verdict
    from pairs
    where
        part.unit = whole.unit
        and part.status_class = whole.status_class
        and part.rate_period is not distinct from whole.rate_period
        and part.per_unit is not distinct from whole.per_unit
        -- A cumulative figure that began earlier may well exceed the whole of fewer years.
        and coalesce(part.cumulated_since_period_key = whole.cumulated_since_period_key, true)
        and coalesce(part.denominator_fr = whole.denominator_fr, true)
        and {{ same_date('part', 'whole') }}
),

worst as (
    select
        *,
        list_distinct([part.report_key, whole.report_key]) as reports
    from judged
    qualify row_number() over (
        partition by
            part.indicator_key, part.territory_key, part.period_key, part.status_class,
            whole.indicator_key, whole.territory_key
        order by
            {{ verdict_rank('verdict') }},
            part.value - whole.value desc,
            part.observation_id,
            whole.observation_id
    ) = 1
)

select
    'part_above_whole' as rule_code,
    concat_ws(
        '|',
        {{ fact_key('part') }},
        part.indicator_key,
        part.status_class,
        whole.indicator_key,
        whole.territory_key
    ) as subject_key,
    verdict,
    {{ severity_of('verdict') }} as severity,
    {{ fact_columns('part') }},
    [part.observation_id, whole.observation_id] as observation_ids,
    cast([] as varchar[]) as fact_refs,
    case when verdict = 'held' then 0 else part.value - whole.value end as gap,
    case when verdict = 'held' then 0 else {{ gap_percent('part.value - whole.value', 'whole.value') }} end as gap_pct,
    cast(null as varchar) as missing_input,
    {{ case_key('part', "array_to_string(list_sort(reports), '+')") }} as case_key,
    cast(null as varchar) as parent_subject_key,
    {{ evidence(
        "'part_whole'", 'part.label_fr',
        '[' ~ evidence_mention('part', "'part'") ~ ', ' ~ evidence_mention('whole', "'whole'") ~ ']',
        "'compare'",
        'part.value', 'part.value_low', 'part.value_high',
        'whole.value', 'whole.value_low', 'whole.value_high'
    ) }} as evidence
from worst
