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
),

described as (
    select
        measurements.*,
        sources.source_key,
        measurements.value_high - measurements.value_low as interval_width,
        coalesce(measurements.review_status = 'reviewed', false) as is_reviewed,
        -- A publisher's own word, against what it takes from somebody else.
        coalesce(measurements.statement_origin = 'publisher' and measurements.cited_source is null, false) as is_primary
    from measurements
    inner join sources on measurements.first_observation_id = sources.observation_id
)

-- Which of mentions that agree stands for all: the order is that of docs/rules.md.
select
    *,
    row_number() over (
        partition by indicator_key, territory_key, period_key
        order by
            is_reviewed desc,
            is_primary desc,
            interval_width nulls last,
            hedge nulls first,
            published_on desc,
            observation_id
    ) as choice_rank
from described
