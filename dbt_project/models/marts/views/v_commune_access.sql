with
communes as (
    select * from {{ ref('dim_territory') }}
    where territory_level in ('commune', 'municipal_arrondissement') and valid_to is null
),

territories as (
    select * from {{ ref('dim_territory') }}
),

memberships as (
    select * from {{ ref('bridge_territory_membership') }}
    where valid_to is null
),

periods as (
    select * from {{ ref('dim_period') }}
),

populations as (
    select
        fct_population.territory_key,
        fct_population.period_key,
        fct_population.population
    from {{ ref('fct_population') }} as fct_population
    inner join periods on fct_population.period_key = periods.period_key
    where
        fct_population.population_kind = 'municipale'
        and fct_population.sex = 'T'
        and fct_population.age_from is null
        and fct_population.age_to is null
    qualify row_number() over (
        partition by fct_population.territory_key
        order by periods.end_date desc nulls last, fct_population.dataset_key desc, fct_population.period_key
    ) = 1
),

accessibility as (
    select
        fct_accessibility.territory_key,
        fct_accessibility.profession_key,
        fct_accessibility.period_key,
        fct_accessibility.apl,
        fct_accessibility.unit,
        fct_accessibility.population_standardised,
        fct_accessibility.population_total,
        fct_accessibility.dataset_key
    from {{ ref('fct_accessibility') }} as fct_accessibility
    inner join periods on fct_accessibility.period_key = periods.period_key
    where fct_accessibility.doctor_age_limit = 'none'
    qualify row_number() over (
        partition by fct_accessibility.territory_key, fct_accessibility.profession_key
        order by
            periods.end_date desc nulls last, fct_accessibility.dataset_key desc, fct_accessibility.period_key
    ) = 1
),

-- A zone drawn in TVS holds in every commune of the TVS; one drawn in the commune itself comes first.
zones as (
    select
        coalesce(memberships.territory_key, fct_zoning.territory_key) as territory_key,
        fct_zoning.profession_key,
        fct_zoning.zone,
        fct_zoning.mesh,
        fct_zoning.period_key,
        fct_zoning.method_version,
        fct_zoning.dataset_key
    from {{ ref('fct_zoning') }} as fct_zoning
    inner join periods on fct_zoning.period_key = periods.period_key
    left join memberships
        on fct_zoning.territory_key = memberships.parent_territory_key and memberships.relation = 'tvs'
    where fct_zoning.mesh = 'commune' or (fct_zoning.mesh = 'tvs' and memberships.territory_key is not null)
    qualify row_number() over (
        partition by coalesce(memberships.territory_key, fct_zoning.territory_key), fct_zoning.profession_key
        order by
            periods.end_date desc nulls last,
            fct_zoning.mesh,
            fct_zoning.dataset_key desc,
            fct_zoning.territory_key,
            fct_zoning.period_key
    ) = 1
),

professions as (
    select
        territory_key,
        profession_key
    from accessibility
    union
    select
        territory_key,
        profession_key
    from zones
),

epci as (
    select
        memberships.territory_key,
        memberships.parent_territory_key as epci_territory_key,
        territories.name as epci_name
    from memberships
    inner join territories on memberships.parent_territory_key = territories.territory_key
    where memberships.relation = 'epci'
    qualify row_number() over (
        partition by memberships.territory_key
        order by memberships.valid_from desc nulls last, memberships.parent_territory_key
    ) = 1
)

select
    communes.territory_key,
    communes.territory_code as commune_code,
    communes.name as commune_name,
    communes.department_code,
    communes.region_code,
    epci.epci_territory_key,
    epci.epci_name,
    populations.population,
    populations.period_key as population_period_key,
    professions.profession_key,
    accessibility.apl,
    accessibility.unit as apl_unit,
    accessibility.period_key as apl_period_key,
    accessibility.dataset_key as apl_dataset_key,
    accessibility.population_standardised as apl_population_standardised,
    accessibility.population_total as apl_population_total,
    zones.zone,
    zones.mesh as zone_mesh,
    zones.period_key as zone_period_key,
    zones.method_version as zone_method_version,
    zones.dataset_key as zone_dataset_key
from communes
left join epci on communes.territory_key = epci.territory_key
left join populations on communes.territory_key = populations.territory_key
left join professions on communes.territory_key = professions.territory_key
left join accessibility
    on
        communes.territory_key = accessibility.territory_key
        and professions.profession_key = accessibility.profession_key
left join zones
    on
        communes.territory_key = zones.territory_key
        and professions.profession_key = zones.profession_key
