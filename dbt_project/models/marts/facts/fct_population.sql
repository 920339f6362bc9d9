with vintages as (
    select * from {{ ref('stg_population') }}
)

select
    dataset_key,
    territory_key,
    period_key,
    population_kind,
    sex,
    cast(age_from as integer) as age_from,
    cast(age_to as integer) as age_to,
    population,
    obs_status,
    conf_status,
    is_aggregate
from vintages
order by dataset_key, territory_key, period_key, population_kind, sex, age_from, age_to
