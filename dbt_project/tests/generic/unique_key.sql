{#- A key of several columns is unique; nulls compare equal, since an absent age or date is part of a key. -#}
{% test unique_key(model, columns) %}
select
    {{ columns | join(',\n    ') }},
    count(*) as duplicates
from {{ model }}
group by all
having count(*) > 1
{% endtest %}
