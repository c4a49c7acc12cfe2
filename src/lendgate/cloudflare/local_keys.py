"""The keys of an installation that runs on one machine: made once, kept in ``<data_dir>/keys``.

Law: a key file is written whole or not at all, readable by its owner only, and never replaced; two
processes that start together end up with the same keys. In production every one of these comes from the
environment instead.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar, get_args

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from pydantic import TypeAdapter, ValidationError

from lendgate.errors import SettingsError
from lendgate.schema import Principal
from lendgate.schema.gate import Scope

ISSUER: Final = "urn:lendgate:local"
"""``iss`` of local tokens: the Worker's JWT_ISSUER where these keys are used."""
AUDIENCE: Final = "lendgate"
"""``aud`` of local tokens: the Worker's JWT_AUDIENCE where these keys are used."""
LONGEST_LIFETIME: Final = timedelta(hours=24)
_KEY_BYTES: Final = 32
_OTHERS: Final = 0o077
Stored = dict[str, str]
_STORED: Final = TypeAdapter(Stored)
_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class SharedKey:
    """A secret of 32 random bytes under an id; ``secret`` is base64url without padding."""

    key_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LocalKeys:
    """Everything a local installation signs with."""

    token_key: ECKey = field(repr=False)
    """ES256; its ``kid`` is the RFC 7638 thumbprint."""
    origin: SharedKey
    """HMAC-SHA256, the edge's signature for the origin."""
    audit: SharedKey
    """Key of the audit chain."""
    checkpoint: SharedKey
    """Seed of the Ed25519 key that signs checkpoints of the audit chain."""
    webhook: SharedKey
    """What the secrets of webhooks are derived from."""
    data: SharedKey
    """What wraps the keys of personal data."""

    @property
    def jwks(self) -> str:
        """The public key set as JSON, for the Worker's ``JWKS``."""
        public = self.token_key.as_dict(private=False)
        return json.dumps({"keys": [{**public, "alg": "ES256", "use": "sig"}]})

    @property
    def edge_keys(self) -> str:
        """The value of ``LENDGATE_EDGE_KEYS`` that accepts what the edge signs with ``origin``."""
        return json.dumps({self.origin.key_id: {"alg": "hmac-sha256", "key": self.origin.secret}})

    @property
    def audit_key(self) -> str:
        """The value of ``LENDGATE_AUDIT_KEY``."""
        return f"{self.audit.key_id}:{self.audit.secret}"

    @property
    def checkpoint_key(self) -> str:
        """The value of ``LENDGATE_CHECKPOINT_KEY``."""
        return f"{self.checkpoint.key_id}:{self.checkpoint.secret}"

    @property
    def webhook_key(self) -> str:
        """The value of ``LENDGATE_WEBHOOK_KEY``."""
        return f"{self.webhook.key_id}:{self.webhook.secret}"

    @property
    def data_key(self) -> str:
        """The value of ``LENDGATE_DATA_KEY``."""
        return f"{self.data.key_id}:{self.data.secret}"


def load_or_create(data_dir: Path) -> LocalKeys:
    """The keys of a data directory, made on first use.

    Raises:
        SettingsError: the files cannot be read or written, are damaged, or others may read them.
    """
    directory = data_dir / "keys"
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        _refuse_if_shared(directory)
        token = _kept(directory / "token.json", _new_token_key, _token_key)
        origin = _kept(directory / "origin.json", _new_shared_key, _shared_key)
        audit = _kept(directory / "audit.json", _new_shared_key, _shared_key)
        checkpoint = _kept(directory / "checkpoint.json", _new_shared_key, _shared_key)
        webhook = _kept(directory / "webhook.json", _new_shared_key, _shared_key)
        data = _kept(directory / "data.json", _new_shared_key, _shared_key)
    except OSError as error:
        raise SettingsError(f"cannot keep keys in {directory}: {error.strerror}") from error
    return LocalKeys(token, origin, audit, checkpoint, webhook, data)


def mint_token(
    keys: LocalKeys,
    *,
    tenant: str,
    broker_id: str,
    subject: str,
    scopes: Iterable[str],
    lifetime: timedelta,
    now: datetime,
) -> str:
    """An access token of RFC 9068 that the local Worker accepts.

    Raises:
        SettingsError: a lifetime that is not between a second and 24 hours, an unknown scope, or an
            identifier that is not one.
    """
    if not timedelta(seconds=1) <= lifetime <= LONGEST_LIFETIME:
        raise SettingsError("a token lives for at least one second and at most 24 hours")
    principal = _principal(tenant, broker_id, subject, tuple(scopes))
    issued = int(now.timestamp())
    claims: dict[str, object] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": principal.subject,
        "client_id": principal.broker_id,
        "tenant": principal.tenant,
        "broker_id": principal.broker_id,
        "scope": " ".join(principal.scopes),
        "iat": issued,
        "nbf": issued,
        "exp": issued + int(lifetime.total_seconds()),
        "jti": secrets.token_urlsafe(16),
    }
    header = {"alg": "ES256", "typ": "at+jwt", "kid": keys.token_key.thumbprint()}
    return jwt.encode(header, claims, keys.token_key, algorithms=["ES256"])


def _principal(tenant: str, broker_id: str, subject: str, scopes: tuple[str, ...]) -> Principal:
    unknown = sorted(set(scopes) - set(get_args(Scope)))
    if unknown:
        known = ", ".join(get_args(Scope))
        raise SettingsError(f"there is no scope {', '.join(unknown)}; the scopes are: {known}")
    try:
        return Principal(tenant=tenant, broker_id=broker_id, subject=subject, scopes=scopes)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise SettingsError(f"{first['loc'][0]} {first['msg']}") from None


def _new_token_key() -> Stored:
    key = ECKey.generate_key("P-256", auto_kid=True)
    return {name: str(value) for name, value in key.as_dict(private=True).items()}


def _new_shared_key() -> Stored:
    secret = base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).rstrip(b"=").decode()
    return {"key_id": f"local-{secrets.token_hex(4)}", "secret": secret}


def _token_key(found: Stored) -> ECKey:
    return ECKey.import_key(dict(found))


def _shared_key(found: Stored) -> SharedKey:
    return SharedKey(found["key_id"], found["secret"])


def _kept(path: Path, make: Callable[[], Stored], read: Callable[[Stored], _Key]) -> _Key:
    """The key in this file; a new one is put there first when there is none."""
    if not path.exists():
        _write_new(path, json.dumps(make()).encode())
    _refuse_if_shared(path)
    try:
        return read(_STORED.validate_json(path.read_bytes()))
    except (JoseError, KeyError, ValueError):
        raise SettingsError(f"{path} is damaged: restore it from a backup") from None


def _write_new(path: Path, content: bytes) -> None:
    """Whole or not at all, and whoever comes first wins: written aside, then linked to its name."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(aside, path)
    finally:
        aside.unlink()
    _sync(path.parent)


def _sync(directory: Path) -> None:
    # Without this a power cut could take the audit key away and leave what was signed with it.
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_if_shared(path: Path) -> None:
    if path.stat().st_mode & _OTHERS:
        mode = "700" if path.is_dir() else "600"
        raise SettingsError(f"others may read {path}: run `chmod {mode} {path}`")
