with vintages as (
    select * from {{ ref('stg_authorisation') }}
)

select
    dataset_key,
    authorisation_key,
    territory_key,
    period_key,
    facility_key,
    legal_entity_key,
    kind,
    activity_code,
    activity,
    modality_code,
    modality,
    form_code,
    form,
    authorised_on,
    started_on,
    ends_on,
    is_placeholder_date,
    obs_status,
    conf_status,
    is_aggregate
from vintages
order by dataset_key, authorisation_key
