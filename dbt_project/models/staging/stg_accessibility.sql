with
source as (
    select * from {{ bronze('accessibility') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.dataset_key,
    source.territory_key,
    source.period as period_key,
    source.profession_key,
    source.doctor_age_limit,
    source.apl,
    source.unit,
    source.population_standardised,
    source.population_total,
    source.mesh,
    source.obs_status,
    source.conf_status,
    source.is_aggregate
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'accessibility'
where inputs.superseded_at is null
