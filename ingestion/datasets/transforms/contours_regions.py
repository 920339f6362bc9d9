"""Contours des régions de France métropolitaine, simplifiés: features of GeoJSON."""

from ingestion.datasets.outlines import records

__all__ = ["records"]
