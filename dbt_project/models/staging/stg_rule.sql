with
source as (
    select * from {{ bronze('rule') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.rule_code,
    source.title_fr,
    source.definition_fr,
    source.subjects_fr,
    source.relation,
    source.tolerance,
    source.level,
    source.severity,
    source.owner,
    source.source,
    source.why
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'rule'
where inputs.superseded_at is null
