"""Municipal populations as the packages carry them, and the datasets that they come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from ingestion.reference.building import LICENCE, Row
from ingestion.reference.packages import COLLECTIVITY_PREFIXES, MAYOTTE, Vintage


def populations(vintages: Sequence[Vintage]) -> Iterator[Row]:
    """Rows of ``population``: municipal populations of the vintages that carry them, and Mayotte's of 2017 once."""
    for vintage in vintages:
        year = vintage.package.population_year
        if year is not None:
            counted = {code: o for code, o in vintage.communes.items() if _is_counted(code)}
            yield from _with_totals(vintage, counted, dataset_key(year), str(year))
    mayotte = [{c: o for c, o in v.communes.items() if c.startswith(MAYOTTE)} for v in vintages]
    if len({tuple(sorted((c, o["population"]) for c, o in communes.items())) for communes in mayotte}) != 1:
        raise ValueError("Mayotte: one set of populations (2017) was expected in every package, several found")
    yield from _with_totals(vintages[0], mayotte[0], MAYOTTE_DATASET, "2017")


MAYOTTE_DATASET = "insee-populations-reference-mayotte@2017"


def dataset_key(year: int) -> str:
    """Key of the dataset of municipal populations of one year."""
    return f"insee-populations-reference@{year}"


def _is_counted(code: str) -> bool:
    """Mayotte's figures are of 2017 in every package, the collectivities' of assorted years: neither is a vintage's."""
    return not code.startswith((*COLLECTIVITY_PREFIXES, MAYOTTE))


def _with_totals(vintage: Vintage, communes: dict[str, Row], dataset: str, period: str) -> Iterator[Row]:
    counts = {code: int(o["population"]) for code, o in communes.items()}
    quarters: Counter[str] = Counter()
    for code, o in vintage.municipal_arrondissements.items():
        if o["commune"] in counts:
            quarters[o["commune"]] += o["population"]
            yield _population(dataset, f"municipal_arrondissement:{code}", period, o["population"], False)
    for code, count in counts.items():
        if code in quarters and quarters[code] != count:
            raise ValueError(f"commune {code}: {count} inhabitants, its arrondissements {quarters[code]}")
        yield _population(dataset, f"commune:{code}", period, count, code in quarters)
    for key, count in _totals(vintage, communes, counts).items():
        yield _population(dataset, key, period, count, True)


def _totals(vintage: Vintage, communes: dict[str, Row], counts: dict[str, int]) -> Counter[str]:
    totals: Counter[str] = Counter()
    for code, o in communes.items():
        totals[f"department:{o['departement']}"] += counts[code]
        totals[f"region:{o['region']}"] += counts[code]
        if not code.startswith(MAYOTTE):
            totals["country:FR-HORS-MAYOTTE"] += counts[code]
        if not code.startswith("97"):
            totals["country:FR-METRO"] += counts[code]
    for siren, epci in vintage.epci.items():
        members = [member["code"] for member in epci["membres"]]
        if all(code in counts for code in members):
            totals[f"epci:{siren}"] = sum(counts[code] for code in members)
    return totals


def _population(dataset: str, territory: str, period: str, count: int, is_aggregate: bool) -> Row:
    return {
        "dataset_key": dataset,
        "territory_key": territory,
        "period": period,
        "population_kind": "municipale",
        "sex": "T",
        "population": float(count),
        "obs_status": "observed",
        "is_aggregate": is_aggregate,
    }


def datasets(vintages: Sequence[Vintage]) -> Iterator[Row]:
    """Rows of ``dataset`` for the populations above."""
    for vintage in vintages:
        year = vintage.package.population_year
        if year is not None:
            covered = sum(_is_counted(code) for code in vintage.communes)
            yield _dataset(vintage, dataset_key(year), str(year), "hors Mayotte", covered, date(year, 1, 1))
    first = vintages[0]
    covered = sum(code.startswith(MAYOTTE) for code in first.communes)
    yield _dataset(first, MAYOTTE_DATASET, "2017", "Mayotte", covered, None)


def _dataset(vintage: Vintage, key: str, year: str, scope: str, covered: int, reference: date | None) -> Row:
    of_mayotte = " de Mayotte" if key == MAYOTTE_DATASET else ""
    return {
        "dataset_key": key,
        "dataset_code": key.partition("@")[0],
        "title": f"Populations de référence {year}{of_mayotte} (population municipale)",
        "publisher": "INSEE",
        "vintage": year,
        "reference_date": reference,
        "territory_vintage": str(vintage.package.vintage),
        "france_scope": scope,
        "definition_version": "1",
        "covered_territories": covered,
        "licence": LICENCE,
        "source_sha256": vintage.package.sha256,
    }
