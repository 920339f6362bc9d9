with
shares as (
    select * from {{ ref('mention') }}
    where unit = 'percent' and value_form = 'share' and value is not null
),

links as (
    select * from {{ ref('fct_observation_link') }}
),

observations as (
    select * from {{ ref('int_observation') }}
    where superseded_at is null
),

territories as (
    select * from {{ ref('dim_territory') }}
),

-- Lists of shares without a total: where one is printed, part_total holds them to it.
listed as (
    select
        shares as share,  -- noqa: RF02
        links.link_id as own,
        shares as fact,  -- noqa: RF02
        links.exhaustive,
        count(*) over (partition by links.link_id) as printed,
        count(*) over (partition by links.link_id) as expected
    from links
    inner join shares on links.observation_id = shares.observation_id
    inner join observations on links.observation_id = observations.observation_id
    where
        links.role = 'part'
        and observations.observation_id = observations.first_observation_id
        and links.link_id not in (
            select totals.link_id from links as totals
            where totals.role = 'total'
        )
),

-- How many territories of one level a territory is made of.
siblings as (
    select
        parent_territory_key,
        territory_level,
        count(*) as territories
    from territories
    where valid_to is null and territory_level in ('arrondissement', 'department', 'region')
    group by parent_territory_key, territory_level
),

-- A share whose denominator bears the name of the territory above is a share of it.
located as (
    select
        shares as share,  -- noqa: RF02
        parents.territory_key as parent_key,
        parents.territory_code as parent_code,
        parents.name as parent,
        siblings.territories as expected
    from shares
    inner join territories as places on shares.territory_key = places.territory_key
    inner join territories as parents on places.parent_territory_key = parents.territory_key
    inner join siblings
        on parents.territory_key = siblings.parent_territory_key and places.territory_level = siblings.territory_level
    where contains(shares.denominator_fr, parents.name)
    qualify row_number() over (
        partition by shares.report_key, shares.indicator_key, shares.territory_key, shares.period_key
        order by shares.observation_id
    ) = 1
),

divided as (
    select
        share,
        concat_ws('|', share.indicator_key, share.report_key) as own,
        struct_update(
            share, territory_key := parent_key, territory_code := parent_code, territory := parent
        ) as fact,
        'yes' as exhaustive,
        count(*) over (
            partition by share.report_key, share.indicator_key, share.period_key, parent_key, share.territory_level
        ) as printed,
        expected
    from located
),

grouped as (
    select
        own,
        min_by(fact, share.observation_id) as fact,
        bool_and(exhaustive = 'yes') as is_exclusive,
        bool_or(exhaustive = 'no') as may_overlap,
        max(printed) as printed,
        max(expected) as expected,
        bool_or(share.is_soft) as is_soft,
        sum(share.value) as computed,
        {{ interval_sum('share.value_low') }} as computed_low,
        {{ interval_sum('share.value_high') }} as computed_high,
        list({{ evidence_mention('share', "'part'") }} order by share.source_line, share.observation_id) as figures
    from (
        select * from listed
        union all
        select * from divided
    ) as shares_of_one_whole
    group by own, fact.territory_key, fact.period_key
    having count(*) > 1
),

judged as (
    select
        * exclude (fact),
        struct_update(fact, value := 100, value_low := 100, value_high := 100) as fact,
        {{ no_others() }} as others,
        abs(computed - 100) as gap,
        case when printed < expected then 'part' end as missing_input,
        case
            when printed < expected then 'not_evaluable'
            -- Answers of which several may be given are declared as such, and may add to anything.
            when may_overlap then 'held'
            when is_exclusive and not {{ interval_meets('computed_low', 'computed_high', '100', '100') }}
                then {{ failed_verdict('is_soft') }}
            -- Half a point is what readers see: they are told that rounding gives it.
            when is_exclusive and abs(computed - 100) >= 0.5 then 'explained'
            when is_exclusive then 'held'
            when computed_low > 100 then 'suspicious'
            else 'held'
        end as verdict
    from grouped
)

{{ check_verdicts('shares_total', 'sum', 'sum') }}
