"""Checkpoints of the audit trails, kept where the database's owner cannot write: files, a bucket, or both.

Law: a checkpoint is kept elsewhere before it is said to be made; none is ever written over.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

from lendgate.audit import Checkpoint, CheckpointKey, checkpoint_line, make_checkpoint
from lendgate.store.audit_log import current_head, insert_checkpoint, load_checkpoints, tenants
from lendgate.store.shelves import Shelf
from lendgate.workflow.desk import Desk

Keep = Callable[[Checkpoint], Awaitable[None]]
"""Keeps a checkpoint at one place; it is safe there when this returns."""


async def write_checkpoints(desk: Desk, key: CheckpointKey, places: Sequence[Keep]) -> int:
    """Sign where each tenant's trail stands, if it went on; to every place, then to the store.

    Raises:
        StoreUnavailableError, ShelfUnavailableError, OSError: some may have been written.
    """
    written = 0
    for tenant in await tenants(desk.database):
        async with desk.database.tenant(tenant) as tx:
            head, earlier = await current_head(tx), await load_checkpoints(tx)
        if head.sequence == 0 or (earlier and earlier[-1].head == head):
            continue
        checkpoint = make_checkpoint(key, head, desk.now())
        for keep in places:
            await keep(checkpoint)
        async with desk.database.tenant(tenant) as tx:
            await insert_checkpoint(tx, checkpoint)
        written += 1
    return written


def in_files(directory: Path) -> Keep:
    """One file a tenant, a line each."""

    async def keep(checkpoint: Checkpoint) -> None:
        await asyncio.to_thread(_append, directory / f"{checkpoint.head.tenant}.jsonl", checkpoint)

    return keep


def on_shelf(shelf: Shelf) -> Keep:
    """One object each, named by tenant, row and moment: with object lock on, nobody takes one back."""

    async def keep(checkpoint: Checkpoint) -> None:
        at = checkpoint.at.strftime("%Y%m%dT%H%M%S%fZ")
        await shelf.put(
            f"{checkpoint.head.tenant}/{checkpoint.head.sequence:012}-{at}",
            _only(checkpoint_line(checkpoint)),
        )

    return keep


async def _only(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _append(file: Path, checkpoint: Checkpoint) -> None:
    """One line at the end, on the disk when this returns."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as target:
        target.write(checkpoint_line(checkpoint))
        target.flush()
        os.fsync(target.fileno())
