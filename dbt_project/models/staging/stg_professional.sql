with
source as (
    select * from {{ bronze('professional') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.dataset_key,
    source.territory_key,
    source.period as period_key,
    source.profession_key,
    source.practice_mode,
    source.location_basis,
    source.sex,
    source.age_from,
    source.age_to,
    source.counted_unit,
    source.headcount,
    source.density,
    source.density_per,
    source.density_population,
    source.obs_status,
    source.conf_status,
    source.is_aggregate
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'professional'
where inputs.superseded_at is null
