with
contributions as (
    select * from {{ ref('fct_contribution') }}
),

topics as (
    select * from {{ ref('dim_topic') }}
),

reports as (
    select * from {{ ref('dim_report') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
)

select
    contributions.contribution_id,
    contributions.topic_key,
    contributions.territory_key,
    territories.territory_code,
    territories.territory_level,
    territories.name as territory,
    territories.region_code,
    contributions.is_group_total,
    contributions.mentions,
    contributions.printed,
    contributions.counted_unit,
    contributions.source_line,
    topics.theme_no,
    topics.theme_label_fr,
    topics.section,
    topics.group_label_fr,
    topics.item_label_fr,
    topics.report_key || '|T' || topics.theme_no || '|' || topics.section as table_key,
    coalesce(topics.item_label_fr, topics.group_label_fr) as label_fr,
    reports.report_key,
    reports.title,
    strftime(reports.published_on, '%Y') as period_key,
    strftime(reports.published_on, '%Y') as period_label
from contributions
inner join topics on contributions.topic_key = topics.topic_key
inner join reports on contributions.report_key = reports.report_key
inner join territories on contributions.territory_key = territories.territory_key
