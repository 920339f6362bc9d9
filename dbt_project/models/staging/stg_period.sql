with
source as (
    select * from {{ bronze('period') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.period_key,
    source.label_fr,
    source.granularity,
    source.start_date,
    source.end_date,
    source.year
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'period'
where inputs.superseded_at is null
