with
source as (
    select * from {{ bronze('figure') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.report_id as report_key,
    source.report_id || '#' || source.figure_key as observation_id,
    source.indicator_code as indicator_key,
    source.territory_key,
    source.period as period_key,
    source.value,
    source.value_low,
    source.value_high,
    source.unit,
    source.kind,
    source.value_form,
    source.obs_status,
    source.growth_form,
    source.rate_period,
    source.per_unit,
    source.hedge,
    source.qualifier,
    source.base_period as base_period_key,
    source.cumulated_since as cumulated_since_period_key,
    source.date_is_explicit,
    source.as_of_low,
    source.as_of_high,
    source.denominator_fr,
    source.denominator_indicator as denominator_indicator_key,
    source.ambiguity_fr,
    source.printed,
    source.source_line,
    source.source_page,
    source.char_start,
    source.char_end,
    source.exhibit_id,
    source.exhibit_kind,
    source.exhibit_title,
    source.statement_origin,
    source.cited_source,
    source.cited_on,
    source.report_id || '#' || source.repeats as repeats_observation_id,
    source.extraction_method,
    source.review_status,
    source.reviewed_by,
    source.input_sha256,
    inputs.received_at as recorded_at,
    inputs.superseded_at
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'figure'
