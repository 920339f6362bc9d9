with vintages as (
    select * from {{ ref('stg_classification') }}
)

select
    dataset_key,
    territory_key,
    period_key,
    scheme,
    class_code,
    class_label,
    share,
    obs_status,
    conf_status,
    is_aggregate
from vintages
order by dataset_key, scheme, territory_key, period_key
