{#-
  The last steps of a rule that compares a printed count with the sum of other printed counts.
  `judged` has: total (a row of contribution_line), computed, figures (list), fact_refs, verdict, missing_input.
-#}
{% macro contribution_figure(alias, role) -%}
    {{ evidence_fact(
        alias ~ '.contribution_id', role, alias, alias ~ '.source_line', alias ~ '.printed', alias ~ '.mentions',
        "'count'", alias ~ '.label_fr', alias ~ '.territory', alias ~ '.period_label'
    ) }}
{%- endmacro %}

{% macro contribution_verdicts(rule_code, relation, concept) -%}
select
    '{{ rule_code }}' as rule_code,
    {{ count_key('total', "'" ~ concept ~ "'", 'total.counted_unit', 'total.topic_key, subject_rank') }} as subject_key,
    verdict,
    {{ severity_of('verdict') }} as severity,
    {{ count_columns('total', "'" ~ concept ~ "'", 'total.counted_unit') }},
    cast([] as varchar[]) as observation_ids,
    fact_refs,
    case when missing_input is null then abs(computed - total.mentions) end as gap,
    case when missing_input is null then {{ gap_percent('computed - total.mentions', 'total.mentions') }} end as gap_pct,
    missing_input,
    total.table_key || '|' || total.territory_key as case_key,
    cast(null as varchar) as parent_subject_key,
    {{ evidence(
        "'" ~ relation ~ "'", 'total.label_fr', 'figures', "'sum'",
        'computed', 'computed', 'computed', 'total.mentions', 'total.mentions', 'total.mentions'
    ) }} as evidence
from judged
{%- endmacro %}
