"""Contours des départements de Nouvelle-Aquitaine: features of GeoJSON."""

from ingestion.datasets.outlines import records

__all__ = ["records"]
