{#- A label as the readable part of a key: no accents, no case, no punctuation; `-` where there is no label. -#}
{% macro slug(expression) -%}
    coalesce(
        trim(regexp_replace(lower(strip_accents({{ expression }})), '[^a-z0-9]+', '-', 'g'), '-'),
        '-'
    )
{%- endmacro %}
