"""Files sealed anew: in their own place, whole, and none of them lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from lendgate.errors import SettingsError
from lendgate.store.blobs import Blobs, reading_of
from lendgate.store.database import Database
from lendgate.store.keyring import MasterKeys
from lendgate.store.shelves import BucketShelf, DiskShelf, Shelf, ShelfUnavailableError
from lendgate.workflow.blob_renewal import seal_blobs_anew
from tests.support.traces import Records
from tests.workflow.conftest import AcceptOne
from tests.workflow.filing import NOW, Files, parts

pytestmark = pytest.mark.anyio
EVENTS = "SELECT count(*) FROM lendgate.audit_event WHERE tenant = %s AND kind = %s"
LEFT = (
    "SELECT left_behind FROM lendgate.sealing_progress WHERE tenant = %s AND place = 'document.blob' AND done"
)


class Unsteady(BucketShelf):
    """A bucket that goes away after so many writes."""

    def __init__(self, bucket: MemoryStore) -> None:
        super().__init__(bucket)
        self.writes = 1_000

    async def put(self, key: str, parts: AsyncIterator[bytes]) -> None:
        self.writes -= 1
        if self.writes < 0:
            raise ShelfUnavailableError("a document cannot be kept: away")
        await super().put(key, parts)


@pytest.fixture(params=["disk", "bucket"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    return DiskShelf(tmp_path / "documents") if request.param == "disk" else BucketShelf(MemoryStore())


async def spoil(kept: Blobs, key: str) -> bytes:
    """Alter one bit of a blob's last part; what lies there now."""
    whole = bytearray(await kept.shelf.get(key))
    whole[-1] ^= 1
    await kept.shelf.put(key, parts(bytes(whole)))
    return bytes(whole)


async def test_originals_and_readings_are_sealed_with_the_new_key(
    files: Files, shelf: Shelf, records: Records
) -> None:
    """Each once, on a disk and in a bucket; the end is on record, and after that there is nothing to do."""
    files.blobs = Blobs(shelf)
    keys = [await files.send_read(content) for content in (b"one", b"two" * 700_000)]
    new = await files.new_key()
    assert await files.seal() == 4
    for key in keys:
        assert await files.blobs.data_key(key) == await files.blobs.data_key(reading_of(key)) == new
    assert await files.blobs.open(keys[1], await files.sealer()) == b"two" * 700_000
    assert await files.blobs.open(reading_of(keys[0]), await files.sealer()) == b"read: one"
    assert await files.seal() == 0
    assert records.number(EVENTS, files.tenant, "data_key.took_over") == 1


async def test_a_tenant_without_documents_is_done_at_once(
    files: Files, accept_one: AcceptOne, records: Records
) -> None:
    """No rows, no files."""
    await accept_one(tenant=files.tenant)
    await files.new_key()
    assert await files.seal() == 0
    assert records.number(LEFT, files.tenant) == 0


async def test_what_does_not_open_is_named_and_holds_up_nothing(
    files: Files, records: Records, caplog: pytest.LogCaptureFixture
) -> None:
    """An altered file and a lost one: both are named, stay as they are, and the others are sealed anew."""
    altered, lost, *whole = [await files.send(str(number).encode()) for number in range(5)]
    before = await spoil(files.blobs, altered)
    await files.blobs.shelf.remove(lost)
    new = await files.new_key()
    assert await files.seal() == 3
    assert await files.blobs.shelf.get(altered) == before
    assert {await files.blobs.data_key(key) for key in whole} == {new}
    assert f"{altered} of tenant" in caplog.text
    assert f"{lost} of tenant" in caplog.text
    assert records.number(LEFT, files.tenant) == 2


async def test_bytes_that_are_no_sealed_blob_are_left_alone(files: Files) -> None:
    """A file that is empty, and one that lies in the open: nothing of ours wrote them."""
    empty, other = await files.send(b"empty"), await files.send(b"other")
    await files.blobs.shelf.put(empty, parts(b""))
    await files.blobs.shelf.put(other, parts(b"%PDF-1.7 in the open"))
    await files.new_key()
    assert await files.seal() == 0
    assert await files.blobs.shelf.get(other) == b"%PDF-1.7 in the open"


async def test_it_goes_on_where_it_was_cut_off(files: Files) -> None:
    """The bucket goes away in the middle: what is written stays, what is not is there as before."""
    shelf = Unsteady(MemoryStore())
    files.blobs = Blobs(shelf)
    keys = [await files.send(str(number).encode()) for number in range(30)]
    new = await files.new_key()
    shelf.writes = 25
    with pytest.raises(ShelfUnavailableError):
        await files.seal()
    for number, key in enumerate(keys):
        assert await files.blobs.open(key, await files.sealer()) == str(number).encode()
    shelf.writes = 1_000
    assert await files.seal() == 5
    assert {await files.blobs.data_key(key) for key in keys} == {new}


async def test_two_that_seal_at_once_do_no_harm(files: Files, records: Records) -> None:
    """Each file is whole and under the new key, and the end is on record once."""
    keys = [await files.send(str(number).encode()) for number in range(45)]
    new = await files.new_key()
    await asyncio.gather(files.seal(), files.seal(), files.seal())
    await files.seal()
    assert {await files.blobs.data_key(key) for key in keys} == {new}
    assert records.number(EVENTS, files.tenant, "data_key.took_over") == 1


async def test_what_comes_in_meanwhile_is_sealed_with_the_new_key(files: Files) -> None:
    """Documents and files that are sent while others are sealed anew, the same file among them."""
    again = await files.send(b"again")
    new = await files.new_key()
    keys = await asyncio.gather(
        *(files.send(content) for content in (b"again", b"more", b"most")), return_exceptions=False
    )
    await files.seal()
    assert {await files.blobs.data_key(key) for key in (again, *keys)} == {new}
    assert await files.blobs.open(again, await files.sealer()) == b"again"


async def test_without_the_master_key_nothing_is_touched(files: Files, service_url: str) -> None:
    """It says which key has to be put back."""
    key = await files.send(b"one")
    before = await files.blobs.shelf.get(key)
    await files.new_key()
    async with Database(service_url, size=1, masters=MasterKeys({"m2": b"n" * 32})) as lost:
        with pytest.raises(SettingsError, match="does not hold the key 'm1'"):
            await seal_blobs_anew(replace(files.desk, database=lost), files.blobs, NOW)
    assert await files.blobs.shelf.get(key) == before
