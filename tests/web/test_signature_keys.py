"""The edge's keys from settings, and that none of them shows itself."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lendgate.errors import SettingsError
from lendgate.web.signature_base import encode_base64url
from lendgate.web.signature_keys import (
    Ed25519SigningKey,
    Ed25519VerifyKey,
    HmacKey,
    verify_keys_from_json,
)

SECRET = encode_base64url(bytes(range(32)))
PRIVATE = Ed25519SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(32)))
PUBLIC = encode_base64url(PRIVATE.verify_key.public.public_bytes_raw())


def test_keys_of_both_algorithms_are_read() -> None:
    """Two key ids, two algorithms: what each signs, each verifies."""
    keys = verify_keys_from_json(
        json.dumps({"a": {"alg": "hmac-sha256", "key": SECRET}, "b": {"alg": "ed25519", "key": PUBLIC}})
    )
    assert keys["a"] == HmacKey(bytes(range(32)))
    assert isinstance(keys["b"], Ed25519VerifyKey)
    assert keys["b"].verifies(b"message", PRIVATE.sign(b"message"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "not JSON"),
        ("{}", "at least one key id"),
        ("[]", "at least one key id"),
        ('{"a": "text"}', "'a' must have the members"),
        ('{"a": {"alg": "hmac-sha256"}}', "'a' must have the members"),
        (f'{{"a": {{"alg": "none", "key": "{SECRET}"}}}}', "'a' must be for hmac-sha256 or ed25519"),
        (f'{{"a": {{"alg": "ed25519", "key": "{SECRET[:-1]}"}}}}', "'a' must be base64url of 32 bytes"),
        (f'{{"a": {{"alg": "hmac-sha256", "key": "{SECRET}="}}}}', "'a' must be base64url of 32 bytes"),
        ('{"a": {"alg": "hmac-sha256", "key": 7}}', "'a' must be base64url of 32 bytes"),
    ],
)
def test_keys_that_cannot_be_right_are_refused_by_name(text: str, sentence: str) -> None:
    """The service does not start with a key it could not use; the key itself is not repeated."""
    with pytest.raises(SettingsError, match=sentence) as refused:
        verify_keys_from_json(text)
    assert SECRET[:-1] not in str(refused.value)


@pytest.mark.parametrize(("size", "good"), [(31, False), (32, True)])
def test_an_hmac_secret_has_at_least_32_bytes(size: int, *, good: bool) -> None:
    """A shorter secret is weaker than the hash it keys."""
    if good:
        assert HmacKey(bytes(size)).algorithm == "hmac-sha256"
    else:
        with pytest.raises(SettingsError, match="at least 32 bytes"):
            HmacKey(bytes(size))


def test_no_key_shows_itself() -> None:
    """A key in a log or a traceback would be a leak."""
    assert "secret" not in repr(HmacKey(bytes(32)))
    assert "private" not in repr(PRIVATE)
