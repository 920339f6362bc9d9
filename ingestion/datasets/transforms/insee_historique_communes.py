"""INSEE's history of communes in the form of before 2019: a row a commune, the other one beside it."""

from __future__ import annotations

import polars as pl

from ingestion.datasets.shaping import known_codes

#: MOD codes and their labels, as INSEE's description of the file words them (COG 2016).
KINDS_FR = {
    "100": "changement de nom",
    "110": "changement de nom dû à une fusion",
    "111": "changement de nom (création de commune nouvelle)",
    "120": "changement de nom dû à un rétablissement",
    "130": "changement de nom dû au changement de chef-lieu",
    "200": "création",
    "210": "rétablissement",
    "220": "commune ayant donné des parcelles pour la création",
    "230": "commune se séparant",
    "300": "suppression de commune suite à partition de territoire",
    "310": "fusion : commune absorbée",
    "311": "commune nouvelle : commune non déléguée",
    "320": "fusion : commune absorbante",
    "321": "commune nouvelle sans déléguée : commune-pôle",
    "330": "fusion-association : commune associée",
    "331": "commune nouvelle : commune déléguée",
    "332": "commune nouvelle : commune préexistante associée devenant déléguée",
    "333": "commune nouvelle : commune préexistante déléguée restant déléguée",
    "340": "fusion-association : commune absorbante",
    "341": "commune nouvelle avec déléguée : commune-pôle",
    "350": "fusion-association se transformant en fusion simple : commune absorbée",
    "351": "commune nouvelle : suppression de commune préexistante",
    "360": "fusion-association se transformant en fusion simple : commune-pôle",
    "390": "commune ayant reçu des parcelles suite à une suppression",
    "410": "changement de département",
    "411": "changement de département (lors de création de commune nouvelle)",
    "420": "changement d’arrondissement",
    "421": "changement d’arrondissement (lors de création de commune nouvelle)",
    "431": "changement de canton (lors de création de commune nouvelle)",
    "500": "transfert de chef-lieu de commune",
    "520": "transfert de chef-lieu d’arrondissement",
    "600": "cession de parcelles avec incidence démographique",
    "610": "cession de parcelles sans incidence démographique",
    "620": "réception de parcelles avec incidence démographique",
    "630": "réception de parcelles sans incidence démographique",
    "700": "commune associée devenant déléguée (hors création de commune nouvelle)",
    "990": "numéro ancien créé par erreur",
}


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of ``territory_event``: 24 and 168 are the commune 24168; the other commune is on the other side."""
    code = pl.col("department") + pl.col("commune")
    key = "commune:" + code
    return rows.with_columns(
        pl.when(key.is_in(list(known_codes().territories))).then(key).alias("territory_key"),
        pl.lit(vintage).alias("period"),
        pl.col("row_no").cast(pl.Int64),
        pl.col("kind").replace_strict(KINDS_FR, default=None).alias("kind_fr"),
        code.alias("from_code"),
        pl.coalesce("old_name", "name").alias("from_name"),
        pl.coalesce("other", "new_code").alias("to_code"),
        pl.col("name").alias("to_name"),
        pl.lit("observed").alias("obs_status"),
        pl.lit(False).alias("is_aggregate"),
    )
