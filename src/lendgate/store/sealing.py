"""Sealing: personal data is encrypted before it reaches a table, a file or a bucket.

Law: what is sealed is sealed with a data key of its tenant, which lies in the database wrapped by a master
key that never does (``keyring``). Tenant, data key and the caller's context are authenticated: what was
sealed for one place opens in no other. Any of the tenant's data keys opens, the current one seals.

Sealed bytes, version 1: ``01 | data key id (16) | nonce (12) | AES-256-GCM ciphertext and tag (16)``. Random
nonces allow 2^32 uses of a key (NIST SP 800-38D, 8.3); ``lendgate keys rotate`` makes the next one.

In a tenant's transaction (one call is one message, of up to some 20 MB)::

    sealer = await sealer_of(tx)  # lendgate.store.data_keys
    sealed = sealer.seal(plaintext, place("application", "document", application_id))
"""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lendgate.audit.chain import framed
from lendgate.errors import LendgateError

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
_VERSION: Final = b"\x01"
_HEADER_BYTES: Final = len(_VERSION) + 16
_TAG_BYTES: Final = 16
OVERHEAD: Final = _HEADER_BYTES + NONCE_BYTES + _TAG_BYTES
"""How many bytes sealing adds."""
_FORMAT: Final = "lendgate-seal-1"

RandomBytes = Callable[[int], bytes]


class SealingError(LendgateError):
    """Sealed data that does not open: altered, moved from another place, or its key is not here."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key of one tenant, in the open: in memory only."""

    id: UUID
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals and opens for one tenant; a plain value that may be used after its transaction."""

    tenant: str
    current: UUID
    _ciphers: Mapping[UUID, AESGCM] = field(repr=False)
    _random: RandomBytes = field(default=secrets.token_bytes, repr=False)

    @classmethod
    def of(cls, tenant: str, keys: Iterable[DataKey], current: UUID) -> Self:
        """A sealer that opens with any of ``keys`` and seals with ``current``, which is one of them."""
        return cls(tenant, current, {key.id: AESGCM(key.secret) for key in keys})

    def seal(self, plaintext: bytes, context: bytes) -> bytes:
        """Encrypt ``plaintext``; ``context`` says where it belongs and must be given again to open it."""
        header, nonce = _VERSION + self.current.bytes, self._random(NONCE_BYTES)
        cipher = self._ciphers[self.current]
        return header + nonce + cipher.encrypt(nonce, plaintext, self._bound(header, context))

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """What ``seal`` was given.

        Raises:
            SealingError: it was altered, sealed for another place or tenant, or by an unknown data key.
        """
        cipher = self._ciphers.get(data_key_of(sealed))
        if cipher is None:
            raise SealingError("sealed data names a data key that this tenant does not have")
        header, rest = sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES:]
        try:
            return cipher.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], self._bound(header, context))
        except InvalidTag as cause:
            raise SealingError("sealed data was altered, or belongs to another place") from cause

    def seal_text(self, text: str, context: bytes) -> bytes:
        """Seal a document, compressed: PostgreSQL cannot compress what is sealed."""
        return self.seal(zlib.compress(text.encode(), level=1), context)

    def open_text(self, sealed: bytes, context: bytes) -> str:
        """What ``seal_text`` was given.

        Raises:
            SealingError: as ``open``.
        """
        return zlib.decompress(self.open(sealed, context)).decode()

    def is_current(self, sealed: bytes) -> bool:
        """Whether it was sealed with the key that seals now."""
        return data_key_of(sealed) == self.current

    def _bound(self, header: bytes, context: bytes) -> bytes:
        return framed(_FORMAT, header, self.tenant, context)


def data_key_of(sealed: bytes) -> UUID:
    """The id of the data key that sealed it.

    Raises:
        SealingError: the bytes are not of this format.
    """
    if sealed[:1] != _VERSION or len(sealed) < OVERHEAD:
        raise SealingError("these bytes are not sealed data of a version known here")
    return UUID(bytes=sealed[1:_HEADER_BYTES])


def place(table: str, column: str, row: UUID | str) -> bytes:
    """The context of a column of a row: what is sealed there does not open anywhere else."""
    return framed(table, column, str(row))
