with
mentions as (
    select * from {{ ref('int_mention') }}
),

-- Intervals of one fact have a common point when the highest lower end is under the lowest upper end; an absent end
-- is unbounded, and comparing with nothing contradicts nothing.
within_reports as (
    select
        indicator_key,
        territory_key,
        period_key,
        report_key,
        publisher,
        published_on,
        coalesce(max(value_low) <= min(value_high), true) as is_consistent,
        bool_and(is_primary) as is_own_statement
    from mentions
    group by all
),

reports as (
    select
        indicator_key,
        territory_key,
        period_key,
        bool_and(is_consistent) as every_report_is_consistent,
        count(distinct publisher) as publishers,
        arg_max(report_key, (published_on, report_key)) as latest_report_key,
        arg_max(is_own_statement, (published_on, report_key)) as latest_is_own_statement,
        list(published_on order by published_on desc) as publication_dates
    from within_reports
    group by all
),

facts as (
    select
        indicator_key,
        territory_key,
        period_key,
        count(*) as mention_count,
        count(distinct source_key) as source_count,
        coalesce(max(value_low) <= min(value_high), true) as is_consistent,
        -- Some mentions were reviewed, or are the publisher's own word, others not; those that were agree.
        count_if(is_reviewed) between 1 and count(*) - 1
        and coalesce(max(value_low) filter (where is_reviewed) <= min(value_high) filter (where is_reviewed), true)
            as reviewed_agree,
        count_if(is_primary) between 1 and count(*) - 1
        and coalesce(max(value_low) filter (where is_primary) <= min(value_high) filter (where is_primary), true)
            as primary_agree,
        case when count(value_low) = count(*) then min(value_low) end as envelope_low,
        case when count(value_high) = count(*) then max(value_high) end as envelope_high,
        max(coalesce(value, value_high)) - min(coalesce(value, value_low)) as spread,
        -- Two bases, two starts or two rates are two facts under one key; what a mention leaves unsaid excludes none.
        greatest(
            count(distinct base_period_key),
            count(distinct cumulated_since_period_key),
            count(distinct rate_period),
            count(distinct per_unit),
            count(distinct growth_form),
            count(distinct value_form),
            count(distinct denominator_indicator_key)
        ) <= 1 as is_comparable
    from mentions
    group by all
)

select
    facts.*,
    reports.every_report_is_consistent,
    -- A later report corrects an earlier one only where it speaks for itself, for the same publisher, and no other came
    -- out the same day.
    case
        when
            reports.latest_is_own_statement
            and reports.publishers <= 1
            and (reports.publication_dates[1] is distinct from reports.publication_dates[2])
            then reports.latest_report_key
    end as correcting_report_key
from facts
inner join reports
    on
        facts.indicator_key = reports.indicator_key
        and facts.territory_key = reports.territory_key
        and facts.period_key = reports.period_key
