with vintages as (
    select * from {{ ref('stg_zoning') }}
)

select
    dataset_key,
    territory_key,
    period_key,
    profession_key,
    mesh,
    zone,
    legal_basis,
    method_version,
    valid_from,
    valid_to,
    obs_status,
    conf_status,
    is_aggregate
from vintages
order by dataset_key, territory_key, period_key, profession_key
