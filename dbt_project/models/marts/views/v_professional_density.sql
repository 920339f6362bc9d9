with
periods as (
    select * from {{ ref('dim_period') }}
),

professionals as (
    select * from {{ ref('fct_professional') }}
),

datasets as (
    select * from {{ ref('dim_dataset') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

professions as (
    select * from {{ ref('dim_profession') }}
),

-- The population of 1 January is that of headcounts of that day; the municipal one, of the same day, lacks some years.
populations as (
    select
        fct_population.territory_key,
        periods.year,
        fct_population.population,
        fct_population.population_kind,
        fct_population.dataset_key
    from {{ ref('fct_population') }} as fct_population
    inner join periods on fct_population.period_key = periods.period_key
    where
        fct_population.population_kind in ('estimee_1er_janvier', 'municipale')
        and fct_population.sex = 'T'
        and fct_population.age_from is null
        and fct_population.age_to is null
        and fct_population.population > 0
    qualify row_number() over (
        partition by fct_population.territory_key, periods.year
        order by fct_population.population_kind, fct_population.dataset_key desc
    ) = 1
)

select
    concat_ws(
        ' · ',
        datasets.dataset_code,
        professionals.profession_key,
        professionals.practice_mode,
        professionals.location_basis
    ) as series,
    professionals.dataset_key,
    datasets.publisher,
    professionals.territory_key,
    territories.territory_level,
    territories.territory_code,
    territories.name as territory_name,
    professionals.period_key,
    periods.year,
    professionals.profession_key,
    professions.nomenclature,
    professions.profession,
    professions.speciality,
    professionals.practice_mode,
    professionals.location_basis,
    professionals.sex,
    professionals.age_from,
    professionals.age_to,
    professionals.headcount,
    professionals.counted_unit,
    professionals.density as published_density,
    professionals.density_per,
    professionals.density_population,
    professionals.conf_status,
    professionals.is_aggregate,
    periods.year = min(periods.year) over (
        partition by
            datasets.dataset_code, professionals.territory_key, professionals.profession_key,
            professionals.practice_mode, professionals.location_basis
    ) as starts_series,
    case
        when professionals.density is null then professionals.headcount / populations.population * 100000
    end as computed_density,
    case when professionals.density is null then populations.population end as population,
    case when professionals.density is null then populations.population_kind end as population_kind,
    case when professionals.density is null then populations.dataset_key end as population_dataset_key
from professionals
inner join datasets on professionals.dataset_key = datasets.dataset_key
inner join periods on professionals.period_key = periods.period_key
inner join territories on professionals.territory_key = territories.territory_key
inner join professions on professionals.profession_key = professions.profession_key
left join populations
    on professionals.territory_key = populations.territory_key and periods.year = populations.year
