"""Checkpoints are kept out of the database owner's reach first, each once, and none is written over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lendgate.audit import CheckpointKey, parse_checkpoint, verify_checkpoint
from lendgate.store.audit_log import current_head, load_checkpoints
from lendgate.store.shelves import DiskShelf, ShelfUnavailableError
from lendgate.workflow.checkpoints import in_files, on_shelf, write_checkpoints
from lendgate.workflow.desk import Desk
from tests.workflow.conftest import AcceptOne

pytestmark = pytest.mark.anyio
SIGNER = CheckpointKey("c1", Ed25519PrivateKey.generate())
AUTHORITIES = {"c1": SIGNER.private.public_key()}


async def test_a_checkpoint_says_where_a_trail_stands_in_two_places(
    desk: Desk, accept_one: AcceptOne, tmp_path: Path
) -> None:
    """Signed, in a file of the tenant and in the store; a trail that did not go on gets no second one."""
    await accept_one(tenant="one")
    await write_checkpoints(desk, SIGNER, [in_files(tmp_path / "checkpoints")])
    async with desk.database.tenant("one") as tx:
        head, (stored,) = await current_head(tx), await load_checkpoints(tx)
    (line,) = (tmp_path / "checkpoints" / "one.jsonl").read_bytes().splitlines(keepends=True)
    written = parse_checkpoint(line)
    assert written == stored
    assert written.head == head
    verify_checkpoint(written, AUTHORITIES)
    assert await write_checkpoints(desk, SIGNER, [in_files(tmp_path / "checkpoints")]) == 0
    await accept_one(tenant="one")
    assert await write_checkpoints(desk, SIGNER, [in_files(tmp_path / "checkpoints")]) == 1
    assert len((tmp_path / "checkpoints" / "one.jsonl").read_bytes().splitlines()) == 2


async def test_a_checkpoint_that_cannot_be_written_elsewhere_is_not_made(
    desk: Desk, accept_one: AcceptOne, tmp_path: Path
) -> None:
    """The place out of the owner's reach comes first."""
    await accept_one(tenant="two")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="file"):
        await write_checkpoints(desk, SIGNER, [in_files(tmp_path / "file")])
    async with desk.database.tenant("two") as tx:
        assert await load_checkpoints(tx) == []


async def test_on_a_shelf_each_checkpoint_is_an_object_of_its_own(
    desk: Desk, accept_one: AcceptOne, tmp_path: Path
) -> None:
    """A bucket's objects are never appended to; the next one lies beside the last."""
    shelf = DiskShelf(tmp_path / "bucket")
    places = [in_files(tmp_path / "files"), on_shelf(shelf)]
    await accept_one(tenant="three")
    await write_checkpoints(desk, SIGNER, places)
    await accept_one(tenant="three")
    await write_checkpoints(desk, SIGNER, places)
    kept = sorted([found.key async for found in shelf.under("three")])
    assert len(kept) == 2
    lines = [await shelf.get(key) for key in kept]
    assert b"".join(lines) == (tmp_path / "files" / "three.jsonl").read_bytes()
    assert [parse_checkpoint(line).head.sequence for line in lines] == [1, 2]


class BrokenShelf(DiskShelf):
    """A bucket that is away."""

    async def put(self, key: str, parts: AsyncIterator[bytes]) -> None:
        raise ShelfUnavailableError("the bucket is away")


async def test_a_bucket_that_is_away_keeps_a_checkpoint_from_being_made(
    desk: Desk, accept_one: AcceptOne, tmp_path: Path
) -> None:
    """It is tried again the next time."""
    await accept_one(tenant="four")
    with pytest.raises(ShelfUnavailableError):
        await write_checkpoints(desk, SIGNER, [on_shelf(BrokenShelf(tmp_path))])
    async with desk.database.tenant("four") as tx:
        assert await load_checkpoints(tx) == []
