with lines as (
    select * from {{ ref('int_topic_line') }}
)

select
    contribution_id,
    topic_key,
    territory_key,
    is_group_total,
    mentions,
    printed,
    counted_unit,
    report_key,
    source_line,
    char_start,
    char_end
from lines
order by contribution_id
