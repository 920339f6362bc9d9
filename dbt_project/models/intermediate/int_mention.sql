with
observations as (
    select * from {{ ref('int_observation') }}
    where is_counted
),

-- A target, a forecast and a rule are no measurement, and a participant's words are no figure of the publisher's.
measurements as (
    select * from observations
    where
        statement_origin <> 'verbatim'
        and obs_status in ('observed', 'provisional', 'estimated')
),

-- A repeat has the source of the first mention: copies of one source count once.
sources as (
    select
        observation_id,
        case
            when cited_source is null then 'report:' || report_key
            else 'cited:' || {{ slug('cited_source') }}
        end as source_key
    from observations
)

select
    measurements.*,
    sources.source_key,
    measurements.value_high - measurements.value_low as interval_width,
    row_number() over (
        partition by measurements.indicator_key, measurements.territory_key, measurements.period_key
        order by
            interval_width nulls last,
            measurements.hedge nulls first,
            measurements.statement_origin = 'publisher' desc,
            measurements.published_on desc,
            measurements.observation_id
    ) as precision_rank
from measurements
inner join sources on measurements.first_observation_id = sources.observation_id
