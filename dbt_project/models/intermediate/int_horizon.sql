with
-- What only a machine read of a document moves nothing, not even its date.
read_by_people as (
    select report_key from {{ ref('int_observation') }}
    where is_counted
    union
    select report_key from {{ ref('stg_count') }}
    union
    select report_key from {{ ref('stg_workshop') }}
),

reports as (
    select stg_report.*
    from {{ ref('stg_report') }} as stg_report
    inner join read_by_people on stg_report.report_key = read_by_people.report_key
    where stg_report.superseded_at is null
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
