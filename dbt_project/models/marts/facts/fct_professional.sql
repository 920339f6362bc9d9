with vintages as (
    select * from {{ ref('stg_professional') }}
)

select
    dataset_key,
    territory_key,
    period_key,
    profession_key,
    practice_mode,
    location_basis,
    sex,
    cast(age_from as integer) as age_from,
    cast(age_to as integer) as age_to,
    counted_unit,
    headcount,
    density,
    cast(density_per as integer) as density_per,
    density_population,
    obs_status,
    conf_status,
    is_aggregate
from vintages
order by dataset_key, territory_key, period_key, profession_key, practice_mode, sex, age_from
