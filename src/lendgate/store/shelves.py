"""Where blobs lie: a directory of this machine, or a bucket that speaks S3 (R2 among them).

Law: a blob is there whole or not at all. On disk it is written beside, synced, and renamed into place; a
bucket shows an upload once it is complete. A shelf holds sealed bytes and knows nothing of what is in them.
The only module that imports obstore.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeVar
from uuid import uuid4

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, S3Store

from lendgate.errors import LendgateError

if TYPE_CHECKING:  # a type of the stubs only
    from obstore.store import S3Config

_INCOMING: Final = ".incoming"
_PART_BYTES: Final = 8 * 1024 * 1024
_Result = TypeVar("_Result")


class BlobMissingError(LendgateError):
    """A blob that ought to be there is not: restore it from a backup of the shelf."""


class ShelfUnavailableError(LendgateError):
    """The disk or the bucket could not do it now; nothing was written. Try again later."""


@dataclass(frozen=True, slots=True)
class Shelved:
    """A blob on a shelf and when it was last written, UTC."""

    key: str
    at: datetime


class Shelf(Protocol):
    """What blobs need of the place where they lie; keys are relative paths of letters, digits, - and /."""

    async def put(self, key: str, parts: AsyncIterator[bytes]) -> None:
        """Write a blob, in place of any of that key; when ``parts`` raises, nothing has changed."""

    async def get(self, key: str) -> bytes:
        """The whole blob; raises ``BlobMissingError`` when there is none."""

    async def start(self, key: str, size: int) -> bytes:
        """The first ``size`` bytes of a blob, or more, or all there are; raises as ``get``."""

    def under(self, prefix: str) -> AsyncIterator[Shelved]:
        """Every blob below a prefix."""

    async def remove(self, key: str) -> None:
        """Remove a blob, if it is there."""

    async def tidy(self, before: datetime) -> int:
        """Remove what uploads that broke off before then have left; says how many."""


class DiskShelf:
    """A directory; it is made when the first blob comes."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, key: str, parts: AsyncIterator[bytes]) -> None:
        """See ``Shelf``.

        Raises:
            ShelfUnavailableError: the disk is full or will not be written to.
        """
        incoming = self._root / _INCOMING / uuid4().hex
        file = await _kept(_opened, incoming)
        try:
            async for part in parts:
                await _kept(_write, file, part)
            await _kept(os.fsync, file)
            await _kept(_into_place, incoming, self._root / key)
        finally:
            os.close(file)
            incoming.unlink(missing_ok=True)

    async def get(self, key: str) -> bytes:
        """See ``Shelf``."""
        return await self.start(key, -1)

    async def start(self, key: str, size: int) -> bytes:
        """See ``Shelf``."""
        try:
            return await asyncio.to_thread(_read, self._root / key, size)
        except FileNotFoundError as cause:
            raise BlobMissingError(f"there is no blob {key}") from cause
        except OSError as cause:
            raise ShelfUnavailableError(f"a document cannot be read: {cause.strerror}") from cause

    async def under(self, prefix: str) -> AsyncIterator[Shelved]:
        """See ``Shelf``."""
        for shelved in await asyncio.to_thread(lambda: list(_files(self._root, prefix))):
            yield shelved

    async def remove(self, key: str) -> None:
        """See ``Shelf``."""
        await asyncio.to_thread((self._root / key).unlink, missing_ok=True)

    async def tidy(self, before: datetime) -> int:
        """See ``Shelf``."""
        stale = [one async for one in self.under(_INCOMING) if one.at < before]
        for one in stale:
            await self.remove(one.key)
        return len(stale)


class BucketShelf:
    """A bucket, by obstore; broken uploads are its own lifecycle rule's to remove."""

    def __init__(self, bucket: ObjectStore) -> None:
        self._bucket = bucket

    async def put(self, key: str, parts: AsyncIterator[bytes]) -> None:
        """See ``Shelf``.

        Raises:
            ShelfUnavailableError: the bucket is away or refuses.
        """
        try:
            await obstore.put_async(self._bucket, key, parts, chunk_size=_PART_BYTES)
        except BaseError as cause:
            raise ShelfUnavailableError(f"a document cannot be kept: {type(cause).__name__}") from cause

    async def get(self, key: str) -> bytes:
        """See ``Shelf``."""
        try:
            return bytes(await (await obstore.get_async(self._bucket, key)).bytes_async())
        except FileNotFoundError as cause:
            raise BlobMissingError(f"there is no blob {key}") from cause
        except BaseError as cause:
            raise ShelfUnavailableError(f"a document cannot be read: {type(cause).__name__}") from cause

    async def start(self, key: str, size: int) -> bytes:
        """See ``Shelf``."""
        try:
            return bytes(await obstore.get_range_async(self._bucket, key, start=0, length=size))
        except FileNotFoundError as cause:
            raise BlobMissingError(f"there is no blob {key}") from cause
        except BaseError:
            return await self.get(key)  # a blob that is empty has no range; one that is away says so again

    async def parts(self, key: str) -> AsyncIterator[bytes]:
        """A blob as it comes; raises as ``get``."""
        try:
            found = await obstore.get_async(self._bucket, key)
            async for part in found.stream():
                yield bytes(part)
        except FileNotFoundError as cause:
            raise BlobMissingError(f"there is no blob {key}") from cause
        except BaseError as cause:
            raise ShelfUnavailableError(f"a document cannot be read: {type(cause).__name__}") from cause

    async def under(self, prefix: str) -> AsyncIterator[Shelved]:
        """See ``Shelf``."""
        async for batch in obstore.list(self._bucket, prefix):
            for found in batch:
                yield Shelved(found["path"], found["last_modified"])

    async def remove(self, key: str) -> None:
        """See ``Shelf``."""
        await obstore.delete_async(self._bucket, key)

    async def tidy(self, before: datetime) -> int:
        """See ``Shelf``."""
        del before
        return 0


async def _kept(write: Callable[..., _Result], *values: object) -> _Result:
    """A step of writing, in a thread of its own."""
    try:
        return await asyncio.to_thread(write, *values)
    except OSError as cause:
        raise ShelfUnavailableError(f"a document cannot be kept: {cause.strerror}") from cause


def bucket_shelf(
    url: str, *, endpoint: str | None, region: str, key_id: str | None, secret: str | None
) -> BucketShelf:
    """A bucket that speaks S3, ``s3://bucket/prefix``; without a key id, the machine's own role opens it."""
    config: S3Config = {"region": region}
    if endpoint is not None:
        config["endpoint"] = endpoint
    if key_id is not None and secret is not None:
        config |= {"access_key_id": key_id, "secret_access_key": secret}
    plain = endpoint is not None and endpoint.startswith("http:")
    return BucketShelf(S3Store.from_url(url, config=config, client_options={"allow_http": plain}))


def _opened(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _read(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def _write(file: int, part: bytes) -> None:
    view = memoryview(part)
    while view:
        view = view[os.write(file, view) :]


def _into_place(incoming: Path, place: Path) -> None:
    """Rename, and make the name itself outlive a power cut."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    incoming.replace(place)
    directory = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _files(root: Path, prefix: str) -> Iterator[Shelved]:
    for path in (root / prefix).rglob("*"):
        if path.is_file():
            at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            yield Shelved(path.relative_to(root).as_posix(), at)
