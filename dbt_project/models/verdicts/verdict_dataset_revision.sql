with
series as (
    select * from {{ ref('dataset_series') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

pairs as (
    select
        later.series_id,
        earlier.series_id as earlier_series_id,
        later.dataset_key,
        earlier.dataset_key as earlier_dataset_key,
        earlier.dataset_title as earlier_title,
        earlier.measure,
        earlier.counted,
        coalesce(earlier.period_label, earlier.period_key) as period_label,
        later.geography,
        earlier.geography as earlier_geography
    from {{ ref('dataset_pair') }} as pairs
    inner join series as later on pairs.series_id = later.series_id
    inner join series as earlier on pairs.earlier_series_id = earlier.series_id
    where pairs.pairing = 'revision'
),

-- A commune that merged in between is another one under the same code.
reshaped as (
    select distinct
        pairs.series_id,
        changes.territory_key
    from pairs
    inner join {{ ref('territory_change') }} as changes
        on
            changes.changed_on > least(pairs.earlier_geography, pairs.geography)
            and changes.changed_on <= greatest(pairs.earlier_geography, pairs.geography)
),

compared as (
    select
        pairs.*,
        changes.territory_key,
        changes.value,
        changes.earlier_value,
        abs(changes.value - changes.earlier_value) as gap,
        changes.earlier_status in ('provisional', 'estimated', 'forecast') as was_provisional
    from {{ ref('dataset_change') }} as changes
    inner join pairs
        on changes.series_id = pairs.series_id and changes.earlier_series_id = pairs.earlier_series_id
    left join reshaped
        on changes.series_id = reshaped.series_id and changes.territory_key = reshaped.territory_key
    where changes.pairing = 'revision' and reshaped.territory_key is null
),

subjects as (
    select
        dataset_key,
        earlier_dataset_key as cause,
        count(*) as judged,
        0 as incomplete,
        cast(null as varchar) as missing_input
    from compared
    group by dataset_key, earlier_dataset_key
),

failing as (
    select
        dataset_key,
        earlier_dataset_key as cause,
        case when was_provisional then 'explained' else 'suspicious' end as verdict,
        series_id,
        territory_key,
        value,
        earlier_value as beside,
        concat_ws(
            '|', earlier_dataset_key, territory_key, case when measure <> 'population' then counted end
        ) as beside_ref,
        earlier_title as beside_fr,
        period_label as beside_label,
        gap,
        {{ gap_percent('gap', 'earlier_value') }} as gap_pct
    from compared
    -- What was provisional is told whenever it changes; what was final, from half a percent on.
    where gap > case when was_provisional then 0 else abs(earlier_value) * 0.005 end
),

{{ dataset_verdicts('dataset_revision', 'dataset_revision') }}
