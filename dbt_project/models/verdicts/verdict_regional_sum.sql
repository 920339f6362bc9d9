with
lines as (
    select * from {{ ref('contribution_line') }}
),

sums as (
    select
        regions.contribution_id,
        sum(departments.mentions) as computed,
        list(departments.contribution_id order by departments.territory_code, departments.contribution_id) as refs,
        list(
            {{ contribution_figure('departments', "'part'") }}
            order by departments.territory_code, departments.contribution_id
        ) as figures
    from lines as regions
    inner join lines as departments
        on
            regions.topic_key = departments.topic_key
            and regions.counted_unit = departments.counted_unit
            and regions.is_group_total = departments.is_group_total
            and regions.territory_code = departments.region_code
    where regions.territory_level = 'region' and departments.territory_level = 'department'
    group by regions.contribution_id
),

-- A regional line that no department prints is not a sum of anything: it is not expected here.
judged as (
    select
        regions as total,  -- noqa: RF02
        row_number() over (
            partition by regions.topic_key, regions.territory_key, regions.counted_unit
            order by regions.source_line, regions.contribution_id
        ) as subject_rank,
        sums.computed,
        [regions.contribution_id] || sums.refs as fact_refs,
        [{{ contribution_figure('regions', "'total'") }}] || sums.figures as figures,
        cast(null as varchar) as missing_input,
        case when sums.computed = regions.mentions then 'held' else 'impossible' end as verdict
    from sums
    inner join lines as regions on sums.contribution_id = regions.contribution_id
)

{{ contribution_verdicts('regional_sum', 'sum', 'contributions_region') }}
