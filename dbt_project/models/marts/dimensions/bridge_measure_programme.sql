with programmes as (
    select * from {{ ref('stg_measure_programme') }}
)

select
    measure_key,
    programme,
    axis,
    cast(commitment_no as integer) as commitment_no,
    commitment,
    report_key
from programmes
order by report_key, programme, commitment_no, commitment, measure_key
