with
source as (
    select * from {{ bronze('local_indicator') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.dataset_key,
    source.territory_key,
    source.period as period_key,
    source.local_indicator_code,
    source.label_fr,
    source.value,
    source.unit,
    source.obs_status,
    source.conf_status,
    source.is_aggregate
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'local_indicator'
where inputs.superseded_at is null
