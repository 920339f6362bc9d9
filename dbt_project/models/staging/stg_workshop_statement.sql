with
source as (
    select * from {{ bronze('workshop_statement') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.report_id as report_key,
    source.report_id || '#' || source.statement_key as statement_id,
    source.report_id || '#' || source.workshop_key as workshop_key,
    source.attribute,
    source.stated_in,
    source.value,
    source.printed,
    source.source_line,
    source.char_start,
    source.char_end
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'workshop_statement'
where inputs.superseded_at is null
