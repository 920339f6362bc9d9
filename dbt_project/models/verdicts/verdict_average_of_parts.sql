with
rates as (
    select * from {{ ref('mention') }}
    where
        value is not null
        and (
            (unit = 'percent' and value_form = 'share')
            or (unit in ('per_10000', 'per_100000') and value_form = 'level')
        )
),

territories as (
    select * from {{ ref('dim_territory') }}
),

registers as (
    select
        territory_key,
        cast(avg(population) as decimal(24, 4)) as population
    from {{ ref('register_population') }}
    group by territory_key
),

siblings as (
    select
        parent_territory_key,
        territory_level,
        count(*) as territories
    from territories
    where valid_to is null and territory_level in ('arrondissement', 'department', 'region')
    group by parent_territory_key, territory_level
),

-- One figure per territory: the least hedged printing.
parts as (
    select
        rates as part,  -- noqa: RF02
        territories.parent_territory_key as whole_key,
        registers.population
    from rates
    inner join territories on rates.territory_key = territories.territory_key
    left join registers on rates.territory_key = registers.territory_key
    where rates.territory_level in ('arrondissement', 'department', 'region')
    qualify row_number() over (
        partition by
            rates.indicator_key, rates.territory_key, rates.period_key, rates.status_class, rates.denominator_fr
        order by rates.is_soft, rates.observation_id
    ) = 1
),

wholes as (
    select * from rates
    qualify row_number() over (
        partition by indicator_key, territory_key, period_key, status_class, denominator_fr
        order by is_soft, observation_id
    ) = 1
),

compared as (
    select
        wholes as fact,  -- noqa: RF02
        parts.part.territory_level as level_of_parts,
        count(*) as printed,
        max(siblings.territories) as expected,
        min(parts.part.value_low) as least,
        max(parts.part.value_high) as most,
        count(parts.part.value_low) = count(*) and count(parts.part.value_high) = count(*) as is_bounded,
        bool_or(parts.part.is_soft) as is_soft,
        count(parts.population) = count(*) as is_weighted,
        sum(parts.part.value * parts.population) / sum(parts.population) as computed,
        sum(parts.part.value_low * parts.population) / sum(parts.population) as mean_low,
        sum(parts.part.value_high * parts.population) / sum(parts.population) as mean_high,
        list(
            {{ evidence_mention('parts.part', "'part'") }}
            order by parts.part.territory_code, parts.part.observation_id
        ) as figures
    from wholes
    inner join parts
        on
            wholes.territory_key = parts.whole_key
            and wholes.indicator_key = parts.part.indicator_key
            and wholes.period_key = parts.part.period_key
            and wholes.status_class = parts.part.status_class
            and wholes.denominator_fr is not distinct from parts.part.denominator_fr
    inner join siblings
        on
            wholes.territory_key = siblings.parent_territory_key
            and parts.part.territory_level = siblings.territory_level
    group by wholes, parts.part.territory_level  -- noqa: RF02
    having count(*) > 1
),

judged as (
    select
        fact,
        concat_ws('|', fact.indicator_key, fact.status_class, level_of_parts) as own,
        [{{ evidence_mention('fact', "'whole'") }}] || figures as figures,
        {{ no_others() }} as others,
        computed,
        -- Inhabitants are the weights of what is a share of them; of anything else only the range is known.
        case when is_weighted and is_of_inhabitants then mean_low else least end as computed_low,
        case when is_weighted and is_of_inhabitants then mean_high else most end as computed_high,
        case when is_weighted and is_of_inhabitants then round(abs(computed - fact.value), 2) end as gap,
        case when printed < expected then 'part' when not is_bounded then 'bound' end as missing_input,
        case
            when printed < expected or not is_bounded then 'not_evaluable'
            when not {{ interval_meets('least', 'most', 'fact.value_low', 'fact.value_high') }}
                then {{ failed_verdict('is_soft or fact.is_soft') }}
            -- The register weighs by other inhabitants than the report may have counted: a doubt, never more.
            when
                is_weighted
                and is_of_inhabitants
                and not {{ interval_meets('mean_low', 'mean_high', 'fact.value_low', 'fact.value_high') }}
                then 'suspicious'
            else 'held'
        end as verdict
    from (
        select
            *,
            coalesce(fact.unit <> 'percent' or fact.denominator_fr in ('population', 'habitants'), false)
                as is_of_inhabitants
        from compared
    ) as weighted
)

{{ check_verdicts('average_of_parts', 'average', 'compare') }}
