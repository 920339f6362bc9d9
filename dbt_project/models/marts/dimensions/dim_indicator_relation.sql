with relations as (
    select * from {{ ref('stg_indicator_relation') }}
)

select
    from_indicator_key,
    relation,
    to_indicator_key,
    note_fr
from relations
order by from_indicator_key, relation, to_indicator_key
