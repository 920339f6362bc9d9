with
lines as (
    select * from {{ ref('int_topic_line') }}
),

-- One topic is printed with other typography from one territory to the next; the most printed form names it.
spellings as (
    select
        topic_key,
        topic_code,
        report_key,
        theme_no,
        theme_label_fr,
        section,
        group_label_fr,
        item_label_fr,
        count(*) as printings
    from lines
    group by all
),

most_printed as (
    select * from spellings
    qualify row_number() over (
        partition by topic_key
        order by printings desc, group_label_fr, item_label_fr
    ) = 1
)

select
    topic_key,
    topic_code,
    report_key,
    theme_no,
    theme_label_fr,
    section,
    group_label_fr,
    item_label_fr
from most_printed
order by topic_key
