"""Contours des régions de France métropolitaine avant 2016: features of GeoJSON."""

from ingestion.datasets.outlines import records

__all__ = ["records"]
