with
series as (
    select
        series_id,
        any_value(dataset_key) as dataset_key,
        any_value(period_key) as period_key,
        any_value(measure) as measure,
        any_value(counted) as counted,
        any_value(detail) as detail,
        any_value(sex) as sex,
        any_value(age_from) as age_from,
        any_value(age_to) as age_to,
        count(*) as numbers
    from {{ ref('dataset_number') }}
    group by series_id
),

datasets as (
    select * from {{ ref('dim_dataset') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

professions as (
    select * from {{ ref('dim_profession') }}
),

described as (
    select
        series.*,
        datasets.dataset_code,
        datasets.vintage,
        case
            when contains(datasets.title, datasets.vintage) then datasets.title
            else concat_ws(', ', datasets.title, datasets.vintage)
        end as dataset_title,
        periods.start_date as starts_on,
        periods.label_fr as period_label,
        -- Codes of territories are those of the first of January of their vintage.
        coalesce(
            try_cast(datasets.territory_vintage || '-01-01' as date), datasets.reference_date, periods.start_date
        ) as geography,
        concat_ws(
            ', ',
            case
                when series.measure = 'population'
                    then case series.counted
                        when 'municipale' then 'Population municipale'
                        when 'comptee_a_part' then 'Population comptée à part'
                        when 'totale' then 'Population totale'
                        when 'estimee_1er_janvier' then 'Population estimée au 1er janvier'
                        when 'standardisee' then 'Population standardisée'
                        when 'beneficiaires' then 'Bénéficiaires'
                        else series.counted
                    end
                when series.measure = 'apl' then 'APL'
                when series.measure = 'facility' then 'Établissements'
            end,
            coalesce(professions.profession, case when series.measure <> 'population' then series.counted end),
            professions.speciality,
            case series.sex when 'F' then 'femmes' when 'M' then 'hommes' end,
            case
                when series.age_from is null and series.age_to is null then null
                when series.age_to is null then series.age_from || ' ans et plus'
                when series.age_from is null then 'jusqu’à ' || series.age_to || ' ans'
                else 'de ' || series.age_from || ' à ' || series.age_to || ' ans'
            end
        ) as label_fr
    from series
    inner join datasets on series.dataset_key = datasets.dataset_key
    left join periods on series.period_key = periods.period_key
    left join professions on series.counted = professions.profession_key
)

select
    *,
    -- Legal populations are one series, whichever dataset gives them; anything else is of its dataset alone.
    hash(
        case
            when measure = 'population' and counted in ('municipale', 'comptee_a_part', 'totale') then 'legal'
            else dataset_code
        end,
        measure, counted, detail, sex, age_from, age_to
    ) as family_id
from described
