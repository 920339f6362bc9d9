with
growths as (
    select * from {{ ref('mention') }}
    where nature = 'growth' and unit = 'percent' and value is not null and growth_form in ('annual', 'total')
),

links as (
    select * from {{ ref('fct_observation_link') }}
    where role = 'equivalent'
),

periods as (
    select * from {{ ref('dim_period') }}
),

-- The growth per year and the growth in all of one thing, from one base to one end.
pairs as (
    select
        annual,  -- noqa: RF02
        total,  -- noqa: RF02
        (annual.window_end - bases.end_date) / 365.25 as years,
        row_number() over (
            partition by annual.indicator_key, annual.territory_key, annual.period_key
            order by annual.is_soft or total.is_soft, annual.observation_id, total.observation_id
        ) as subject_rank
    from growths as annual
    inner join links as own on annual.observation_id = own.observation_id
    inner join links on own.link_id = links.link_id
    inner join growths as total on links.observation_id = total.observation_id
    inner join periods as bases on annual.base_period_key = bases.period_key
    where
        annual.growth_form = 'annual'
        and total.growth_form = 'total'
        and annual.territory_key = total.territory_key
        and annual.period_key = total.period_key
        and annual.base_period_key = total.base_period_key
        and annual.window_end > bases.end_date
),

computed as (
    select
        *,
        100 * (power(1 + cast(annual.value as double) / 100, years) - 1) as computed,
        100 * (power(1 + cast(annual.value_low as double) / 100, years) - 1) as computed_low,
        100 * (power(1 + cast(annual.value_high as double) / 100, years) - 1) as computed_high
    from pairs
    where subject_rank = 1
),

judged as (
    select
        total as fact,
        concat_ws('|', total.indicator_key, annual.indicator_key, total.base_period_key) as own,
        computed,
        computed_low,
        computed_high,
        cast(null as varchar) as missing_input,
        round(abs(computed - total.value), 2) as gap,
        [{{ evidence_mention('total', "'growth'") }}, {{ evidence_mention('annual', "'part'") }}] as figures,
        {{ no_others('total') }} as others,
        case
            when
                {{ interval_meets('computed_low', 'computed_high', 'total.value_low', 'total.value_high') }}
                then 'held'
            -- Many say « par an » of a total divided by the years.
            when
                {{ interval_meets(
                    'annual.value_low * years', 'annual.value_high * years', 'total.value_low', 'total.value_high'
                ) }}
                then 'explained'
            else {{ failed_verdict('annual.is_soft or total.is_soft') }}
        end as verdict
    from computed
)

{{ check_verdicts('annual_growth', 'annual', 'compound') }}
