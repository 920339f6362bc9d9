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
        reports.publisher,
        reports.published_on,
        reports.supersedes_report_key,
        figures.extraction_method = 'automatic' and figures.review_status = 'unreviewed' as is_proposal,
        substr(figures.observation_id, length(figures.report_key) + 2) as figure_key,
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
),

-- A figure of an edition that another replaced gives way once the same figure of the newer one is no mere proposal.
replaced as (
    select distinct supersedes_report_key || '#' || figure_key as observation_id
    from with_report
    where superseded_at is null and not coalesce(is_proposal, false) and supersedes_report_key is not null
)

select
    with_report.*,
    -- What values, targets and rules are made of: no earlier version, and nothing that only a machine read.
    with_report.superseded_at is null
    and not coalesce(with_report.is_proposal, false)
    and replaced.observation_id is null as is_counted,
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
left join replaced on with_report.observation_id = replaced.observation_id
left join indicators on with_report.indicator_key = indicators.indicator_key
left join periods on with_report.period_key = periods.period_key
