"""Contours des départements, outre-mer compris, simplifiés à 500 m: features of GeoJSON."""

from ingestion.datasets.outlines import records

__all__ = ["records"]
