"""The keys of a process: master keys that wrap data keys, and the sealers it has opened lately.

Law: a master key comes from LENDGATE_DATA_KEY and goes nowhere; the first one wraps, any of them unwraps. A
wrapped data key is bound to its tenant, its purpose, its id and its master key. A sealer is forgotten after
``FRESH_SECONDS``, so that every process soon hears of new data keys.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, Literal
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lendgate.audit.chain import framed
from lendgate.errors import SettingsError
from lendgate.store.sealing import KEY_BYTES, NONCE_BYTES, DataKey, RandomBytes, Sealer

Purpose = Literal["records", "monitoring"]
"""What a data key seals: monitoring data has keys of its own, which open nothing else (DESIGN 3 f)."""
FRESH_SECONDS: Final = 30.0
_MOST_KEPT: Final = 1_000
_FORMAT: Final = "lendgate-data-key-1"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a data key is, and what for."""

    tenant: str
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key as the database keeps it; ``master_id`` names what unwraps it."""

    id: UUID
    master_id: str
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class MasterKeys:
    """The master keys by id, the one that wraps first. With none at all nothing is sealed or opened."""

    keys: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def current(self) -> str:
        """The id of the key that wraps.

        Raises:
            SettingsError: there is no key.
        """
        if not self.keys:
            raise SettingsError("LENDGATE_DATA_KEY is not set: personal data is kept with it or not at all")
        return next(iter(self.keys))

    def new(self, owner: Owner, key_id: UUID, random: RandomBytes = secrets.token_bytes) -> WrappedKey:
        """A new data key.

        Raises:
            SettingsError: there is no master key.
        """
        return self.wrap(owner, DataKey(key_id, random(KEY_BYTES)), random)

    def wrap(self, owner: Owner, key: DataKey, random: RandomBytes = secrets.token_bytes) -> WrappedKey:
        """A data key for the database, under the current master key.

        Raises:
            SettingsError: there is no master key.
        """
        master_id, nonce = self.current, random(NONCE_BYTES)
        cipher = AESGCM(self.keys[master_id])
        wrapped = cipher.encrypt(nonce, key.secret, _bound(owner, key.id, master_id))
        return WrappedKey(key.id, master_id, nonce + wrapped)

    def unwrap(self, owner: Owner, key: WrappedKey) -> DataKey:
        """The data key in the open.

        Raises:
            SettingsError: its master key is not among these, or is another one of that name.
        """
        master = self.keys.get(key.master_id)
        if master is None:
            raise SettingsError(
                f"LENDGATE_DATA_KEY does not hold the key {key.master_id!r}, which a data key of tenant "
                f"{owner.tenant} is wrapped with: add it after the current one"
            )
        nonce, wrapped = key.wrapped[:NONCE_BYTES], key.wrapped[NONCE_BYTES:]
        try:
            secret = AESGCM(master).decrypt(nonce, wrapped, _bound(owner, key.id, key.master_id))
        except (InvalidTag, ValueError) as cause:
            raise SettingsError(
                f"LENDGATE_DATA_KEY: the key {key.master_id!r} does not open a data key of tenant "
                f"{owner.tenant}: another key had that name, or the row was altered"
            ) from cause
        return DataKey(key.id, secret)


@dataclass(slots=True)
class Keyring:
    """The master keys and the sealers of a process; ``clock`` counts seconds and never goes back."""

    masters: MasterKeys = field(default_factory=MasterKeys)
    clock: Callable[[], float] = monotonic
    _sealers: dict[Owner, tuple[Sealer, float]] = field(default_factory=dict, repr=False)

    def find(self, owner: Owner) -> Sealer | None:
        """A sealer that was read from the database a moment ago."""
        sealer, until = self._sealers.get(owner, (None, 0.0))
        return sealer if self.clock() < until else None

    def keep(self, owner: Owner, sealer: Sealer) -> None:
        """Remember a sealer whose keys are all committed."""
        if len(self._sealers) >= _MOST_KEPT:
            self._sealers.clear()
        self._sealers[owner] = (sealer, self.clock() + FRESH_SECONDS)


def _bound(owner: Owner, key_id: UUID, master_id: str) -> bytes:
    return framed(_FORMAT, owner.tenant, owner.purpose, key_id.bytes, master_id)
