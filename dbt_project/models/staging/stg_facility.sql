with
source as (
    select * from {{ bronze('facility') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.dataset_key,
    source.territory_key,
    source.period as period_key,
    source.facility_key,
    source.legal_entity_key,
    source.counted_entity,
    source.name,
    source.category,
    source.category_label_fr,
    source.capacity,
    source.open_status,
    source.opened_on,
    source.closed_on,
    source.is_placeholder_date,
    source.latitude,
    source.longitude,
    source.territory_basis,
    source.territory_note_fr,
    source.obs_status,
    source.conf_status,
    source.is_aggregate
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'facility'
where inputs.superseded_at is null
