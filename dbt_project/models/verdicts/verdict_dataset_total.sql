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
        obs_status
    from {{ ref('dataset_number') }}
    where measure <> 'apl'
),

territories as (
    select * from {{ ref('dim_territory') }}
),

members as (
    select * from {{ ref('dataset_member') }}
),

over_territories as (
    select
        sums.series_id,
        sums.sum_id,
        sums.geography,
        sums.territory_key,
        'territoires' as cause,
        whole.value,
        whole.obs_status,
        sums.total,
        sums.parts,
        greatest(sums.expected - sums.parts, 0) as missing,
        false as is_open
    from {{ ref('dataset_territory_sum') }} as sums
    inner join numbers as whole on sums.series_id = whole.series_id and sums.territory_key = whole.territory_key
    where whole.value is not null
),

-- The first by its key of the parts that a sum lacks.
lacked as (
    select
        over_territories.series_id,
        over_territories.sum_id,
        min(members.territory_key) as missing_key
    from over_territories
    inner join members
        on
            over_territories.sum_id = members.sum_id
            and coalesce(over_territories.geography >= members.valid_from, true)
            and coalesce(over_territories.geography <= members.valid_to, true)
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
        list(professions.profession_key order by professions.profession_key) as keys
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
        list_filter(
            any_value(keys), lambda one: not list_contains(list(part_key order by part_key), one)
        )[1] as missing_fr
    from links
    group by total_id, cause
),

series_sums as (
    select
        links.total_id,
        links.cause,
        numbers.territory_key,
        -- The sum of floats hangs on the order of the rows, in digits that no figure has.
        round(sum(numbers.value), 6) as total,
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
