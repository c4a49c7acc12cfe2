"""What the gate answers to a valid application, and who it says is asking.

Law: ``Principal`` and ``Metadata`` travel to the origin under the edge's signature; the origin believes
them only there.
"""

from __future__ import annotations

from typing import Literal

from lendgate.schema.application import Application
from lendgate.schema.base import Answer, Key, Published, Timestamp
from lendgate.schema.enums import DocumentType

Scope = Literal[
    "validate",
    "review:write",
    "review:read",
    "documents:write",
    "documents:read",
    "documents:review",
    "documents:decide",
    "intake",
    "support",
    "referrals:read",
    "referrals:decide",
]


class Principal(Published):
    """Who is asking, as authenticated at the edge (claims of the RFC 9068 access token)."""

    tenant: Key
    broker_id: Key
    subject: str
    scopes: tuple[str, ...]


class Metadata(Published):
    """What the edge knows about one request."""

    request_id: Key
    received_at: Timestamp
    broker_id: Key
    tenant: Key
    country: str | None = None
    """ISO 3166-1 alpha-2 of the caller, where the edge knows it."""
    colo: str | None = None
    """IATA code of the data centre that took the request."""
    schema_version: str
    policy_version: str
    edge_version: str


class MissingDocument(Answer):
    """A document the product asks for and the application does not list yet."""

    type: DocumentType
    needed: int
    present: int
    why: str


class Completeness(Answer):
    """What is still missing; it never refuses receipt (12 CFR 1026.2(a)(3)(ii) counts no documents)."""

    complete: bool
    missing_documents: list[MissingDocument]
    missing_fields: list[str]
    """RFC 6901 pointers into the application."""


class Validated(Answer):
    """The gate's yes: 200 of ``POST /validate``."""

    ok: Literal[True] = True
    application: Application
    metadata: Metadata
    completeness: Completeness
