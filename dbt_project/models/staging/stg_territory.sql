with
source as (
    select * from {{ bronze('territory') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.territory_key,
    source.territory_code,
    source.territory_level,
    source.name,
    source.france_scope,
    source.parent_territory_key,
    source.region_code,
    source.department_code,
    source.valid_from,
    source.valid_to,
    source.source
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'territory'
where inputs.superseded_at is null
