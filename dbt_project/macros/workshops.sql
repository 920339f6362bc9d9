{#- What a code of the workshops' tables is called. -#}
{% macro workshop_label(code) -%}
    case {{ code }}
        when 'elus' then 'Élus'
        when 'institutionnels' then 'Institutionnels'
        when 'professionnels' then 'Professionnels de santé et médico-sociaux'
        when 'associations' then 'Associations'
        when 'usagers' then 'Usagers du système de santé'
        when 'autres' then 'Autres'
        when 'total' then 'Total'
        when 'date' then 'Date'
        when 'start_time' then 'Heure de début'
        when 'end_time' then 'Heure de fin'
        when 'participants' then 'Participants'
        else {{ code }}
    end
{%- endmacro %}

{#- « de l’atelier de Pau », « d’Angoulême », « des Eyzies », « (Réunion départementale) » where no town is named. -#}
{% macro of_workshop(place) -%}
    'de l’atelier '
    || case
        when {{ place }} like 'Réunion%' then '(' || {{ place }} || ')'
        when {{ place }} like 'Les %' then 'des ' || substr({{ place }}, 5)
        when {{ place }} like 'Le %' then 'du ' || substr({{ place }}, 4)
        when regexp_matches(lower(strip_accents({{ place }})), '^[aeiouy]') then 'd’' || {{ place }}
        else 'de ' || {{ place }}
    end
{%- endmacro %}

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
