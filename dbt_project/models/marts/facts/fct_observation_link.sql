with links as (
    select * from {{ ref('stg_figure_link') }}
)

select
    link_id,
    observation_id,
    role,
    exhaustive,
    report_key
from links
order by link_id, role, observation_id
