with
source as (
    select * from {{ bronze('policy_parameter') }}
),

inputs as (
    select * from {{ ref('stg_input') }}
)

select
    source.report_id as report_key,
    source.report_id || '#' || source.figure_key as observation_id,
    source.role,
    source.payer,
    source.beneficiary,
    source.zone_category,
    source.condition_fr,
    source.gross_or_net,
    source.legal_basis,
    source.valid_from,
    source.valid_to
from source
inner join inputs
    on source.input_sha256 = inputs.input_sha256 and inputs.table_name = 'policy_parameter'
where inputs.superseded_at is null
