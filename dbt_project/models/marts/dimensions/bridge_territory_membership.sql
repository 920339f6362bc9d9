with memberships as (
    select * from {{ ref('stg_territory_membership') }}
)

select distinct
    territory_key,
    parent_territory_key,
    relation,
    valid_from,
    valid_to
from memberships
order by relation, parent_territory_key, territory_key, valid_from
