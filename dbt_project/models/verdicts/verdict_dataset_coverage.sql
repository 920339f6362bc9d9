with
series as (
    select * from {{ ref('dataset_series') }}
),

numbers as (
    select
        series_id,
        territory_key,
        value
    from {{ ref('dataset_number') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

vintages as (
    select
        dataset_key,
        dataset_code,
        vintage,
        any_value(dataset_title) as dataset_title,
        max(geography) as geography,
        min(starts_on) as first_date,
        max(starts_on) as last_date
    from series
    group by dataset_key, dataset_code, vintage
),

-- Each vintage and the one before it.
editions as (
    select
        dataset_key,
        geography,
        first_date,
        last_date,
        lag(dataset_key) over edition as earlier_key,
        lag(dataset_title) over edition as earlier_title
    from vintages
    window edition as (partition by dataset_code order by vintage, dataset_key)
),

-- What a vintage says of its last date stands for all that it covers.
latest as (
    select * from series
    qualify row_number() over (partition by dataset_key, family_id order by starts_on desc, period_key desc) = 1
),

expected as (
    select
        editions.dataset_key,
        editions.geography,
        editions.earlier_title,
        earlier.series_id as earlier_series_id,
        earlier.numbers,
        later.series_id
    from editions
    inner join latest as earlier on editions.earlier_key = earlier.dataset_key
    left join latest as later on editions.dataset_key = later.dataset_key and earlier.family_id = later.family_id
),

missing as (
    select
        expected.dataset_key,
        expected.earlier_title,
        expected.earlier_series_id,
        earlier.territory_key,
        earlier.value
    from expected
    inner join numbers as earlier on expected.earlier_series_id = earlier.series_id
    inner join territories on earlier.territory_key = territories.territory_key
    anti join numbers as later
        on expected.series_id = later.series_id and earlier.territory_key = later.territory_key
    where
        expected.series_id is not null
        -- Who merged into another has no line any more.
        and coalesce(territories.valid_to >= expected.geography, true)
),

-- A territory that is nowhere in the vintage is told once, not once for each of its series.
there as (
    select distinct
        series.dataset_key,
        numbers.territory_key
    from numbers
    inner join series on numbers.series_id = series.series_id
    where numbers.territory_key in (select missing.territory_key from missing)
),

gone as (
    select
        missing.dataset_key,
        missing.earlier_title,
        min(missing.earlier_series_id) as earlier_series_id,
        missing.territory_key,
        max(missing.value) as value,
        there.territory_key is null as is_whole
    from missing
    left join there on missing.dataset_key = there.dataset_key and missing.territory_key = there.territory_key
    group by
        missing.dataset_key, missing.earlier_title, missing.territory_key, there.territory_key,
        case when there.territory_key is not null then missing.earlier_series_id end
),

-- Years that the vintage before gave, between the first and the last of this one.
years_gone as (
    select
        editions.dataset_key,
        editions.earlier_title,
        min(earlier.series_id) as earlier_series_id
    from editions
    inner join series as earlier on editions.earlier_key = earlier.dataset_key
    left join series as later
        on editions.dataset_key = later.dataset_key and earlier.period_key = later.period_key
    where
        later.series_id is null
        and earlier.starts_on > editions.first_date
        and earlier.starts_on < editions.last_date
    group by editions.dataset_key, editions.earlier_title, earlier.period_key
),

lacking as (
    select
        dataset_key,
        earlier_title,
        earlier_series_id,
        cast(null as varchar) as territory_key,
        cast(null as double) as value,
        'série' as kind
    from expected
    where series_id is null
    union all
    select
        dataset_key,
        earlier_title,
        earlier_series_id,
        cast(null as varchar) as territory_key,
        cast(null as double) as value,
        'date' as kind
    from years_gone
    union all
    select
        dataset_key,
        earlier_title,
        earlier_series_id,
        territory_key,
        value,
        case when is_whole then 'territoire' else 'ligne' end as kind
    from gone
),

subjects as (
    select
        dataset_key,
        'couverture' as cause,
        cast(sum(numbers) as bigint) as judged,
        0 as incomplete,
        cast(null as varchar) as missing_input
    from expected
    group by dataset_key
),

failing as (
    select
        dataset_key,
        'couverture' as cause,
        'suspicious' as verdict,
        earlier_series_id as series_id,
        territory_key,
        value,
        cast(null as double) as beside,
        cast(null as varchar) as beside_ref,
        earlier_title as beside_fr,
        kind as beside_label,
        cast(null as double) as gap,
        cast(null as double) as gap_pct
    from lacking
),

{{ dataset_verdicts('dataset_coverage', 'dataset_coverage') }}
