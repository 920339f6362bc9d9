with
source as (
    select * from {{ bronze('dataset_column') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.dataset_code,
    source.column_name,
    source.published_as,
    source.is_pattern,
    source.type,
    source.unit,
    source.published_in,
    source.published_column
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'dataset_column'
where inputs.superseded_at is null
