with
source as (
    select * from {{ bronze('indicator') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.indicator_code as indicator_key,
    source.concept_code,
    source.label_fr,
    source.label_en,
    source.counted_unit,
    source.champ_fr,
    source.definition_fr,
    source.definition_version,
    source.unit,
    source.nature,
    source.measure_code as measure_key,
    source.additive_over_territory,
    source.higher_is_better
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'indicator'
where inputs.superseded_at is null
