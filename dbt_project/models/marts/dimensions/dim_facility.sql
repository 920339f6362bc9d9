with
facilities as (
    select * from {{ ref('stg_facility') }}
),

datasets as (
    select * from {{ ref('stg_dataset') }}
),

-- A facility is described by the latest vintage that knows it; its history is in fct_facility.
latest as (
    select facilities.*
    from facilities
    left join datasets on facilities.dataset_key = datasets.dataset_key
    qualify row_number() over (
        partition by facilities.facility_key
        order by datasets.reference_date desc nulls last, datasets.vintage desc, facilities.dataset_key desc
    ) = 1
)

select
    facility_key,
    legal_entity_key,
    counted_entity,
    name,
    category,
    territory_key,
    opened_on,
    closed_on,
    is_placeholder_date,
    open_status
from latest
order by facility_key
