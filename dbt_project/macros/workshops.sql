{#- Columns of quality.verdict that say what a fact of a workshop or of a count of contributions is. -#}
{% macro count_columns(alias, concept, counted_unit) -%}
    cast(null as varchar) as indicator_code,
    {{ concept }} as concept_code,
    {{ counted_unit }} as counted_unit,
    cast(null as varchar) as champ_fr,
    {{ alias }}.territory_key,
    {{ alias }}.territory_code,
    {{ alias }}.period_key,
    {{ alias }}.period_label
{%- endmacro %}

{% macro count_key(alias, concept, counted_unit, own) -%}
    concat_ws('|', {{ concept }}, {{ counted_unit }}, '', {{ alias }}.territory_key, {{ alias }}.period_key, {{ own }})
{%- endmacro %}
