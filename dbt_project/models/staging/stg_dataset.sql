with
source as (
    select * from {{ bronze('dataset') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.dataset_key,
    source.dataset_code,
    source.title,
    source.publisher,
    source.vintage,
    source.reference_date,
    source.territory_vintage,
    source.france_scope,
    source.definition_version,
    source.covered_territories,
    source.licence,
    source.source_sha256
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'dataset'
where inputs.superseded_at is null
