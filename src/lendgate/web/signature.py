"""The origin's first question: did the edge sign exactly this request, just now?

Law: refuse unless every check passes; cheap checks first, and no content is believed before the
signature holds. The steps of ``verify``, in order, with what each prevents:

1. signature and signature-input once each, in canonical form: parser differences, several signatures
2. the covered components are those this request must have: a header slipped in or swapped
3. the key is known and its algorithm is the one named: algorithm confusion (RFC 9421 section 7.3.6)
4. created and expires are sane, and it is now: replays of old traffic, endless signatures
5. the signature over the base: everything else
6. principal and metadata parse and agree: a confused edge
7. the body has the signed digest (RFC 9530): another body under a good signature

What it cannot see is a replay inside the window: the caller claims the nonce (``web.replay``).
``verify_head`` is all but the last step, for a body that comes in parts (``web.streamed``).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from lendgate.errors import UnsignedRequestError
from lendgate.schema import Metadata, Principal
from lendgate.web.signature_base import (
    LABEL,
    Parameters,
    SignedRequest,
    component_value,
    components_of,
    decode_base64url,
    encode_base64url,
    read_input,
    read_signature,
    signature_base,
    write_input,
)
from lendgate.web.signature_keys import SigningKey, VerifyKey

SKEW: Final = timedelta(seconds=5)
"""How far the edge's clock may run ahead of ours."""
WINDOW: Final = timedelta(seconds=60)
"""The longest life of a signature."""
NONCE_BYTES: Final = 16
_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Verified:
    """What a genuine request says; ``expires`` is how long its nonce has to be remembered."""

    principal: Principal
    metadata: Metadata
    nonce: str
    request_id: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class Signer:
    """A signing key under the name the origin knows it by."""

    key_id: str
    key: SigningKey


def verify(
    request: SignedRequest, keys: Mapping[str, VerifyKey], now: datetime, max_age: timedelta
) -> Verified:
    """Whose request this is, if the edge signed it; ``keys`` maps key ids to keys, so two may overlap.

    Raises:
        UnsignedRequestError: with one sentence for the cause; nothing of the request may be used.
    """
    verified = verify_head(request, keys, now, max_age)
    _check_digest(request)
    return verified


def verify_head(
    request: SignedRequest, keys: Mapping[str, VerifyKey], now: datetime, max_age: timedelta
) -> Verified:
    """``verify`` before the body is there: whoever reads it holds it against the signed content-digest.

    Raises:
        UnsignedRequestError: as ``verify``.
    """
    signature = read_signature(request.field("signature"))
    given = read_input(request.field("signature-input"))
    _check_coverage(given.components, components_of(request))
    key = _key_for(given.parameters, keys)
    _check_times(given.parameters, now, max_age)
    base = signature_base(((c, component_value(request, c)) for c in given.components), given.text)
    if not key.verifies(base, signature):
        raise UnsignedRequestError("The signature does not match the request: it was altered on the way.")
    principal = _decode(Principal, request, "lendgate-principal")
    metadata = _decode(Metadata, request, "lendgate-metadata")
    request_id = request.field("x-request-id")
    _check_agreement(principal, metadata, request_id)
    expires = datetime.fromtimestamp(given.parameters.expires, UTC)
    return Verified(principal, metadata, given.parameters.nonce, request_id, expires)


def sign(
    request: SignedRequest,
    signer: Signer,
    principal: Principal,
    metadata: Metadata,
    *,
    now: datetime,
    nonce: bytes,
) -> SignedRequest:
    """The request as the edge would forward it: its headers set, signed for 60 seconds from ``now``.

    ``nonce`` is 16 random bytes, used once. Headers of the edge's names that were there are replaced.
    """
    if len(nonce) != NONCE_BYTES:
        raise ValueError(f"a nonce has {NONCE_BYTES} bytes")
    created = int(now.timestamp())
    parameters = Parameters(
        created=created,
        expires=created + int(WINDOW.total_seconds()),
        nonce=encode_base64url(nonce),
        key_id=signer.key_id,
        algorithm=signer.key.algorithm,
    )
    dressed = request.with_headers(
        {
            "content-digest": content_digest(request.body),
            "x-request-id": metadata.request_id,
            "lendgate-principal": encode_base64url(principal.model_dump_json().encode()),
            "lendgate-metadata": encode_base64url(metadata.model_dump_json().encode()),
        }
    )
    return seal(dressed, signer.key, parameters)


def seal(request: SignedRequest, key: SigningKey, parameters: Parameters) -> SignedRequest:
    """Sign a request that has the edge's headers already, under these exact parameters."""
    components = components_of(request)
    text = write_input(components, parameters)
    base = signature_base(((c, component_value(request, c)) for c in components), text)
    signature = base64.b64encode(key.sign(base)).decode()
    return request.with_headers({"signature-input": f"{LABEL}={text}", "signature": f"{LABEL}=:{signature}:"})


def content_digest(body: bytes) -> str:
    """The content-digest field of a body (RFC 9530 section 2), SHA-256 only."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def _check_coverage(covered: tuple[str, ...], expected: tuple[str, ...]) -> None:
    if covered == expected:
        return
    for name in expected:
        if name not in covered:
            raise UnsignedRequestError(f"The signature does not cover {name}.")
    for name in covered:
        if name not in expected:
            raise UnsignedRequestError(
                f"The signature covers {name}, which the request must not or does not carry."
            )
    raise UnsignedRequestError(
        "The signature covers its components twice or in another order than the edge's."
    )


def _key_for(parameters: Parameters, keys: Mapping[str, VerifyKey]) -> VerifyKey:
    key = keys.get(parameters.key_id)
    if key is None:
        raise UnsignedRequestError("The signature names a key that this service does not know.")
    if key.algorithm != parameters.algorithm:
        raise UnsignedRequestError("The signature names another algorithm than its key is for.")
    return key


def _check_times(parameters: Parameters, now: datetime, max_age: timedelta) -> None:
    window = parameters.expires - parameters.created
    if not 0 < window <= WINDOW.total_seconds():
        raise UnsignedRequestError("The signature must expire within 60 seconds of its creation.")
    age = now.timestamp() - parameters.created
    if age < -SKEW.total_seconds():
        raise UnsignedRequestError("The signature was created in the future: check both clocks.")
    if now.timestamp() >= parameters.expires:
        raise UnsignedRequestError("The signature has expired: send the request again through the edge.")
    if age > max_age.total_seconds():
        raise UnsignedRequestError("The signature is older than this service accepts; check both clocks.")


def _check_digest(request: SignedRequest) -> None:
    signed = request.field("content-digest")
    if not hmac.compare_digest(signed.encode(), content_digest(request.body).encode()):
        raise UnsignedRequestError("The body does not have the digest that was signed.")


def _decode(model: type[_Model], request: SignedRequest, header: str) -> _Model:
    try:
        # Not strict only in this: a JSON array may fill a tuple. No other value of the two is converted.
        return model.model_validate_json(decode_base64url(request.field(header)))
    except (ValueError, ValidationError):
        # The content may be about a person: the sentence says which header and nothing from inside it.
        raise UnsignedRequestError(f"The {header} header is malformed.") from None


def _check_agreement(principal: Principal, metadata: Metadata, request_id: str) -> None:
    if metadata.request_id != request_id:
        raise UnsignedRequestError("The metadata and x-request-id name different requests.")
    if (metadata.tenant, metadata.broker_id) != (principal.tenant, principal.broker_id):
        raise UnsignedRequestError("The metadata and the principal name different callers.")
