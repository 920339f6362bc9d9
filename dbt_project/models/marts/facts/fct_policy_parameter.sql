with
parameters as (
    select * from {{ ref('stg_policy_parameter') }}
),

observations as (
    select * from {{ ref('int_observation') }}
    where superseded_at is null
)

select
    parameters.observation_id,
    parameters.role,
    observations.indicator_key,
    observations.territory_key,
    observations.value,
    observations.value_low,
    observations.value_high,
    observations.unit,
    observations.printed,
    parameters.payer,
    parameters.beneficiary,
    parameters.zone_category,
    parameters.condition_fr,
    parameters.gross_or_net,
    parameters.legal_basis,
    parameters.valid_from,
    parameters.valid_to,
    parameters.report_key
from parameters
inner join observations on parameters.observation_id = observations.observation_id
order by parameters.observation_id, parameters.role
