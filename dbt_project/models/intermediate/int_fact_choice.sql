with
facts as (
    select * from {{ ref('int_fact_agreement') }}
),

decisions as (
    select * from {{ ref('int_fact_decision') }}
),

mentions as (
    select * from {{ ref('int_mention') }}
),

choices as (
    select
        facts.*,
        decisions.decision_id,
        decisions.retained_observation_id,
        case
            when decisions.decision_id is not null then 'steward_decision'
            when facts.mention_count = 1 then 'single_printing'
            when not facts.is_comparable then 'not_comparable'
            when facts.is_consistent then 'consistent_most_precise'
            -- A report that contradicts itself proves that none of its pages may be taken at its word.
            when not facts.every_report_is_consistent then 'non_tranche'
            when facts.reviewed_agree then 'reviewed_first'
            when facts.primary_agree then 'primary_publisher'
            when facts.correcting_report_key is not null then 'later_report'
            else 'non_tranche'
        end as choice
    from facts
    left join decisions
        on
            facts.indicator_key = decisions.indicator_key
            and facts.territory_key = decisions.territory_key
            and facts.period_key = decisions.period_key
),

-- The mention that each choice points to; the undecided ones point to none.
chosen as (
    select
        mentions.indicator_key,
        mentions.territory_key,
        mentions.period_key,
        mentions.observation_id
    from mentions
    inner join choices
        on
            mentions.indicator_key = choices.indicator_key
            and mentions.territory_key = choices.territory_key
            and mentions.period_key = choices.period_key
    where
        case choices.choice
            when 'steward_decision' then mentions.observation_id = choices.retained_observation_id
            when 'reviewed_first' then mentions.is_reviewed
            when 'primary_publisher' then mentions.is_primary
            when 'later_report' then mentions.report_key = choices.correcting_report_key
            else choices.choice in ('single_printing', 'consistent_most_precise')
        end
    qualify row_number() over (
        partition by mentions.indicator_key, mentions.territory_key, mentions.period_key
        order by mentions.choice_rank
    ) = 1
)

select
    choices.*,
    chosen.observation_id
from choices
left join chosen
    on
        choices.indicator_key = chosen.indicator_key
        and choices.territory_key = chosen.territory_key
        and choices.period_key = chosen.period_key
