"""What is done every so often, by whichever process comes first: tidying up, and checkpoints.

Law: tidying removes only what has no use any more, and never an application, a review or evidence: these
are erased when the law no longer wants them kept (``retention``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from lendgate.audit import CheckpointKey, Event
from lendgate.decision.clocks import RETENTION_MONTHS
from lendgate.store.audit_log import append_event, tenants
from lendgate.store.idempotency import purge_keys
from lendgate.store.intake import expire_sessions
from lendgate.store.jobs import forget_workers
from lendgate.store.model_replies import purge_replies
from lendgate.store.nonces import purge_nonces
from lendgate.store.outbox import purge_events
from lendgate.store.spend import expire_reservations
from lendgate.workflow.checkpoints import Keep, write_checkpoints
from lendgate.workflow.deadlines import watch_clocks
from lendgate.workflow.desk import ACTOR, Desk
from lendgate.workflow.key_care import seal_all_anew
from lendgate.workflow.queue import Periodic
from lendgate.workflow.retention import erase_due

KEYS_KEPT: Final = timedelta(hours=48)
"""How long an Idempotency-Key is remembered: at least the day that is promised."""
EVENTS_KEPT: Final = timedelta(days=30)
"""How long an announced event can be delivered again."""
REPLIES_KEPT: Final = timedelta(days=30)
"""How long a paid reply is kept: far longer than any review is under way."""
_DEAD_FOR: Final = timedelta(hours=1)


def periodic_work(
    desk: Desk, key: CheckpointKey | None, places: Sequence[Keep], months: int = RETENTION_MONTHS
) -> Sequence[Periodic]:
    """The periodic tasks; without a key no checkpoints. Records are kept for so many months."""
    always = (
        Periodic("tidy", "* * * * *", partial(tidy, desk)),
        Periodic("seal-anew", "*/5 * * * *", partial(seal_all_anew, desk)),
        Periodic("clocks", "*/15 * * * *", partial(watch_clocks, desk)),
        Periodic("retention", "23 3 * * *", partial(erase_due, desk, months)),
    )
    if key is None:
        return always
    return (
        *always,
        Periodic("checkpoints", "*/15 * * * *", partial(write_checkpoints, desk, key, places)),
    )


async def tidy(desk: Desk) -> None:
    """Forget expired nonces, keys and events, old conversations and dead workers, and mark
    reservations nobody came back for.

    Raises:
        StoreUnavailableError: the database is away.
    """
    now = desk.now()
    await purge_nonces(desk.database, now)
    await forget_workers(desk.database, _DEAD_FOR)
    for tenant in await tenants(desk.database):
        async with desk.database.tenant(tenant) as tx:
            await purge_keys(tx, now - KEYS_KEPT)
            await purge_events(tx, now - EVENTS_KEPT)
            await purge_replies(tx, now - REPLIES_KEPT)
            await expire_reservations(tx, now)
        await _expire_conversations(desk, tenant)


async def _expire_conversations(desk: Desk, tenant: str) -> None:
    """Delete intake conversations whose time is over, with all that was said in them."""
    async with desk.database.tenant(tenant) as tx:
        for session_id in await expire_sessions(tx, desk.now()):
            event = Event("intake.expired", str(session_id), ACTOR, desk.now())
            await append_event(tx, desk.audit_key, event)
