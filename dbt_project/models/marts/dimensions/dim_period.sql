with periods as (
    select * from {{ ref('int_period') }}
)

select
    period_key,
    label_fr,
    granularity,
    start_date,
    end_date,
    year
from periods
order by period_key
