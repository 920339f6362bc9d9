with
observations as (
    select * from {{ ref('fct_observation') }}
),

versions as (
    select
        report_key,
        extract_version,
        min(recorded_at) as recorded_at,
        lead(extract_version) over (partition by report_key order by extract_version) as next_version,
        lead(min(recorded_at)) over (partition by report_key order by extract_version) as next_recorded_at
    from observations
    group by report_key, extract_version
),

-- Every row of one version meets its own row of the next; what stands on one side only was withdrawn or added.
earlier as (
    select
        observations.*,
        versions.next_version,
        versions.next_recorded_at
    from observations
    inner join versions
        on
            observations.report_key = versions.report_key
            and observations.extract_version = versions.extract_version
    where versions.next_version is not null
),

later as (
    select
        observations.*,
        versions.extract_version as previous_version
    from observations
    inner join versions
        on
            observations.report_key = versions.report_key
            and observations.extract_version = versions.next_version
),

pairs as (
    select
        coalesce(later.observation_id, earlier.observation_id) as observation_id,
        coalesce(later.report_key, earlier.report_key) as report_key,
        coalesce(later.recorded_at, earlier.next_recorded_at) as changed_at,
        coalesce(earlier.extract_version, later.previous_version) as from_extract_version,
        coalesce(later.extract_version, earlier.next_version) as to_extract_version,
        earlier.printed as old_printed,
        later.printed as new_printed,
        earlier.value as old_value,
        later.value as new_value,
        case
            when earlier.observation_id is null then 'added'
            when later.observation_id is null then 'withdrawn'
            when (earlier.value is distinct from later.value) then 'value'
            when
                (earlier.value_low is distinct from later.value_low)
                or (earlier.value_high is distinct from later.value_high)
                then 'interval'
            when
                earlier.indicator_key <> later.indicator_key
                or earlier.territory_key <> later.territory_key
                or earlier.period_key <> later.period_key
                then 'what_is_measured'
            when
                earlier.obs_status <> later.obs_status
                or earlier.value_form <> later.value_form
                or earlier.kind <> later.kind
                or earlier.statement_origin <> later.statement_origin
                then 'status'
            when earlier.printed <> later.printed or (earlier.char_start is distinct from later.char_start)
                then 'place_or_wording'
            when earlier.review_status <> later.review_status then 'review'
            else 'none'
        end as change
    from earlier
    full join later
        on
            earlier.observation_id = later.observation_id
            and earlier.next_version = later.extract_version
)

select
    observation_id,
    report_key,
    changed_at,
    from_extract_version,
    to_extract_version,
    change,
    case change
        when 'added' then 'read_in_new_extract_version'
        when 'withdrawn' then 'absent_from_new_extract_version'
        when 'review' then 'reviewed'
        else 'corrected_in_new_extract_version'
    end as reason,
    old_printed,
    new_printed,
    old_value,
    new_value
from pairs
where change <> 'none'
