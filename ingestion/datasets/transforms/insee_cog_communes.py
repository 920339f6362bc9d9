"""The COG's communes and municipal arrondissements: each row says its level."""

from ingestion.datasets.territory_status import status_of

transform = status_of()
