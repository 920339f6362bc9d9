with indicators as (
    select * from {{ ref('stg_indicator') }}
)

select
    indicator_key,
    indicator_key as indicator_code,
    concept_code,
    label_fr,
    label_en,
    counted_unit,
    champ_fr,
    definition_fr,
    definition_version,
    unit,
    nature,
    measure_key,
    additive_over_territory,
    higher_is_better
from indicators
order by indicator_key
