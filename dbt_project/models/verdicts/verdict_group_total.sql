with
lines as (
    select
        *,
        -- One label may head two groups of a table: the order of printing tells them apart.
        row_number() over (
            partition by topic_key, territory_key, counted_unit
            order by source_line, contribution_id
        ) as subject_rank
    from {{ ref('contribution_line') }}
),

totals as (
    select
        lines as total,
        subject_rank,
        lead(source_line, 1, cast(9223372036854775807 as bigint)) over (
            partition by table_key, territory_key, group_label_fr, counted_unit
            order by source_line, contribution_id
        ) as next_line
    from lines
    where is_group_total
),

sums as (
    select
        totals.total.contribution_id as total_id,
        sum(items.mentions) as computed,
        list(items.contribution_id order by items.source_line, items.contribution_id) as item_refs,
        list(
            {{ contribution_figure('items', "'part'") }}
            order by items.source_line, items.contribution_id
        ) as item_figures
    from totals
    inner join lines as items
        on
            totals.total.table_key = items.table_key
            and totals.total.territory_key = items.territory_key
            and totals.total.group_label_fr = items.group_label_fr
            and totals.total.counted_unit = items.counted_unit
            and not items.is_group_total
            and totals.total.source_line < items.source_line
            and totals.next_line > items.source_line
    group by total_id
),

judged as (
    select
        totals.total,
        totals.subject_rank,
        sums.computed,
        [totals.total.contribution_id] || coalesce(sums.item_refs, []) as fact_refs,
        [{{ contribution_figure('totals.total', "'total'") }}] || coalesce(sums.item_figures, []) as figures,
        case when sums.computed is null then 'items' end as missing_input,
        case
            when sums.computed is null then 'not_evaluable'
            when sums.computed = totals.total.mentions then 'held'
            else 'impossible'
        end as verdict
    from totals
    left join sums
        on totals.total.contribution_id = sums.total_id
)

{{ contribution_verdicts('group_total', 'groups', 'contributions_groupe') }}
