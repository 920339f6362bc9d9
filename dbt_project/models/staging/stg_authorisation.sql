with
source as (
    select * from {{ bronze('authorisation') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.dataset_key,
    source.authorisation_key,
    source.territory_key,
    source.territory_basis,
    source.period as period_key,
    source.facility_key,
    source.legal_entity_key,
    source.kind,
    source.activity_code,
    source.activity,
    source.modality_code,
    source.modality,
    source.form_code,
    source.form,
    source.capacity,
    source.status,
    source.note_fr,
    source.authorised_on,
    source.started_on,
    source.ends_on,
    source.is_placeholder_date,
    source.obs_status,
    source.conf_status,
    source.is_aggregate
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'authorisation'
where inputs.superseded_at is null
