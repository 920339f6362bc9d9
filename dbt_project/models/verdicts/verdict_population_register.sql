with
registers as (
    select * from {{ ref('register_population') }}
    where territory_key in (select mention.territory_key from {{ ref('mention') }} as mention)
),

-- What the register says of a territory, whatever the year: reports quote the population of an earlier one.
known as (
    select
        territory_key,
        min(population) as lowest,
        max(population) as highest
    from registers
    group by territory_key
),

stated as (
    select * from {{ ref('mention') }}
    where
        counted_unit = 'personne'
        and champ_fr = 'ensemble de la population'
        and nature = 'stock'
        and unit = 'count'
        and value_form = 'level'
        and value > 0
        and status_class = 'observed'
        and is_dated
),

nearest as (
    select
        stated as fact,  -- noqa: RF02
        known.lowest,
        known.highest,
        registers as register  -- noqa: RF02
    from stated
    inner join known on stated.territory_key = known.territory_key
    inner join registers on stated.territory_key = registers.territory_key
    qualify row_number() over (
        partition by stated.observation_id
        order by abs(registers.population - stated.value), registers.year
    ) = 1
),

judged as (
    select
        fact,
        fact.indicator_key as own,
        [{{ evidence_mention('fact', "'stated'") }}] as figures,
        [{{ evidence_register('register', "'register'") }}] as others,
        register.population as computed,
        lowest as computed_low,
        highest as computed_high,
        abs(fact.value - register.population) as gap,
        cast(null as varchar) as missing_input,
        case
            when
                {{ interval_meets('fact.value_low', 'fact.value_high', 'lowest * 0.95', 'highest * 1.05') }}
                then 'held'
            when
                {{ interval_meets('fact.value_low', 'fact.value_high', 'lowest / 1.5', 'highest * 1.5') }}
                then 'suspicious'
            -- No year and no definition makes half as many inhabitants again.
            else {{ failed_verdict('fact.is_soft') }}
        end as verdict
    from nearest
    qualify row_number() over (
        partition by fact.indicator_key, fact.territory_key, fact.period_key
        order by {{ verdict_rank('verdict') }}, gap desc, fact.observation_id
    ) = 1
)

{{ check_verdicts('population_register', 'register', 'compare') }}
