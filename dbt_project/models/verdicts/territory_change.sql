with
territories as (
    select * from {{ ref('dim_territory') }}
),

memberships as (
    select * from {{ ref('bridge_territory_membership') }}
),

changes as (
    -- It came into being, or took another in.
    select
        territory_key,
        valid_from as changed_on
    from territories
    union all
    select
        parent_territory_key as territory_key,
        valid_from as changed_on
    from memberships
    where relation = 'merged_into'
    union all
    -- It lost or gained a member.
    select
        parent_territory_key as territory_key,
        valid_from as changed_on
    from memberships
    where relation in ('epci', 'arrondissement')
    union all
    select
        parent_territory_key as territory_key,
        cast(valid_to + interval 1 day as date) as changed_on
    from memberships
    where relation in ('epci', 'arrondissement')
)

select distinct
    territory_key,
    changed_on
from changes
where changed_on is not null
