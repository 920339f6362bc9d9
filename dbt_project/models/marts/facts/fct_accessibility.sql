with vintages as (
    select * from {{ ref('stg_accessibility') }}
)

select
    dataset_key,
    territory_key,
    period_key,
    profession_key,
    doctor_age_limit,
    apl,
    unit,
    population_standardised,
    population_total,
    mesh,
    obs_status,
    conf_status,
    is_aggregate
from vintages
order by dataset_key, territory_key, period_key, profession_key, doctor_age_limit
