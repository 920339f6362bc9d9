with vintages as (
    select * from {{ ref('stg_territory_event') }}
)

select
    dataset_key,
    row_no,
    territory_key,
    period_key,
    effective_on,
    kind,
    kind_fr,
    from_code,
    from_name,
    to_code,
    to_name,
    obs_status,
    conf_status,
    is_aggregate
from vintages
order by dataset_key, row_no
