with rules as (
    select * from {{ ref('stg_rule') }}
)

select
    rule_code,
    rule_code as code,
    title_fr,
    definition_fr,
    subjects_fr,
    relation,
    tolerance,
    cast(level as integer) as level,
    severity,
    owner,
    source,
    why
from rules
order by rule_code
