"""Blobs: originals of documents and what was read from them, sealed part by part.

Law: nothing lies on a shelf in the open, not even while it comes in: each part is sealed before it is
written. A blob is named by its tenant, what it is, and the SHA-256 of the original, and opens under that
name only, whole and in order.

A sealed blob is ``LGB1`` and, for each part of at most 1 MiB, its sealed length (4 bytes, big-endian) and
the sealed part, whose context is the blob's name, the part's number and whether it is the last.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from lendgate.store.sealing import OVERHEAD, Sealer, SealingError, data_key_of, place
from lendgate.store.shelves import Shelf

BlobKind = Literal["originals", "readings"]
PART_BYTES: Final = 1024 * 1024
_MAGIC: Final = b"LGB1"
_LENGTH: Final = struct.Struct(">I")
_BEFORE_PART: Final = len(_MAGIC) + _LENGTH.size
_START_BYTES: Final = _BEFORE_PART + OVERHEAD
"""Enough of a blob to say which data key sealed it."""


@dataclass(frozen=True, slots=True)
class Blobs:
    """The blobs of every tenant on one shelf."""

    shelf: Shelf

    async def keep(self, key: str, parts: AsyncIterator[bytes], sealer: Sealer) -> None:
        """Seal and keep a blob as it comes; when ``parts`` raises, nothing is kept.

        Raises:
            ShelfUnavailableError: it could not be kept; nothing was.
        """
        await self.shelf.put(key, _sealed(key, parts, sealer))

    async def open(self, key: str, sealer: Sealer) -> bytes:
        """The whole blob in the open.

        Raises:
            BlobMissingError: it is not there.
            SealingError: it was altered, cut short, or is another one.
            ShelfUnavailableError: it cannot be read now.
        """
        return b"".join(_opened(key, await self.shelf.get(key), sealer))

    async def data_key(self, key: str) -> UUID:
        """The data key that a blob is sealed with, as it says itself; all its parts are, or it does not open.

        Raises:
            BlobMissingError: it is not there.
            SealingError: it is no sealed blob.
            ShelfUnavailableError: it cannot be read now.
        """
        start = await self.shelf.start(key, _START_BYTES)
        if not start.startswith(_MAGIC):
            raise SealingError("these bytes are not a sealed blob of a version known here")
        return data_key_of(start[_BEFORE_PART:])

    async def seal_anew(self, key: str, sealer: Sealer) -> bool:
        """Seal a blob with the key in force, in its own place. False: it is already.

        It is opened to its end before anything is written: what does not open stays as it is.

        Raises:
            BlobMissingError, SealingError, ShelfUnavailableError: as ``open``.
        """
        if await self.data_key(key) == sealer.current:
            return False
        await self.keep(key, whole(await self.open(key, sealer)), sealer)
        return True

    async def remove_orphans(self, tenant: str, in_use: set[str], before: datetime) -> int:
        """Remove a tenant's blobs written before then that belong to none of the originals ``in_use``."""
        removed = 0
        async for found in self.shelf.under(_home(tenant)):
            if found.at < before and original_of(found.key) not in in_use:
                await self.shelf.remove(found.key)
                removed += 1
        return removed


def blob_key(tenant: str, kind: BlobKind, sha256: bytes) -> str:
    """The name of a blob; tenants are hashed, for disks that do not tell case apart."""
    digest = sha256.hex()
    return f"{_home(tenant)}/{kind}/{digest[:2]}/{digest}"


def original_of(key: str) -> str:
    """The name of the original that a blob belongs to: itself, or what it was read from."""
    return key.replace("/readings/", "/originals/")


def reading_of(key: str) -> str:
    """The name of what was read from an original."""
    return key.replace("/originals/", "/readings/")


async def whole(content: bytes) -> AsyncIterator[bytes]:
    """What ``keep`` takes, of bytes that are at hand."""
    yield content


def _home(tenant: str) -> str:
    return hashlib.sha256(tenant.encode()).hexdigest()[:32]


async def _sealed(key: str, parts: AsyncIterator[bytes], sealer: Sealer) -> AsyncIterator[bytes]:
    """The sealed form, one part behind what came in, since the last part has to say that it is the last."""
    number, waiting = 0, bytearray()
    yield _MAGIC
    async for part in parts:
        waiting += part
        while len(waiting) > PART_BYTES:
            yield _frame(sealer.seal(bytes(waiting[:PART_BYTES]), _context(key, number, last=False)))
            del waiting[:PART_BYTES]
            number += 1
    yield _frame(sealer.seal(bytes(waiting), _context(key, number, last=True)))


def _opened(key: str, sealed: bytes, sealer: Sealer) -> Iterator[bytes]:
    if not sealed.startswith(_MAGIC):
        raise SealingError("these bytes are not a sealed blob of a version known here")
    number, rest = 0, memoryview(sealed)[len(_MAGIC) :]
    while True:
        size = _LENGTH.unpack(rest[: _LENGTH.size])[0] if len(rest) >= _LENGTH.size else 0
        part, rest = bytes(rest[_LENGTH.size : _LENGTH.size + size]), rest[_LENGTH.size + size :]
        yield sealer.open(part, _context(key, number, last=not rest))
        if not rest:
            return
        number += 1


def _frame(sealed: bytes) -> bytes:
    return _LENGTH.pack(len(sealed)) + sealed


def _context(key: str, number: int, *, last: bool) -> bytes:
    return place("blob", "last" if last else "part", f"{key}#{number}")
