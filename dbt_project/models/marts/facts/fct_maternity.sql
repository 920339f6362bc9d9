with vintages as (
    select * from {{ ref('stg_maternity') }}
)

select
    dataset_key,
    territory_key,
    period_key,
    facility_key,
    legal_entity_key,
    name,
    maternity_type,
    legal_status,
    obstetric_beds,
    delivery_rooms,
    births,
    obs_status,
    conf_status,
    is_aggregate
from vintages
order by dataset_key, facility_key, period_key
