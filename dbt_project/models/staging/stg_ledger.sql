with
source as (
    select * from {{ bronze('ledger') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.report_id as report_key,
    source.source_line,
    source.char_start,
    source.char_end,
    source.printed,
    source.disposition,
    source.report_id || '#' || source.figure_key as observation_id,
    source.report_id || '#' || source.fact_ref as fact_ref,
    source.reason
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'ledger'
where inputs.superseded_at is null
