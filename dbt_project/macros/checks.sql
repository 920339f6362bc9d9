{#-
  The last steps of a rule that judges printed figures. `judged` has: fact (a row of mention), own (what the subject's
  key needs after the fact), verdict, figures and others (evidence: observations, and what is none), gap,
  missing_input, computed, computed_low, computed_high.
-#}
{% macro check_verdicts(rule_code, relation, form) -%}
select
    '{{ rule_code }}' as rule_code,
    concat_ws('|', {{ fact_key('fact') }}, own) as subject_key,
    verdict,
    {{ severity_of('verdict') }} as severity,
    {{ fact_columns('fact') }},
    list_transform(figures, lambda figure: figure.ref) as observation_ids,
    list_transform(others, lambda other: other.ref) as fact_refs,
    case verdict when 'not_evaluable' then null when 'held' then 0 else {{ as_gap('gap') }} end as gap,
    case verdict
        when 'not_evaluable' then null
        when 'held' then 0
        else {{ gap_percent('gap', 'fact.value') }}
    end as gap_pct,
    missing_input,
    {{ case_key(
        'fact',
        "array_to_string(list_sort(list_distinct(list_transform(figures, lambda figure: figure.report_id))), '+')"
    ) }} as case_key,
    cast(null as varchar) as parent_subject_key,
    {{ evidence(
        "'" ~ relation ~ "'", 'fact.label_fr', 'figures || others', "'" ~ form ~ "'",
        'round(computed, 2)', 'round(computed_low, 2)', 'round(computed_high, 2)', 'fact.value', 'fact.value_low', 'fact.value_high'
    ) }} as evidence
from judged
{%- endmacro %}

{#- No figure that is not an observation takes part: an empty list with the type of the evidence. -#}
{% macro no_others(fact="fact") -%}
    list_filter([{{ evidence_mention(fact, "'none'") }}], lambda other: false)
{%- endmacro %}

{#- One figure of the evidence that a dataset gives; alias is a row of register_population. -#}
{% macro evidence_register(alias, role) -%}
    {
        'ref': {{ alias }}.fact_ref,
        'role': {{ role }},
        'report_id': {{ alias }}.dataset_key,
        'report_title': {{ alias }}.dataset_title,
        'line': cast(null as bigint),
        'page': cast(null as bigint),
        'printed': cast(null as varchar),
        'qualifier': cast(null as varchar),
        'value': {{ alias }}.population,
        'low': {{ alias }}.population,
        'high': {{ alias }}.population,
        'unit': 'count',
        'label_fr': {{ alias }}.label_fr,
        'territory': {{ alias }}.territory,
        'period_label': {{ alias }}.period_label,
        'kind': 'actual'
    }
{%- endmacro %}
