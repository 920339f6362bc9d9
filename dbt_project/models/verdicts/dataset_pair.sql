with
series as (
    select * from {{ ref('dataset_series') }}
),

-- The latest earlier date of a series, of its own dataset if there is one, else of any that gives it.
steps as (
    select
        later.series_id,
        earlier.series_id as earlier_series_id,
        'step' as pairing
    from series as later
    inner join series as earlier
        on later.family_id = earlier.family_id and later.starts_on > earlier.starts_on
    qualify rank() over (
        partition by later.series_id
        order by
            earlier.starts_on desc,
            earlier.dataset_key = later.dataset_key desc,
            earlier.dataset_code = later.dataset_code desc,
            case when earlier.dataset_code = later.dataset_code then earlier.vintage end desc
    ) = 1
),

-- The same date in the vintage before, of the same dataset if there is one.
revisions as (
    select
        later.series_id,
        earlier.series_id as earlier_series_id,
        'revision' as pairing
    from series as later
    inner join series as earlier
        on
            later.family_id = earlier.family_id
            and later.starts_on = earlier.starts_on
            and later.period_key = earlier.period_key
            and (later.vintage, later.dataset_key) > (earlier.vintage, earlier.dataset_key)
    qualify row_number() over (
        partition by later.series_id
        order by earlier.dataset_code = later.dataset_code desc, earlier.vintage desc, earlier.dataset_key desc
    ) = 1
)

select * from steps
union all
select * from revisions
