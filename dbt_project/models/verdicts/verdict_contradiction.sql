with
mentions as (
    select * from {{ ref('mention') }}
    -- Ranks are positions in a list that the report chose, and a territory that nobody states may be two.
    where value_form <> 'rank' and territory_key <> 'not_stated:none'
),

-- Two mentions of one fact, each pair once. The narrower window names the date of the fact.
pairs as (
    select
        -- noqa: disable=RF02
        one,
        other,
        case
            when one.window_end - one.window_start < other.window_end - other.window_start then one
            when one.window_end - one.window_start > other.window_end - other.window_start then other
            when one.period_key <= other.period_key then one
            else other
        end as fact,
        -- noqa: enable=RF02
        {{ interval_meets('one.value_low', 'one.value_high', 'other.value_low', 'other.value_high') }} as meets
    from mentions as one
    inner join mentions as other
        on
            one.indicator_key = other.indicator_key
            and one.territory_key = other.territory_key
            and one.status_class = other.status_class
            and one.value_form = other.value_form
            and one.unit = other.unit
            and one.growth_form is not distinct from other.growth_form
            and one.rate_period is not distinct from other.rate_period
            and one.per_unit is not distinct from other.per_unit
            and one.base_period_key is not distinct from other.base_period_key
            and one.condition_key is not distinct from other.condition_key
            and coalesce(one.cumulated_since_period_key = other.cumulated_since_period_key, true)
            -- Shares of two different things are told by the rule comparability.
            and coalesce(one.denominator_fr = other.denominator_fr, true)
            and one.observation_id < other.observation_id
            -- What a new edition changes is told by the rule edition_difference.
            and coalesce(one.supersedes_report_key <> other.report_key, true)
            and coalesce(one.report_key <> other.supersedes_report_key, true)
            and {{ same_date('one', 'other') }}
),

judged as (
    select
        *,
        case
            when meets then 'held'
            -- Two figures whose dates only overlap may hold on two different days; a share that does not say of what
            -- may be of something else.
            else {{ failed_verdict(
                'one.is_soft or other.is_soft or one.period_key <> other.period_key '
                ~ 'or (one.denominator_fr is null) <> (other.denominator_fr is null)'
            ) }}
        end as verdict,
        -- A pure range has no value: then the intervals tell how far apart the two are.
        coalesce(
            abs(one.value - other.value),
            {{ interval_distance('one.value_low', 'one.value_high', 'other.value_low', 'other.value_high') }}
        ) as gap,
        concat_ws(
            '|',
            {{ fact_key('fact') }},
            fact.indicator_key,
            fact.status_class,
            fact.value_form,
            coalesce(fact.growth_form, ''),
            coalesce(fact.rate_period, ''),
            coalesce(fact.per_unit, ''),
            coalesce(fact.base_period_key, ''),
            coalesce(one.cumulated_since_period_key, other.cumulated_since_period_key, ''),
            coalesce(fact.condition_key, '')
        ) as subject_key
    from pairs
),

-- The gravest pair speaks for its subject, then the one furthest apart.
worst as (
    select * from judged
    qualify row_number() over (
        partition by subject_key
        order by
            {{ verdict_rank('verdict') }},
            gap desc,
            one.observation_id,
            other.observation_id
    ) = 1
),

sides as (
    select
        subject_key,
        one.observation_id
    from judged
    union
    select
        subject_key,
        other.observation_id
    from judged
),

printings as (
    select
        sides.subject_key,
        list(mentions.observation_id order by mentions.observation_id) as observation_ids,
        list(
            {{ evidence_mention('mentions', "'printing'") }}
            order by mentions.report_key, mentions.source_line, mentions.observation_id
        ) as figures,
        string_agg(distinct mentions.report_key, '+' order by mentions.report_key) as reports
    from sides
    inner join mentions on sides.observation_id = mentions.observation_id
    group by sides.subject_key
)

select
    'contradiction' as rule_code,
    worst.subject_key,
    worst.verdict,
    {{ severity_of('worst.verdict') }} as severity,
    {{ fact_columns('worst.fact') }},
    printings.observation_ids,
    cast([] as varchar[]) as fact_refs,
    case when worst.meets then 0 else worst.gap end as gap,
    case
        when worst.meets then 0
        else {{ gap_percent('worst.gap', 'greatest(abs(worst.one.value), abs(worst.other.value))') }}
    end as gap_pct,
    cast(null as varchar) as missing_input,
    {{ case_key('worst.fact', 'printings.reports') }} as case_key,
    cast(null as varchar) as parent_subject_key,
    {{ evidence(
        "'contradiction'", 'worst.fact.label_fr', 'printings.figures', "'compare'",
        'worst.one.value', 'worst.one.value_low', 'worst.one.value_high',
        'worst.other.value', 'worst.other.value_low', 'worst.other.value_high'
    ) }} as evidence
from worst
inner join printings on worst.subject_key = printings.subject_key
