with
workshops as (
    select * from {{ ref('workshop_fact') }}
),

statements as (
    select
        workshop_key,
        attribute,
        stated_in,
        value,
        printed,
        source_line,
        statement_id as fact_ref
    from {{ ref('fct_workshop_statement') }}
    where attribute in ('date', 'start_time', 'end_time', 'participants') and value is not null
),

-- The participants' table states the total too.
totals as (
    select
        workshop_key,
        'participants' as attribute,
        'report' as stated_in,
        cast(participants as varchar) as value,
        printed,
        source_line,
        workshop_key || '|total' as fact_ref
    from {{ ref('fct_workshop_participation') }}
    where participant_category = 'total' and participants is not null
),

stated as (
    select distinct * from statements
    union
    select * from totals
    where
        not exists (
            select 1 from statements
            where
                statements.workshop_key = totals.workshop_key
                and statements.attribute = totals.attribute
                and statements.source_line = totals.source_line
        )
),

-- Minutes or counts, so that two statements can be subtracted; days since 1970 for dates.
measured as (
    select
        stated.*,
        case stated.attribute
            when 'date' then cast(date_diff('day', date '1970-01-01', try_cast(stated.value as date)) as double)
            when 'participants' then try_cast(stated.value as double)
            else
                60 * try_cast(split_part(stated.value, ':', 1) as double)
                + try_cast(split_part(stated.value, ':', 2) as double)
        end as measure
    from stated
),

compared as (
    select
        measured.workshop_key,
        measured.attribute,
        -- 9:00 and 09:00 are one hour; what cannot be read is compared as written.
        count(distinct coalesce(cast(measured.measure as varchar), measured.value)) as values_stated,
        max(measured.measure) - min(measured.measure) as gap,
        arg_min(measured.measure, (measured.source_line, measured.fact_ref)) as first_measure,
        arg_max(measured.measure, (measured.source_line, measured.fact_ref)) as last_measure,
        list(measured.fact_ref order by measured.source_line, measured.fact_ref) as fact_refs,
        list(
            {{ evidence_fact(
                'measured.fact_ref', 'measured.stated_in', 'workshops', 'measured.source_line', 'measured.printed',
                'measured.measure',
                "case measured.attribute when 'date' then 'days' when 'participants' then 'count' else 'minutes' end",
                workshop_label('measured.attribute'), 'workshops.territory', 'workshops.period_label'
            ) }}
            order by measured.source_line, measured.fact_ref
        ) as figures
    from measured
    inner join workshops on measured.workshop_key = workshops.workshop_key
    group by measured.workshop_key, measured.attribute
    -- A thing said once contradicts nothing.
    having count(*) > 1
),

judged as (
    select
        compared.*,
        workshops as workshop,  -- noqa: RF02
        'atelier_' || compared.attribute as concept,
        case compared.attribute when 'participants' then 'personne' else 'none' end as counted_unit,
        case
            when compared.values_stated = 1 then 'held'
            -- Nobody meets on two days; but the hours and the public announced may differ from those counted.
            when compared.attribute = 'date' then 'impossible'
            else 'suspicious'
        end as verdict
    from compared
    inner join workshops on compared.workshop_key = workshops.workshop_key
)

select
    'workshop_statement' as rule_code,
    {{ count_key('workshop', 'concept', 'counted_unit', 'workshop_key') }} as subject_key,
    verdict,
    {{ severity_of('verdict') }} as severity,
    {{ count_columns('workshop', 'concept', 'counted_unit') }},
    cast([] as varchar[]) as observation_ids,
    fact_refs,
    case verdict when 'held' then 0 else gap end as gap,
    case
        when verdict = 'held' then 0
        when attribute = 'participants' then {{ gap_percent('gap', 'greatest(first_measure, last_measure)') }}
    end as gap_pct,
    cast(null as varchar) as missing_input,
    workshop_key as case_key,
    cast(null as varchar) as parent_subject_key,
    {{ evidence(
        "'statement'",
        workshop_label('attribute') ~ " || ' ' || " ~ of_workshop('workshop.place'),
        'figures', "'compare'",
        'first_measure', 'first_measure', 'first_measure', 'last_measure', 'last_measure', 'last_measure'
    ) }} as evidence
from judged
