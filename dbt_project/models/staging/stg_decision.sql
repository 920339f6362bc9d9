with
source as (
    select * from {{ bronze_versions('decision') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.decision_id,
    source.finding_id,
    source.rule_code,
    source.indicator_code as indicator_key,
    source.territory_key,
    source.period as period_key,
    source.decision,
    source.retained_observation_id,
    source.decided_by,
    source.decided_at,
    source.reason,
    source.guard
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'decision'
where inputs.superseded_at is null
