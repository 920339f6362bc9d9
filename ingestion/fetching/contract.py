"""What a contract says of how its files are fetched: the block ``fetch:``.

Strict as the rest of the contract. The host that is asked stands here and nowhere else: no environment variable and no
answer of a server changes it. A dataset without the block is dropped by people.
"""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from ingestion.fetching.addresses import objection
from ingestion.landing import MAX_INPUT_BYTES
from ingestion.reference.models import Text


def _address(value: str) -> str:
    if problem := objection(value):
        raise ValueError(problem)
    return value


def _base(value: str) -> str:
    parts = urlsplit(_address(value))
    if parts.query or parts.fragment or value.endswith("/"):
        raise ValueError("an address without query, fragment and slash at its end was expected")
    return value


Address = Annotated[str, AfterValidator(_address)]
Base = Annotated[str, AfterValidator(_base)]
Host = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+$")]
MediaType = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.+-]+/[a-z0-9.+*-]+$")]
#: Names of datasets, attachments and packages go into addresses as they are.
Part = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9@][A-Za-z0-9@._-]*$")]

#: What portals call data; ``application/octet-stream`` is what they say when they do not know.
DATA_TYPES = (
    "text/csv",
    "text/plain",
    "text/tab-separated-values",
    "application/csv",
    "application/json",
    "application/geo+json",
    "application/octet-stream",
    "binary/octet-stream",
    "application/zip",
    "application/x-zip-compressed",
    "application/gzip",
    "application/x-gzip",
    "application/vnd.ms-excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.apache.parquet",
)
ARCHIVE_TYPES = ("application/zip", "application/x-zip-compressed", "application/octet-stream")


class _Part(BaseModel):
    """Strict: no unknown key, no silent conversion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class DropFolder(_Part):
    """Nobody fetches it: a person downloads the file and puts it into ``landing/``."""

    kind: Literal["drop_folder"] = "drop_folder"


class Unpack(_Part):
    """What of a delivery is the data: the one ``member`` of a zip (a name or a pattern with ``*``), or a whole gzip."""

    form: Literal["zip", "gzip"]
    member: Text | None = None


class _Fetched(_Part):
    """What every fetched source may say.

    ``media_types`` are those accepted; an HTML page never is. ``redirect_hosts`` are hosts that its own may redirect
    to. ``name`` is what the file is called in ``landing/``, where the server's own name says nothing; ``vintage`` of
    which year it is, where neither name nor content does.
    """

    media_types: tuple[MediaType, ...] = Field(default=DATA_TYPES, strict=False, min_length=1)
    min_bytes: Annotated[int, Field(ge=1)] = 1
    max_bytes: Annotated[int, Field(ge=1, le=MAX_INPUT_BYTES)] = 256 << 20
    redirect_hosts: tuple[Host, ...] = Field(default=(), strict=False)
    unpack: Unpack | None = None
    name: Text | None = None
    vintage: Text | None = None
    requests_per_minute: Annotated[int, Field(ge=1, le=600)] = 60


class Url(_Fetched):
    """One file at one address that stays."""

    kind: Literal["url"]
    address: Address

    @property
    def asks(self) -> str:
        """What is asked first."""
        return self.address


class DatagouvResource(_Fetched):
    """A resource of data.gouv.fr by its identifier: its stable link redirects to the dated file of the day.

    Files that the portal keeps are on a host of its own; those that publishers keep need ``redirect_hosts``.
    """

    kind: Literal["datagouv_resource"]
    portal: Base = "https://www.data.gouv.fr"
    resource: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    redirect_hosts: tuple[Host, ...] = Field(default=("static.data.gouv.fr",), strict=False)

    @property
    def asks(self) -> str:
        """What is asked first."""
        return f"{self.portal}/api/1/datasets/r/{self.resource}"


class _Opendatasoft(_Fetched):
    """A dataset of an Opendatasoft portal. ``datasets`` are the names it had, the present one first."""

    portal: Base
    datasets: tuple[Part, ...] = Field(strict=False, min_length=1)

    @property
    def asks(self) -> str:
        """What is asked first."""
        return self.catalogued(self.datasets[0])

    def catalogued(self, name: str) -> str:
        """Where the catalogue keeps a dataset."""
        return f"{self.portal}/api/explore/v2.1/catalog/datasets/{name}"


class OpendatasoftExport(_Opendatasoft):
    """All records of a dataset in one file; ``parameters`` are the query's (``delimiter``, ``where``, ``refine``…)."""

    kind: Literal["opendatasoft_export"]
    form: Literal["csv", "json", "parquet"] = "csv"
    parameters: dict[str, str] = Field(default_factory=dict)


class OpendatasoftAttachment(_Opendatasoft):
    """A file attached to a dataset; ``attachments`` are the names it had, the present one first."""

    kind: Literal["opendatasoft_attachment"]
    attachments: tuple[Part, ...] = Field(strict=False, min_length=1)


class InseeMelodi(_Fetched):
    """A dataset of INSEE's Melodi.

    Without ``filters`` the CSV product that the catalogue names, a zip as published. With them, the observations that
    they let through, page by page as the interface gives them, one page a line (ndjson).
    """

    kind: Literal["insee_melodi"]
    base: Base = "https://api.insee.fr/melodi"
    dataset: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]
    filters: dict[str, str] | None = None
    #: INSEE's limits: 100,000 observations a page, thirty requests a minute.
    page_size: Annotated[int, Field(ge=1, le=100_000)] = 100_000
    max_pages: Annotated[int, Field(ge=1, le=100)] = 20
    requests_per_minute: Annotated[int, Field(ge=1, le=30)] = 30

    @property
    def asks(self) -> str:
        """What is asked first."""
        return f"{self.base}/catalog/all" if self.filters is None else f"{self.base}/data/{self.dataset}"


class NpmPackage(_Fetched):
    """One file of an npm package, verified by the hash that the registry publishes. ``version`` may be ``latest``."""

    kind: Literal["npm_package"]
    registry: Base
    package: Annotated[str, StringConstraints(pattern=r"^(@[a-z0-9._-]+/)?[a-z0-9._-]+$")]
    version: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z.+-]+$")] = "latest"
    member: Text

    @property
    def asks(self) -> str:
        """What is asked first."""
        return f"{self.registry}/{quote(self.package, safe='@')}/{self.version}"


Fetched = Url | DatagouvResource | OpendatasoftExport | OpendatasoftAttachment | InseeMelodi | NpmPackage
Fetch = Annotated[Fetched | DropFolder, Field(discriminator="kind")]
