with vintages as (
    select * from {{ ref('stg_shape') }}
)

select
    dataset_key,
    territory_key,
    period_key,
    geometry,
    mesh,
    geometry_precision,
    obs_status,
    conf_status,
    is_aggregate
from vintages
order by dataset_key, territory_key
