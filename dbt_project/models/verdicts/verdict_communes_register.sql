with
memberships as (
    select * from {{ ref('bridge_territory_membership') }}
    where relation in ('arrondissement', 'epci')
),

stated as (
    select * from {{ ref('mention') }}
    where
        counted_unit = 'territoire'
        and champ_fr = 'toutes les communes'
        and unit = 'count'
        and value_form = 'level'
        and status_class = 'observed'
        and is_dated
        and value is not null
),

-- The communes of an arrondissement or of an EPCI on the last day that the figure speaks of.
counted as (
    select
        stated as fact,  -- noqa: RF02
        count(distinct memberships.territory_key) as communes
    from stated
    inner join memberships
        on
            stated.territory_key = memberships.parent_territory_key
            and coalesce(stated.window_end >= memberships.valid_from, true)
            and coalesce(stated.window_end <= memberships.valid_to, true)
    group by stated  -- noqa: RF02
),

judged as (
    select
        fact,
        fact.indicator_key as own,
        [{{ evidence_mention('fact', "'stated'") }}] as figures,
        {{ no_others() }} as others,
        cast(communes as double) as computed,
        cast(communes as double) as computed_low,
        cast(communes as double) as computed_high,
        abs(fact.value - communes) as gap,
        cast(null as varchar) as missing_input,
        case
            when {{ interval_meets('fact.value_low', 'fact.value_high', 'communes', 'communes') }} then 'held'
            -- Communes merge and change groups on the first of January.
            else 'suspicious'
        end as verdict
    from counted
    qualify row_number() over (
        partition by fact.indicator_key, fact.territory_key, fact.period_key
        order by {{ verdict_rank('verdict') }}, gap desc, fact.observation_id
    ) = 1
)

{{ check_verdicts('communes_register', 'register', 'compare') }}
