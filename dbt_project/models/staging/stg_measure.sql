with
source as (
    select * from {{ bronze('measure') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.measure_code as measure_key,
    source.label_fr,
    source.label_en,
    source.parent_measure_code as parent_measure_key
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'measure'
where inputs.superseded_at is null
