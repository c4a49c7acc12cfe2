"""What one operation says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

JSON: Final = ("application/json",)
EVENTS: Final = ("text/event-stream",)
GATE: Final = ("unauthenticated", "forbidden", "rate-limited", "gate-misconfigured")
ORIGIN: Final = ("origin-unavailable", "internal")
READ: Final = (*GATE, "not-found", *ORIGIN)
"""What any reading of a record may hear."""
BODY: Final = ("too-large", "unsupported-media-type", "invalid-request")
WRITE: Final = (*GATE, *BODY, "not-found", *ORIGIN)
"""What any request with a JSON body about a record may hear."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A header, a query parameter or a part of the path."""

    name: str
    place: Literal["header", "query", "path"]
    says: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent: a shape of ``contract.shapes`` as JSON, or bytes of a media type."""

    shape: str | None
    media_types: tuple[str, ...] = JSON
    example: object = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One way in which it goes well; without media types it has no content."""

    status: int
    says: str
    shape: str | None = None
    media_types: tuple[str, ...] = JSON
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path; ``scope`` is what an access token must allow, ``None`` for health."""

    method: str
    path: str
    id: str
    scope: str | None
    summary: str
    answers: tuple[Answer, ...]
    problems: tuple[str, ...] = ()
    body: Body | None = None
    parameters: tuple[Parameter, ...] = ()


def path_id(name: str, says: str) -> Parameter:
    """The id in a path."""
    return Parameter(name, "path", says, required=True)


LAST_EVENT_ID: Final = Parameter("Last-Event-ID", "header", "The last id seen.")
IF_NONE_MATCH: Final = Parameter("If-None-Match", "header", "The ETag that is known already.")
ACCEPT_STREAM: Final = Parameter(
    "Accept", "header", "`text/event-stream`, or another form of the same answer."
)
