with
families as (
    select
        decision_id,
        concept_codes,
        len(concept_codes) = 1 as is_of_one_concept
    from {{ ref('decision_in_force') }}
    where rule_code = 'comparability'
),

mentions as (
    select * from {{ ref('mention') }}
),

-- What is declared to be part of a whole, or narrower, was no part of the question.
nested as (
    select
        from_indicator_key as indicator_key,
        to_indicator_key as other_indicator_key
    from {{ ref('dim_indicator_relation') }}
    where relation in ('part_of', 'narrower_than')
    union
    select
        to_indicator_key as indicator_key,
        from_indicator_key as other_indicator_key
    from {{ ref('dim_indicator_relation') }}
    where relation in ('part_of', 'narrower_than')
)

-- Every two figures of the family, those of later reports included, and in either order.
select
    one.observation_id,
    other.observation_id as other_observation_id,
    min(families.decision_id) as decision_id
from families
inner join mentions as one on list_contains(families.concept_codes, one.concept_code)
inner join mentions as other
    on
        list_contains(families.concept_codes, other.concept_code)
        and one.indicator_key <> other.indicator_key
        and (one.concept_code <> other.concept_code or families.is_of_one_concept)
        and one.unit = other.unit
        and one.value_form = other.value_form
left join nested on one.indicator_key = nested.indicator_key and other.indicator_key = nested.other_indicator_key
where nested.indicator_key is null
group by one.observation_id, other.observation_id
