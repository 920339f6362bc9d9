with rules as (
    select * from {{ ref('stg_rule') }}
)

select
    rule_code,
    rule_code as code,
    title_fr,
    definition_fr,
    tolerance,
    cast(level as integer) as level,
    severity,
    source
from rules
order by rule_code
