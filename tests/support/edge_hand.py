"""The edge's hand: requests to the origin, signed as the gate signs them, for tests without a gate."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import get_args

import httpx

from lendgate.schema import Metadata, Principal
from lendgate.schema.gate import Scope
from lendgate.web.signature import Signer, sign
from lendgate.web.signature_base import SignedRequest

SCOPES: tuple[str, ...] = get_args(Scope)
BROKER = Principal(tenant="local", broker_id="demo-broker", subject="tester", scopes=SCOPES)
JSON = {"accept": "application/json", "content-type": "application/json"}
GOOD = b'{"applicant_id":"TEST-001","income":120000,"employment_years":6,"debt_to_income":0.22}'


def principal(tenant: str = "local", broker_id: str = "demo-broker", *scopes: str) -> Principal:
    """A caller; with every scope unless some are named."""
    return Principal(tenant=tenant, broker_id=broker_id, subject="tester", scopes=scopes or SCOPES)


def metadata_of(caller: Principal, at: datetime) -> Metadata:
    """What the gate would say about a request of this caller."""
    return Metadata(
        request_id=str(uuid.uuid4()),
        received_at=at,
        broker_id=caller.broker_id,
        tenant=caller.tenant,
        schema_version="1.0",
        policy_version="test",
        edge_version="test",
    )


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class EdgeHand:
    """Signs with one key as one caller, now unless another time is given."""

    signer: Signer
    caller: Principal = BROKER
    at: datetime | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def post(self, body: bytes = GOOD, path: str = "/lending-review", **more: str) -> SignedRequest:
        """A signed POST; ``more`` are further headers, with ``_`` for ``-``."""
        return self.request("POST", path, body, JSON | _named(more))

    def get(self, path: str, **more: str) -> SignedRequest:
        """A signed GET."""
        return self.request("GET", path, b"", {"accept": "*/*"} | _named(more))

    def request(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> SignedRequest:
        """Any signed request; what follows ``?`` in ``path`` is its query."""
        at = self.at or _now()
        path, _, query = path.partition("?")
        unsigned = SignedRequest(method, path, query, tuple({**self.headers, **headers}.items()), body)
        metadata = metadata_of(self.caller, at)
        return sign(unsigned, self.signer, self.caller, metadata, now=at, nonce=os.urandom(16))


def as_http(request: SignedRequest, base_url: str) -> httpx.Request:
    """The request as httpx sends it: these headers, and no others but those of HTTP itself."""
    url = base_url + request.path + (f"?{request.query}" if request.query else "")
    return httpx.Request(request.method, url, headers=list(request.headers), content=request.body)


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
