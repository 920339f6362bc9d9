with
source as (
    select * from {{ bronze('indicator_relation') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.from_indicator_code as from_indicator_key,
    source.relation,
    source.to_indicator_code as to_indicator_key,
    source.note_fr
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'indicator_relation'
where inputs.superseded_at is null
