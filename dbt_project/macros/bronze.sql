{#-
  Bronze as dbt reads it: exactly the files that `current.parquet` lists, and the zero-row file that gives the
  schema when nothing came in. A glob would read two versions of one input, or fail on an absent one.
-#}
{% macro bronze_path(relative_path) -%}
    {{ (env_var('BAROMETRE_HOME') ~ '/bronze/' ~ relative_path) | replace("'", "''") }}
{%- endmacro %}

{% macro bronze_listing(table_name) -%}
    select distinct path
    from read_parquet('{{ bronze_path("current.parquet") }}')
    where table_name = '{{ table_name }}'
    order by path
{%- endmacro %}

{% macro bronze(table_name) -%}
    {%- set dependency = source('bronze', table_name) -%}
    {%- set paths = [table_name ~ '/empty.parquet'] -%}
    {%- if execute -%}
        {%- do paths.extend(run_query(bronze_listing(table_name)).columns[0].values()) -%}
    {%- endif -%}
    {%- set files = [] -%}
    {%- for path in paths -%}
        {%- do files.append("'" ~ bronze_path(path) ~ "'") -%}
    {%- endfor -%}
    read_parquet([{{ files | join(', ') }}], union_by_name = true)
{%- endmacro %}

{#-
  Every version on disk of a table that is read through `stg_input`, which leaves the version that counts. The view
  then follows a new version without dbt: see docs/decisions/0008-what-a-refresh-does-again.md.
-#}
{% macro bronze_versions(table_name) -%}
    {%- set dependency = source('bronze', table_name) -%}
    read_parquet('{{ bronze_path(table_name ~ "/*.parquet") }}', union_by_name = true)
{%- endmacro %}

{#- The list of input versions itself: which table each feeds, when it was received, when superseded. -#}
{% macro bronze_inputs() -%}
    {%- set dependency = source('bronze', 'current') -%}
    read_parquet('{{ bronze_path("current.parquet") }}')
{%- endmacro %}
