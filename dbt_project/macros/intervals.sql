{#-
  Arithmetic of the intervals that printed figures allow. An end that is null is unbounded. Every macro takes SQL
  expressions and gives one; none of them assumes that the ends are inside or outside: two intervals that touch meet.
-#}

{#- Whether two intervals have a point in common. -#}
{% macro interval_meets(low, high, other_low, other_high) -%}
    (coalesce({{ low }} <= {{ other_high }}, true) and coalesce({{ other_low }} <= {{ high }}, true))
{%- endmacro %}

{#- Distance between two intervals: 0 when they meet. -#}
{% macro interval_distance(low, high, other_low, other_high) -%}
    greatest(coalesce({{ low }} - {{ other_high }}, 0), coalesce({{ other_low }} - {{ high }}, 0), 0)
{%- endmacro %}

{#- One end of the sum of the intervals of a group of rows; unbounded as soon as one of them is. -#}
{% macro interval_sum(end) -%}
    case when count(*) = count({{ end }}) then sum({{ end }}) end
{%- endmacro %}

{#-
  Ends of numerator / denominator, for a denominator above 0. The end of the denominator that stretches the quotient is
  the one that the sign of the numerator asks for: a negative end is furthest out over the smallest denominator.
-#}
{% macro interval_ratio_low(low, denominator_low, denominator_high) -%}
    case
        when {{ low }} < 0 then cast({{ low }} as double) / {{ denominator_low }}
        when {{ low }} >= 0 and {{ denominator_high }} is null then 0.0
        else cast({{ low }} as double) / {{ denominator_high }}
    end
{%- endmacro %}

{% macro interval_ratio_high(high, denominator_low, denominator_high) -%}
    case
        when {{ high }} < 0 and {{ denominator_high }} is null then 0.0
        when {{ high }} < 0 then cast({{ high }} as double) / {{ denominator_high }}
        when {{ denominator_low }} > 0 then cast({{ high }} as double) / {{ denominator_low }}
    end
{%- endmacro %}
