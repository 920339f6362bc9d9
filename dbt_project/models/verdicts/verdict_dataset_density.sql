with
series as (
    select * from {{ ref('dataset_series') }}
),

professionals as (
    select * from {{ ref('fct_professional') }}
    where
        sex = 'T'
        and age_from is null
        and age_to is null
        and headcount > 0
        and density is not null
        and density_per > 0
        -- A density over other people is not to be compared with the whole population.
        and density_population = 'population totale'
),

periods as (
    select * from {{ ref('dim_period') }}
),

territories as (
    select * from {{ ref('dim_territory') }}
),

-- The decimals that a dataset prints its densities with: half a unit of the last one is what rounding may hide.
printed as (
    select
        dataset_key,
        case
            when bool_and(density = round(density)) then 0.5
            when bool_and(abs(density - round(density, 1)) < 1e-9) then 0.05
            when bool_and(abs(density - round(density, 2)) < 1e-9) then 0.005
            else 0.0005
        end as half
    from professionals
    group by dataset_key
),

populations as (
    select
        populations.territory_key,
        periods.year,
        min(populations.population) as lowest,
        max(populations.population) as highest
    from {{ ref('fct_population') }} as populations
    inner join periods on populations.period_key = periods.period_key
    where
        populations.sex = 'T'
        and populations.age_from is null
        and populations.age_to is null
        and populations.population > 0
        and populations.population_kind in ('municipale', 'totale', 'estimee_1er_janvier')
        and populations.territory_key in (select professionals.territory_key from professionals)
    group by populations.territory_key, periods.year
),

wanted as (
    select distinct
        professionals.territory_key,
        professionals.period_key,
        periods.year
    from professionals
    inner join periods on professionals.period_key = periods.period_key
),

-- The inhabitants of the nearest year, and how far off it is.
nearest as (
    select
        wanted.territory_key,
        wanted.period_key,
        populations.lowest,
        populations.highest,
        populations.year,
        abs(populations.year - wanted.year) as years
    from wanted
    left join populations on wanted.territory_key = populations.territory_key
    qualify row_number() over (
        partition by wanted.territory_key, wanted.period_key
        order by abs(populations.year - wanted.year), populations.year desc
    ) = 1
),

rated as (
    select
        professionals.*,
        professionals.headcount * professionals.density_per * 2 / (nearest.lowest + nearest.highest) as rate,
        nearest.lowest,
        nearest.highest,
        nearest.years,
        nearest.year,
        printed.half,
        hash(
            professionals.dataset_key, professionals.period_key, 'headcount', professionals.profession_key,
            concat_ws('|', professionals.practice_mode, professionals.location_basis, professionals.counted_unit),
            professionals.sex, professionals.age_from, professionals.age_to
        ) as series_id,
        -- Definitions of the population differ by up to 5 %, a department grows by up to 4 % a year, a commune by more.
        case
            when split_part(professionals.territory_key, ':', 1) in ('department', 'region', 'country')
                then 0.05 + 0.04 * nearest.years
            else 0.15 + 0.05 * nearest.years
        end as tolerance
    from professionals
    inner join printed on professionals.dataset_key = printed.dataset_key
    inner join nearest
        on professionals.territory_key = nearest.territory_key and professionals.period_key = nearest.period_key
),

compared as (
    select
        *,
        case
            when lowest is null then null
            when density < 0 then true
            else not (
                headcount * density_per / (density + half) <= highest * (1 + tolerance)
                and (density <= half or headcount * density_per / (density - half) >= lowest * (1 - tolerance))
            )
        end as differs
    from rated
),

-- Where most densities of a profession fail, they are over other inhabitants or per another number of them.
habits as (
    select
        dataset_key,
        profession_key,
        count(differs) >= 10 and avg(case when differs then 1 else 0 end) > 0.5 as is_systematic
    from compared
    group by dataset_key, profession_key
),

subjects as (
    select
        compared.dataset_key,
        'densités' as cause,
        count(compared.differs) as judged,
        count(*) filter (where compared.differs is null) as incomplete,
        min('population : ' || coalesce(territories.name, compared.territory_key)) filter (
            where compared.differs is null
        ) as missing_input
    from compared
    left join territories on compared.territory_key = territories.territory_key
    group by compared.dataset_key
),

failing as (
    select
        compared.dataset_key,
        'densités' as cause,
        case when compared.years = 0 and not habits.is_systematic then 'impossible' else 'suspicious' end as verdict,
        compared.series_id,
        compared.territory_key,
        cast(compared.density as double) as value,
        round(compared.rate, 2) as beside,
        cast(null as varchar) as beside_fr,
        cast(null as varchar) as beside_ref,
        cast(compared.year as varchar) as beside_label,
        abs(compared.density - compared.rate) as gap,
        {{ gap_percent('abs(compared.density - compared.rate)', 'compared.rate') }} as gap_pct
    from compared
    inner join habits
        on compared.dataset_key = habits.dataset_key and compared.profession_key = habits.profession_key
    where compared.differs
),

{{ dataset_verdicts('dataset_density', 'dataset_density', 'none') }}
