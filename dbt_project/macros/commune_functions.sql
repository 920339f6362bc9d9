{#-
  Functions for analysts: table macros of DuckDB, published with the file (see warehouse/seal.py and
  docs/territories.md). They name their tables by schema alone, so that they stand in any file. An engine without
  table macros gets none.
-#}
{% macro communes_on_function() -%}
    {% if target.type == 'duckdb' -%}
    create or replace macro marts.communes_on(day) as table
    select
        territories.territory_key,
        territories.territory_code as commune_code,
        territories.name,
        territories.department_code,
        territories.region_code
    from marts.dim_territory as territories
    where territories.territory_key in (
        select grounds.territory_key from marts.bridge_commune_ground as grounds
        where {{ _held_on('grounds', 'day') }}
    );
    comment on macro table marts.communes_on is
    'communes_on(day): the communes of a day since 1943, under the names of now. Grain: one commune.'
    {%- endif %}
{%- endmacro %}

{% macro commune_moved_function() -%}
    {% if target.type == 'duckdb' -%}
    create or replace macro marts.commune_moved(from_day, to_day) as table
    with
    pairs as (
        select distinct
            before.territory_key as from_territory_key,
            after.territory_key as to_territory_key
        from marts.bridge_commune_ground as before
        left join marts.bridge_commune_ground as after
            on before.ground_key = after.ground_key and {{ _held_on('after', 'to_day') }}
        where {{ _held_on('before', 'from_day') }}
    ),

    counted as (
        select
            from_territory_key,
            to_territory_key,
            count(*) over (partition by from_territory_key) as parts,
            count(*) over (partition by to_territory_key) as sources
        from pairs
    ),

    inhabitants as (
        select distinct
            populations.territory_key,
            populations.period_key,
            max(populations.population) over (partition by populations.territory_key, populations.period_key) as people
        from marts.fct_population as populations
        where
            populations.population_kind = 'municipale'
            and populations.sex = 'T'
            and populations.age_from is null
            and populations.age_to is null
    ),

    -- Shares of a commune that was split, of one date: the latest at which the inhabitants of every part are known.
    shares as (
        select
            counted.from_territory_key,
            counted.to_territory_key,
            inhabitants.people
            / sum(inhabitants.people) over (partition by counted.from_territory_key, inhabitants.period_key) as share,
            count(*) over (partition by counted.from_territory_key, inhabitants.period_key) as known,
            inhabitants.period_key
        from counted
        inner join inhabitants on counted.to_territory_key = inhabitants.territory_key
        where counted.parts > 1 and counted.sources = 1
    ),

    latest as (
        select shares.*
        from shares
        inner join counted
            on
                shares.from_territory_key = counted.from_territory_key
                and shares.to_territory_key = counted.to_territory_key
                and shares.known = counted.parts
        qualify row_number() over (
            partition by shares.from_territory_key, shares.to_territory_key order by shares.period_key desc
        ) = 1
    )

    select
        counted.from_territory_key,
        counted.to_territory_key,
        case
            when counted.to_territory_key is null then 'left'
            when counted.parts > 1 then 'split'
            when counted.sources > 1 then 'merged'
            when counted.from_territory_key = counted.to_territory_key then 'unchanged'
            else 'recoded'
        end as how,
        case when counted.parts = 1 and counted.to_territory_key is not null then cast(1 as double) end as weight,
        case
            when counted.parts > 1 then latest.share
            when counted.to_territory_key is not null then 1
        end as population_weight
    from counted
    left join latest
        on
            counted.from_territory_key = latest.from_territory_key
            and counted.to_territory_key = latest.to_territory_key;
    comment on macro table marts.commune_moved is
    'commune_moved(from_day, to_day): the communes of one day in those of another. how is unchanged, recoded, merged, '
    'split or left; weight is 1, null where the commune was split or left; population_weight shares out what was split by '
    'municipal populations of one date. Grain: one commune of from_day, one of to_day. See docs/territories.md.'
    {%- endif %}
{%- endmacro %}

{% macro _held_on(holding, day) -%}
    coalesce({{ holding }}.valid_from <= cast({{ day }} as date), true)
    and coalesce({{ holding }}.valid_to >= cast({{ day }} as date), true)
{%- endmacro %}
