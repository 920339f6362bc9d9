with
workshops as (
    select * from {{ ref('dim_workshop') }}
),

reports as (
    select * from {{ ref('dim_report') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
)

-- A workshop is dated by the report that tells of it: its own date may be what is contested.
select
    workshops.workshop_key,
    workshops.place,
    workshops.has_report,
    workshops.source_line,
    workshops.department_territory_key as territory_key,
    territories.territory_code,
    territories.name as territory,
    reports.report_key,
    reports.title,
    strftime(reports.published_on, '%Y') as period_key,
    strftime(reports.published_on, '%Y') as period_label
from workshops
inner join reports on workshops.report_key = reports.report_key
inner join territories on workshops.department_territory_key = territories.territory_key
