with categories as (
    select * from {{ ref('stg_facility_category') }}
)

select
    category_code,
    label_fr,
    short_label_fr,
    domain,
    valid_from,
    valid_to,
    aggregate_code,
    aggregate_label_fr,
    aggregate_2_code,
    aggregate_2_label_fr,
    aggregate_1_code,
    aggregate_1_label_fr,
    vintage
from categories
order by category_code
