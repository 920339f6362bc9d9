with
source as (
    select * from {{ bronze('profession') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.profession_key,
    source.nomenclature,
    source.profession,
    source.speciality,
    source.parent_profession_key,
    source.is_aggregate
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'profession'
where inputs.superseded_at is null
