with
counts as (
    select * from {{ ref('stg_count') }}
),

-- A theme is printed with its label once and with its number afterwards; the most printed label names it.
theme_labels as (
    select
        report_key,
        theme_no,
        theme_label_fr
    from counts
    where theme_label_fr is not null
    group by report_key, theme_no, theme_label_fr
    qualify row_number() over (
        partition by report_key, theme_no
        order by count(*) desc, theme_label_fr
    ) = 1
),

coded as (
    select
        *,
        'T' || theme_no
        || '/' || section
        || '/' || {{ slug('group_label_fr') }}
        || '/' || {{ slug('item_label_fr') }} as topic_code
    from counts
)

select
    coded.contribution_id,
    coded.report_key || '#' || coded.topic_code as topic_key,
    coded.topic_code,
    coded.report_key,
    coded.territory_key,
    cast(coded.theme_no as integer) as theme_no,
    theme_labels.theme_label_fr,
    coded.section,
    coded.group_label_fr,
    coded.item_label_fr,
    coded.is_group_total,
    coded.mentions,
    coded.printed,
    coded.counted_unit,
    coded.source_line,
    coded.char_start,
    coded.char_end
from coded
left join theme_labels
    on coded.report_key = theme_labels.report_key and coded.theme_no = theme_labels.theme_no
