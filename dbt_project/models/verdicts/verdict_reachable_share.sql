with
mentions as (
    select * from {{ ref('mention') }}
),

-- A share of a printed whole count, the part itself not printed.
terms as (
    select
        shares as share,  -- noqa: RF02
        denominators as denominator  -- noqa: RF02
    from {{ ref('share_terms') }} as share_terms
    inner join mentions as shares on share_terms.share_id = shares.observation_id
    inner join mentions as denominators on share_terms.denominator_id = denominators.observation_id
    where
        share_terms.numerator_id is null
        and shares.unit = 'percent'
        and denominators.value_low = denominators.value_high
        and denominators.value > 0
),

-- The whole counts that give the share nearest to the one printed.
computed as (
    select
        *,
        ceil(cast(share.value_low as double) * denominator.value / 100 - 1e-9) as least,
        floor(cast(share.value_high as double) * denominator.value / 100 + 1e-9) as most,
        round(cast(share.value as double) * denominator.value / 100) as nearest
    from terms
),

judged as (
    select
        share as fact,
        share.indicator_key || '|' || share.status_class as own,
        100.0 * nearest / denominator.value as computed,
        100.0 * nearest / denominator.value as computed_low,
        100.0 * nearest / denominator.value as computed_high,
        cast(null as varchar) as missing_input,
        abs(100.0 * nearest / denominator.value - share.value) as gap,
        [{{ evidence_mention('share', "'share'") }}, {{ evidence_mention('denominator', "'base'") }}] as figures,
        {{ no_others('share') }} as others,
        -- The share may be of another number than the one that is printed beside it.
        case when coalesce(least <= most, true) then 'held' else 'suspicious' end as verdict
    from computed
    qualify row_number() over (
        partition by share.indicator_key, share.territory_key, share.period_key, share.status_class
        order by {{ verdict_rank('verdict') }}, gap desc, share.observation_id
    ) = 1
)

{{ check_verdicts('reachable_share', 'statement', 'compare') }}
