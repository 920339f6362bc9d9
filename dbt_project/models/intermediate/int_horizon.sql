with
reports as (
    select * from {{ ref('stg_report') }}
    where superseded_at is null
),

datasets as (
    select * from {{ ref('stg_dataset') }}
),

mentions as (
    select * from {{ ref('int_mention') }}
),

dates as (
    select published_on as known_on from reports
    union all
    select reference_date as known_on from datasets
    union all
    select as_of_high as known_on from mentions
)

-- How far the warehouse can see: "today" is what the inputs know, never the clock.
select max(known_on) as known_until
from dates
