with
source as (
    select * from {{ bronze('facility_category') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.category_code,
    source.label_fr,
    source.short_label_fr,
    source.domain,
    source.valid_from,
    source.valid_to,
    source.aggregate_code,
    source.aggregate_label_fr,
    source.aggregate_2_code,
    source.aggregate_2_label_fr,
    source.aggregate_1_code,
    source.aggregate_1_label_fr,
    source.vintage
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'facility_category'
where inputs.superseded_at is null
