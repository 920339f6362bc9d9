with ledger as (
    select * from {{ ref('stg_ledger') }}
)

select
    report_key as report_id,
    source_line,
    char_start,
    char_end,
    printed,
    disposition,
    observation_id,
    fact_ref,
    reason
from ledger
order by report_id, char_start
