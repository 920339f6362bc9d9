with recursive
figures as (
    select * from {{ ref('stg_figure') }}
),

reports as (
    select * from {{ ref('stg_report') }}
),

indicators as (
    select * from {{ ref('stg_indicator') }}
),

periods as (
    select * from {{ ref('int_period') }}
),

-- A repeat may itself be repeated: every mention is led back to the first one of its report and version.
first_mentions as (
    select
        input_sha256,
        observation_id,
        observation_id as first_observation_id
    from figures
    where repeats_observation_id is null
    union all
    select
        figures.input_sha256,
        figures.observation_id,
        first_mentions.first_observation_id
    from figures
    inner join first_mentions
        on
            figures.input_sha256 = first_mentions.input_sha256
            and figures.repeats_observation_id = first_mentions.observation_id
),

with_report as (
    select
        figures.*,
        reports.extract_version,
        reports.published_on,
        case reports.published_precision
            when 'year' then last_day(make_date(year(reports.published_on), 12, 1))
            when 'month' then last_day(reports.published_on)
            else reports.published_on
        end as published_by
    from figures
    inner join reports
        on
            figures.report_key = reports.report_key
            and figures.input_sha256 = reports.input_sha256
)

select
    with_report.*,
    coalesce(first_mentions.first_observation_id, with_report.observation_id) as first_observation_id,
    indicators.concept_code,
    indicators.nature,
    indicators.higher_is_better,
    periods.start_date as period_start,
    periods.end_date as period_end,
    -- The last day that the figure can hold at: no report observes what comes after it. A period that is still open
    -- ("depuis 2013") ends with the report; one that is not stated has no day at all.
    case
        when coalesce(with_report.as_of_high, periods.end_date, periods.start_date) is not null
            then least(coalesce(with_report.as_of_high, periods.end_date), with_report.published_by)
    end as observed_on
from with_report
left join first_mentions
    on
        with_report.input_sha256 = first_mentions.input_sha256
        and with_report.observation_id = first_mentions.observation_id
left join indicators on with_report.indicator_key = indicators.indicator_key
left join periods on with_report.period_key = periods.period_key
