with statements as (
    select * from {{ ref('stg_workshop_statement') }}
)

select
    statement_id,
    workshop_key,
    attribute,
    stated_in,
    value,
    printed,
    report_key,
    source_line,
    char_start,
    char_end
from statements
order by statement_id
