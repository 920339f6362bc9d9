with vintages as (
    select * from {{ ref('stg_facility') }}
)

select
    dataset_key,
    territory_key,
    period_key,
    facility_key,
    counted_entity,
    category,
    capacity,
    open_status,
    obs_status,
    conf_status,
    is_aggregate
from vintages
order by dataset_key, facility_key
