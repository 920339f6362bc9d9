with
source as (
    select * from {{ bronze('territory_membership') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.territory_key,
    source.parent_territory_key,
    source.relation,
    source.valid_from,
    source.valid_to
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'territory_membership'
where inputs.superseded_at is null
