with
workshops as (
    select * from {{ ref('dim_workshop') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

announced as (
    select * from {{ ref('mention') }}
    where
        counted_unit = 'atelier'
        and value_form = 'level'
        and status_class = 'observed'
        and territory_level in ('department', 'region')
        and value is not null
        -- Some of the workshops only are no number of all of them.
        and indicator_key not in (
            select relations.from_indicator_key from {{ ref('dim_indicator_relation') }} as relations
            where relations.relation in ('part_of', 'narrower_than')
        )
),

-- The workshops that the report lists for the territory of which it announces how many there were.
listed as (
    select
        announced as fact,  -- noqa: RF02
        count(*) as workshops
    from announced
    inner join territories
        on
            territories.territory_level = 'department'
            and (
                announced.territory_key = territories.territory_key
                or (announced.territory_level = 'region' and announced.territory_code = territories.region_code)
            )
    inner join workshops
        on
            territories.territory_key = workshops.department_territory_key
            and announced.report_key = workshops.report_key
    group by announced  -- noqa: RF02
),

judged as (
    select
        fact,
        fact.indicator_key as own,
        [{{ evidence_mention('fact', "'stated'") }}] as figures,
        {{ no_others() }} as others,
        cast(workshops as double) as computed,
        cast(workshops as double) as computed_low,
        cast(workshops as double) as computed_high,
        abs(fact.value - workshops) as gap,
        cast(null as varchar) as missing_input,
        case
            when {{ interval_meets('fact.value_low', 'fact.value_high', 'workshops', 'workshops') }} then 'held'
            else {{ failed_verdict('fact.is_soft') }}
        end as verdict
    from listed
    qualify row_number() over (
        partition by fact.indicator_key, fact.territory_key, fact.period_key
        order by {{ verdict_rank('verdict') }}, gap desc, fact.observation_id
    ) = 1
)

{{ check_verdicts('workshops_announced', 'sum', 'compare') }}
