with
series as (
    select * from {{ ref('dataset_series') }}
    where
        measure in ('headcount', 'facility')
        or (measure = 'population' and counted <> 'standardisee')
),

numbers as (
    select
        series_id,
        territory_key,
        value,
        split_part(territory_key, ':', 1) as territory_level
    from {{ ref('dataset_number') }}
    where measure <> 'apl'
),

territories as (
    select * from {{ ref('dim_territory') }}
),

-- Before it, nobody knows here which communes there were.
known as (
    select date_trunc('year', min(valid_to)) as known_from from territories
    where territory_level = 'commune'
),

levels as (
    select distinct
        series_id,
        territory_level
    from numbers
),

members as (
    select * from {{ ref('dataset_member') }}
),

-- The levels that a series sums up, in a geography of which the members are known.
summed as (
    select
        series.series_id,
        series.geography,
        above.territory_level as level_above,
        below.territory_level as member_level
    from series
    cross join known
    inner join levels as above on series.series_id = above.series_id
    inner join levels as below on series.series_id = below.series_id
    where
        (above.territory_level, below.territory_level) in (
            select
                members.level_above,
                members.member_level
            from members
        )
        and (
            below.territory_level not in ('commune', 'municipal_arrondissement')
            or known.known_from is null
            or series.geography >= known.known_from
        )
),

geographies as (
    select distinct geography from summed
),

expected as (
    select
        dates.geography,
        members.sum_id,
        members.member_level,
        any_value(members.parent_territory_key) as territory_key,
        count(*) as parts
    from members
    inner join geographies as dates
        on
            coalesce(members.valid_from <= dates.geography, true)
            and coalesce(members.valid_to >= dates.geography, true)
    group by dates.geography, members.sum_id, members.member_level
),

part_sums as (
    select
        numbers.series_id,
        members.sum_id,
        any_value(summed.geography) as geography,
        round(sum(numbers.value), 6) as total,
        count(numbers.value) as parts
    from numbers
    inner join members on numbers.territory_key = members.territory_key
    inner join summed
        on
            numbers.series_id = summed.series_id
            and members.member_level = summed.member_level
            and members.level_above = summed.level_above
            and coalesce(members.valid_from <= summed.geography, true)
            and coalesce(members.valid_to >= summed.geography, true)
    group by numbers.series_id, members.sum_id
)

select
    part_sums.series_id,
    part_sums.sum_id,
    expected.territory_key,
    part_sums.geography,
    part_sums.total,
    part_sums.parts,
    expected.parts as expected
from part_sums
inner join expected on part_sums.geography = expected.geography and part_sums.sum_id = expected.sum_id
where part_sums.parts > 0
