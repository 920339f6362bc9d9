with
retained as (
    select * from {{ ref('fct_indicator_value') }}
    where value is not null
),

observations as (
    select * from {{ ref('fct_observation') }}
    where superseded_at is null
),

indicators as (
    select * from {{ ref('dim_indicator') }}
    where additive_over_territory
),

territories as (
    select * from {{ ref('dim_territory') }}
),

periods as (
    select * from {{ ref('dim_period') }}
    where granularity <> 'not_stated'
),

facts as (
    select
        retained.*,
        indicators.label_fr as indicator_label_fr,
        indicators.concept_code,
        indicators.counted_unit,
        indicators.unit,
        indicators.champ_fr,
        indicators.nature,
        indicators.definition_version,
        territories.territory_level,
        territories.territory_code,
        territories.name as territory_name,
        territories.france_scope,
        periods.label_fr as period_label_fr,
        periods.start_date,
        periods.end_date,
        observations.cumulated_since_period_key,
        observations.rate_period,
        observations.per_unit
    from retained
    inner join indicators on retained.indicator_key = indicators.indicator_key
    inner join territories on retained.territory_key = territories.territory_key
    inner join periods on retained.period_key = periods.period_key
    inner join observations on retained.observation_id = observations.observation_id
)

-- Two codes of one date (2018-12-31, end:2018) are one date; an overseas region is no part of metropolitan France.
select
    regions.indicator_key,
    regions.indicator_label_fr,
    regions.concept_code,
    regions.counted_unit,
    regions.champ_fr,
    regions.unit,
    regions.period_key,
    regions.period_label_fr,
    regions.territory_key,
    regions.territory_name,
    regions.value as region_value,
    countries.territory_key as country_territory_key,
    countries.france_scope,
    countries.indicator_key as country_indicator_key,
    countries.value as country_value,
    100 * cast(regions.value as double) / cast(countries.value as double) as share_pct,
    100 * cast(regions.value_low as double) / nullif(cast(countries.value_high as double), 0) as share_pct_low,
    100 * cast(regions.value_high as double) / nullif(cast(countries.value_low as double), 0) as share_pct_high,
    regions.observation_id as region_observation_id,
    countries.observation_id as country_observation_id
from facts as regions
inner join facts as countries
    on
        regions.concept_code = countries.concept_code
        and regions.counted_unit = countries.counted_unit
        and regions.unit = countries.unit
        and regions.nature = countries.nature
        and regions.definition_version = countries.definition_version
        and regions.champ_fr is not distinct from countries.champ_fr
        and regions.start_date is not distinct from countries.start_date
        and regions.end_date is not distinct from countries.end_date
        and regions.cumulated_since_period_key is not distinct from countries.cumulated_since_period_key
        and regions.rate_period is not distinct from countries.rate_period
        and regions.per_unit is not distinct from countries.per_unit
where
    regions.territory_level = 'region'
    and countries.territory_level = 'country'
    and countries.value > 0
    and not (countries.territory_code = 'FR-METRO' and regions.territory_code in ('01', '02', '03', '04', '06'))
