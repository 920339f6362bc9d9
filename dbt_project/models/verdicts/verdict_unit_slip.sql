with
levels as (
    select * from {{ ref('mention') }}
    where
        value_form = 'level'
        and status_class = 'observed'
        and nature <> 'flow'
        and is_dated
        and value > 0
        and condition_key is null
        and territory_key <> 'not_stated:none'
),

-- One figure per date: what several printings of one date disagree about is told by the rule contradiction.
dated as (
    select * from levels
    qualify row_number() over (
        partition by indicator_key, territory_key, window_end, rate_period, per_unit
        order by is_soft, observation_id
    ) = 1
),

neighbours as (
    select
        dated as fact,
        lag(dated) over series as earlier,
        lead(dated) over series as later
    from dated
    window series as (partition by indicator_key, territory_key, rate_period, per_unit order by window_end)
),

-- The power of ten that lies between a figure and both of its neighbours.
slips as (
    select
        *,
        log10(fact.value / earlier.value) as from_earlier,
        log10(fact.value / later.value) as from_later
    from neighbours
    where earlier is not null and later is not null
),

judged as (
    select
        fact,
        concat_ws('|', fact.indicator_key, fact.status_class) as own,
        [
            {{ evidence_mention('earlier', "'earlier'") }},
            {{ evidence_mention('fact', "'stated'") }},
            {{ evidence_mention('later', "'later'") }}
        ] as figures,
        {{ no_others() }} as others,
        fact.value / power(10, round(from_earlier)) as computed,
        cast(null as double) as computed_low,
        cast(null as double) as computed_high,
        abs(fact.value - fact.value / power(10, round(from_earlier))) as gap,
        cast(null as varchar) as missing_input,
        case
            when
                round(from_earlier) = round(from_later)
                and abs(round(from_earlier)) between 1 and 3
                and abs(from_earlier - round(from_earlier)) < 0.2
                and abs(from_later - round(from_later)) < 0.2
                then 'suspicious'
            else 'held'
        end as verdict
    from slips
)

{{ check_verdicts('unit_slip', 'slip', 'compare') }}
