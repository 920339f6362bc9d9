with
source as (
    select * from {{ bronze('source_status') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.dataset_code,
    source.title,
    source.publisher,
    source.cadence,
    source.last_received_on,
    source.frozen_from,
    source.is_frozen
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'source_status'
where inputs.superseded_at is null
