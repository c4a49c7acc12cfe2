"""One request to the origin, signed here as the Worker would sign it: is the origin there, does it believe?

It asks for a review that cannot exist, as nobody's broker: "not found" is the proof. Without the key only
reachability is tried. An origin that is private on purpose (a VPC service) cannot be reached from here.
"""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lendgate.cloudflare.api.credentials import read_secret
from lendgate.cloudflare.desired import SIGNING_KEY
from lendgate.cloudflare.findings import Finding
from lendgate.errors import SettingsError
from lendgate.schema import Metadata, Principal
from lendgate.web.signature import NONCE_BYTES, Signer, sign
from lendgate.web.signature_base import SignedRequest, decode_base64url
from lendgate.web.signature_keys import Ed25519SigningKey, HmacKey

_NOBODY: Final = "lendgate-doctor"
_KEYS_MEND: Final = (
    "LENDGATE_EDGE_KEYS of the origin must hold this key under this key id; a rotation is in "
    "`lendgate edge keys rotate`."
)


async def origin_finding(
    http: httpx.AsyncClient, url: str, key_id: str, algorithm: str, environ: Mapping[str, str]
) -> Finding:
    """Whether the origin answers, and accepts a signature of the key in ``ORIGIN_SIGNING_KEY``."""
    base = url.rstrip("/")
    secret = read_secret(SIGNING_KEY, environ)
    try:
        if secret is None:
            alive = await http.get(f"{base}/livez")
            return _reached(base, alive)
        request = _signed(base, Signer(key_id, signing_key(algorithm, secret)))
        answer = await http.get(f"{base}{request.path}", headers=list(request.headers))
    except httpx.TransportError as cause:
        return Finding(
            "origin",
            "problem",
            f"{base} cannot be reached from here ({type(cause).__name__})",
            "Is the service running, and is ORIGIN_URL right? A private origin is reached by the gate only.",
        )
    return _believed(base, key_id, answer)


def signing_key(algorithm: str, secret: str) -> HmacKey | Ed25519SigningKey:
    """The key the Worker signs with, from its secret.

    Raises:
        SettingsError: the secret does not fit the algorithm.
    """
    try:
        if algorithm == "hmac-sha256":
            return HmacKey(decode_base64url(secret))
        raw = decode_base64url(str(json.loads(secret)["d"]))
        return Ed25519SigningKey(Ed25519PrivateKey.from_private_bytes(raw))
    except (ValueError, KeyError, TypeError):
        raise SettingsError(f"{SIGNING_KEY} does not fit the Worker's algorithm {algorithm}") from None


def _signed(base: str, signer: Signer) -> SignedRequest:
    now = datetime.now(UTC)
    request_id = str(uuid.uuid4())
    principal = Principal(tenant=_NOBODY, broker_id=_NOBODY, subject=_NOBODY, scopes=("review:read",))
    metadata = Metadata(
        request_id=request_id,
        received_at=now,
        broker_id=_NOBODY,
        tenant=_NOBODY,
        schema_version="1",
        policy_version="1",
        edge_version=_NOBODY,
    )
    headers = (("host", urlsplit(base).netloc), ("accept", "application/json"))
    request = SignedRequest("GET", f"/lending-review/{uuid.uuid4()}", "", headers, b"")
    return sign(request, signer, principal, metadata, now=now, nonce=secrets.token_bytes(NONCE_BYTES))


def _reached(base: str, answer: httpx.Response) -> Finding:
    if answer.is_success:
        return Finding(
            "origin",
            "unknown",
            f"{base} answers; signatures were not tried from here",
            f"Set {SIGNING_KEY} to try one.",
        )
    return Finding("origin", "problem", f"{base}/livez answers {answer.status_code}", "Look at its log.")


def _believed(base: str, key_id: str, answer: httpx.Response) -> Finding:
    if answer.status_code == httpx.codes.NOT_FOUND and answer.headers.get("content-type", "").startswith(
        "application/problem+json"
    ):
        return Finding("origin", "ok", f"{base} accepts signatures of the key {key_id}")
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        reason = _reason(answer)
        clock = "clock" in reason or "expired" in reason
        mend = "Set the origin's clock (NTP)." if clock else _KEYS_MEND
        return Finding("origin", "problem", f"{base} refuses the signature: {reason}", mend)
    return Finding(
        "origin", "problem", f"{base} answers {answer.status_code} to a signed request", "Look at its log."
    )


def _reason(answer: httpx.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return "without a reason"
    return str(body.get("reason", "")) if isinstance(body, dict) else ""
