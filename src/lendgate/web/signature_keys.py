"""The keys of the edge's signature: HMAC-SHA256 and Ed25519 (RFC 9421 sections 3.3.3 and 3.3.6).

Law: a key knows its one algorithm; what a message says about algorithms is only ever compared with it.
No secret appears in a ``repr`` or an error.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, get_args

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lendgate.errors import SettingsError
from lendgate.web.signature_base import decode_base64url

Algorithm = Literal["hmac-sha256", "ed25519"]
KEY_BYTES: Final = 32


class VerifyKey(Protocol):
    """Anything that can tell whether a signature over a message is its own."""

    @property
    def algorithm(self) -> Algorithm: ...

    def verifies(self, message: bytes, signature: bytes) -> bool: ...


class SigningKey(Protocol):
    """Anything that can sign a message."""

    @property
    def algorithm(self) -> Algorithm: ...

    def sign(self, message: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class HmacKey:
    """A shared secret of at least 32 bytes."""

    secret: bytes = field(repr=False)
    algorithm: Algorithm = field(default="hmac-sha256", init=False)

    def __post_init__(self) -> None:
        if len(self.secret) < KEY_BYTES:
            raise SettingsError(f"An HMAC signing key needs at least {KEY_BYTES} bytes.")

    def sign(self, message: bytes) -> bytes:
        return hmac.digest(self.secret, message, "sha256")

    def verifies(self, message: bytes, signature: bytes) -> bool:
        return hmac.compare_digest(self.sign(message), signature)


@dataclass(frozen=True, slots=True)
class Ed25519VerifyKey:
    """The edge's public key; all that an origin needs to hold."""

    public: Ed25519PublicKey
    algorithm: Algorithm = field(default="ed25519", init=False)

    def verifies(self, message: bytes, signature: bytes) -> bool:
        try:
            self.public.verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Ed25519SigningKey:
    """A private key; at the edge in production, here for tests, ``doctor`` and the bench."""

    private: Ed25519PrivateKey = field(repr=False)
    algorithm: Algorithm = field(default="ed25519", init=False)

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)

    @property
    def verify_key(self) -> Ed25519VerifyKey:
        return Ed25519VerifyKey(self.private.public_key())


def verify_keys_from_json(text: str) -> dict[str, VerifyKey]:
    """The origin's keys from settings, by key id: ``{"id": {"alg": "hmac-sha256", "key": "<base64url>"}}``.

    ``key`` is base64url of 32 bytes: an HMAC secret, or an Ed25519 public key for ``alg`` ``ed25519``.

    Raises:
        SettingsError: names the key id that is wrong; never a key.
    """
    try:
        entries = json.loads(text)
    except ValueError:
        raise SettingsError("The edge's keys are not JSON.") from None
    if not isinstance(entries, dict) or not entries:
        raise SettingsError("The edge's keys must be a JSON object with at least one key id.")
    return {key_id: _verify_key(key_id, entry) for key_id, entry in entries.items()}


def ed25519_from_raw(raw: bytes) -> Ed25519VerifyKey:
    """A verify key from the 32 raw bytes of a public key (RFC 8032)."""
    return Ed25519VerifyKey(Ed25519PublicKey.from_public_bytes(raw))


def _verify_key(key_id: str, entry: object) -> VerifyKey:
    if not isinstance(entry, dict) or entry.keys() != {"alg", "key"}:
        raise SettingsError(f'The edge\'s key {key_id!r} must have the members "alg" and "key".')
    if entry["alg"] not in get_args(Algorithm):
        raise SettingsError(f"The edge's key {key_id!r} must be for {' or '.join(get_args(Algorithm))}.")
    try:
        raw = decode_base64url(str(entry["key"]))
    except ValueError:
        raw = b""
    if len(raw) != KEY_BYTES:
        raise SettingsError(f"The edge's key {key_id!r} must be base64url of {KEY_BYTES} bytes.")
    return HmacKey(raw) if entry["alg"] == "hmac-sha256" else ed25519_from_raw(raw)
