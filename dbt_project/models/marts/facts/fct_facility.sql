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
    category_label_fr,
    capacity,
    open_status,
    opened_on,
    closed_on,
    is_placeholder_date,
    territory_basis,
    territory_note_fr,
    obs_status,
    conf_status,
    is_aggregate
from vintages
order by dataset_key, facility_key
