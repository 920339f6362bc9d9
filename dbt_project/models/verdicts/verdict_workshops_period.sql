with
workshops as (
    select * from {{ ref('workshop_fact') }}
),

held as (
    select
        workshops as workshop,  -- noqa: RF02
        dim_workshop.held_on,
        territories.region_code
    from workshops
    inner join {{ ref('dim_workshop') }} as dim_workshop on workshops.workshop_key = dim_workshop.workshop_key
    inner join {{ ref('dim_territory') }} as territories on workshops.territory_key = territories.territory_key
    where dim_workshop.held_on is not null
),

-- A period that the text gives; where none is printed it is the report's own.
announced as (
    select mention.*
    from {{ ref('mention') }} as mention
    inner join {{ ref('fct_observation') }} as observations
        on mention.observation_id = observations.observation_id and observations.superseded_at is null
    where
        mention.counted_unit = 'atelier'
        and mention.status_class = 'observed'
        and observations.date_is_explicit
        and mention.is_dated
),

compared as (
    select
        announced as fact,  -- noqa: RF02
        coalesce(
            list({{ evidence_fact(
                'held.workshop.workshop_key', "'table'", 'held.workshop', 'held.workshop.source_line',
                "strftime(held.held_on, '%d/%m/%Y')", "date_diff('day', date '1970-01-01', held.held_on)",
                "'days'", "'A' || substr(" ~ of_workshop('held.workshop.place') ~ ", 7)",
                'held.workshop.territory', 'held.workshop.period_label'
            ) }} order by held.held_on, held.workshop.workshop_key)
            filter (where held.held_on not between announced.window_start and announced.window_end),
            []
        ) as others
    from announced
    inner join held
        on
            announced.report_key = held.workshop.report_key
            and (
                announced.territory_key = held.workshop.territory_key
                or (announced.territory_level = 'region' and announced.territory_code = held.region_code)
            )
    group by announced  -- noqa: RF02
),

judged as (
    select
        fact,
        fact.indicator_key as own,
        [{{ evidence_mention('fact', "'stated'") }}] as figures,
        others,
        cast(null as double) as computed,
        cast(null as double) as computed_low,
        cast(null as double) as computed_high,
        cast(null as double) as gap,
        cast(null as varchar) as missing_input,
        -- What is announced in a text may have been moved since.
        case when len(others) = 0 then 'held' else 'suspicious' end as verdict
    from compared
    qualify row_number() over (
        partition by fact.indicator_key, fact.territory_key, fact.period_key
        order by {{ verdict_rank('verdict') }}, len(others) desc, fact.observation_id
    ) = 1
)

{{ check_verdicts('workshops_period', 'announced', 'compare') }}
