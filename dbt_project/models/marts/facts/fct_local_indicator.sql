with vintages as (
    select * from {{ ref('stg_local_indicator') }}
)

select
    dataset_key,
    territory_key,
    period_key,
    local_indicator_code,
    label_fr,
    value,
    unit,
    obs_status,
    conf_status,
    is_aggregate
from vintages
order by dataset_key, territory_key, period_key, local_indicator_code
