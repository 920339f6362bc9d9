with
source as (
    select * from {{ bronze('report') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.report_id as report_key,
    source.title,
    source.publisher,
    source.scope_territory_key,
    source.published_on,
    source.published_precision,
    source.source_name,
    source.source_sha256,
    source.licence,
    source.supersedes_report_id as supersedes_report_key,
    source.extract_version,
    source.input_sha256,
    inputs.received_at as recorded_at,
    inputs.superseded_at
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'report'
