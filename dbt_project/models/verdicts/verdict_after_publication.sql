with
mentions as (
    select * from {{ ref('mention') }}
    where status_class = 'observed'
),

-- The first day that the figure can be of: « d’ici 2017 » has no other than its last.
dated as (
    select
        mentions as fact,  -- noqa: RF02
        coalesce(window_start, window_end) as first_day
    from mentions
    where coalesce(window_start, window_end) is not null
),

reports as (
    select
        report_key,
        -- The last day that the report can have been published on.
        case published_precision
            when 'year' then last_day(make_date(year(published_on), 12, 1))
            when 'month' then last_day(published_on)
            else published_on
        end as published_by
    from {{ ref('dim_report') }}
),

judged as (
    select
        dated.fact,
        concat_ws('|', dated.fact.indicator_key, dated.fact.report_key) as own,
        [{{ evidence_mention('dated.fact', "'stated'") }}] as figures,
        {{ no_others('dated.fact') }} as others,
        cast(null as double) as computed,
        cast(null as double) as computed_low,
        cast(null as double) as computed_high,
        cast(null as double) as gap,
        cast(null as varchar) as missing_input,
        case
            when dated.first_day <= reports.published_by then 'held'
            -- A period may be that of a season or of a school year that has begun.
            when dated.first_day <= reports.published_by + interval 1 year then 'suspicious'
            else 'impossible'
        end as verdict
    from dated
    inner join reports on dated.fact.report_key = reports.report_key
    qualify row_number() over (
        partition by
            dated.fact.indicator_key, dated.fact.territory_key, dated.fact.period_key, dated.fact.report_key
        order by {{ verdict_rank('verdict') }}, dated.fact.observation_id
    ) = 1
)

{{ check_verdicts('after_publication', 'future', 'compare') }}
