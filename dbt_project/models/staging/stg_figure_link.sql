with
source as (
    select * from {{ bronze('figure_link') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.report_id as report_key,
    source.report_id || '#' || source.link_key as link_id,
    source.report_id || '#' || source.figure_key as observation_id,
    source.role,
    source.exhaustive
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'figure_link'
where inputs.superseded_at is null
