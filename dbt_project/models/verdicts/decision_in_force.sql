with
decisions as (
    select * from {{ ref('stg_decision') }}
    -- What was decided last stands.
    qualify row_number() over (partition by finding_id order by decided_at desc nulls last, decision_id desc) = 1
),

mentions as (
    select * from {{ ref('mention') }}
),

guarded as (
    select
        decision_id,
        finding_id,
        rule_code,
        guard,
        unnest(json_keys(guard)) as observation_id
    from decisions
    where decision = 'not_comparable' and json_valid(guard)
),

told as (
    select
        guarded.*,
        json_extract(guarded.guard, '$."' || guarded.observation_id || '"') as kept,
        mentions as mention  -- noqa: RF02
    from guarded
    left join mentions on guarded.observation_id = mentions.observation_id
),

-- What is counted must still be what the person saw; of one finding the values too. A family is settled whatever its
-- values are.
judged as (
    select
        decision_id,
        finding_id,
        rule_code,
        observation_id,
        mention,
        case
            when mention is null then true
            when json_type(kept) = 'OBJECT'
                then
                    {{ is_as_guarded('kept', 'mention', 'counted_unit') }}
                    and {{ is_as_guarded('kept', 'mention', 'champ_fr') }}
                    and {{ is_as_guarded('kept', 'mention', 'denominator_fr') }}
                    and {{ is_as_guarded('kept', 'mention', 'definition_version') }}
            when rule_code = 'comparability' or json_type(kept) = 'NULL' then true
            else coalesce(try_cast(kept as decimal(18, 4)) = mention.value, false)
        end as holds
    from told
)

select
    decision_id,
    finding_id,
    rule_code,
    list(observation_id order by observation_id) as observation_ids,
    list(distinct mention.concept_code order by mention.concept_code)
    filter (where mention.concept_code is not null) as concept_codes
from judged
group by decision_id, finding_id, rule_code
-- A figure that is no longer printed proves nothing; with one alone there is nothing to compare.
having bool_and(holds) and count(mention.observation_id) > 1
