with
source as (
    select * from {{ bronze('participation') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.report_id as report_key,
    source.report_id || '#' || source.workshop_key as workshop_key,
    source.participant_category,
    source.participants,
    source.printed,
    source.missing_reason,
    source.source_line,
    source.char_start,
    source.char_end
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'participation'
where inputs.superseded_at is null
