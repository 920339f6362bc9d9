with
source as (
    select * from {{ bronze('shape') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.dataset_key,
    source.territory_key,
    source.period as period_key,
    source.geometry,
    source.mesh,
    source.geometry_precision,
    source.obs_status,
    source.conf_status,
    source.is_aggregate
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'shape'
where inputs.superseded_at is null
