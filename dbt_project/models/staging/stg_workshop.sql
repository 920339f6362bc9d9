with
source as (
    select * from {{ bronze('workshop') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.report_id as report_key,
    source.report_id || '#' || source.workshop_key as workshop_key,
    source.department_territory_key,
    source.place,
    source.commune_territory_key,
    source.held_on,
    source.start_time,
    source.end_time,
    source.has_report,
    source.source_line
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'workshop'
where inputs.superseded_at is null
