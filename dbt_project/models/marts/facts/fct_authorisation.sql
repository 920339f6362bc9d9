with
vintages as (
    select * from {{ ref('stg_authorisation') }}
),

facilities as (
    select * from {{ ref('dim_facility') }}
)

-- Where the file says no more than who gave the FINESS number, the facility's own territory tells more.
select
    vintages.dataset_key,
    vintages.authorisation_key,
    if(facilities.facility_key is null, vintages.territory_key, facilities.territory_key) as territory_key,
    if(facilities.facility_key is null, vintages.territory_basis, facilities.territory_basis) as territory_basis,
    coalesce(facilities.described_by_dataset_key, vintages.dataset_key) as territory_dataset_key,
    vintages.period_key,
    vintages.facility_key,
    vintages.legal_entity_key,
    vintages.kind,
    vintages.activity_code,
    vintages.activity,
    vintages.modality_code,
    vintages.modality,
    vintages.form_code,
    vintages.form,
    vintages.capacity,
    vintages.status,
    vintages.note_fr,
    vintages.authorised_on,
    vintages.started_on,
    vintages.ends_on,
    vintages.is_placeholder_date,
    vintages.obs_status,
    vintages.conf_status,
    vintages.is_aggregate
from vintages
left join facilities
    on
        vintages.facility_key = facilities.facility_key
        and (vintages.territory_basis is null or vintages.territory_basis = 'finess_number')
order by vintages.dataset_key, vintages.authorisation_key
