with
workshops as (
    select * from {{ ref('workshop_fact') }}
    where has_report
),

participations as (
    select * from {{ ref('fct_workshop_participation') }}
),

totals as (
    select
        workshop_key,
        max(participants) filter (where participant_category = 'total') as total,
        sum(participants) filter (where participant_category <> 'total') as parts,
        count(participants) filter (where participant_category <> 'total') as printed_categories,
        count(*) filter (where participant_category <> 'total') as categories,
        bool_or(participant_category <> 'total' and participants is null) as has_blank
    from participations
    group by workshop_key
),

judged as (
    select
        workshops as workshop,  -- noqa: RF02
        totals.total,
        totals.parts,
        -- A category without a number may hide anybody: the total is then only held from below.
        case when totals.has_blank then null else totals.parts end as parts_high,
        case
            when totals.total is null then 'total'
            when totals.printed_categories = 0 then 'categories'
        end as missing_input,
        case
            when totals.total is null or totals.printed_categories = 0 then 'not_evaluable'
            when totals.parts = totals.total then 'held'
            when totals.has_blank and totals.parts < totals.total then 'held'
            else 'impossible'
        end as verdict
    from workshops
    left join totals on workshops.workshop_key = totals.workshop_key
),

figures as (
    select
        participations.workshop_key,
        list(
            participations.workshop_key || '|' || participations.participant_category
            order by participations.source_line, participations.participant_category
        ) as fact_refs,
        list(
            {{ evidence_fact(
                "participations.workshop_key || '|' || participations.participant_category",
                "case participations.participant_category when 'total' then 'total' else 'part' end",
                'workshops', 'participations.source_line', 'participations.printed', 'participations.participants',
                "'count'", workshop_label('participations.participant_category'), 'workshops.territory', 'workshops.period_label'
            ) }}
            order by participations.source_line, participations.participant_category
        ) as figures
    from participations
    inner join workshops on participations.workshop_key = workshops.workshop_key
    group by participations.workshop_key
)

select
    'participants_total' as rule_code,
    {{ count_key(
        'judged.workshop', "'atelier_participants'", "'personne'", 'judged.workshop.workshop_key'
    ) }} as subject_key,
    judged.verdict,
    {{ severity_of('judged.verdict') }} as severity,
    {{ count_columns('judged.workshop', "'atelier_participants'", "'personne'") }},
    cast([] as varchar[]) as observation_ids,
    coalesce(figures.fact_refs, []) as fact_refs,
    case judged.verdict when 'impossible' then abs(judged.parts - judged.total) when 'held' then 0 end as gap,
    case judged.verdict
        when 'impossible' then {{ gap_percent('judged.parts - judged.total', 'judged.total') }}
        when 'held' then 0
    end as gap_pct,
    judged.missing_input,
    judged.workshop.workshop_key as case_key,
    cast(null as varchar) as parent_subject_key,
    {{ evidence(
        "'sum'", "'Participants ' || " ~ of_workshop('judged.workshop.place'), 'coalesce(figures.figures, [])', "'sum'",
        'judged.parts', 'judged.parts', 'judged.parts_high', 'judged.total', 'judged.total', 'judged.total'
    ) }} as evidence
from judged
left join figures on judged.workshop.workshop_key = figures.workshop_key
