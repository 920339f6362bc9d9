"""Where everything is: one home folder holds all state (``BAROMETRE_HOME``)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import UsageError

CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Home:
    """The home folder and the names in it that the contract with the readers fixes."""

    root: Path

    @classmethod
    def from_environment(cls) -> Home:
        """``BAROMETRE_HOME``, or ``warehouse/store`` in the checkout."""
        value = os.environ.get("BAROMETRE_HOME")
        return cls((Path(value) if value else CHECKOUT / "warehouse" / "store").expanduser().resolve())

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def config(self) -> Path:
        return self.root / "config"

    @property
    def settings(self) -> Path:
        """How the home is kept; nothing in it changes what is published. See :mod:`warehouse.settings`."""
        return self.config / "settings.yml"

    @property
    def stewards(self) -> Path:
        """Who owns what; see :mod:`stewardship.stewards`."""
        return self.config / "stewards.yml"

    @property
    def local_extracts(self) -> Path:
        return self.config / "extracts"

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def fetching(self) -> Path:
        """What of a file that is being fetched is here already; nothing in it is needed."""
        return self.root / "fetching"

    @property
    def quarantine(self) -> Path:
        return self.root / "quarantine"

    @property
    def bronze(self) -> Path:
        return self.root / "bronze"

    @property
    def build(self) -> Path:
        return self.root / "build.duckdb"

    @property
    def snapshots(self) -> Path:
        return self.root / "snapshots"

    @property
    def current(self) -> Path:
        """The relative symlink that readers open."""
        return self.root / "barometre.duckdb"

    @property
    def state_path(self) -> Path:
        return self.root / "state.sqlite"

    @property
    def state_url(self) -> str:
        """``BAROMETRE_STATE_URL`` (PostgreSQL), or the SQLite file of the home."""
        return os.environ.get("BAROMETRE_STATE_URL") or f"sqlite:///{self.state_path}"

    @property
    def outbox(self) -> Path:
        return self.root / "outbox"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    @property
    def dbt(self) -> Path:
        """dbt's target and logs; never inside the checkout."""
        return self.root / "dbt"

    @property
    def lock(self) -> Path:
        return self.root / "refresh.lock"

    @property
    def fetch_lock(self) -> Path:
        """Held by whoever fetches: refreshes go on meanwhile."""
        return self.root / "fetch.lock"

    def create(self) -> Home:
        """Make the folders that are missing.

        Raises:
            UsageError: the home cannot be made or written.
        """
        folders = (
            self.landing,
            self.local_extracts,
            self.archive,
            self.quarantine,
            self.bronze,
            self.snapshots,
            self.outbox,
            self.dagster,
            self.dbt,
        )
        try:
            for folder in folders:
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"The home {self.root} cannot be used: {error}. Set BAROMETRE_HOME to a folder that you can write."
            ) from error
        return self
