with
indicators as (
    select * from {{ ref('dim_indicator') }}
),

relations as (
    select * from {{ ref('dim_indicator_relation') }}
),

mentions as (
    select * from {{ ref('mention') }}
    where
        territory_key <> 'not_stated:none'
        and value_form in ('level', 'share', 'parameter', 'increment')
        and status_class in ('observed', 'estimated', 'forecast', 'target')
),

-- What is printed of a territory, whatever the number of reports that print it.
printed as (
    select
        concept_code,
        measure_key,
        indicator_key,
        nature,
        counted_unit,
        unit,
        value_form,
        territory_key,
        status_class,
        case when status_class = 'target' then year(window_end) end as due_year,
        min(report_key) as first_report_key,
        max(report_key) as last_report_key
    from mentions
    group by all
),

-- What is declared to be part of a whole, or narrower, is compared by rules of its own.
nested as (
    select
        from_indicator_key as indicator_key,
        to_indicator_key as other_indicator_key
    from relations
    where relation in ('part_of', 'narrower_than')
    union
    select
        to_indicator_key as indicator_key,
        from_indicator_key as other_indicator_key
    from relations
    where relation in ('part_of', 'narrower_than')
    union
    -- Parts of one whole are counted apart on purpose.
    select
        one.from_indicator_key as indicator_key,
        other.from_indicator_key as other_indicator_key
    from relations as one
    inner join relations as other on one.to_indicator_key = other.to_indicator_key
    where one.relation = 'part_of' and other.relation = 'part_of'
),

-- One concept, printed for one territory by two reports: reports that print the same indicators of it count as one.
indicators_of_reports as (
    select
        concept_code,
        unit,
        value_form,
        nature,
        territory_key,
        report_key,
        list(distinct indicator_key order by indicator_key) as indicator_keys
    from mentions
    group by all
),

sets as (
    select
        concept_code,
        unit,
        value_form,
        nature,
        territory_key,
        indicator_keys,
        min(report_key) as report_key,
        count(*) as reports
    from indicators_of_reports
    group by all
),

set_pairs as (
    select
        one.concept_code,
        one.unit,
        one.value_form,
        one.territory_key,
        one.report_key,
        other.report_key as other_report_key,
        one.indicator_keys,
        other.indicator_keys as other_indicator_keys
    from sets as one
    inner join sets as other
        on
            one.concept_code = other.concept_code
            and one.unit = other.unit
            and one.value_form = other.value_form
            and one.nature = other.nature
            and one.territory_key = other.territory_key
            and (
                one.indicator_keys < other.indicator_keys
                or (one.indicator_keys = other.indicator_keys and one.reports > 1)
            )
    where len(list_distinct(one.indicator_keys || other.indicator_keys)) > 1
),

facing as (
    select
        * exclude (indicator_keys),
        unnest(indicator_keys) as indicator_key
    from set_pairs
),

faced as (
    select
        * exclude (other_indicator_keys),
        unnest(other_indicator_keys) as other_indicator_key
    from facing
),

families as (
    select
        faced.concept_code,
        faced.unit,
        faced.value_form,
        faced.territory_key,
        faced.report_key,
        faced.other_report_key,
        bool_or(faced.indicator_key = faced.other_indicator_key) as has_common_indicator,
        bool_or(faced.indicator_key <> faced.other_indicator_key) as has_other_indicator
    from faced
    left join nested
        on faced.indicator_key = nested.indicator_key and faced.other_indicator_key = nested.other_indicator_key
    where nested.indicator_key is null
    group by all
),

-- Where two reports have an indicator in common, like is compared with like; where they have none, nothing is.
family_sides as (
    select
        concept_code,
        concept_code as other_concept_code,
        has_common_indicator,
        territory_key,
        unnest([report_key, other_report_key]) as report_key,
        unit,
        value_form
    from families
    where has_other_indicator
),

-- Two promises of one measure that count two things, due in one year.
promises as (
    select distinct
        one.indicator_key,
        other.indicator_key as other_indicator_key,
        one.territory_key
    from printed as one
    inner join printed as other
        on
            one.measure_key = other.measure_key
            and one.unit = other.unit
            and one.nature = other.nature
            and one.value_form = other.value_form
            and one.territory_key = other.territory_key
            and one.concept_code < other.concept_code
            and one.due_year = other.due_year
            and (one.first_report_key <> other.last_report_key or one.last_report_key <> other.first_report_key)
    left join nested
        on one.indicator_key = nested.indicator_key and other.indicator_key = nested.other_indicator_key
    where one.status_class = 'target' and other.status_class = 'target' and nested.indicator_key is null
),

-- A promise that nobody reports on, beside what other reports count of its measure in its stead.
orphans as (
    select distinct
        target.indicator_key,
        actual.indicator_key as other_indicator_key,
        target.territory_key
    from printed as target
    inner join printed as actual
        on
            target.measure_key = actual.measure_key
            and target.concept_code <> actual.concept_code
            and target.unit = actual.unit
            and target.value_form = actual.value_form
            and target.territory_key = actual.territory_key
            and (target.first_report_key <> actual.last_report_key or target.last_report_key <> actual.first_report_key)
            and (target.nature = actual.nature or target.counted_unit = actual.counted_unit)
    left join nested
        on target.indicator_key = nested.indicator_key and actual.indicator_key = nested.other_indicator_key
    where
        target.status_class = 'target'
        and actual.status_class = 'observed'
        and target.nature <> 'parameter'
        and nested.indicator_key is null
        and not exists (
            select 1 from printed as own
            where
                own.concept_code = target.concept_code
                and own.territory_key = target.territory_key
                and own.status_class = 'observed'
        )
),

-- Of nested counts, the narrowest is what stands in for the promise.
nearest as (
    select orphans.* from orphans
    where
        not exists (
            select 1
            from relations
            inner join orphans as narrower on relations.from_indicator_key = narrower.other_indicator_key
            where
                relations.relation in ('part_of', 'narrower_than')
                and relations.to_indicator_key = orphans.other_indicator_key
                and narrower.indicator_key = orphans.indicator_key
                and narrower.territory_key = orphans.territory_key
        )
),

-- Figures that contradict each other, of two denominators.
denominators as (
    select distinct
        one.concept_code,
        unnest([one.observation_id, other.observation_id]) as observation_id
    from mentions as one
    inner join mentions as other
        on
            one.indicator_key = other.indicator_key
            and one.territory_key = other.territory_key
            and one.status_class = other.status_class
            and one.value_form = other.value_form
            and one.unit = other.unit
            and one.observation_id < other.observation_id
            and one.denominator_fr <> other.denominator_fr
            and coalesce(one.supersedes_report_key <> other.report_key, true)
            and coalesce(one.report_key <> other.supersedes_report_key, true)
            and {{ same_date('one', 'other') }}
    where
        not {{ interval_meets('one.value_low', 'one.value_high', 'other.value_low', 'other.value_high') }}
),

declared_pairs as (
    select * from promises
    union
    select * from nearest
),

pair_sides as (
    select
        least(one.concept_code, other.concept_code) as concept_code,
        greatest(one.concept_code, other.concept_code) as other_concept_code,
        false as has_common_indicator,
        declared_pairs.territory_key,
        unnest([one.indicator_key, other.indicator_key]) as indicator_key
    from declared_pairs
    inner join indicators as one on declared_pairs.indicator_key = one.indicator_key
    inner join indicators as other on declared_pairs.other_indicator_key = other.indicator_key
),

-- The mentions that each subject puts side by side.
members as (
    select
        sides.concept_code,
        sides.other_concept_code,
        sides.has_common_indicator,
        mentions as mention  -- noqa: RF02
    from family_sides as sides
    inner join mentions
        on
            sides.concept_code = mentions.concept_code
            and sides.territory_key = mentions.territory_key
            and sides.report_key = mentions.report_key
            and sides.unit = mentions.unit
            and sides.value_form = mentions.value_form
    union
    select
        sides.concept_code,
        sides.other_concept_code,
        sides.has_common_indicator,
        mentions as mention  -- noqa: RF02
    from pair_sides as sides
    inner join mentions
        on sides.indicator_key = mentions.indicator_key and sides.territory_key = mentions.territory_key
    union
    select
        sides.concept_code,
        sides.concept_code as other_concept_code,
        false as has_common_indicator,
        mentions as mention  -- noqa: RF02
    from denominators as sides
    inner join mentions on sides.observation_id = mentions.observation_id
),

subjects as (
    select
        concept_code,
        other_concept_code,
        bool_and(has_common_indicator) as is_comparable
    from members
    group by concept_code, other_concept_code
),

-- One territory of each level is example enough.
places as (
    select
        members.concept_code,
        members.other_concept_code,
        subjects.is_comparable,
        min(members.mention.territory_key) as territory_key
    from members
    inner join subjects
        on members.concept_code = subjects.concept_code and members.other_concept_code = subjects.other_concept_code
    where members.has_common_indicator = subjects.is_comparable
    group by
        members.concept_code,
        members.other_concept_code,
        subjects.is_comparable,
        members.mention.territory_level
),

-- One figure per indicator, territory and denominator says enough: what was observed, the last of it.
told as (
    select
        members.*,
        places.is_comparable
    from members
    inner join places
        on
            members.concept_code = places.concept_code
            and members.other_concept_code = places.other_concept_code
            and members.mention.territory_key = places.territory_key
            and members.has_common_indicator = places.is_comparable
    qualify row_number() over (
        partition by
            members.concept_code, members.other_concept_code, members.mention.indicator_key,
            members.mention.territory_key, members.mention.denominator_fr
        order by
            members.mention.status_class = 'observed' desc,
            members.mention.window_end desc nulls last,
            members.mention.is_soft,
            members.mention.observation_id
    ) = 1
),

judged as (
    select
        concept_code,
        other_concept_code,
        case when is_comparable then 'held' else 'not_comparable' end as verdict,
        -- The plainest label names the family.
        min_by(mention, (length(mention.label_fr), mention.observation_id)) as fact,
        list(mention.observation_id order by mention.observation_id) as observation_ids,
        list(
            {{ evidence_mention('mention', "'printing'") }}
            order by
                mention.territory_level,
                mention.territory_key,
                mention.report_key,
                mention.indicator_key,
                mention.observation_id
        ) as figures
    from told
    group by concept_code, other_concept_code, is_comparable
)

select
    'comparability' as rule_code,
    -- One question for the whole family, whatever the territories and dates that raise it.
    concat_ws('|', concept_code, '', '', '', '', other_concept_code) as subject_key,
    verdict,
    {{ severity_of('verdict') }} as severity,
    fact.indicator_key as indicator_code,
    concept_code,
    cast(null as varchar) as counted_unit,
    cast(null as varchar) as champ_fr,
    cast(null as varchar) as territory_key,
    cast(null as varchar) as territory_code,
    cast(null as varchar) as period_key,
    cast(null as varchar) as period_label,
    observation_ids,
    cast([] as varchar[]) as fact_refs,
    cast(case verdict when 'held' then 0 end as decimal(18, 4)) as gap,
    cast(null as double) as gap_pct,
    cast(null as varchar) as missing_input,
    concat_ws('|', concept_code, other_concept_code) as case_key,
    cast(null as varchar) as parent_subject_key,
    {{ evidence(
        "'comparability'", 'fact.label_fr', 'figures', "'compare'",
        'null', 'null', 'null', 'null', 'null', 'null'
    ) }} as evidence
from judged
