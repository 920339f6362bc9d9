with
facilities as (
    select * from {{ ref('stg_facility') }}
),

periods as (
    select * from {{ ref('int_period') }}
),

categories as (
    select * from {{ ref('stg_facility_category') }}
),

-- A facility is described by the latest vintage that knows it, and a register, which gives a category, goes before a
-- list of another purpose, which gives none; its history is in fct_facility.
latest as (
    select facilities.*
    from facilities
    left join periods on facilities.period_key = periods.period_key
    qualify row_number() over (
        partition by facilities.facility_key
        order by
            facilities.category is not null desc,
            periods.end_date desc nulls last,
            facilities.dataset_key desc
    ) = 1
)

select
    latest.facility_key,
    latest.legal_entity_key,
    latest.counted_entity,
    latest.name,
    latest.category,
    coalesce(categories.label_fr, latest.category_label_fr) as category_label_fr,
    categories.aggregate_code as category_aggregate_code,
    categories.aggregate_2_code as category_aggregate_2_code,
    categories.aggregate_1_code as category_aggregate_1_code,
    latest.territory_key,
    latest.territory_basis,
    latest.territory_note_fr,
    latest.latitude,
    latest.longitude,
    latest.opened_on,
    latest.closed_on,
    latest.is_placeholder_date,
    latest.open_status,
    latest.dataset_key as described_by_dataset_key
from latest
left join categories on latest.category = categories.category_code
order by latest.facility_key
