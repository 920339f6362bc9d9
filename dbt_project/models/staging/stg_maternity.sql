with
source as (
    select * from {{ bronze('maternity') }}
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
    source.name,
    source.maternity_type,
    source.legal_status,
    source.obstetric_beds,
    source.delivery_rooms,
    source.births,
    source.obs_status,
    source.conf_status,
    source.is_aggregate
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'maternity'
where inputs.superseded_at is null
