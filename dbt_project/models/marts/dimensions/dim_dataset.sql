with datasets as (
    select * from {{ ref('stg_dataset') }}
)

select
    dataset_key,
    dataset_code,
    title,
    publisher,
    vintage,
    vintage = max(vintage) over (partition by dataset_code) as is_current,
    reference_date,
    territory_vintage,
    france_scope,
    definition_version,
    covered_territories,
    licence,
    source_sha256
from datasets
order by dataset_key
