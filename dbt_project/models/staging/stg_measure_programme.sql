with
source as (
    select * from {{ bronze('measure_programme') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.measure_code as measure_key,
    source.programme,
    source.axis,
    source.commitment_no,
    source.commitment,
    source.report_id as report_key
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'measure_programme'
where inputs.superseded_at is null
