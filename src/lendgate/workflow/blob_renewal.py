"""Files sealed anew: originals of documents and what was read from them, under the data key in force.

Law: a file is written anew whole, in its own place, after it has opened to its end; one that does not open
stays as it is, is named, and holds up no other. It goes through the documents in the order of their ids and
remembers how far it has come. What is erased meanwhile may come back as an orphan, which is swept a day later
(``blob_sweep``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from lendgate.store.audit_log import tenants
from lendgate.store.blobs import Blobs, reading_of
from lendgate.store.data_keys import sealer_of
from lendgate.store.documents import blobs_after
from lendgate.store.sealing import Sealer, SealingError
from lendgate.store.sealing_progress import Position, move_on, position_of
from lendgate.store.shelves import BlobMissingError
from lendgate.workflow.desk import Desk
from lendgate.workflow.key_care import SETTLED, name_damaged, record_took_over
from lendgate.workflow.queue import Periodic

PLACE: Final = "document.blob"
"""What these files are called where columns have names: the column that names them."""
_BATCH: Final = 20
_BATCHES: Final = 100
"""Of a tenant in one go; the next go begins where this one ended."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """The next documents and what their files are sealed with."""

    position: Position
    sealer: Sealer
    documents: list[tuple[UUID, str]]


def renewing(desk: Desk, blobs: Blobs) -> Periodic:
    """The periodic task."""
    return Periodic("seal-blobs-anew", "2-59/5 * * * *", partial(seal_blobs_anew, desk, blobs))


async def seal_blobs_anew(desk: Desk, blobs: Blobs, settled: timedelta = SETTLED) -> int:
    """Seal every tenant's files anew that are not under the key in force; how many.

    Raises:
        ShelfUnavailableError, StoreUnavailableError: what was sealed stays; the next time goes on from there.
    """
    files = 0
    for tenant in await tenants(desk.database):
        for _ in range(_BATCHES):
            sealed = await _seal_batch(desk, blobs, tenant, settled)
            if sealed is None:
                break
            files += sealed
    return files


async def _seal_batch(desk: Desk, blobs: Blobs, tenant: str, settled: timedelta) -> int | None:
    """How many files of the next documents were sealed; None: there is nothing to do, or it was the end."""
    batch = await _next_batch(desk, tenant, settled)
    if batch is None:
        return None
    sealed, damaged = 0, 0
    for _, key in batch.documents:
        for name in (key, reading_of(key)):
            done = await _seal_file(blobs, name, batch.sealer, tenant)
            sealed, damaged = sealed + (done is True), damaged + (done is None)
    goes_on = await _moved_on(desk, tenant, batch, damaged)
    return sealed if goes_on else None


async def _next_batch(desk: Desk, tenant: str, settled: timedelta) -> _Batch | None:
    async with desk.database.tenant(tenant) as tx:
        sealer = await sealer_of(tx)
        position = await position_of(tx, PLACE, sealer.current, settled)
        if position is None:
            return None
        return _Batch(position, sealer, await blobs_after(tx, position.last_id, _BATCH))


async def _seal_file(blobs: Blobs, name: str, sealer: Sealer, tenant: str) -> bool | None:
    """Whether a file had to be sealed anew; None: it is damaged, or lost. A reading need not be there."""
    try:
        return await blobs.seal_anew(name, sealer)
    except BlobMissingError:
        if name == reading_of(name):
            return False
    except SealingError:
        pass
    name_damaged(tenant, PLACE, name)
    return None


async def _moved_on(desk: Desk, tenant: str, batch: _Batch, damaged: int) -> bool:
    """Whether there is more for us: not after the last batch, nor where another process has overtaken us."""
    last = batch.documents[-1][0] if batch.documents else None
    async with desk.database.tenant(tenant) as tx:
        left = await move_on(tx, batch.position, last, damaged)
        if left is not None and last is None:
            await record_took_over(tx, desk, batch.sealer.current, PLACE, left)
    return left is not None and last is not None
