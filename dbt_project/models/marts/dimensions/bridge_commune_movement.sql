with movements as (
    select * from {{ ref('stg_commune_movement') }}
)

select
    effective_on,
    kind,
    kind_fr,
    'commune:' || from_code as from_territory_key,
    from_name,
    'commune:' || to_code as to_territory_key,
    to_name
from movements
order by effective_on, from_territory_key, to_territory_key, kind
