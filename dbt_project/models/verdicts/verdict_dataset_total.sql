with
series as (
    select * from {{ ref('dataset_series') }}
    where
        measure = 'headcount'
        or measure = 'facility'
        or (measure = 'population' and counted <> 'standardisee')
),

numbers as (
    select
        series_id,
        territory_key,
        value,
        obs_status,
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

-- Who is made of whom. Sums are grouped by a number: as text, the names of territories cost twice the time.
members as (
    select distinct
        territory_key,
        parent_territory_key,
        valid_from,
        valid_to,
        member_level,
        split_part(parent_territory_key, ':', 1) as level_above,
        hash(parent_territory_key, member_level) as sum_id
    from (
        select
            *,
            -- Beside the regions of today, those that ended are regions.
            replace(split_part(territory_key, ':', 1), 'former_region', 'region') as member_level
        from memberships
    ) as levelled
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
        sum(numbers.value) as total,
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
),

over_territories as (
    select
        part_sums.series_id,
        part_sums.sum_id,
        expected.territory_key,
        'territoires' as cause,
        whole.value,
        whole.obs_status,
        part_sums.total,
        part_sums.parts,
        greatest(expected.parts - part_sums.parts, 0) as missing,
        false as is_open
    from part_sums
    inner join expected on part_sums.geography = expected.geography and part_sums.sum_id = expected.sum_id
    inner join numbers as whole
        on part_sums.series_id = whole.series_id and expected.territory_key = whole.territory_key
    where whole.value is not null and part_sums.parts > 0
),

-- The first by its key of the parts that a sum lacks.
lacked as (
    select
        over_territories.series_id,
        over_territories.sum_id,
        min(members.territory_key) as missing_key
    from over_territories
    inner join series on over_territories.series_id = series.series_id
    inner join members
        on
            over_territories.sum_id = members.sum_id
            and coalesce(series.geography >= members.valid_from, true)
            and coalesce(series.geography <= members.valid_to, true)
    left join numbers
        on over_territories.series_id = numbers.series_id and members.territory_key = numbers.territory_key
    where over_territories.missing > 0 and numbers.value is null
    group by over_territories.series_id, over_territories.sum_id
),

professions as (
    select * from {{ ref('dim_profession') }}
),

children as (
    select
        parents.profession_key as parent_key,
        -- The house nomenclature lists the specialities that were spoken of, those of a publisher all that it counts.
        parents.nomenclature = 'barometre' as is_open,
        list(professions.profession_key) as keys
    from professions as parents
    inner join professions on parents.profession_key = professions.parent_profession_key
    where parents.is_aggregate
    group by parents.profession_key, parents.nomenclature
),

professions_of as (
    select
        total.series_id as total_id,
        part.series_id as part_id,
        'professions' as cause,
        len(children.keys) as expected,
        part.counted as part_key,
        children.is_open,
        children.keys
    from series as total
    inner join children on total.counted = children.parent_key and total.measure = 'headcount'
    inner join series as part
        on
            {{ same_series('part', 'total', ['detail', 'sex', 'age_from', 'age_to']) }}
            and list_contains(children.keys, part.counted)
),

sexes_of as (
    select
        total.series_id as total_id,
        part.series_id as part_id,
        'sexes' as cause,
        2 as expected,
        part.sex as part_key,
        false as is_open,
        ['F', 'M'] as keys
    from series as total
    inner join series as part
        on {{ same_series('part', 'total', ['counted', 'detail', 'age_from', 'age_to']) }}
    where total.sex = 'T' and part.sex in ('F', 'M')
),

kinds_of as (
    select
        total.series_id as total_id,
        part.series_id as part_id,
        'populations' as cause,
        2 as expected,
        part.counted as part_key,
        false as is_open,
        ['municipale', 'comptee_a_part'] as keys
    from series as total
    inner join series as part
        on {{ same_series('part', 'total', ['detail', 'sex', 'age_from', 'age_to']) }}
    where
        total.measure = 'population'
        and total.counted = 'totale'
        and part.counted in ('municipale', 'comptee_a_part')
),

ages as (
    select
        total.series_id as total_id,
        part.series_id as part_id,
        part.age_from,
        part.age_to,
        part.age_from is null or part.age_from = 0 as is_first,
        coalesce(
            part.age_from = 1 + lag(part.age_to) over (
                partition by total.series_id
                order by coalesce(part.age_from, 0), part.age_to
            ),
            false
        ) as follows,
        row_number() over (
            partition by total.series_id
            order by coalesce(part.age_from, 0), part.age_to
        ) as place
    from series as total
    inner join series as part
        on {{ same_series('part', 'total', ['counted', 'detail', 'sex']) }}
    where
        total.age_from is null
        and total.age_to is null
        and (part.age_from is not null or part.age_to is not null)
),

-- Groups that overlap, or leave ages out, are no parts of the total.
partitions as (
    select total_id from ages
    group by total_id
    having
        bool_and(case when place = 1 then is_first else follows end)
        and arg_max(age_to is null, place)
),

ages_of as (
    select
        total_id,
        part_id,
        'âges' as cause,
        count(*) over (partition by total_id) as expected,
        cast(part_id as varchar) as part_key,
        false as is_open,
        cast([] as varchar[]) as keys
    from ages
    where total_id in (select partitions.total_id from partitions)
),

links as (
    select * from professions_of
    union all by name
    select * from sexes_of
    union all by name
    select * from kinds_of
    union all by name
    select * from ages_of
),

sums as (
    select
        total_id,
        cause,
        any_value(expected) as expected,
        count(*) as present,
        bool_or(is_open) as is_open,
        list_filter(any_value(keys), lambda one: not list_contains(list(part_key), one))[1] as missing_fr
    from links
    group by total_id, cause
),

series_sums as (
    select
        links.total_id,
        links.cause,
        numbers.territory_key,
        sum(numbers.value) as total,
        count(numbers.value) as parts
    from links
    inner join numbers on links.part_id = numbers.series_id
    group by links.total_id, links.cause, numbers.territory_key
),

over_series as (
    select
        whole.series_id,
        whole.territory_key,
        series_sums.cause,
        whole.value,
        whole.obs_status,
        series_sums.total,
        series_sums.parts,
        greatest(sums.present - series_sums.parts, 0) as missing,
        whole.territory_key as missing_key,
        sums.is_open
    from series_sums
    inner join sums on series_sums.total_id = sums.total_id and series_sums.cause = sums.cause
    inner join numbers as whole
        on series_sums.total_id = whole.series_id and series_sums.territory_key = whole.territory_key
    where (sums.present >= sums.expected or sums.is_open) and whole.value is not null
),

-- A part that the dataset does not give at all.
lacking as (
    select
        total_id as series_id,
        cause,
        missing_fr
    from sums
    where present < expected and not is_open
),

equations as (
    select
        over_territories.*,
        lacked.missing_key
    from over_territories
    left join lacked on over_territories.series_id = lacked.series_id and over_territories.sum_id = lacked.sum_id
    union all by name
    select * from over_series
),

compared as (
    select
        series.dataset_key,
        series.counted,
        equations.*,
        case
            when equations.missing > 0 and not equations.is_open then null
            when equations.is_open and equations.total <= equations.value then false
            -- Neither counts nor estimates are summed to the millionth: what remains is of the machine's numbers.
            else abs(equations.total - equations.value) > 0.001
        end as differs,
        equations.obs_status in ('provisional', 'estimated')
        and abs(equations.total - equations.value) <= (equations.parts + 1) / 2 as is_rounding
    from equations
    inner join series on equations.series_id = series.series_id
),

-- A sum that fails almost everywhere is no slip: its parts are not what the total is made of, or its unit is another.
habits as (
    select
        dataset_key,
        cause,
        counted,
        count(*) filter (where differs is not null) >= 10
        and avg(case when differs then 1 else 0 end) filter (where differs is not null) > 0.5 as is_systematic
    from compared
    group by dataset_key, cause, counted
),

subjects as (
    select
        dataset_key,
        cause,
        cast(sum(judged) as bigint) as judged,
        cast(sum(incomplete) as bigint) as incomplete,
        min(missing_input) as missing_input
    from (
        select
            compared.dataset_key,
            compared.cause,
            count(compared.differs) as judged,
            count(*) filter (where compared.differs is null) as incomplete,
            min(coalesce(territories.name, compared.missing_key)) filter (
                where compared.differs is null
            ) as missing_input
        from compared
        left join territories on compared.missing_key = territories.territory_key
        group by compared.dataset_key, compared.cause
        union all
        select
            series.dataset_key,
            lacking.cause,
            0 as judged,
            count(*) as incomplete,
            min(lacking.missing_fr) as missing_input
        from lacking
        inner join series on lacking.series_id = series.series_id
        group by series.dataset_key, lacking.cause
    ) as counted
    group by dataset_key, cause
),

failing as (
    select
        compared.dataset_key,
        compared.cause,
        case
            when compared.is_rounding then 'explained'
            when habits.is_systematic then 'suspicious'
            else 'impossible'
        end as verdict,
        compared.series_id,
        compared.territory_key,
        compared.value,
        compared.total as beside,
        cast(null as varchar) as beside_ref,
        compared.parts || ' ' || compared.cause as beside_fr,
        cast(null as varchar) as beside_label,
        compared.total - compared.value as gap,
        {{ gap_percent('compared.total - compared.value', 'compared.value') }} as gap_pct
    from compared
    inner join habits
        on
            compared.dataset_key = habits.dataset_key
            and compared.cause = habits.cause
            and compared.counted = habits.counted
    where compared.differs
),

{{ dataset_verdicts('dataset_total', 'dataset_total') }}
