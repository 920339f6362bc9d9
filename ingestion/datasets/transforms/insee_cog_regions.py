"""The COG's regions."""

from ingestion.datasets.territory_status import status_of

transform = status_of("region")
