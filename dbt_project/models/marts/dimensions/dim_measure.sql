with measures as (
    select * from {{ ref('stg_measure') }}
)

select
    measure_key,
    measure_key as measure_code,
    label_fr,
    label_en,
    parent_measure_key
from measures
order by measure_key
