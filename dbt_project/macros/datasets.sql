{#-
  The last steps of a rule that judges the numbers of a dataset all together: one subject per vintage and cause, with
  how many were judged, how many failed, and the worst of them. Before it come `series` (dataset_series),
  `territories` (dim_territory) and two more.
  `subjects`: dataset_key, cause, judged (comparisons made), incomplete (those that lack an input), missing_input.
  `failing`: dataset_key, cause, verdict, series_id, territory_key (null: the whole series), value, beside (what it is
  compared with), beside_ref (null where that is computed), beside_fr, beside_label, gap, gap_pct.
-#}
{% macro dataset_verdicts(rule_code, relation, unit="count") -%}
titles as (
    select
        dataset_key,
        any_value(dataset_title) as dataset_title,
        max(vintage) as vintage
    from series
    group by dataset_key
),

ranked as (
    select
        *,
        row_number() over (
            partition by dataset_key, cause
            order by {{ verdict_rank('verdict') }}, abs(gap_pct) desc nulls last, abs(gap) desc nulls last, territory_key nulls first, series_id
        ) as place
    from failing
),

worst as (
    select
        ranked.dataset_key,
        ranked.cause,
        ranked.place,
        ranked.value,
        ranked.beside,
        ranked.beside_ref,
        {
            'ref': {{ dataset_ref('ranked', 'series') }},
            'role': 'stated',
            'report_id': ranked.dataset_key,
            'report_title': series.dataset_title,
            'line': cast(null as bigint),
            'page': cast(null as bigint),
            'printed': cast(null as varchar),
            'qualifier': cast(null as varchar),
            'value': ranked.value,
            'low': ranked.value,
            'high': ranked.value,
            'unit': '{{ unit }}',
            'label_fr': series.label_fr,
            'territory': territories.name,
            'period_label': coalesce(series.period_label, series.period_key),
            'kind': 'actual',
            'counted_unit': series.counted,
            'period_key': series.period_key,
            'status': ranked.verdict,
            'beside': ranked.beside,
            'beside_fr': ranked.beside_fr,
            'beside_label': ranked.beside_label
        } as figure
    from ranked
    left join series on ranked.series_id = series.series_id
    left join territories on ranked.territory_key = territories.territory_key
    where ranked.place <= 10
),

told as (
    select
        dataset_key,
        cause,
        list(figure order by place) as figures,
        list(distinct figure.ref) || coalesce(list(distinct beside_ref) filter (where beside_ref is not null), []) as refs,
        arg_min(value, place) as value,
        arg_min(beside, place) as beside
    from worst
    group by dataset_key, cause
),

found as (
    select
        dataset_key,
        cause,
        min_by(verdict, place) as verdict,
        count(*) as failed,
        count(*) filter (where verdict = 'impossible') as impossible,
        min_by(gap, place) as gap,
        min_by(gap_pct, place) as gap_pct
    from ranked
    group by dataset_key, cause
),

judged as (
    select
        subjects.dataset_key,
        subjects.cause,
        coalesce(found.verdict, 'held') as verdict,
        cast(null as varchar) as missing_input,
        subjects.judged as compared,
        coalesce(found.failed, 0) as failed,
        coalesce(found.impossible, 0) as impossible,
        found.gap,
        found.gap_pct,
        told.figures,
        coalesce(told.refs, []) as refs,
        told.value,
        told.beside
    from subjects
    left join found on subjects.dataset_key = found.dataset_key and subjects.cause = found.cause
    left join told on subjects.dataset_key = told.dataset_key and subjects.cause = told.cause
    where subjects.judged > 0
    union all
    -- What could not be judged is told apart: it hides neither what held nor what did not.
    select
        dataset_key,
        cause || '|incomplete' as cause,
        'not_evaluable' as verdict,
        missing_input || case when incomplete > 1 then ' (et ' || (incomplete - 1) || ' autres)' else '' end as missing_input,
        0 as compared,
        0 as failed,
        0 as impossible,
        null as gap,
        null as gap_pct,
        null as figures,
        [] as refs,
        null as value,
        null as beside
    from subjects
    where incomplete > 0
)

select
    '{{ rule_code }}' as rule_code,
    concat_ws('|', 'jeu', 'none', '', 'not_stated:none', 'not_stated', judged.dataset_key, judged.cause) as subject_key,
    judged.verdict,
    {{ severity_of('judged.verdict') }} as severity,
    cast(null as varchar) as indicator_code,
    'jeu' as concept_code,
    'none' as counted_unit,
    cast(null as varchar) as champ_fr,
    'not_stated:none' as territory_key,
    cast(null as varchar) as territory_code,
    cast(null as varchar) as period_key,
    titles.vintage as period_label,
    cast([] as varchar[]) as observation_ids,
    list_sort(judged.refs) as fact_refs,
    case judged.verdict when 'held' then 0 else {{ as_gap('judged.gap') }} end as gap,
    case judged.verdict when 'held' then 0 else cast(judged.gap_pct as double) end as gap_pct,
    judged.missing_input,
    concat_ws('|', 'jeu', judged.dataset_key, '{{ relation }}', judged.cause) as case_key,
    cast(null as varchar) as parent_subject_key,
    to_json({
        'relation': '{{ relation }}',
        'subject_fr': titles.dataset_title,
        'cause': judged.cause,
        'figures': coalesce(judged.figures, []),
        'arithmetic': {
            'form': 'compare',
            'computed': judged.beside,
            'computed_low': judged.beside,
            'computed_high': judged.beside,
            'printed': judged.value,
            'printed_low': judged.value,
            'printed_high': judged.value
        },
        'compared': judged.compared,
        'failed': judged.failed,
        'impossible': judged.impossible
    }) as evidence
from judged
inner join titles on judged.dataset_key = titles.dataset_key
{%- endmacro %}

{#- What a number of a dataset is called among the facts: populations as the rules that read the register call them. -#}
{% macro dataset_ref(alias, series) -%}
    concat_ws(
        '|',
        {{ alias }}.dataset_key,
        {{ alias }}.territory_key,
        case when {{ series }}.measure <> 'population' then {{ series }}.counted end
    )
{%- endmacro %}

{#- Whether two series are of one dataset, date and measure, and of one of everything that is named. -#}
{% macro same_series(one, other, columns) -%}
    {{ one }}.dataset_key = {{ other }}.dataset_key
    and {{ one }}.period_key = {{ other }}.period_key
    and {{ one }}.measure = {{ other }}.measure
    {%- for column in columns %}
    and {{ one }}.{{ column }} is not distinct from {{ other }}.{{ column }}
    {%- endfor %}
{%- endmacro %}

{#- From which number on a step tells something: below it a few people more or less are a large share. -#}
{% macro large_number(series) -%}
    case {{ series }}.measure when 'population' then 2000 when 'headcount' then 100 when 'facility' then 100 end
{%- endmacro %}

{#- Where a step is judged by its likelihood: not what is summed from parts that change, nor what may have merged. -#}
{% macro can_step(changes) -%}
    (
        {{ changes }}.territory_level in ('country', 'region', 'department', 'municipal_arrondissement')
        or ({{ changes }}.territory_level = 'commune' and {{ changes }}.is_known)
    )
{%- endmacro %}
