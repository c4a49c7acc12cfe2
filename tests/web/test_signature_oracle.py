"""Our signatures against another implementation of RFC 9421, both ways, and against the RFC's own vectors."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureAlgorithm,
    MappingKeyResolver,
    algorithms,
)

from lendgate.schema import Metadata, Principal
from lendgate.web.signature import Signer, content_digest, sign, verify
from lendgate.web.signature_base import (
    SignedRequest,
    components_of,
    encode_base64url,
    signature_base,
)
from lendgate.web.signature_keys import Ed25519SigningKey, HmacKey, SigningKey, VerifyKey, ed25519_from_raw

SECRET = bytes(range(32))
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
RESOLVER = MappingKeyResolver(
    public_keys={"hmac": SECRET, "ed": PRIVATE.public_key()},
    private_keys={"hmac": SECRET, "ed": PRIVATE},
)
OURS: Mapping[str, SigningKey] = {"hmac": HmacKey(SECRET), "ed": Ed25519SigningKey(PRIVATE)}
KEYS: Mapping[str, VerifyKey] = {"hmac": HmacKey(SECRET), "ed": Ed25519SigningKey(PRIVATE).verify_key}
THEIRS: Mapping[str, type[HTTPSignatureAlgorithm]] = {
    "hmac": algorithms.HMAC_SHA256,
    "ed": algorithms.ED25519,
}
PARAMETERS = ("created", "expires", "nonce", "keyid", "alg", "tag")
PRINCIPAL = Principal(tenant="acme", broker_id="b-7", subject="user-1", scopes=("review:read", "validate"))
REQUESTS = [
    SignedRequest("POST", "/lending-review", "", (("content-type", "application/json"),), b'{"a":1}'),
    SignedRequest("GET", "/lending-review/r%201", "a=b&c=%2F", (("accept", "text/event-stream"),), b""),
    SignedRequest(
        "POST",
        "/lending-review",
        "x",
        (("prefer", "wait=5, respond-async"), ("traceparent", "00-aa-bb-01"), ("last-event-id", "7")),
        b"\x00\xff",
    ),
]


@dataclass
class Message:
    """A request as the other implementation takes it."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, request: SignedRequest) -> Message:
        query = f"?{request.query}" if request.query else ""
        return cls(request.method, f"https://origin.example{request.path}{query}", dict(request.headers))


class OurOrder(HTTPMessageSigner):
    """The other implementation, made to write the parameters in the edge's order and not in its own."""

    def _build_signature_base(
        self, message: Any, *, signature_params: dict[str, Any], **rest: Any
    ) -> tuple[Any, ...]:
        ordered = {name: signature_params[name] for name in PARAMETERS}
        base: tuple[Any, ...] = super()._build_signature_base(message, signature_params=ordered, **rest)
        return base


def metadata(now: datetime) -> Metadata:
    return Metadata(
        request_id="r-1",
        received_at=now,
        broker_id="b-7",
        tenant="acme",
        schema_version="1.0",
        policy_version="p",
        edge_version="e",
    )


@pytest.mark.parametrize("key_id", ["hmac", "ed"])
@pytest.mark.parametrize("request_", REQUESTS)
def test_the_other_implementation_accepts_what_we_sign(request_: SignedRequest, key_id: str) -> None:
    """It rebuilds the same base and reads the same parameters from our headers."""
    now = datetime.now(UTC)  # the library reads the clock itself
    signed = sign(request_, Signer(key_id, OURS[key_id]), PRINCIPAL, metadata(now), now=now, nonce=bytes(16))
    verifier = HTTPMessageVerifier(signature_algorithm=THEIRS[key_id], key_resolver=RESOLVER)
    [result] = verifier.verify(Message.of(signed), max_age=timedelta(seconds=60))
    assert result.label == "edge"
    assert list(result.covered_components) == [
        *(f'"{component}"' for component in components_of(signed)),
        '"@signature-params"',
    ]


@pytest.mark.parametrize("key_id", ["hmac", "ed"])
@pytest.mark.parametrize("request_", REQUESTS)
def test_we_accept_what_the_other_implementation_signs(request_: SignedRequest, key_id: str) -> None:
    """Given our components in our order, its canonical serialisation is ours."""
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    dressed = request_.with_headers(
        {
            "content-digest": content_digest(request_.body),
            "x-request-id": "r-1",
            "lendgate-principal": encode_base64url(PRINCIPAL.model_dump_json().encode()),
            "lendgate-metadata": encode_base64url(metadata(now).model_dump_json().encode()),
        }
    )
    message = Message.of(dressed)
    OurOrder(signature_algorithm=THEIRS[key_id], key_resolver=RESOLVER).sign(
        message,
        key_id=key_id,
        created=now,
        expires=now + timedelta(seconds=60),
        nonce="A" * 22,
        label="edge",
        tag="lendgate-edge",
        covered_component_ids=components_of(dressed),
        use_existing_digest=True,
    )
    theirs = {name.lower(): value for name, value in message.headers.items()}
    accepted = verify(dressed.with_headers(theirs), KEYS, now, timedelta(seconds=60))
    assert accepted.principal == PRINCIPAL


def test_the_hmac_vector_of_the_standard() -> None:
    """RFC 9421 section B.2.5, byte for byte."""
    secret = base64.b64decode(
        "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="
    )
    base = signature_base(
        [
            ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
            ("@authority", "example.com"),
            ("content-type", "application/json"),
        ],
        '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
    )
    expected = base64.b64decode("pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=")
    assert HmacKey(secret).sign(base) == expected
    assert HmacKey(secret).verifies(base, expected)


def test_the_ed25519_vector_of_the_standard() -> None:
    """RFC 9421 section B.2.6: its public key accepts its signature over our base."""
    public = base64.b64decode("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=")
    base = signature_base(
        [
            ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
            ("@method", "POST"),
            ("@path", "/foo"),
            ("@authority", "example.com"),
            ("content-type", "application/json"),
            ("content-length", "18"),
        ],
        '("date" "@method" "@path" "@authority" "content-type" "content-length")'
        ';created=1618884473;keyid="test-key-ed25519"',
    )
    signature = base64.b64decode(
        "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    )
    assert ed25519_from_raw(public).verifies(base, signature)
    assert not ed25519_from_raw(public).verifies(base + b" ", signature)
