{#- The rules, one model `verdict_<code>` each; a test holds the list against the catalogue. -#}
{% macro rule_codes() -%}
    {{ return([
        'contradiction',
        'comparability',
        'part_total',
        'cumulative_falls',
        'growth_levels',
        'share_range',
        'part_above_whole',
        'participants_total',
        'workshop_without_report',
        'workshop_statement',
        'theme_contributions',
        'group_total',
        'regional_sum',
        'value_range',
        'shares_total',
        'share_of_counts',
        'reachable_share',
        'annual_growth',
        'average_of_parts',
        'unit_slip',
        'copied_value',
        'population_register',
        'population_bound',
        'communes_register',
        'facility_register',
        'workshops_announced',
        'workshops_period',
        'after_publication',
        'target_already_met',
        'forecast_pace',
        'edition_difference',
        'review_wanted',
        'source_frozen',
        'dataset_total',
        'dataset_density',
        'dataset_step',
        'dataset_revision',
        'dataset_coverage',
        'dataset_copy',
        'reference_codes',
    ]) }}
{%- endmacro %}

{#- Severity that goes with a verdict: a contradiction is an error only when no true value can satisfy the rule. -#}
{% macro severity_of(verdict) -%}
    case {{ verdict }}
        when 'impossible' then 'error'
        when 'suspicious' then 'warning'
        when 'explained' then 'info'
        when 'not_comparable' then 'info'
    end
{%- endmacro %}

{#- What cannot hold is impossible, unless a term of approximation carries it: that alone never makes an error. -#}
{% macro failed_verdict(is_soft) -%}
    case when {{ is_soft }} then 'suspicious' else 'impossible' end
{%- endmacro %}

{#- The gravest verdict speaks for its subject: a larger gap that rests on a hedge must not hide an error. -#}
{% macro verdict_rank(verdict) -%}
    case {{ verdict }}
        when 'impossible' then 1
        when 'suspicious' then 2
        when 'not_comparable' then 3
        when 'explained' then 4
        when 'held' then 5
        else 6
    end
{%- endmacro %}

{#- What a fact is: the start of every subject's key. -#}
{% macro fact_key(alias) -%}
    concat_ws(
        '|',
        {{ alias }}.concept_code,
        {{ alias }}.counted_unit,
        coalesce({{ alias }}.champ_fr, ''),
        {{ alias }}.territory_key,
        {{ alias }}.period_key
    )
{%- endmacro %}

{#-
  Findings of one cause: the same measure (else concept) in the same territory and period, printed by the same reports.
  The model `case_of_verdict` joins the cases that share a figure.
-#}
{% macro case_key(alias, reports) -%}
    concat_ws(
        '|',
        coalesce({{ alias }}.measure_key, {{ alias }}.concept_code),
        {{ alias }}.territory_key,
        {{ reports }},
        {{ alias }}.period_key
    )
{%- endmacro %}

{#- One figure of the evidence, from a row of `mention`. -#}
{% macro evidence_mention(alias, role) -%}
    {
        'ref': {{ alias }}.observation_id,
        'role': {{ role }},
        'report_id': {{ alias }}.report_key,
        'report_title': {{ alias }}.report_title,
        'line': {{ alias }}.source_line,
        'page': {{ alias }}.source_page,
        'printed': {{ alias }}.printed,
        'qualifier': {{ alias }}.qualifier,
        'value': cast({{ alias }}.value as double),
        'low': cast({{ alias }}.value_low as double),
        'high': cast({{ alias }}.value_high as double),
        'unit': {{ alias }}.unit,
        'label_fr': {{ alias }}.label_fr,
        'territory': {{ alias }}.territory,
        'period_label': {{ alias }}.period_label,
        'kind': {{ alias }}.kind,
        'counted_unit': {{ alias }}.counted_unit,
        'champ_fr': {{ alias }}.champ_fr,
        'denominator_fr': {{ alias }}.denominator_fr,
        'definition_version': {{ alias }}.definition_version,
        'period_key': {{ alias }}.period_key,
        'is_dated': {{ alias }}.date_is_explicit,
        'status': {{ alias }}.obs_status,
        'is_quoted': {{ alias }}.statement_origin <> 'publisher' or {{ alias }}.cited_source is not null,
        'is_reviewed': {{ alias }}.review_status = 'reviewed'
    }
{%- endmacro %}

{#- One figure of the evidence that is not an observation: a count that is exact as printed. -#}
{% macro evidence_fact(ref, role, report, line, printed, value, unit, label, territory, period_label) -%}
    {
        'ref': {{ ref }},
        'role': {{ role }},
        'report_id': {{ report }}.report_key,
        'report_title': {{ report }}.title,
        'line': {{ line }},
        'page': cast(null as bigint),
        'printed': {{ printed }},
        'qualifier': cast(null as varchar),
        'value': cast({{ value }} as double),
        'low': cast({{ value }} as double),
        'high': cast({{ value }} as double),
        'unit': {{ unit }},
        'label_fr': {{ label }},
        'territory': {{ territory }},
        'period_label': {{ period_label }},
        'kind': 'actual',
        'counted_unit': cast(null as varchar),
        'champ_fr': cast(null as varchar),
        'denominator_fr': cast(null as varchar),
        'definition_version': cast(null as varchar),
        'period_key': cast(null as varchar),
        'is_dated': cast(null as boolean),
        'status': cast(null as varchar),
        'is_quoted': cast(null as boolean),
        'is_reviewed': cast(null as boolean)
    }
{%- endmacro %}

{#- The evidence of one subject; the ends are those of the two sides compared, null where unbounded. -#}
{% macro evidence(
    relation, subject, figures, form,
    computed, computed_low, computed_high, printed, printed_low, printed_high
) -%}
    to_json({
        'relation': {{ relation }},
        'subject_fr': {{ subject }},
        'figures': {{ figures }},
        'arithmetic': {
            'form': {{ form }},
            'computed': cast({{ computed }} as double),
            'computed_low': cast({{ computed_low }} as double),
            'computed_high': cast({{ computed_high }} as double),
            'printed': cast({{ printed }} as double),
            'printed_low': cast({{ printed_low }} as double),
            'printed_high': cast({{ printed_high }} as double)
        }
    })
{%- endmacro %}

{#- Columns of quality.verdict that say what an observation's fact is. -#}
{% macro fact_columns(alias) -%}
    {{ alias }}.indicator_key as indicator_code,
    {{ alias }}.concept_code,
    {{ alias }}.counted_unit,
    {{ alias }}.champ_fr,
    {{ alias }}.territory_key,
    {{ alias }}.territory_code,
    {{ alias }}.period_key,
    {{ alias }}.period_label
{%- endmacro %}

{#- One end of what two levels say, in the form in which their growth is printed; from a row of `ratios`. -#}
{% macro computed_growth(last_end, base_end, ratio_end) -%}
    case
        when missing_side is not null then null
        when is_in_points then cast({{ last_end }} - {{ base_end }} as double)
        when growth.unit = 'multiple' then {{ ratio_end }}
        -- A fall below 0 has no yearly rate.
        when growth.growth_form = 'annual' and years > 0 and {{ ratio_end }} < 0 then null
        when growth.growth_form = 'annual' and years > 0 then 100 * (power({{ ratio_end }}, 1 / years) - 1)
        else 100 * ({{ ratio_end }} - 1)
    end
{%- endmacro %}

{#-
  Materiality of a growth or a multiple: less than one hundredth of the level is lost in the rounding of levels that are
  not printed. `distance` is that of the intervals, `base` and `last` are the levels.
-#}
{% macro is_immaterial_growth(distance, base, last, unit) -%}
    {{ distance }} * {{ base }} / case {{ unit }} when 'percent' then 100 else 1 end < {{ last }} / 100.0
{%- endmacro %}

{#- Materiality of a growth or a multiple: a printed value that ends in 0 or 5 may have been rounded to it. -#}
{% macro is_rounded_to_five(printed, computed, unit) -%}
    {%- set place = "case " ~ unit ~ " when 'multiple' then 0.1 else 1 end" -%}
    {{ unit }} in ('percent', 'multiple')
    and (
        ({{ printed }} % (10 * {{ place }}) = 0 and abs({{ printed }} - {{ computed }}) <= 5 * {{ place }})
        or ({{ printed }} % (5 * {{ place }}) = 0 and abs({{ printed }} - {{ computed }}) <= 2.5 * {{ place }})
    )
{%- endmacro %}

{#-
  A gap as its column keeps it. What is computed of an absurd figure may be beyond it: then the gap is the widest there is,
  and the build goes on.
-#}
{% macro as_gap(gap) -%}
    coalesce(
        try_cast({{ gap }} as decimal(18, 4)),
        case when {{ gap }} is not null then cast(99999999999999 as decimal(18, 4)) end
    )
{%- endmacro %}

{#- Relative gap in percent of a reference; null when the reference is 0. -#}
{% macro gap_percent(gap, reference) -%}
    100.0 * cast({{ gap }} as double) / nullif(abs(cast({{ reference }} as double)), 0)
{%- endmacro %}

{#-
  Whether two mentions speak of one date. Flows and increments need the same period; what holds at a date needs
  windows that overlap, unless one is open or longer than a year: too vague to be compared with anything but itself.
-#}
{% macro same_date(one, other) -%}
    case
        when {{ one }}.period_key = {{ other }}.period_key and {{ one }}.period_key <> 'not_stated' then true
        when {{ one }}.status_class = 'target' then coalesce({{ one }}.window_end = {{ other }}.window_end, false)
        when {{ one }}.nature = 'flow' or {{ one }}.value_form = 'increment' then false
        else
            {{ one }}.is_dated and {{ other }}.is_dated
            and {{ one }}.window_start <= {{ other }}.window_end
            and {{ other }}.window_start <= {{ one }}.window_end
    end
{%- endmacro %}

{#- Whether a figure still is what a decision was taken for; what the guard does not name is not guarded. -#}
{% macro is_as_guarded(guard, figure, name) -%}
    (
        not list_contains(json_keys({{ guard }}), '{{ name }}')
        or json_extract_string({{ guard }}, '$.{{ name }}') is not distinct from {{ figure }}.{{ name }}
    )
{%- endmacro %}
