"""The COG's departments."""

from ingestion.datasets.territory_status import status_of

transform = status_of("department")
