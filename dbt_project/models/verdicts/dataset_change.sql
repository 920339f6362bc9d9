with
pairs as (
    select * from {{ ref('dataset_pair') }}
),

numbers as (
    select * from {{ ref('dataset_number') }}
    where value is not null
)

select
    pairs.pairing,
    pairs.series_id,
    pairs.earlier_series_id,
    later.territory_key,
    later.value,
    earlier.value as earlier_value,
    earlier.obs_status as earlier_status
from pairs
inner join numbers as later on pairs.series_id = later.series_id
inner join numbers as earlier
    on pairs.earlier_series_id = earlier.series_id and later.territory_key = earlier.territory_key
