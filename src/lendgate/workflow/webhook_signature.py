"""Signatures of webhooks, by the Standard Webhooks specification: ``v1`` (HMAC) and ``v1a`` (Ed25519).

Law: what is signed is ``<id>.<timestamp>.<body>``; the id is the event's and stays the same however often
it is sent, the timestamp is the attempt's. No secret is stored: each is derived from a key of the service,
the endpoint and its generation, so that a copy of the database forges nothing. Pure.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lendgate.store.webhooks import Endpoint

_SECRET_BYTES: Final = 32


@dataclass(frozen=True)
class WebhookSecrets:
    """The secrets of one generation of one endpoint; give ``shared`` or ``public`` to its owner."""

    secret: bytes = field(repr=False)
    seed: bytes = field(repr=False)

    @property
    def shared(self) -> str:
        """The shared secret as receivers' libraries take it (``whsec_…``)."""
        return f"whsec_{_base64(self.secret)}"

    @property
    def public(self) -> str:
        """The public key as receivers' libraries take it (``whpk_…``)."""
        return f"whpk_{_base64(self._key.public_key().public_bytes_raw())}"

    def signatures(self, content: bytes) -> list[str]:
        """Both signatures of a content."""
        symmetric = hmac.digest(self.secret, content, "sha256")
        return [f"v1,{_base64(symmetric)}", f"v1a,{_base64(self._key.sign(content))}"]

    @cached_property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def webhook_secrets(key: bytes, endpoint_id: UUID, generation: int) -> WebhookSecrets:
    """The secrets of an endpoint's generation, always the same for the same key (at least 32 bytes)."""
    return WebhookSecrets(
        secret=_derived(key, f"v1 {endpoint_id} {generation}"),
        seed=_derived(key, f"v1a {endpoint_id} {generation}"),
    )


def secrets_in_force(key: bytes, endpoint: Endpoint, at: datetime) -> Sequence[WebhookSecrets]:
    """The present generation's, then, while a rotation is under way, the one's before."""
    rotating = endpoint.previous_until is not None and at < endpoint.previous_until
    generations = (endpoint.generation, endpoint.generation - 1) if rotating else (endpoint.generation,)
    return [webhook_secrets(key, endpoint.endpoint_id, each) for each in generations]


def webhook_headers(
    event_id: UUID, body: bytes, secrets: Sequence[WebhookSecrets], at: datetime
) -> Mapping[str, str]:
    """The headers of one attempt at ``at``: id, time, and every signature in force."""
    message_id, timestamp = f"evt_{event_id.hex}", str(int(at.timestamp()))
    content = f"{message_id}.{timestamp}.".encode() + body
    signatures = [signature for each in secrets for signature in each.signatures(content)]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }


def _derived(key: bytes, purpose: str) -> bytes:
    info = f"lendgate webhook {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=_SECRET_BYTES, salt=None, info=info).derive(key)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
