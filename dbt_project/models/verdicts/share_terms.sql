with
mentions as (
    select * from {{ ref('mention') }}
    where value is not null
),

links as (
    select * from {{ ref('fct_observation_link') }}
),

relations as (
    select * from {{ ref('dim_indicator_relation') }}
    where relation in ('numerator_of', 'denominator_of')
),

registers as (
    select * from {{ ref('register_population') }}
),

places as (
    select
        territories.territory_key,
        parents.territory_key as parent_key,
        parents.name as parent
    from {{ ref('dim_territory') }} as territories
    inner join {{ ref('dim_territory') }} as parents on territories.parent_territory_key = parents.territory_key
),

-- A share, or a rate per so many inhabitants; how many is 1 of its unit, and whose inhabitants they are: those of the
-- territory, or those of the one above where the denominator bears its name.
shares as (
    select
        mentions as share,  -- noqa: RF02
        case mentions.unit when 'percent' then 100 when 'per_10000' then 10000 else 100000 end as scale,
        case when mentions.unit = 'percent' then places.parent_key else mentions.territory_key end as inhabited_key,
        inhabited_key is not null as is_of_inhabitants
    from mentions
    left join places
        on
            mentions.territory_key = places.territory_key
            and contains(mentions.denominator_fr, 'population')
            and contains(mentions.denominator_fr, places.parent)
    where
        (mentions.unit = 'percent' and mentions.value_form = 'share')
        or (mentions.unit in ('per_10000', 'per_100000') and mentions.value_form = 'level')
),

-- What the report itself ties to the share, and what bears a declared relation to it at the same date.
tied as (
    select
        shares.share.observation_id as share_id,
        case
            when links.role in ('numerator', 'denominator') then links.role
            -- A rate and the count that it is the rate of.
            else 'numerator'
        end as role,
        terms as term,  -- noqa: RF02
        0 as distance
    from shares
    inner join links as own on shares.share.observation_id = own.observation_id and own.role = 'equivalent'
    inner join links on own.link_id = links.link_id and own.observation_id <> links.observation_id
    inner join mentions as terms on links.observation_id = terms.observation_id
    where
        terms.unit = 'count'
        and terms.value_form = 'level'
        and (
            links.role in ('numerator', 'denominator')
            or (links.role = 'equivalent' and shares.is_of_inhabitants)
        )
    union all
    select
        shares.share.observation_id as share_id,
        replace(relations.relation, '_of', '') as role,
        terms as term,  -- noqa: RF02
        case when terms.report_key = shares.share.report_key then 1 else 2 end as distance
    from shares
    inner join relations on shares.share.indicator_key = relations.to_indicator_key
    inner join mentions as terms
        on
            relations.from_indicator_key = terms.indicator_key
            and shares.share.territory_key = terms.territory_key
            and shares.share.status_class = terms.status_class
            and shares.share.period_key = terms.period_key
    where terms.unit = 'count' and terms.value_form = 'level'
),

terms as (
    select * from tied
    qualify row_number() over (
        partition by share_id, role
        order by distance, term.is_soft, term.observation_id
    ) = 1
),

-- Inhabitants that nobody prints are taken from the register, in all its years.
inhabitants as (
    select
        territory_key,
        min(population) as population_low,
        max(population) as population_high
    from registers
    where territory_key in (select shares.inhabited_key from shares)
    group by territory_key
)

select
    shares.share.observation_id as share_id,
    shares.scale,
    numerators.term.observation_id as numerator_id,
    denominators.term.observation_id as denominator_id,
    inhabitants.territory_key as inhabited_key,
    inhabitants.population_low,
    inhabitants.population_high
from shares
left join terms as numerators on shares.share.observation_id = numerators.share_id and numerators.role = 'numerator'
left join terms as denominators
    on shares.share.observation_id = denominators.share_id and denominators.role = 'denominator'
left join inhabitants on denominators.term is null and shares.inhabited_key = inhabitants.territory_key
where numerators.term is not null or denominators.term is not null
