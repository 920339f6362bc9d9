with columns_of_datasets as (
    select * from {{ ref('stg_dataset_column') }}
)

select
    dataset_code,
    column_name,
    published_as,
    is_pattern,
    type,
    unit,
    published_in,
    published_column
from columns_of_datasets
order by dataset_code, column_name
