with participations as (
    select * from {{ ref('stg_participation') }}
)

select
    workshop_key,
    participant_category,
    participants,
    printed,
    missing_reason,
    report_key,
    source_line,
    char_start,
    char_end
from participations
order by workshop_key, participant_category
