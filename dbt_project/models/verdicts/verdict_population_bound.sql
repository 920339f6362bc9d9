with
registers as (
    select * from {{ ref('register_population') }}
    where territory_key in (select mention.territory_key from {{ ref('mention') }} as mention)
),

largest as (
    select * from registers
    qualify row_number() over (partition by territory_key order by population desc, year) = 1
),

-- People who are there, or who came to be: a flow of visits may count one person many times.
people as (
    select * from {{ ref('mention') }}
    where
        counted_unit = 'personne'
        and nature in ('stock', 'cumulative')
        and unit = 'count'
        and value_form = 'level'
        and value is not null
        and champ_fr is distinct from 'ensemble de la population'
),

judged as (
    select
        people as fact,  -- noqa: RF02
        concat_ws('|', people.indicator_key, people.status_class) as own,
        [{{ evidence_mention('people', "'part'") }}] as figures,
        [{{ evidence_register('largest', "'whole'") }}] as others,
        largest.population as computed,
        cast(null as double) as computed_low,
        largest.population * 1.05 as computed_high,
        people.value - largest.population as gap,
        cast(null as varchar) as missing_input,
        case
            when not coalesce(people.value_low > largest.population * 1.05, false) then 'held'
            else {{ failed_verdict('people.is_soft') }}
        end as verdict
    from people
    inner join largest on people.territory_key = largest.territory_key
    qualify row_number() over (
        partition by people.indicator_key, people.territory_key, people.period_key, people.status_class
        order by {{ verdict_rank('verdict') }}, gap desc, people.observation_id
    ) = 1
)

{{ check_verdicts('population_bound', 'part_whole', 'compare') }}
