with
retained as (
    select * from {{ ref('fct_indicator_value') }}
    where value is not null
),

-- A flow counts the acts of a stretch of time and a share is a rate already: per inhabitant goes what there is.
indicators as (
    select * from {{ ref('dim_indicator') }}
    where unit = 'count' and additive_over_territory and nature in ('stock', 'cumulative', 'capacity')
),

territories as (
    select * from {{ ref('dim_territory') }}
),

periods as (
    select * from {{ ref('dim_period') }}
    where granularity <> 'not_stated' and year is not null
),

observations as (
    select * from {{ ref('fct_observation') }}
    where superseded_at is null and obs_status in ('observed', 'provisional', 'estimated')
),

populations as (
    select
        fct_population.dataset_key,
        fct_population.territory_key,
        fct_population.population_kind,
        fct_population.population,
        periods.year
    from {{ ref('fct_population') }} as fct_population
    inner join periods on fct_population.period_key = periods.period_key
    where
        fct_population.population_kind in ('municipale', 'estimee_1er_janvier')
        and fct_population.sex = 'T'
        and fct_population.age_from is null
        and fct_population.age_to is null
        and fct_population.population > 0
),

facts as (
    select
        retained.indicator_key,
        indicators.label_fr as indicator_label_fr,
        indicators.counted_unit,
        indicators.champ_fr,
        retained.territory_key,
        territories.name as territory_name,
        territories.territory_level,
        retained.period_key,
        periods.label_fr as period_label_fr,
        periods.year,
        retained.value,
        retained.value_low,
        retained.value_high,
        retained.observation_id,
        observations.report_key,
        observations.obs_status
    from retained
    inner join indicators on retained.indicator_key = indicators.indicator_key
    inner join territories on retained.territory_key = territories.territory_key
    inner join periods on retained.period_key = periods.period_key
    inner join observations on retained.observation_id = observations.observation_id
),

-- Of the years in which people were counted, the nearest; of two as near, the earlier; of two sources of one year, the
-- legal populations.
beside as (
    select
        facts.*,
        populations.population,
        populations.population_kind,
        populations.dataset_key as population_dataset_key,
        populations.year as population_year
    from facts
    inner join populations on facts.territory_key = populations.territory_key
    qualify row_number() over (
        partition by facts.observation_id, facts.indicator_key, facts.territory_key, facts.period_key
        order by
            abs(populations.year - facts.year),
            populations.year,
            populations.population_kind desc,
            populations.dataset_key
    ) = 1
)

select
    indicator_key,
    indicator_label_fr,
    counted_unit,
    champ_fr,
    territory_key,
    territory_name,
    territory_level,
    period_key,
    period_label_fr,
    report_key,
    obs_status,
    value,
    population,
    population_kind,
    population_year,
    population_dataset_key,
    abs(population_year - year) as years_apart,
    100000 * cast(value as double) / population as per_100000,
    100000 * cast(value_low as double) / population as per_100000_low,
    100000 * cast(value_high as double) / population as per_100000_high,
    observation_id
from beside
