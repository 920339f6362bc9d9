with
statuses as (
    select * from {{ ref('fct_territory_status') }}
),

datasets as (
    select * from {{ ref('dim_dataset') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

-- One series a code that the reference lacks, and one for each classification that lacks none.
series as (
    select
        statuses.dataset_key,
        datasets.title as dataset_title,
        datasets.vintage,
        statuses.dataset_key || '|' || statuses.territory_level || ':' || statuses.territory_code as series_id,
        statuses.name || ' (' || statuses.territory_code || ')' as label_fr,
        datasets.vintage as period_label,
        statuses.period_key,
        cast(null as varchar) as counted,
        'code' as measure,
        statuses.territory_key is null as is_unknown
    from statuses
    inner join datasets on statuses.dataset_key = datasets.dataset_key
),

subjects as (
    select
        dataset_key,
        'codes' as cause,
        count(*) as judged,
        0 as incomplete,
        cast(null as varchar) as missing_input
    from series
    group by dataset_key
),

failing as (
    select
        dataset_key,
        'codes' as cause,
        'suspicious' as verdict,
        series_id,
        cast(null as varchar) as territory_key,
        cast(null as double) as value,
        cast(null as double) as beside,
        cast(null as varchar) as beside_ref,
        cast(null as varchar) as beside_fr,
        cast(null as varchar) as beside_label,
        cast(null as double) as gap,
        cast(null as double) as gap_pct
    from series
    where is_unknown
),

{{ dataset_verdicts('reference_codes', 'reference_codes') }}
