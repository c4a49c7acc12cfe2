"""The keys that are set: read once, in one form, and never said again.

Law: a key of another form is refused with the form that it must have, never with what it held.
"""

from __future__ import annotations

import base64
import binascii
from contextlib import suppress

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from lendgate.audit import AuditKey, CheckpointKey
from lendgate.errors import SettingsError
from lendgate.settings import ServiceSettings
from lendgate.store.keyring import MasterKeys
from lendgate.store.sealing import KEY_BYTES


def secret_key(name: str, value: SecretStr | None) -> tuple[str, bytes]:
    """A setting of the form ``key-id:<base64url of 32 bytes>``.

    Raises:
        SettingsError: it is missing or of another form.
    """
    key = _key_in(value.get_secret_value() if value else "")
    if key is None:
        raise SettingsError(f'{name} must be "key-id:<base64url of 32 random bytes>"')
    return key


def secret_keys(name: str, value: SecretStr | None) -> dict[str, bytes]:
    """A setting of one such key or several, by their ids and in their order: the first is in force.

    Raises:
        SettingsError: it is missing, one is of another form, or two have one name.
    """
    parts = (value.get_secret_value() if value else "").split(",")
    keys = dict(key for part in parts if (key := _key_in(part.strip())))
    if len(keys) != len(parts):
        raise SettingsError(
            f'{name} must be "key-id:<base64url of 32 random bytes>", '
            "or several of these with commas between, each with an id of its own"
        )
    return keys


def master_keys(settings: ServiceSettings) -> MasterKeys:
    """The keys that wrap data keys, the one in force first; none when none is set.

    Raises:
        SettingsError: they are of another form, or two have one name.
    """
    if settings.data_key is None:
        return MasterKeys()
    return MasterKeys(secret_keys("LENDGATE_DATA_KEY", settings.data_key))


def audit_keys(settings: ServiceSettings) -> tuple[AuditKey, tuple[AuditKey, ...]]:
    """The key that makes rows of the audit chain, and those that made earlier ones.

    Raises:
        SettingsError: there is none, they are of another form, or two have one name.
    """
    keys = secret_keys("LENDGATE_AUDIT_KEY", settings.audit_key)
    first, *former = (AuditKey(key_id, secret) for key_id, secret in keys.items())
    return first, tuple(former)


def webhook_key(settings: ServiceSettings) -> bytes | None:
    """The key that webhooks' secrets are derived from; None when there is none.

    Raises:
        SettingsError: the key cannot be right.
    """
    return secret_key("LENDGATE_WEBHOOK_KEY", settings.webhook_key)[1] if settings.webhook_key else None


def checkpoint_key(settings: ServiceSettings) -> CheckpointKey | None:
    """The key that signs checkpoints; None when there is none.

    Raises:
        SettingsError: the key cannot be right.
    """
    if settings.checkpoint_key is None:
        return None
    key_id, seed = secret_key("LENDGATE_CHECKPOINT_KEY", settings.checkpoint_key)
    return CheckpointKey(key_id, Ed25519PrivateKey.from_private_bytes(seed))


def _key_in(text: str) -> tuple[str, bytes] | None:
    key_id, _, encoded = text.partition(":")
    with suppress(binascii.Error, ValueError):
        bare = encoded.rstrip("=")
        secret = base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
        if key_id and len(secret) == KEY_BYTES:
            return key_id, secret
    return None
