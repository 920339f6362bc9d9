with datasets as (
    select * from {{ ref('stg_dataset') }}
)

select
    dataset_key,
    dataset_code,
    title,
    publisher,
    vintage,
    reference_date,
    territory_vintage,
    france_scope,
    definition_version,
    covered_territories,
    licence,
    source_sha256
from datasets
order by dataset_key
