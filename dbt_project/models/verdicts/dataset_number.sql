with
populations as (
    select * from {{ ref('fct_population') }}
),

professionals as (
    select * from {{ ref('fct_professional') }}
),

accessibility as (
    select * from {{ ref('fct_accessibility') }}
),

facilities as (
    select * from {{ ref('fct_facility') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

numbers as (
    select
        dataset_key,
        period_key,
        'population' as measure,
        population_kind as counted,
        cast(null as varchar) as detail,
        sex,
        age_from,
        age_to,
        territory_key,
        cast(population as double) as value,
        obs_status
    from populations
    union all
    select
        dataset_key,
        period_key,
        'headcount' as measure,
        profession_key as counted,
        concat_ws('|', practice_mode, location_basis, counted_unit) as detail,
        sex,
        age_from,
        age_to,
        territory_key,
        cast(headcount as double) as value,
        obs_status
    from professionals
    union all
    select
        dataset_key,
        period_key,
        'apl' as measure,
        profession_key as counted,
        concat_ws('|', doctor_age_limit, unit, mesh) as detail,
        'T' as sex,
        null as age_from,
        null as age_to,
        territory_key,
        cast(apl as double) as value,
        obs_status
    from accessibility
    union all
    -- A facility counts in its department, in its category.
    select
        facilities.dataset_key,
        facilities.period_key,
        'facility' as measure,
        facilities.category as counted,
        concat_ws('|', facilities.counted_entity, facilities.open_status) as detail,
        'T' as sex,
        null as age_from,
        null as age_to,
        'department:' || territories.department_code as territory_key,
        cast(count(*) as double) as value,
        min(facilities.obs_status) as obs_status
    from facilities
    inner join territories on facilities.territory_key = territories.territory_key
    where territories.department_code is not null
    group by
        facilities.dataset_key, facilities.period_key, facilities.category, facilities.counted_entity,
        facilities.open_status, territories.department_code
)

select
    hash(dataset_key, period_key, measure, counted, detail, sex, age_from, age_to) as series_id,
    *
from numbers
