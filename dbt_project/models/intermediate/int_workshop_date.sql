with
workshops as (
    select * from {{ ref('stg_workshop') }}
),

statements as (
    select * from {{ ref('stg_workshop_statement') }}
),

-- What the report says of a date or an hour elsewhere than in its table of workshops, the workshop's own report first.
stated as (
    select
        workshop_key,
        attribute,
        value
    from statements
    where attribute in ('date', 'start_time', 'end_time') and value is not null
    qualify row_number() over (
        partition by workshop_key, attribute
        order by
            case stated_in when 'table' then 1 when 'report' then 2 else 3 end,
            source_line,
            statement_id
    ) = 1
),

by_workshop as (
    select
        workshop_key,
        max(try_cast(value as date)) filter (where attribute = 'date') as stated_date,
        max(value) filter (where attribute = 'start_time') as stated_start,
        max(value) filter (where attribute = 'end_time') as stated_end
    from stated
    group by workshop_key
)

-- The table of workshops rules; what it leaves out is taken from the other statements.
select
    workshops.workshop_key,
    coalesce(workshops.held_on, by_workshop.stated_date) as held_on,
    coalesce(workshops.start_time, by_workshop.stated_start) as start_time,
    coalesce(workshops.end_time, by_workshop.stated_end) as end_time
from workshops
left join by_workshop on workshops.workshop_key = by_workshop.workshop_key
