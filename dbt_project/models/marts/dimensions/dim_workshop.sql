with
workshops as (
    select * from {{ ref('stg_workshop') }}
),

dates as (
    select * from {{ ref('int_workshop_date') }}
)

select
    workshops.workshop_key,
    workshops.report_key,
    workshops.department_territory_key,
    workshops.place,
    workshops.commune_territory_key,
    dates.held_on,
    dates.start_time,
    dates.end_time,
    workshops.has_report,
    workshops.source_line
from workshops
inner join dates on workshops.workshop_key = dates.workshop_key
order by workshops.workshop_key
