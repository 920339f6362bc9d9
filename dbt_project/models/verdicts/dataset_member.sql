with
territories as (
    select * from {{ ref('dim_territory') }}
),

memberships as (
    select
        territory_key,
        parent_territory_key,
        valid_from,
        valid_to
    from territories
    where
        (territory_level, split_part(parent_territory_key, ':', 1)) in (
            ('municipal_arrondissement', 'commune'),
            ('commune', 'department'),
            ('department', 'region'),
            ('region', 'country')
        )
    union all
    -- A region is in metropolitan France for ever, but there for its own time only.
    select
        bridge.territory_key,
        bridge.parent_territory_key,
        greatest(bridge.valid_from, territories.valid_from) as valid_from,
        least(bridge.valid_to, territories.valid_to) as valid_to
    from {{ ref('bridge_territory_membership') }} as bridge
    left join territories on bridge.territory_key = territories.territory_key
    where bridge.relation in ('epci', 'arrondissement', 'france_scope', 'former_region')
    union all
    -- Until 2015 France is made of the regions that the mergers of 2016 ended, all of them metropolitan, and of those
    -- that they left alone.
    select
        territories.territory_key,
        countries.territory_key as parent_territory_key,
        territories.valid_from,
        territories.valid_to
    from territories
    cross join territories as countries
    where territories.territory_level = 'former_region' and countries.territory_level = 'country'
),

levelled as (
    select distinct
        territory_key,
        parent_territory_key,
        valid_from,
        valid_to,
        -- Beside the regions of today, those that ended are regions.
        replace(split_part(territory_key, ':', 1), 'former_region', 'region') as member_level,
        split_part(parent_territory_key, ':', 1) as level_above
    from memberships
)

-- Sums are grouped by a number: as text, the names of territories cost twice the time.
select
    *,
    hash(parent_territory_key, member_level) as sum_id
from levelled
