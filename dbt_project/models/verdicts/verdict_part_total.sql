with
mentions as (
    select * from {{ ref('mention') }}
),

links as (
    select * from {{ ref('fct_observation_link') }}
),

observations as (
    select * from {{ ref('int_observation') }}
    where superseded_at is null
),

links_to_judge as (
    select
        link_id,
        -- Every row of a link says the same; a doubt on one is a doubt on all.
        case
            when bool_and(exhaustive = 'yes') and not bool_or(role = 'dont') then 'yes'
            else 'no'
        end as exhaustive
    from links
    where role in ('total', 'part', 'dont')
    group by link_id
    having bool_or(role = 'total') and bool_or(role in ('part', 'dont'))
),

-- What is printed twice is one part: a repeat of a member adds nothing to the sum.
bound as (
    select
        links.link_id,
        links.observation_id,
        links.role,
        case links.role when 'total' then 'total' else 'part' end as side
    from links
    left join observations on links.observation_id = observations.observation_id
    where links.role in ('total', 'part', 'dont')
    qualify row_number() over (
        partition by
            links.link_id,
            side,
            coalesce(observations.first_observation_id, links.observation_id)
        order by links.observation_id = observations.first_observation_id desc, links.observation_id, links.role
    ) = 1
),

members as (
    select
        bound.link_id,
        bound.role,
        bound.side,
        mentions as mention,  -- noqa: RF02
        cast(mentions.value_high - mentions.value_low as decimal(24, 4)) as width
    from bound
    inner join mentions on bound.observation_id = mentions.observation_id
),

expected as (
    select
        link_id,
        count(*) filter (where side = 'part') as parts,
        count(*) filter (where side = 'total') as totals
    from bound
    group by link_id
),

-- Two totals of one list are judged one by one.
totals as (
    select
        members.link_id,
        members.mention as fact,
        case when expected.totals > 1 then members.mention.observation_id end as own_total
    from members
    inner join expected on members.link_id = expected.link_id
    where members.side = 'total'
),

parts as (
    select
        link_id,
        count(mention.value) as parts,
        sum(mention.value) as value,
        {{ interval_sum('mention.value_low') }} as value_low,
        {{ interval_sum('mention.value_high') }} as value_high,
        bool_or(mention.is_soft) as is_soft,
        -- « dont » lists what may overlap: women and beginners are both among the nurses.
        bool_or(role = 'dont') and count(*) > 1 as may_overlap,
        max(mention.value_low) as largest_part_low,
        -- A part without an upper end makes any total likely.
        {{ interval_sum('width * width') }} as square_widths,
        count(distinct mention.unit) as units,
        min(mention.unit) as unit
    from members
    where side = 'part'
    group by link_id
),

figures as (
    select
        totals.link_id,
        totals.own_total,
        list(members.mention.observation_id order by members.side desc, members.mention.observation_id)
            as observation_ids,
        list(
            {{ evidence_mention('members.mention', 'members.side') }}
            order by members.side desc, members.mention.source_line, members.mention.observation_id
        ) as figures,
        string_agg(distinct members.mention.report_key, '+' order by members.mention.report_key) as reports
    from totals
    inner join members
        on
            totals.link_id = members.link_id
            and (members.side = 'part' or totals.fact.observation_id = members.mention.observation_id)
    group by totals.link_id, totals.own_total
),

compared as (
    select
        totals.link_id,
        totals.fact,
        totals.own_total,
        links_to_judge.exhaustive,
        parts.value,
        parts.value_low,
        parts.value_high,
        totals.fact.is_soft
        or coalesce(parts.is_soft, false)
        or coalesce(parts.may_overlap and parts.largest_part_low <= totals.fact.value_high, false) as is_soft,
        case
            when totals.fact.value is null then 'total'
            when parts.parts is null or parts.parts < expected.parts then 'part'
            when parts.units > 1 or parts.unit <> totals.fact.unit then 'unit'
        end as missing_input,
        -- Non-exhaustive parts are only held from above.
        {{ interval_meets('parts.value_low', 'parts.value_high', 'totals.fact.value_low', 'totals.fact.value_high') }}
        or (
            links_to_judge.exhaustive = 'no'
            and coalesce(parts.value_low <= totals.fact.value_high, true)
        ) as is_possible,
        -- Rounding errors of independent figures: beyond three standard deviations, nobody rounds that way.
        links_to_judge.exhaustive = 'yes'
        and abs(parts.value - totals.fact.value) > 3 * sqrt(
            (parts.square_widths + power(cast(totals.fact.value_high - totals.fact.value_low as double), 2)) / 12
        ) as is_unlikely
    from totals
    inner join links_to_judge on totals.link_id = links_to_judge.link_id
    inner join expected on totals.link_id = expected.link_id
    left join parts on totals.link_id = parts.link_id
),

judged as (
    select
        *,
        case
            when missing_input is not null then 'not_evaluable'
            when not is_possible then {{ failed_verdict('is_soft') }}
            when coalesce(is_unlikely, false) and not is_soft then 'suspicious'
            else 'held'
        end as verdict
    from compared
)

select
    'part_total' as rule_code,
    concat_ws('|', {{ fact_key('judged.fact') }}, judged.link_id, judged.own_total) as subject_key,
    judged.verdict,
    {{ severity_of('judged.verdict') }} as severity,
    {{ fact_columns('judged.fact') }},
    figures.observation_ids,
    cast([] as varchar[]) as fact_refs,
    case
        when judged.verdict = 'not_evaluable' then null
        when judged.verdict = 'held' then 0
        else abs(judged.value - judged.fact.value)
    end as gap,
    case
        when judged.verdict = 'not_evaluable' then null
        when judged.verdict = 'held' then 0
        else {{ gap_percent('judged.value - judged.fact.value', 'judged.fact.value') }}
    end as gap_pct,
    judged.missing_input,
    {{ case_key('judged.fact', 'figures.reports') }} as case_key,
    cast(null as varchar) as parent_subject_key,
    {{ evidence(
        "'sum'", 'judged.fact.label_fr', 'figures.figures', "'sum'",
        'judged.value', 'judged.value_low', 'judged.value_high',
        'judged.fact.value', 'judged.fact.value_low', 'judged.fact.value_high'
    ) }} as evidence
from judged
inner join figures
    on
        judged.link_id = figures.link_id
        and judged.own_total is not distinct from figures.own_total
