with
source as (
    select * from {{ bronze('territory_group') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.group_territory_key,
    source.member_territory_key,
    source.printed_name,
    source.complete
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'territory_group'
where inputs.superseded_at is null
