with
-- The introduction counts "contributions" by theme; the indicator's code ends with the theme's number.
themes as (
    select
        mention,
        try_cast(regexp_extract(mention.indicator_key, 'theme_([0-9]+)$', 1) as integer) as theme_no
    from {{ ref('mention') }} as mention
    where mention.counted_unit = 'contribution' and mention.unit = 'count' and mention.value_form = 'level'
),

printed as (
    select * from themes
    where theme_no is not null
),

lines as (
    select * from {{ ref('contribution_line') }}
    -- Each mention once: by its group's total, or by its own line in a table without groups.
    where is_group_total or group_label_fr is null
),

sections as (
    select
        report_key,
        territory_key,
        theme_no,
        section,
        sum(mentions) as mentions,
        list(contribution_id order by source_line, contribution_id) as refs,
        list(
            {{ contribution_figure('lines', "'part'") }}
            order by source_line, contribution_id
        ) as figures
    from lines
    group by report_key, territory_key, theme_no, section
),

-- The introduction does not say which tables its contributions are counted in: every reading is tried.
readings (reading, members) as (
    values
    (1, ['constat', 'proposition']),
    (2, ['problematique', 'proposition']),
    (3, ['problematique', 'constat', 'proposition']),
    (4, ['proposition'])
),

sums as (
    select
        printed.mention.observation_id as theme_id,
        readings.reading,
        sum(sections.mentions) as computed,
        flatten(list(sections.refs order by sections.section)) as refs,
        flatten(list(sections.figures order by sections.section)) as figures
    from printed
    cross join readings
    inner join sections
        on
            printed.mention.report_key = sections.report_key
            and printed.mention.territory_key = sections.territory_key
            and printed.theme_no = sections.theme_no
            and list_contains(readings.members, sections.section)
    group by printed.mention.observation_id, readings.reading
),

-- The reading that meets the printed figure, else the first: observations and proposals.
best as (
    select
        printed.mention,
        sums.computed,
        coalesce(sums.refs, []) as refs,
        coalesce(sums.figures, []) as figures,
        case
            when sums.computed is null then 'not_evaluable'
            when
                {{ interval_meets(
                    'sums.computed', 'sums.computed', 'printed.mention.value_low', 'printed.mention.value_high'
                ) }}
                then 'held'
            -- What a contribution is remains open: a gap is not an impossibility.
            else 'suspicious'
        end as verdict
    from printed
    left join sums on printed.mention.observation_id = sums.theme_id
    qualify row_number() over (
        partition by printed.mention.observation_id
        order by verdict = 'held' desc, sums.reading
    ) = 1
),

-- Of several printings of one announcement, the gravest speaks; one that quotes another report's tables proves nothing.
worst as (
    select * from best
    qualify row_number() over (
        partition by mention.indicator_key, mention.territory_key, mention.period_key
        order by {{ verdict_rank('verdict') }}, abs(computed - mention.value) desc nulls last, mention.observation_id
    ) = 1
)

select
    'theme_contributions' as rule_code,
    concat_ws('|', {{ fact_key('mention') }}, mention.indicator_key) as subject_key,
    verdict,
    {{ severity_of('verdict') }} as severity,
    {{ fact_columns('mention') }},
    [mention.observation_id] as observation_ids,
    refs as fact_refs,
    case verdict when 'held' then 0 when 'suspicious' then abs(computed - mention.value) end as gap,
    case verdict
        when 'held' then 0
        when 'suspicious' then {{ gap_percent('computed - mention.value', 'mention.value') }}
    end as gap_pct,
    case when verdict = 'not_evaluable' then 'contributions' end as missing_input,
    {{ case_key('mention', 'mention.report_key') }} as case_key,
    cast(null as varchar) as parent_subject_key,
    {{ evidence(
        "'groups'", 'mention.label_fr', '[' ~ evidence_mention('mention', "'total'") ~ '] || figures', "'sum'",
        'computed', 'computed', 'computed', 'mention.value', 'mention.value_low', 'mention.value_high'
    ) }} as evidence
from worst
