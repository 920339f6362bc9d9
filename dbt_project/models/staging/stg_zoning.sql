with
source as (
    select * from {{ bronze('zoning') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.dataset_key,
    source.territory_key,
    source.period as period_key,
    source.profession_key,
    source.mesh,
    source.zone,
    source.legal_basis,
    source.method_version,
    source.valid_from,
    source.valid_to,
    source.obs_status,
    source.conf_status,
    source.is_aggregate
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'zoning'
where inputs.superseded_at is null
