with professions as (
    select * from {{ ref('stg_profession') }}
)

select
    profession_key,
    nomenclature,
    profession,
    speciality,
    parent_profession_key,
    is_aggregate
from professions
order by profession_key
