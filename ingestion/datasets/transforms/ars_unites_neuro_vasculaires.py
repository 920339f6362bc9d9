"""ARS, neurovascular units of 2012: two rows a unit, its beds in intensive care and the others."""

from __future__ import annotations

import re

import polars as pl

from ingestion.datasets.finess import Place, place_of_address, registration_department
from ingestion.territories import resolve_commune

ACTIVITY = "unv"
#: By our column: code and label of what its beds are.
BEDS = {"intensive_beds": ("si", "Lits de soins intensifs"), "other_beds": ("hsi", "Lits hors soins intensifs")}
#: The geography that postal codes are known in first; former communes are found by their names.
COG = 2021
#: Arrondissements as the file writes them (« PARIS 14EME », « PARIS 15 »), and INSEE's code before the first.
_ARRONDISSEMENT = re.compile(r"(PARIS|LYON|MARSEILLE) (\d+) ?(?:ER|EME)?")
_BEFORE = {"PARIS": 75100, "LYON": 69380, "MARSEILLE": 13200}


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``authorisation``."""
    places = [_place(*cells) for cells in rows.select("facility_key", "postal_code", "commune").iter_rows()]
    units = rows.with_columns(
        pl.Series("territory_key", [place.territory_key for place in places], dtype=pl.String()),
        pl.Series("territory_basis", [place.basis for place in places], dtype=pl.String()),
        pl.Series("reason", [place.note_fr for place in places], dtype=pl.String()),
        pl.lit(vintage).alias("period"),
        pl.lit("activity").alias("kind"),
        pl.lit(ACTIVITY).alias("activity_code"),
        pl.lit("Unité neuro-vasculaire").alias("activity"),
        pl.when(pl.col("status") == "labellisé prévu")
        .then(pl.lit("forecast"))
        .otherwise(pl.lit("observed"))
        .alias("obs_status"),
        pl.lit(False).alias("is_aggregate"),
    )
    return pl.concat(_beds(units, column, code, label) for column, (code, label) in BEDS.items())


def _beds(units: pl.DataFrame, column: str, code: str, label: str) -> pl.DataFrame:
    """One row a unit. Beds are the number printed; a doubt, or more printed beside it, is told in the note."""
    printed = pl.col(column)
    unclear = pl.when(~printed.str.contains(r"^\d+$")).then("imprimé « " + printed + " »")
    since = "labellisation : " + pl.col("since")
    return units.with_columns(
        (pl.col("facility_key") + f"-{code}").alias("authorisation_key"),
        pl.lit(code).alias("modality_code"),
        pl.lit(label).alias("modality"),
        printed.str.extract(r"^(\d+)(?: \+\d+ HDJ)?$", 1).cast(pl.Float64).alias("capacity"),
        pl.concat_str([since, unclear, "remark", "reason"], separator=" ; ", ignore_nulls=True).alias("note_fr"),
    )


def _place(finess: str, postal_code: str, name: str) -> Place:
    if found := _ARRONDISSEMENT.fullmatch(name):
        return Place(f"municipal_arrondissement:{_BEFORE[found[1]] + int(found[2])}", "postal_label")
    place = place_of_address(finess, postal_code, name, COG)
    if place.basis == "department" and (gone := resolve_commune(name, registration_department(finess) or "")):
        return Place(gone, "postal_label")
    return place
