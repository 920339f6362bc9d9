with
mentions as (
    select * from {{ ref('mention') }}
),

registers as (
    select * from {{ ref('register_population') }}
    qualify row_number() over (partition by territory_key order by year desc) = 1
),

terms as (
    select
        shares as share,  -- noqa: RF02
        numerators as numerator,  -- noqa: RF02
        denominators as denominator,  -- noqa: RF02
        registers as register,  -- noqa: RF02
        share_terms.scale,
        coalesce(denominators.value_low, share_terms.population_low) as denominator_low,
        coalesce(denominators.value_high, share_terms.population_high) as denominator_high,
        coalesce(denominators.value, (share_terms.population_low + share_terms.population_high) / 2)
            as denominator_value
    from {{ ref('share_terms') }} as share_terms
    inner join mentions as shares on share_terms.share_id = shares.observation_id
    -- A share whose numerator nobody prints is held to the counts that it can be of: reachable_share.
    inner join mentions as numerators on share_terms.numerator_id = numerators.observation_id
    left join mentions as denominators on share_terms.denominator_id = denominators.observation_id
    left join registers on share_terms.inhabited_key = registers.territory_key
),

computed as (
    select
        *,
        scale * cast(numerator.value as double) / nullif(denominator_value, 0) as computed,
        scale * ({{ interval_ratio_low(
            'numerator.value_low', 'denominator_low', 'denominator_high'
        ) }}) as computed_low,
        scale * ({{ interval_ratio_high(
            'numerator.value_high', 'denominator_low', 'denominator_high'
        ) }}) as computed_high,
        case
            when denominator_value is null then 'denominator ' || share.indicator_key
            when denominator_low <= 0 then 'denominator above 0'
        end as missing_input
    from terms
),

judged as (
    select
        share as fact,
        share.indicator_key || '|' || share.status_class as own,
        computed,
        computed_low,
        computed_high,
        missing_input,
        round(abs(computed - share.value), 2) as gap,
        list_filter([
            {{ evidence_mention('share', "'share'") }},
            {{ evidence_mention('numerator', "'part'") }},
            {{ evidence_mention('denominator', "'base'") }}
        ], lambda figure: figure.ref is not null) as figures,
        list_filter(
            [{{ evidence_register('register', "'base'") }}],
            lambda other: other.ref is not null and denominator.observation_id is null
        ) as others,
        case
            when missing_input is not null then 'not_evaluable'
            when
                {{ interval_meets('computed_low', 'computed_high', 'share.value_low', 'share.value_high') }}
                then 'held'
            -- The register counts other inhabitants than the report may have had in mind.
            when
                denominator.observation_id is null
                and computed between share.value / 1.05 and share.value * 1.05
                then 'held'
            else {{ failed_verdict(
                'share.is_soft or numerator.is_soft or coalesce(denominator.is_soft, false)'
                ~ ' or numerator.period_key <> share.period_key'
                ~ ' or coalesce(denominator.period_key <> share.period_key, true)'
            ) }}
        end as verdict
    from computed
    qualify row_number() over (
        partition by share.indicator_key, share.territory_key, share.period_key, share.status_class
        order by {{ verdict_rank('verdict') }}, gap desc, share.observation_id
    ) = 1
)

{{ check_verdicts('share_of_counts', 'share', 'ratio') }}
