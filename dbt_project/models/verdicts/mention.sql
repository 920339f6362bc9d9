with
observations as (
    select * from {{ ref('int_observation') }}
    where is_counted and statement_origin <> 'verbatim'
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

reports as (
    select * from {{ ref('dim_report') }}
),

-- An amount holds for its payer, beneficiary, zone and condition: another condition is another amount.
conditions as (
    select
        observation_id,
        concat_ws('|', role, payer, beneficiary, zone_category, condition_fr, gross_or_net) as condition_key
    from {{ ref('fct_policy_parameter') }}
    qualify row_number() over (partition by observation_id order by role, condition_key) = 1
),

dated as (
    select
        observations.*,
        periods.label_fr as period_label,
        coalesce(observations.as_of_low, periods.start_date) as window_start,
        coalesce(observations.as_of_high, periods.end_date) as window_end
    from observations
    left join periods on observations.period_key = periods.period_key
)

select
    dated.observation_id,
    dated.report_key,
    reports.title as report_title,
    reports.supersedes_report_key,
    dated.indicator_key,
    indicators.concept_code,
    indicators.counted_unit,
    indicators.champ_fr,
    indicators.definition_version,
    indicators.label_fr,
    indicators.nature,
    indicators.measure_key,
    indicators.additive_over_territory,
    dated.territory_key,
    territories.territory_code,
    territories.territory_level,
    territories.region_code,
    territories.name as territory,
    dated.period_key,
    dated.period_label,
    dated.window_start,
    dated.window_end,
    -- A year and a day: an academic year or a season ends on the day it began.
    coalesce(dated.window_end - dated.window_start <= 366, false) as is_dated,
    -- A decimal, never a float: the sum of floats hangs on the order of the rows. It is wide, for DuckDB keeps what it
    -- makes of two decimals of 18 digits within 18 digits.
    cast(coalesce(dated.value, (dated.value_low + dated.value_high) / 2) as decimal(24, 5)) as value,
    -- A value printed without a term of approximation is exact when nothing else is known of it.
    case
        when dated.value_low is null and dated.value_high is null and dated.hedge is null then dated.value
        else dated.value_low
    end as value_low,
    case
        when dated.value_low is null and dated.value_high is null and dated.hedge is null then dated.value
        else dated.value_high
    end as value_high,
    coalesce(dated.hedge not in ('entre', 'au_moins', 'au_plus', 'jusqu_a'), false) as is_soft,
    dated.unit,
    dated.kind,
    dated.value_form,
    dated.obs_status,
    case
        -- A provisional count is a count; an estimate is not, and an announced 800 does not belie 730 found.
        when dated.obs_status in ('observed', 'provisional') then 'observed'
        else dated.obs_status
    end as status_class,
    dated.growth_form,
    dated.rate_period,
    dated.per_unit,
    dated.base_period_key,
    dated.cumulated_since_period_key,
    dated.denominator_fr,
    dated.date_is_explicit,
    dated.statement_origin,
    dated.cited_source,
    dated.review_status,
    conditions.condition_key,
    dated.printed,
    dated.qualifier,
    dated.source_line,
    dated.source_page
from dated
inner join indicators on dated.indicator_key = indicators.indicator_key
inner join territories on dated.territory_key = territories.territory_key
inner join reports on dated.report_key = reports.report_key
left join conditions on dated.observation_id = conditions.observation_id
