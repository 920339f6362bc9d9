"""The COG's arrondissements."""

from ingestion.datasets.territory_status import status_of

transform = status_of("arrondissement")
