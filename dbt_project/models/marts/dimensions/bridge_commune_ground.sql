{{ config(post_hook=[communes_on_function(), commune_moved_function()]) }}

-- What the functions name has to be there before they are:
-- depends_on: {{ ref('dim_territory') }}
-- depends_on: {{ ref('fct_population') }}

with grounds as (
    select * from {{ ref('stg_commune_ground') }}
)

select
    ground_key,
    territory_key,
    valid_from,
    valid_to
from grounds
order by territory_key, ground_key, valid_from
