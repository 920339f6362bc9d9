with
source as (
    select * from {{ bronze('territory_event') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.dataset_key,
    source.row_no,
    source.territory_key,
    source.period as period_key,
    source.effective_on,
    source.kind,
    source.kind_fr,
    source.from_code,
    source.from_name,
    source.to_code,
    source.to_name,
    source.obs_status,
    source.conf_status,
    source.is_aggregate
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'territory_event'
where inputs.superseded_at is null
