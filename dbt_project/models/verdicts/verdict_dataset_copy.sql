with
series as (
    select * from {{ ref('dataset_series') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

columns as (
    select
        changes.series_id,
        changes.earlier_series_id,
        count(*) as compared,
        count(*) filter (where changes.value = changes.earlier_value) as identical
    from {{ ref('dataset_change') }} as changes
    where
        changes.pairing = 'step'
        -- Three digits or more: chance rarely gives the same twice.
        and least(changes.value, changes.earlier_value) >= 100
    group by changes.series_id, changes.earlier_series_id
    having count(*) >= 20
),

compared as (
    select
        later.dataset_key,
        columns.*,
        earlier.dataset_title as earlier_title,
        earlier.dataset_key as earlier_key,
        coalesce(earlier.period_label, earlier.period_key) as period_label,
        columns.identical > columns.compared / 2 as is_frozen
    from columns
    inner join series as later on columns.series_id = later.series_id
    inner join series as earlier on columns.earlier_series_id = earlier.series_id
),

subjects as (
    select
        dataset_key,
        'recopie' as cause,
        count(*) as judged,
        0 as incomplete,
        cast(null as varchar) as missing_input
    from compared
    group by dataset_key
),

failing as (
    select
        dataset_key,
        'recopie' as cause,
        'suspicious' as verdict,
        series_id,
        cast(null as varchar) as territory_key,
        cast(identical as double) as value,
        cast(compared as double) as beside,
        earlier_key as beside_ref,
        earlier_title as beside_fr,
        period_label as beside_label,
        cast(null as double) as gap,
        {{ gap_percent('identical', 'compared') }} as gap_pct
    from compared
    where is_frozen
),

{{ dataset_verdicts('dataset_copy', 'dataset_copy') }}
