with reports as (
    select * from {{ ref('stg_report') }}
)

select
    report_key,
    report_key as report_id,
    title,
    publisher,
    scope_territory_key,
    published_on,
    published_precision,
    source_name,
    source_sha256,
    licence,
    supersedes_report_key,
    extract_version,
    recorded_at
from reports
where superseded_at is null
order by report_key
