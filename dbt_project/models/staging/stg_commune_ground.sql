with
source as (
    select * from {{ bronze('commune_ground') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.ground_key,
    source.territory_key,
    source.valid_from,
    source.valid_to
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'commune_ground'
where inputs.superseded_at is null
