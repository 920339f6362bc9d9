with
source as (
    select * from {{ bronze('commune_movement') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.effective_on,
    source.kind,
    source.kind_fr,
    source.from_code,
    source.from_name,
    source.to_code,
    source.to_name
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'commune_movement'
where inputs.superseded_at is null
