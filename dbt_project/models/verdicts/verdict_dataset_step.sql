with
series as (
    select * from {{ ref('dataset_series') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

-- Before it, nobody knows here which communes merged.
known as (
    select date_trunc('year', min(valid_to)) as known_from from territories
    where territory_level = 'commune'
),

pairs as (
    select
        pairs.series_id,
        pairs.earlier_series_id,
        later.dataset_key,
        earlier.dataset_key as earlier_dataset_key,
        later.measure,
        later.geography,
        earlier.geography as earlier_geography,
        coalesce(earlier.geography >= known.known_from, true) as is_known,
        {{ large_number('later') }} as large
    from {{ ref('dataset_pair') }} as pairs
    cross join known
    inner join series as later on pairs.series_id = later.series_id
    inner join series as earlier on pairs.earlier_series_id = earlier.series_id
    where pairs.pairing = 'step'
),

reshaped as (
    select distinct
        pairs.series_id,
        pairs.earlier_series_id,
        changes.territory_key
    from pairs
    inner join {{ ref('territory_change') }} as changes
        on pairs.earlier_geography < changes.changed_on and pairs.geography >= changes.changed_on
),

-- A commune that came into being took its inhabitants from others of its department.
parted as (
    select distinct
        pairs.series_id,
        pairs.earlier_series_id,
        territories.department_code
    from pairs
    inner join territories
        on
            territories.territory_level = 'commune'
            and pairs.earlier_geography < territories.valid_from
            and pairs.geography >= territories.valid_from
),

changes as (
    select
        changes.series_id,
        changes.earlier_series_id,
        changes.territory_key,
        changes.value,
        changes.earlier_value,
        split_part(changes.territory_key, ':', 1) as territory_level,
        log10(changes.value / changes.earlier_value) as moved,
        pairs.dataset_key,
        pairs.earlier_dataset_key,
        pairs.measure,
        pairs.is_known,
        coalesce(least(changes.earlier_value, changes.value) >= pairs.large, false) as is_large
    from {{ ref('dataset_change') }} as changes
    inner join pairs
        on changes.series_id = pairs.series_id and changes.earlier_series_id = pairs.earlier_series_id
    where changes.pairing = 'step' and changes.value > 0 and changes.earlier_value > 0
),

-- How the others moved: the large ones, the small ones are noise.
usual as (
    select
        series_id,
        earlier_series_id,
        territory_level,
        count(*) as compared,
        median(moved) filter (where is_large) as usual_move,
        mad(moved) filter (where is_large) as spread,
        count(*) filter (where is_large) as large_ones
    from changes
    group by series_id, earlier_series_id, territory_level
),

slips as (
    select changes.*
    from changes
    left join reshaped
        on
            changes.series_id = reshaped.series_id
            and changes.earlier_series_id = reshaped.earlier_series_id
            and changes.territory_key = reshaped.territory_key
    where
        abs(round(changes.moved)) between 1 and 3
        and abs(changes.moved - round(changes.moved)) < 0.1
        and least(changes.value, changes.earlier_value) >= case when changes.measure = 'apl' then 1 else 10 end
        and greatest(changes.value, changes.earlier_value) >= case when changes.measure = 'apl' then 10 else 100 end
        and reshaped.territory_key is null
),

-- What comes before and after the two numbers of a slip tells which of them is the odd one.
neighbours as (
    select
        slips.series_id,
        slips.earlier_series_id,
        slips.territory_key,
        bool_or(others.series_id = slips.earlier_series_id) as has_earlier,
        bool_or(others.earlier_series_id = slips.series_id) as has_later
    from slips
    inner join changes as others
        on
            slips.territory_key = others.territory_key
            and (slips.earlier_series_id = others.series_id or slips.series_id = others.earlier_series_id)
    group by slips.series_id, slips.earlier_series_id, slips.territory_key
),

reversals as (
    select
        slips.series_id,
        slips.earlier_series_id,
        slips.territory_key,
        bool_or(others.series_id = slips.earlier_series_id) as came_from_it,
        bool_or(others.earlier_series_id = slips.series_id) as goes_back
    from slips
    inner join slips as others
        on
            slips.territory_key = others.territory_key
            and sign(slips.moved) <> sign(others.moved)
            and (slips.earlier_series_id = others.series_id or slips.series_id = others.earlier_series_id)
    group by slips.series_id, slips.earlier_series_id, slips.territory_key
),

around as (
    select
        slips.*,
        coalesce(neighbours.has_earlier, false) as has_earlier,
        coalesce(neighbours.has_later, false) as has_later,
        coalesce(reversals.came_from_it, false) as came_from_it,
        coalesce(reversals.goes_back, false) as goes_back
    from slips
    left join neighbours
        on
            slips.series_id = neighbours.series_id
            and slips.earlier_series_id = neighbours.earlier_series_id
            and slips.territory_key = neighbours.territory_key
    left join reversals
        on
            slips.series_id = reversals.series_id
            and slips.earlier_series_id = reversals.earlier_series_id
            and slips.territory_key = reversals.territory_key
),

odd_ones as (
    select
        around.*,
        not has_earlier and has_later and not goes_back as is_first
    from around
    where not came_from_it
    qualify row_number() over (partition by series_id, territory_key order by earlier_series_id) = 1
),

slipped as (
    select
        blamed.dataset_key,
        'facteur' as cause,
        case
            -- A whole column that moves is another unit, two numbers alone say less than many, and so does a commune
            -- that may have merged unknown to us.
            when usual.compared < 3 or not odd_ones.is_known or abs(round(usual.usual_move)) >= 1 then 'suspicious'
            else 'impossible'
        end as verdict,
        blamed.series_id,
        odd_ones.territory_key,
        case when odd_ones.is_first then odd_ones.earlier_value else odd_ones.value end as value,
        case when odd_ones.is_first then odd_ones.value else odd_ones.earlier_value end as beside,
        case when odd_ones.is_first then odd_ones.series_id else odd_ones.earlier_series_id end as beside_id
    from odd_ones
    inner join series as blamed
        on case when odd_ones.is_first then odd_ones.earlier_series_id else odd_ones.series_id end = blamed.series_id
    left join usual
        on
            odd_ones.series_id = usual.series_id
            and odd_ones.earlier_series_id = usual.earlier_series_id
            and odd_ones.territory_level = usual.territory_level
),

stepped as (
    select
        changes.dataset_key,
        'évolution' as cause,
        'suspicious' as verdict,
        changes.series_id,
        changes.territory_key,
        changes.value,
        changes.earlier_value as beside,
        changes.earlier_series_id as beside_id
    from changes
    inner join usual
        on
            changes.series_id = usual.series_id
            and changes.earlier_series_id = usual.earlier_series_id
            and changes.territory_level = usual.territory_level
    left join reshaped
        on
            changes.series_id = reshaped.series_id
            and changes.earlier_series_id = reshaped.earlier_series_id
            and changes.territory_key = reshaped.territory_key
    left join territories on changes.territory_key = territories.territory_key
    left join parted
        on
            changes.series_id = parted.series_id
            and changes.earlier_series_id = parted.earlier_series_id
            and territories.department_code = parted.department_code
    left join slips
        on
            changes.series_id = slips.series_id
            and changes.earlier_series_id = slips.earlier_series_id
            and changes.territory_key = slips.territory_key
    where
        changes.is_large
        and {{ can_step('changes') }}
        and usual.large_ones >= 10
        -- Ten times the spread, and half as much again, or a third less, at the least.
        and abs(changes.moved - usual.usual_move) > greatest(10 * 1.4826 * usual.spread, log10(1.5))
        and reshaped.territory_key is null
        and slips.territory_key is null
        and not (changes.moved < 0 and parted.department_code is not null)
),

negative as (
    select
        series.dataset_key,
        'signe' as cause,
        'impossible' as verdict,
        numbers.series_id,
        numbers.territory_key,
        numbers.value,
        cast(null as double) as beside,
        cast(null as ubigint) as beside_id
    from {{ ref('dataset_number') }} as numbers
    inner join series on numbers.series_id = series.series_id
    where numbers.value < 0
),

moves as (
    select * from slipped
    union all
    select * from stepped
    union all
    select * from negative
),

failing as (
    select
        moves.dataset_key,
        moves.cause,
        moves.verdict,
        moves.series_id,
        moves.territory_key,
        moves.value,
        moves.beside,
        case
            when earlier.series_id is not null
                then concat_ws(
                    '|', earlier.dataset_key, moves.territory_key,
                    case when earlier.measure <> 'population' then earlier.counted end
                )
        end as beside_ref,
        earlier.dataset_title as beside_fr,
        coalesce(earlier.period_label, earlier.period_key) as beside_label,
        abs(moves.value - coalesce(moves.beside, 0)) as gap,
        {{ gap_percent('abs(moves.value - moves.beside)', 'moves.beside') }} as gap_pct
    from moves
    left join series as earlier on moves.beside_id = earlier.series_id
),

-- Of two numbers either may be the odd one: a change is a subject of both vintages.
either_end as (
    select
        dataset_key,
        count(*) as changes
    from changes
    group by dataset_key
    union all
    select
        earlier_dataset_key as dataset_key,
        count(*) as changes
    from changes
    where earlier_dataset_key <> dataset_key
    group by earlier_dataset_key
),

subjects as (
    select
        dataset_key,
        'facteur' as cause,
        cast(sum(changes) as bigint) as judged,
        0 as incomplete,
        cast(null as varchar) as missing_input
    from either_end
    group by dataset_key
    union all
    select
        dataset_key,
        'évolution' as cause,
        count(*) as judged,
        0 as incomplete,
        cast(null as varchar) as missing_input
    from changes
    where is_large and {{ can_step('changes') }}
    group by dataset_key
    union all
    select
        dataset_key,
        'signe' as cause,
        sum(numbers) as judged,
        0 as incomplete,
        cast(null as varchar) as missing_input
    from series
    group by dataset_key
),

{{ dataset_verdicts('dataset_step', 'dataset_step') }}
