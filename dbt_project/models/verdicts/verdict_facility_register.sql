with
-- The category of FINESS that a concept of the reports is held against.
categories as (
    select
        'msp' as concept_code,
        '603' as category
),

stated as (
    select mention.*
    from {{ ref('mention') }} as mention
    where
        mention.concept_code in (select categories.concept_code from categories)
        and mention.counted_unit in ('structure', 'site')
        and mention.unit = 'count'
        and mention.nature = 'stock'
        and mention.value_form = 'level'
        and mention.status_class = 'observed'
        and mention.is_dated
        and mention.value is not null
),

datasets as (
    select * from {{ ref('dim_dataset') }}
    where reference_date is not null
),

territories as (
    select * from {{ ref('dim_territory') }}
),

departments as (
    select * from territories
    where territory_level = 'department' and valid_to is null
),

-- The departments that each territory is made of: a facility's territory always tells its department.
parts as (
    select
        territories.territory_key,
        departments.department_code
    from territories
    inner join departments
        on
            territories.territory_key = 'country:FR'
            or (territories.territory_level = 'region' and territories.region_code = departments.region_code)
            or territories.territory_key = departments.territory_key
),

-- Establishments as each register describes them: a list of another purpose gives no category.
registered as (
    select
        facilities.dataset_key,
        territories.department_code,
        facilities.category,
        facilities.opened_on,
        facilities.closed_on,
        -- Without a day nobody knows whether it was open on another.
        facilities.opened_on is null
        or (facilities.open_status = 'closed' and facilities.closed_on is null) as is_undated
    from {{ ref('fct_facility') }} as facilities
    inner join territories on facilities.territory_key = territories.territory_key
    where facilities.counted_entity = 'etablissement' and facilities.category is not null
),

covered as (
    select distinct
        dataset_key,
        department_code
    from registered
),

-- Vintages after the figure that have establishments in every department of the territory.
covering as (
    select
        stated.observation_id,
        datasets.dataset_key,
        datasets.reference_date
    from stated
    inner join datasets on stated.window_end <= datasets.reference_date
    inner join parts on stated.territory_key = parts.territory_key
    left join covered
        on datasets.dataset_key = covered.dataset_key and parts.department_code = covered.department_code
    group by all
    having
        bool_and(
            covered.dataset_key is not null
            or (parts.department_code = '976' and datasets.france_scope like 'hors Mayotte%')
        )
),

-- The first of them: the later the vintage, the more of what was open has left it.
first_covering as (
    select * from covering
    qualify row_number() over (partition by observation_id order by reference_date, dataset_key) = 1
),

chosen as (
    select
        stated as fact,  -- noqa: RF02
        datasets as dataset  -- noqa: RF02
    from first_covering
    inner join stated on first_covering.observation_id = stated.observation_id
    inner join datasets on first_covering.dataset_key = datasets.dataset_key
),

counted as (
    select
        chosen.fact,
        chosen.dataset,
        count(*) filter (
            where not registered.is_undated
            and registered.opened_on <= chosen.fact.window_start
            and coalesce(registered.closed_on > chosen.fact.window_start, true)
        ) as at_start,
        count(*) filter (
            where not registered.is_undated
            and registered.opened_on <= chosen.fact.window_end
            and coalesce(registered.closed_on > chosen.fact.window_end, true)
        ) as at_end,
        count(*) filter (where registered.is_undated) as undated
    from chosen
    inner join categories on chosen.fact.concept_code = categories.concept_code
    inner join parts on chosen.fact.territory_key = parts.territory_key
    inner join registered
        on
            chosen.dataset.dataset_key = registered.dataset_key
            and parts.department_code = registered.department_code
            and categories.category = registered.category
    group by chosen.fact, chosen.dataset
),

bounded as (
    select
        fact,
        at_end,
        least(at_start, at_end) as lowest,
        greatest(at_start, at_end) + undated as highest,
        {
            'fact_ref': concat_ws('|', dataset.dataset_key, fact.concept_code, fact.territory_key),
            'dataset_key': dataset.dataset_key,
            'dataset_title': dataset.title,
            'population': at_end,
            'label_fr': fact.label_fr,
            'territory': fact.territory,
            'period_label': fact.period_label
        } as register
    from counted
),

judged as (
    select
        fact,
        fact.indicator_key as own,
        [{{ evidence_mention('fact', "'stated'") }}] as figures,
        [{{ evidence_register('register', "'register'") }}] as others,
        cast(at_end as double) as computed,
        cast(lowest as double) as computed_low,
        cast(highest as double) as computed_high,
        greatest(lowest - fact.value, fact.value - highest, 0) as gap,
        cast(null as varchar) as missing_input,
        case
            when {{ interval_meets('fact.value_low', 'fact.value_high', 'lowest', 'highest') }} then 'held'
            -- A labelled or financed home may be registered later, under one number for several sites, or not at all,
            -- and one that has closed is no longer in a stock: two numbers of what is nearly one thing.
            when {{ interval_meets('fact.value_low', 'fact.value_high', 'lowest / 2.0', 'highest * 2.0') }}
                then 'explained'
            else 'suspicious'
        end as verdict
    from bounded
    qualify row_number() over (
        partition by fact.indicator_key, fact.territory_key, fact.period_key
        order by {{ verdict_rank('verdict') }}, gap desc, fact.observation_id
    ) = 1
)

{{ check_verdicts('facility_register', 'facility_register', 'compare') }}
