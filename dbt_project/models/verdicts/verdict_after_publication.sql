with
mentions as (
    select * from {{ ref('mention') }}
    where status_class = 'observed' and window_start is not null
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
        mentions as fact,  -- noqa: RF02
        concat_ws('|', mentions.indicator_key, mentions.report_key) as own,
        [{{ evidence_mention('mentions', "'stated'") }}] as figures,
        {{ no_others('mentions') }} as others,
        cast(null as double) as computed,
        cast(null as double) as computed_low,
        cast(null as double) as computed_high,
        cast(null as double) as gap,
        cast(null as varchar) as missing_input,
        case
            when mentions.window_start <= reports.published_by then 'held'
            -- A period may be that of a season or of a school year that has begun.
            when mentions.window_start <= reports.published_by + interval 1 year then 'suspicious'
            else 'impossible'
        end as verdict
    from mentions
    inner join reports on mentions.report_key = reports.report_key
    qualify row_number() over (
        partition by mentions.indicator_key, mentions.territory_key, mentions.period_key, mentions.report_key
        order by {{ verdict_rank('verdict') }}, mentions.observation_id
    ) = 1
)

{{ check_verdicts('after_publication', 'future', 'compare') }}
