with
territories as (
    select * from {{ ref('stg_territory') }}
),

-- Several reports may declare the same place; one row stays, the same one at every build.
distinct_territories as (
    select * from territories
    qualify row_number() over (
        partition by territory_key
        order by
            source, name, france_scope, parent_territory_key, region_code, department_code, valid_from, valid_to
    ) = 1
),

not_stated as (
    select
        'not_stated:none' as territory_key,
        'none' as territory_code,
        'not_stated' as territory_level,
        'Territoire non précisé' as name
)

select
    territory_key,
    territory_code,
    territory_level,
    name,
    france_scope,
    parent_territory_key,
    region_code,
    department_code,
    valid_from,
    valid_to,
    source
from distinct_territories
where territory_key <> 'not_stated:none'
union all
select
    territory_key,
    territory_code,
    territory_level,
    name,
    null as france_scope,
    null as parent_territory_key,
    null as region_code,
    null as department_code,
    cast(null as date) as valid_from,
    cast(null as date) as valid_to,
    'contract' as source
from not_stated
order by territory_key
