with
periods as (
    select * from {{ ref('stg_period') }}
),

-- Every input derives the periods that it speaks of; the same code always gives the same period.
distinct_periods as (
    select * from periods
    qualify row_number() over (
        partition by period_key
        order by label_fr, start_date, end_date, granularity, year
    ) = 1
)

select
    period_key,
    label_fr,
    granularity,
    start_date,
    end_date,
    cast(year as integer) as year
from distinct_periods
where period_key <> 'not_stated'
union all
select
    'not_stated' as period_key,
    'date non précisée' as label_fr,
    'not_stated' as granularity,
    cast(null as date) as start_date,
    cast(null as date) as end_date,
    cast(null as integer) as year
