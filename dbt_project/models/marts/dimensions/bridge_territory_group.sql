with members as (
    select * from {{ ref('stg_territory_group') }}
)

select distinct
    group_territory_key,
    member_territory_key,
    printed_name,
    complete
from members
order by group_territory_key, printed_name
