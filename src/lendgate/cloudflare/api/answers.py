"""What Cloudflare answers, in the parts Lendgate reads.

Law: lenient on purpose. Real answers differ from Cloudflare's own schema (nulls for lists, members left
out), so everything unknown is ignored and only what is used is asked for.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from lendgate.cloudflare.api.failures import CloudflareError
from lendgate.cloudflare.api.operations import Operation

T = TypeVar("T")
_EMPTY_LIST = BeforeValidator(lambda value: [] if value is None else value)
_EMPTY_OBJECT = BeforeValidator(lambda value: {} if value is None else value)

Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
"""Text that may be null or left out."""
Objects = Annotated[list[dict[str, JsonValue]], _EMPTY_LIST]
Texts = Annotated[list[str], _EMPTY_LIST]
Object = Annotated[dict[str, JsonValue], _EMPTY_OBJECT]


class Answer(BaseModel):
    """Base of every answer."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class Annotations(Answer):
    """Notes on a version or a deployment."""

    message: Text = Field("", alias="workers/message")
    tag: Text = Field("", alias="workers/tag")
    triggered_by: Text = Field("", alias="workers/triggered_by")


class VersionMetadata(Answer):
    """Who made a version, and when."""

    created_on: Text = ""
    source: Text = ""
    author_email: Text = ""


class Version(Answer):
    """One version in the list of versions; a higher ``number`` is newer."""

    id: str
    number: int = 0
    metadata: Annotated[VersionMetadata, _EMPTY_OBJECT] = VersionMetadata()
    annotations: Annotated[Annotations, _EMPTY_OBJECT] = Annotations()


class Versions(Answer):
    """The list of versions."""

    items: Annotated[list[Version], _EMPTY_LIST] = []


class Runtime(Answer):
    """How a version runs."""

    compatibility_date: Text = ""
    compatibility_flags: Texts = []
    limits: Object = {}


class Resources(Answer):
    """What a version is made of; secrets are named without their text."""

    bindings: Objects = []
    script_runtime: Annotated[Runtime, _EMPTY_OBJECT] = Runtime()


class VersionDetail(Version):
    """One version in full."""

    resources: Annotated[Resources, _EMPTY_OBJECT] = Resources()

    def variable(self, name: str) -> str | None:
        """The text of one of its plain variables."""
        for binding in self.resources.bindings:
            if binding.get("name") == name and binding.get("type") == "plain_text":
                return str(binding.get("text"))
        return None


class Share(Answer):
    """A version's part of the traffic, in percent."""

    version_id: str
    percentage: float


class Deployment(Answer):
    """Which versions take traffic, from a moment on."""

    id: str
    created_on: Text = ""
    source: Text = ""
    author_email: Text = ""
    versions: Annotated[list[Share], _EMPTY_LIST] = []
    annotations: Annotated[Annotations, _EMPTY_OBJECT] = Annotations()


class Deployments(Answer):
    """Newest first."""

    deployments: Annotated[list[Deployment], _EMPTY_LIST] = []


class ScriptSettings(Answer):
    """Settings that belong to the Worker and not to a version."""

    observability: Object = {}
    tags: Texts = []


class Subdomain(Answer):
    """The Worker's workers.dev switch."""

    enabled: bool
    previews_enabled: bool = False


class AccountSubdomain(Answer):
    """The account's name under workers.dev."""

    subdomain: str


class Namespace(Answer):
    """A Durable Object namespace: one class of one Worker, with its data."""

    id: Text = ""
    script: str | None = None
    class_name: str | None = Field(None, alias="class")
    use_sqlite: bool | None = None


class Domain(Answer):
    """A custom domain."""

    id: str
    hostname: str
    service: str
    zone_name: Text = ""


class Zone(Answer):
    """A zone: a registered domain on Cloudflare."""

    id: str
    name: str


class ZoneRoute(Answer):
    """A route of a zone."""

    id: str
    pattern: str
    script: str | None = None


class DnsRecord(Answer):
    """A DNS record."""

    id: str
    type: str
    name: str
    content: Text = ""


class SecretName(Answer):
    """A secret, without its value."""

    name: str


class Tail(Answer):
    """A live log: a WebSocket address that is itself a credential."""

    id: str
    url: str = Field(repr=False)
    expires_at: Text = ""


class TokenStatus(Answer):
    """What the token says of itself; nothing about permissions."""

    id: str
    status: str
    expires_on: str | None = None


class Reference(Answer):
    """Something on the account that uses the Worker."""

    name: Text = ""
    """A Worker bound to it."""
    worker_name: Text = ""
    """A Worker bound to its Durable Objects."""
    queue_name: Text = ""
    """A queue it consumes."""


class References(Answer):
    """What would break without the Worker."""

    workers: Annotated[list[Reference], _EMPTY_LIST] = []
    durable_objects: Annotated[list[Reference], _EMPTY_LIST] = []
    queues: Annotated[list[Reference], _EMPTY_LIST] = []


class WorkerRecord(Answer):
    """The Worker without its code."""

    id: str
    references: Annotated[References, _EMPTY_OBJECT] = References()


def read(kind: type[T], operation: Operation, result: JsonValue) -> T:
    """A result as one of the types above.

    Raises:
        CloudflareError: the answer has another shape; says which call.
    """
    try:
        return TypeAdapter(kind).validate_python(result)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or "the result"
        raise CloudflareError(
            f"could not {operation.does}: Cloudflare's answer has an unknown shape at {place}. "
            "Nothing further was done; please report it."
        ) from None
