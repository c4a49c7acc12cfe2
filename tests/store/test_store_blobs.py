"""Blobs: sealed as they come, whole or not there, and opened under their own name only."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from obstore.store import MemoryStore

from lendgate.store.blobs import PART_BYTES, BlobKind, Blobs, blob_key
from lendgate.store.sealing import OVERHEAD, DataKey, Sealer, SealingError
from lendgate.store.shelves import (
    BlobMissingError,
    BucketShelf,
    DiskShelf,
    Shelf,
    ShelfUnavailableError,
)

pytestmark = pytest.mark.anyio
KEY = DataKey(UUID(int=1), b"1" * 32)
ACME = Sealer.of("acme", [KEY], KEY.id)
NAME = blob_key("acme", "originals", hashlib.sha256(b"x").digest())
CANARY = b"Jane Q. Canary 123-45-6789 "


@pytest.fixture(params=["disk", "bucket"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    """Both places where blobs may lie; the bucket is obstore's own, in memory."""
    return DiskShelf(tmp_path / "documents") if request.param == "disk" else BucketShelf(MemoryStore())


async def coming(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def breaking_off(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
    raise ConnectionError("the sender is gone")


def files_in(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


@pytest.mark.parametrize("size", [0, 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES])
async def test_a_blob_comes_back_as_it_came(shelf: Shelf, size: int) -> None:
    """Around the size of a part, and empty."""
    content = bytes(number % 251 for number in range(size))
    blobs = Blobs(shelf)
    await blobs.keep(NAME, coming(content[: size // 3], content[size // 3 :]), ACME)
    assert await blobs.open(NAME, ACME) == content


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(parts=st.lists(st.binary(max_size=200), max_size=6))
def test_how_a_blob_is_cut_makes_no_difference(parts: list[bytes]) -> None:
    """Whatever the network made of it."""

    async def there_and_back() -> bytes:
        blobs = Blobs(BucketShelf(MemoryStore()))
        await blobs.keep(NAME, coming(*parts), ACME)
        return await blobs.open(NAME, ACME)

    assert asyncio.run(there_and_back()) == b"".join(parts)


async def test_nothing_lies_in_the_open(tmp_path: Path) -> None:
    """Not in place, and not on its way in."""
    seen: list[bytes] = []

    async def watched() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield CANARY * 50_000
            seen.extend(file.read_bytes() for file in files_in(tmp_path))

    await Blobs(DiskShelf(tmp_path)).keep(NAME, watched(), ACME)
    seen.extend(file.read_bytes() for file in files_in(tmp_path))
    assert any(len(found) > PART_BYTES for found in seen)
    assert not any(b"Canary" in found or b"123-45" in found for found in seen)


async def test_an_upload_that_breaks_off_leaves_nothing(tmp_path: Path, shelf: Shelf) -> None:
    """No blob, no half of one, and what was there before stays."""
    blobs = Blobs(shelf)
    with pytest.raises(ConnectionError):
        await blobs.keep(NAME, breaking_off(b"x" * 3 * PART_BYTES), ACME)
    with pytest.raises(BlobMissingError):
        await blobs.open(NAME, ACME)
    assert files_in(tmp_path) == []
    await blobs.keep(NAME, coming(b"first"), ACME)
    with pytest.raises(ConnectionError):
        await blobs.keep(NAME, breaking_off(b"second"), ACME)
    assert await blobs.open(NAME, ACME) == b"first"


@pytest.mark.parametrize("damage", ["cut", "swapped", "flipped", "lengthened", "bare"])
async def test_a_damaged_blob_does_not_open(tmp_path: Path, damage: str) -> None:
    """Cut after a whole part, parts in another order, one bit, more at the end, something else."""
    blobs = Blobs(DiskShelf(tmp_path))
    await blobs.keep(NAME, coming(b"a" * PART_BYTES + b"b" * PART_BYTES + b"c"), ACME)
    file = tmp_path / NAME
    whole = file.read_bytes()
    frame = 4 + PART_BYTES + OVERHEAD
    head, one, two, rest = (
        whole[:4],
        whole[4 : 4 + frame],
        whole[4 + frame : 4 + 2 * frame],
        whole[4 + 2 * frame :],
    )
    file.write_bytes(
        {
            "cut": head + one + two,
            "swapped": head + two + one + rest,
            "flipped": whole[:100] + bytes([whole[100] ^ 1]) + whole[101:],
            "lengthened": whole + b"\0\0\0\0",
            "bare": b"%PDF-1.7",
        }[damage]
    )
    with pytest.raises(SealingError):
        await blobs.open(NAME, ACME)


async def test_a_blob_opens_under_its_own_name_and_for_its_tenant_only(tmp_path: Path) -> None:
    """Moved to another name, or asked for by another tenant with the same key, it stays shut."""
    blobs = Blobs(DiskShelf(tmp_path))
    await blobs.keep(NAME, coming(b"mine"), ACME)
    other = blob_key("acme", "originals", hashlib.sha256(b"y").digest())
    (tmp_path / other).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / other).write_bytes((tmp_path / NAME).read_bytes())
    with pytest.raises(SealingError):
        await blobs.open(other, ACME)
    with pytest.raises(SealingError):
        await blobs.open(NAME, Sealer.of("other", [KEY], KEY.id))


async def test_orphans_are_removed_and_what_is_used_or_new_stays(shelf: Shelf) -> None:
    """Readings go with their original; other tenants' blobs are not looked at."""
    blobs = Blobs(shelf)
    used, orphan = (hashlib.sha256(text).digest() for text in (b"used", b"orphan"))
    for tenant in ("acme", "other"):
        for digest in (used, orphan):
            for kind in get_args(BlobKind):
                await blobs.keep(blob_key(tenant, kind, digest), coming(b"x"), ACME)
    in_use = {blob_key("acme", "originals", used)}
    now = datetime.now(UTC)
    assert await blobs.remove_orphans("acme", in_use, now - timedelta(hours=1)) == 0
    assert await blobs.remove_orphans("acme", in_use, now + timedelta(hours=1)) == 2
    left = [one.key async for one in shelf.under("")]
    assert len(left) == 6
    assert not any(
        orphan.hex() in key for key in left if key.startswith(blob_key("acme", "originals", used)[:32])
    )


async def test_what_a_crash_left_on_the_disk_is_tidied_up(tmp_path: Path) -> None:
    """A process that was killed in the middle cleans nothing up; what is still coming in stays."""
    shelf = DiskShelf(tmp_path)
    incoming = tmp_path / ".incoming"
    incoming.mkdir()
    (incoming / "half").write_bytes(b"sealed half")
    now = datetime.now(UTC)
    assert await shelf.tidy(now - timedelta(hours=1)) == 0
    assert await shelf.tidy(now + timedelta(hours=1)) == 1
    assert list(incoming.iterdir()) == []


async def test_a_disk_that_takes_nothing_is_one_clear_error(tmp_path: Path) -> None:
    """The place of the directory is taken by a file: nothing can be written."""
    (tmp_path / "documents").write_text("not a directory")
    with pytest.raises(ShelfUnavailableError, match="cannot be kept"):
        await Blobs(DiskShelf(tmp_path / "documents")).keep(NAME, coming(b"x"), ACME)


def test_names_tell_tenants_apart_that_differ_in_case_only() -> None:
    """On a disk that does not."""
    digest = hashlib.sha256(b"x").digest()
    names = {blob_key(tenant, "originals", digest).lower() for tenant in ("acme", "Acme", "ACME")}
    assert len(names) == 3


async def test_a_blob_of_a_bucket_comes_in_parts() -> None:
    """Whole and in order; one that is not there raises before any part."""
    shelf = BucketShelf(MemoryStore())
    content = bytes(range(256)) * 1000
    await shelf.put("a/b", coming(content))
    assert b"".join([part async for part in shelf.parts("a/b")]) == content
    with pytest.raises(BlobMissingError):
        await anext(shelf.parts("a/c"))
