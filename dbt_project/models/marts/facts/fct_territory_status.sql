with vintages as (
    select * from {{ ref('stg_territory_vintage') }}
)

select
    dataset_key,
    territory_key,
    period_key,
    territory_level,
    territory_code,
    name,
    parent_territory_key,
    arrondissement_territory_key,
    department_territory_key,
    region_territory_key,
    epci_territory_key,
    ept_territory_key,
    seat_territory_key,
    successor_territory_keys,
    valid_from,
    valid_to,
    obs_status,
    conf_status,
    is_aggregate
from vintages
order by dataset_key, territory_level, territory_code, valid_from
