{{ config(materialized='view') }}

{% for rule_code in rule_codes() %}
    select * from {{ ref('verdict_' ~ rule_code) }}
    {{ 'union all by name' if not loop.last }}
{% endfor %}
