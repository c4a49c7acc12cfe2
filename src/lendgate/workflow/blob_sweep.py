"""Blobs that no document names any more are removed: leftovers of a crash, and of applications erased.

Law: only what was written before yesterday is looked at, so that nothing that is just coming in is taken
away; a blob that is sent again is written anew and counts as new.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Final

from lendgate.store.audit_log import tenants
from lendgate.store.blobs import Blobs
from lendgate.store.documents import blobs_named
from lendgate.workflow.desk import Desk
from lendgate.workflow.queue import Periodic

ORPHANS_KEPT: Final = timedelta(days=1)


def sweeping(desk: Desk, blobs: Blobs) -> Periodic:
    """The periodic task."""
    return Periodic("sweep-blobs", "47 * * * *", partial(sweep_blobs, desk, blobs))


async def sweep_blobs(desk: Desk, blobs: Blobs) -> int:
    """Remove every tenant's orphans, and what broken uploads have left; says how many.

    Raises:
        ShelfUnavailableError, StoreUnavailableError: some may have been removed.
    """
    before = desk.now() - ORPHANS_KEPT
    removed = await blobs.shelf.tidy(before)
    for tenant in await tenants(desk.database):
        async with desk.database.tenant(tenant) as tx:
            named = await blobs_named(tx)
        removed += await blobs.remove_orphans(tenant, named, before)
    return removed
