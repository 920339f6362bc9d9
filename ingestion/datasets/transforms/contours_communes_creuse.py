"""Contours des communes de la Creuse: features of GeoJSON."""

from ingestion.datasets.outlines import records

__all__ = ["records"]
