with inputs as (
    select * from {{ bronze_inputs() }}
)

-- A version that was withdrawn and received again is listed twice; the current listing wins.
select
    table_name,
    version as input_sha256,
    path,
    source,
    received_at,
    superseded_at
from inputs
qualify row_number() over (
    partition by table_name, version
    order by superseded_at desc nulls first, received_at, source, path
) = 1
