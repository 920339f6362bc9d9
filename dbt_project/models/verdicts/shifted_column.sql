with
judged as (
    select
        rule_code,
        subject_key,
        case_key,
        concept_code,
        territory_key,
        fact_refs,
        json_extract_string(evidence, '$.figures[0].report_id') as report_key,
        json_extract_string(evidence, '$.figures[0].role') as role,
        json_extract_string(evidence, '$.figures[0].territory') as territory,
        cast(json_extract(evidence, '$.figures[0].line') as bigint) as line,
        cast(json_extract(evidence, '$.arithmetic.computed') as double) as needed,
        cast(json_extract(evidence, '$.arithmetic.printed') as double) as printed
    from {{ ref('every_verdict') }}
    where rule_code in ('participants_total', 'workshop_statement', 'group_total', 'regional_sum')
),

lines as (
    select * from {{ ref('contribution_line') }}
),

summed as (
    select
        *,
        unnest(fact_refs) as contribution_id
    from judged
    where rule_code = 'regional_sum'
),

-- Each figure of a column with what its line needs, were it the one at fault: the totals of workshops, a column of the
-- list of workshops, the totals of groups, the column of a region, and that of each of its departments.
cells as (
    select
        rule_code,
        subject_key,
        territory,
        line,
        needed,
        printed,
        case rule_code
            when 'participants_total' then report_key
            when 'workshop_statement' then concat_ws('|', report_key, territory_key, concept_code)
            else case_key
        end as column_key
    from judged
    where rule_code <> 'workshop_statement' or role = 'table'
    union all
    select
        summed.rule_code,
        summed.subject_key,
        lines.territory,
        lines.source_line as line,
        lines.mentions + summed.printed - summed.needed as needed,
        lines.mentions as printed,
        concat_ws('|', summed.case_key, lines.territory_key) as column_key
    from summed
    inner join lines on summed.contribution_id = lines.contribution_id
    where lines.territory_level = 'department'
),

placed as (
    select
        *,
        (printed is distinct from needed) as is_wrong,
        row_number() over (partition by rule_code, column_key order by line, subject_key) as place,
        coalesce(
            printed = lag(needed) over (partition by rule_code, column_key order by line, subject_key), false
        ) as is_of_line_before,
        coalesce(
            printed = lead(needed) over (partition by rule_code, column_key order by line, subject_key), false
        ) as is_of_line_after
    from cells
),

numbered as (
    select
        *,
        place - row_number() over (partition by rule_code, column_key order by place) as run
    from placed
    where is_wrong
),

-- Lines that are wrong one after the other and right when moved by one: all of them, but for the line whose figure is
-- lost at the end. Two may agree by chance only where they print the same figure.
runs as (
    select
        rule_code,
        column_key,
        run,
        min(territory) as territory,
        min(line) as first_line,
        max(line) as last_line,
        count(*) as wrong_lines,
        greatest(count_if(is_of_line_before), count_if(is_of_line_after)) as moved_lines,
        case when count_if(is_of_line_before) >= count_if(is_of_line_after) then 'down' else 'up' end as moved,
        list(subject_key order by place) as subject_keys
    from numbered
    group by rule_code, column_key, run
    having
        moved_lines >= 2
        and moved_lines >= wrong_lines - 1
        and count(distinct printed) filter (where is_of_line_before or is_of_line_after) >= 2
),

told as (
    select
        * exclude (subject_keys),
        unnest(subject_keys) as subject_key
    from runs
)

select
    rule_code,
    subject_key,
    concat_ws('|', 'shifted', rule_code, column_key, first_line) as shift_key,
    territory,
    first_line,
    last_line,
    wrong_lines,
    moved
from told
-- One column explains a line.
qualify row_number() over (partition by rule_code, subject_key order by moved_lines desc, column_key) = 1
