with
populations as (
    select
        dataset_key,
        territory_key,
        period_key,
        -- Whole numbers, whatever a dataset writes them as: the sum of floats hangs on the order of the rows.
        cast(population as decimal(24, 4)) as population
    from {{ ref('fct_population') }}
    where
        population_kind = 'municipale'
        and sex = 'T'
        and age_from is null
        and age_to is null
        and population is not null
),

-- Years counted under one definition, that of the latest: another definition makes no series with it.
datasets as (
    select * from {{ ref('dim_dataset') }}
    qualify definition_version is not distinct from first_value(definition_version) over (
        partition by dataset_code order by is_current desc, reference_date desc nulls last, dataset_key desc
    )
),

memberships as (
    select * from {{ ref('bridge_territory_membership') }}
    where relation = 'arrondissement'
),

territories as (
    select * from {{ ref('dim_territory') }}
),

-- The dataset counts communes, EPCI, departments and regions; arrondissements are the sum of their communes.
arrondissements as (
    select
        populations.dataset_key,
        memberships.parent_territory_key as territory_key,
        populations.period_key,
        sum(populations.population) as population
    from populations
    inner join memberships on populations.territory_key = memberships.territory_key
    where memberships.valid_to is null
    group by all
),

counted as (
    select
        dataset_key,
        territory_key,
        period_key,
        population
    from populations
    union all
    select * from arrondissements
)

select
    counted.territory_key,
    territories.territory_code,
    territories.name as territory,
    cast(counted.period_key as integer) as year,
    cast(counted.population as decimal(24, 4)) as population,
    counted.dataset_key,
    datasets.title as dataset_title,
    counted.dataset_key || '|' || counted.territory_key as fact_ref,
    'Population légale' as label_fr,
    counted.period_key as period_label
from counted
inner join datasets on counted.dataset_key = datasets.dataset_key
inner join territories on counted.territory_key = territories.territory_key
qualify row_number() over (
    partition by counted.territory_key, counted.period_key
    order by counted.dataset_key
) = 1
