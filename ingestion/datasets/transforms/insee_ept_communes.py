"""Communes and their établissement public territorial, where they are in one."""

from ingestion.datasets.territory_status import status_of

transform = status_of("commune")
