"""CartoSanté: indicators of three kinds in one table, each of a year of its own.

INSEE draws no bassin de vie in Saint-Barthélemy and Saint-Martin: 977ZZ and 978ZZ are the whole collectivity.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ingestion.datasets.reading import secret
from ingestion.datasets.shaping import SECRET

#: Densities of liberal professionals, by our column; the professions are CartoSanté's.
DENSITIES = {
    "generalistes": "cartosante-generalistes",
    "infirmiers": "cartosante-infirmiers",
    "orthophonistes": "cartosante-orthophonistes",
    "sages_femmes": "cartosante-sages-femmes",
}
#: What is no number of professionals: its label without the year, its unit.
INDICATORS = {
    "pharmacies": ("Densité des pharmacies pour 10 000 hab.", "per_10000"),
    "ophtalmologie": ("Part des bénéf. ophtalmo. dans pop.", "percent"),
    "ald": ("Part des bénéf. en ALD dans la pop", "percent"),
}


def transform(rows: pl.DataFrame, _vintage: str) -> Mapping[str, pl.DataFrame]:
    """Rows of ``accessibility``, ``professional`` and ``local_indicator``; a secret cell is a row without a value."""
    collectivity = pl.col("bassin").str.extract("^(97[78])ZZ$")
    keyed = rows.with_columns(
        pl.when(collectivity.is_not_null())
        .then("overseas_collectivity:" + collectivity)
        .otherwise("bassin_de_vie:" + pl.col("bassin"))
        .alias("territory_key")
    )
    return {
        "accessibility": _of(
            keyed,
            "apl",
            "apl",
            profession_key="medecins-generalistes",
            doctor_age_limit="none",
            unit="consultations par habitant standardisé et par an",
            mesh="bassin_de_vie",
        ),
        "professional": pl.concat(
            _of(
                keyed,
                name,
                "density",
                profession_key=profession,
                practice_mode="liberal",
                location_basis="cabinet",
                sex="T",
                counted_unit="personne",
            )
            for name, profession in DENSITIES.items()
        ),
        "local_indicator": pl.concat(
            _of(keyed, name, "value", local_indicator_code=name, label_fr=label, unit=unit)
            for name, (label, unit) in INDICATORS.items()
        ),
    }


def _of(keyed: pl.DataFrame, name: str, value: str, **told: str) -> pl.DataFrame:
    """The rows of one indicator; none where the export does not have it."""
    return keyed.filter(pl.col(f"year_{name}").is_not_null()).select(
        "line",
        "territory_key",
        pl.col(f"year_{name}").alias("period"),
        pl.col(name).alias(value),
        pl.when(pl.col(secret(name))).then(pl.lit(SECRET)).alias("conf_status"),
        *(pl.lit(text).alias(column) for column, text in told.items()),
        pl.lit("observed").alias("obs_status"),
        pl.lit(False).alias("is_aggregate"),
    )
