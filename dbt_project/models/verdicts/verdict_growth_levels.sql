with
mentions as (
    select * from {{ ref('mention') }}
    where value is not null
),

periods as (
    select * from {{ ref('dim_period') }}
),

relations as (
    select * from {{ ref('dim_indicator_relation') }}
    where relation = 'growth_of'
),

links as (
    select * from {{ ref('fct_observation_link') }}
),

growths as (
    select
        mentions as growth,  -- noqa: RF02
        relations.to_indicator_key as level_indicator_key,
        -- A growth "from A to B" may be dated by its interval: then its first day is the base.
        coalesce(base.start_date, case when own.granularity = 'interval' then own.start_date end) as base_start,
        coalesce(base.end_date, case when own.granularity = 'interval' then own.start_date end) as base_end,
        case when own.granularity = 'interval' then own.end_date else mentions.window_start end as last_start,
        mentions.window_end as last_end,
        coalesce(own.granularity = 'interval', false) as is_from_to,
        coalesce(mentions.growth_form = 'points' or mentions.unit = 'points', false) as is_in_points
    from mentions
    left join relations on mentions.indicator_key = relations.from_indicator_key
    left join periods as own on mentions.period_key = own.period_key
    left join periods as base on mentions.base_period_key = base.period_key
    where mentions.nature = 'growth'
),

-- Levels that the report itself ties to the growth.
linked as (
    select
        growths.growth.observation_id as growth_id,
        case links.role when 'base' then 'base' else 'last' end as side,
        levels as level,  -- noqa: RF02
        0 as distance,
        true as is_same_date
    from growths
    inner join links as own on growths.growth.observation_id = own.observation_id
    inner join links on own.link_id = links.link_id
    inner join mentions as levels on links.observation_id = levels.observation_id
    where links.role in ('base', 'bound') and levels.nature <> 'growth'
),

-- Levels of the indicator that grew, at the base and at the end.
dated as (
    select
        growths.growth.observation_id as growth_id,
        sides.side,
        levels as level,  -- noqa: RF02
        case when levels.report_key = growths.growth.report_key then 1 else 2 end as distance,
        -- A growth from A to B names a day at either end: the period that opens or closes there is meant.
        case
            when sides.side = 'base' and growths.is_from_to then levels.window_start = growths.base_start
            when sides.side = 'base'
                then levels.window_start = growths.base_start and levels.window_end = growths.base_end
            when growths.is_from_to then levels.window_end = growths.last_end
            else levels.window_start = growths.last_start and levels.window_end = growths.last_end
        end as is_same_date
    from growths
    cross join (values ('base'), ('last')) as sides (side)
    inner join mentions as levels
        on
            growths.level_indicator_key = levels.indicator_key
            and growths.growth.territory_key = levels.territory_key
            and levels.value_form = 'level'
            and levels.status_class = case sides.side when 'base' then 'observed' else growths.growth.status_class end
            and levels.is_dated
            and levels.window_start <= case sides.side when 'base' then growths.base_end else growths.last_end end
            and levels.window_end >= case sides.side when 'base' then growths.base_start else growths.last_start end
),

candidates as (
    select * from linked
    union all
    select * from dated
),

levels as (
    select
        growth_id,
        side,
        level,
        is_same_date
    from candidates
    qualify row_number() over (
        partition by growth_id, side
        order by
            distance = 0 desc,
            is_same_date desc,
            distance,
            level.is_soft,
            level.window_end - level.window_start,
            level.observation_id
    ) = 1
),

joined as (
    select
        growths.growth,
        bases.level as base,
        lasts.level as last,
        case
            when bases.level is null then 'base'
            when lasts.level is null then 'level'
            when bases.level.observation_id = lasts.level.observation_id then 'base'
            when bases.level.unit <> lasts.level.unit then 'unit'
            -- A base that may be 0 allows any growth, but a difference in points is one whatever the base.
            when not growths.is_in_points and coalesce(bases.level.value_low, 0) <= 0
                then 'base above 0'
        end as missing_side,
        -- A level whose date only overlaps may be of another day.
        growths.growth.is_soft or bases.level.is_soft or lasts.level.is_soft
        or not bases.is_same_date or not lasts.is_same_date as is_soft,
        growths.level_indicator_key,
        growths.is_in_points,
        -- Years between the two levels, for a growth per year.
        (lasts.level.window_end - bases.level.window_end) / 365.25 as years,
        settled.decision_id
    from growths
    left join levels as bases on growths.growth.observation_id = bases.growth_id and bases.side = 'base'
    left join levels as lasts on growths.growth.observation_id = lasts.growth_id and lasts.side = 'last'
    left join {{ ref('settled_pair') }} as settled
        on
            bases.level.observation_id = settled.observation_id
            and lasts.level.observation_id = settled.other_observation_id
),

ratios as (
    select
        *,
        {{ interval_ratio_low('last.value_low', 'base.value_low', 'base.value_high') }} as ratio_low,
        cast(last.value as double) / nullif(base.value, 0) as ratio,
        {{ interval_ratio_high('last.value_high', 'base.value_low', 'base.value_high') }} as ratio_high
    from joined
),

-- What the two levels say, in the form in which the growth is printed.
computed as (
    select
        *,
        {{ computed_growth('last.value_low', 'base.value_high', 'ratio_low') }} as computed_low,
        {{ computed_growth('last.value', 'base.value', 'ratio') }} as computed,
        {{ computed_growth('last.value_high', 'base.value_low', 'ratio_high') }} as computed_high
    from ratios
),

distances as (
    select
        *,
        {{ interval_distance('computed_low', 'computed_high', 'growth.value_low', 'growth.value_high') }} as distance
    from computed
),

judged as (
    select
        *,
        case
            when missing_side is not null then 'not_evaluable'
            when decision_id is not null then 'not_comparable'
            when distance = 0 then 'held'
            when
                not is_in_points
                and {{ is_immaterial_growth('distance', 'base.value', 'last.value', 'growth.unit') }}
                then 'explained'
            when {{ is_rounded_to_five('growth.value', 'computed', 'growth.unit') }} then 'explained'
            else {{ failed_verdict('is_soft') }}
        end as verdict
    from distances
),

worst as (
    select
        *,
        list_filter([growth, base, last], lambda figure: figure is not null) as figures,
        coalesce(growth.base_period_key, '') as base_period_key
    from judged
    qualify row_number() over (
        partition by
            growth.indicator_key, growth.territory_key, growth.period_key, growth.base_period_key, growth.growth_form,
            growth.status_class
        order by {{ verdict_rank('verdict') }}, growth.observation_id, level_indicator_key
    ) = 1
)

select
    'growth_levels' as rule_code,
    concat_ws(
        '|',
        {{ fact_key('growth') }},
        growth.indicator_key,
        base_period_key,
        coalesce(growth.growth_form, ''),
        growth.status_class
    ) as subject_key,
    verdict,
    {{ severity_of('verdict') }} as severity,
    {{ fact_columns('growth') }},
    list_transform(figures, lambda figure: figure.observation_id) as observation_ids,
    cast([] as varchar[]) as fact_refs,
    case
        when verdict = 'not_evaluable' then null
        when verdict = 'held' then 0
        else {{ as_gap('abs(growth.value - computed)') }}
    end as gap,
    case
        when verdict = 'not_evaluable' then null
        when verdict = 'held' then 0
        else {{ gap_percent('growth.value - computed', 'growth.value') }}
    end as gap_pct,
    case
        when level_indicator_key is null and missing_side is not null then 'growth_of ' || growth.indicator_key
        when missing_side is not null then missing_side || ' ' || level_indicator_key
    end as missing_input,
    {{ case_key(
        'growth',
        "array_to_string(list_sort(list_distinct(list_transform(figures, lambda figure: figure.report_key))), '+')"
    ) }} as case_key,
    cast(null as varchar) as parent_subject_key,
    decision_id,
    {{ evidence(
        "'growth'", 'growth.label_fr',
        'list_filter([' ~ evidence_mention('growth', "'growth'") ~ ', ' ~ evidence_mention('base', "'base'") ~ ', '
        ~ evidence_mention('last', "'level'") ~ '], lambda figure: figure.ref is not null)',
        "case when is_in_points then 'difference' else 'ratio' end",
        'computed', 'computed_low', 'computed_high',
        'growth.value', 'growth.value_low', 'growth.value_high'
    ) }} as evidence
from worst
