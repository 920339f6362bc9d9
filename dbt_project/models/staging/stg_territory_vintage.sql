with
source as (
    select * from {{ bronze('territory_vintage') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.dataset_key,
    source.territory_key,
    source.territory_level,
    source.territory_code,
    source.period as period_key,
    source.name,
    source.parent_territory_key,
    source.arrondissement_territory_key,
    source.department_territory_key,
    source.region_territory_key,
    source.epci_territory_key,
    source.ept_territory_key,
    source.seat_territory_key,
    source.successor_territory_keys,
    source.valid_from,
    source.valid_to,
    source.obs_status,
    source.conf_status,
    source.is_aggregate
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'territory_vintage'
where inputs.superseded_at is null
