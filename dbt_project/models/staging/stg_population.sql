with
source as (
    select * from {{ bronze('population') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.dataset_key,
    source.territory_key,
    source.period as period_key,
    source.population_kind,
    source.sex,
    source.age_from,
    source.age_to,
    source.population,
    source.obs_status,
    source.conf_status,
    source.is_aggregate
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'population'
where inputs.superseded_at is null
