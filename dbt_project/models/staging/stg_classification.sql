with
source as (
    select * from {{ bronze('classification') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.dataset_key,
    source.territory_key,
    source.period as period_key,
    source.scheme,
    source.class_code,
    source.class_label,
    source.share,
    source.obs_status,
    source.conf_status,
    source.is_aggregate
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'classification'
where inputs.superseded_at is null
