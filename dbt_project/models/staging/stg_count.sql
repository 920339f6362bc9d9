with
source as (
    select * from {{ bronze('count') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.report_id as report_key,
    source.report_id || '#' || source.count_key as contribution_id,
    source.territory_key,
    source.theme_no,
    source.theme_label_fr,
    source.section,
    source.group_label_fr,
    source.item_label_fr,
    source.is_group_total,
    source.mentions,
    source.printed,
    source.counted_unit,
    source.source_line,
    source.char_start,
    source.char_end
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'count'
where inputs.superseded_at is null
