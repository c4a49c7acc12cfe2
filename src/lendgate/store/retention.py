"""Retention: which applications need not be kept any longer, legal holds, and erasing.

Law: an application is erased whole (``lendgate.erase_application``, SQL, is the only way), never under a
legal hold and never while it is under review; its audit trail stays, and stays verifiable, for it holds
nothing personal. What is erased reads like what never was. Each change commits only with its audit event.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from lendgate.store.audit_log import head_of
from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Transaction
from lendgate.store.sealing import place

# The last decision, or the last review's end where nobody decided, stands for the day on which the applicant
# was told.
_DUE: Final = """
    SELECT a.application_id, max(greatest(a.received_at, r.completed_at, d.decided_at))
    FROM lendgate.application a LEFT JOIN lendgate.review r USING (tenant, application_id)
    LEFT JOIN lendgate.decision d USING (tenant, review_id)
    WHERE a.erased_at IS NULL AND a.received_at < %(before)s
      AND NOT EXISTS (
          SELECT FROM lendgate.legal_hold h
          WHERE h.tenant = a.tenant AND h.application_id = a.application_id AND h.lifted_at IS NULL
      )
    GROUP BY a.application_id
    HAVING max(greatest(a.received_at, r.completed_at, d.decided_at)) < %(before)s
       AND bool_and(r.review_id IS NULL OR r.completed_at IS NOT NULL)
       AND NOT EXISTS (
           SELECT FROM lendgate.referral o JOIN lendgate.review q USING (tenant, review_id)
           WHERE q.application_id = a.application_id AND o.state <> 'decided'
       )
    ORDER BY 2 LIMIT %(limit)s
"""
_SINCE: Final = """
    SELECT max(greatest(a.received_at, r.completed_at, d.decided_at))
    FROM lendgate.application a LEFT JOIN lendgate.review r USING (tenant, application_id)
    LEFT JOIN lendgate.decision d USING (tenant, review_id)
    WHERE a.application_id = %s AND a.erased_at IS NULL GROUP BY a.application_id
"""
_ERASE: Final = """
    SELECT changed, seq, mac FROM lendgate.lock_audit_head((
        SELECT lendgate.erase_application(%s, %s)::int::bigint
    ))
"""
_PLACE: Final = """
    INSERT INTO lendgate.legal_hold (hold_id, application_id, reason, placed_by, placed_at)
    SELECT %(hold_id)s, application_id, %(reason)s, %(by)s, %(at)s FROM lendgate.application
    WHERE application_id = %(application_id)s AND erased_at IS NULL FOR KEY SHARE
"""
_LIFT: Final = """
    UPDATE lendgate.legal_hold SET lifted_by = %s, lifted_at = %s WHERE hold_id = %s AND lifted_at IS NULL
    RETURNING application_id
"""
_HOLDS: Final = """
    SELECT hold_id, application_id, reason, placed_by, placed_at FROM lendgate.legal_hold
    WHERE lifted_at IS NULL ORDER BY placed_at, hold_id
"""


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold in force: whose records are kept, why, and since when (UTC)."""

    hold_id: UUID
    application_id: UUID
    reason: str
    placed_by: str
    placed_at: datetime


async def applications_done_before(
    tx: Transaction, before: datetime, limit: int
) -> list[tuple[UUID, datetime]]:
    """Applications that are on no hold, and when each was last acted on (UTC), the oldest first."""
    # Once a night it looks at every application there is: an index for that would cost each new one.
    await tx.connection.execute("SET LOCAL statement_timeout = '10min'")
    rows = await tx.connection.execute(_DUE, {"before": before, "limit": limit})
    return [(application_id, at) for application_id, at in await rows.fetchall()]


async def last_acted_on(tx: Transaction, application_id: UUID) -> datetime | None:
    """When an application was last acted on (UTC); None when there is none, or it is erased."""
    row = await (await tx.connection.execute(_SINCE, (application_id,))).fetchone()
    return row[0] if row else None


async def erase_application(tx: Transaction, application_id: UUID, at: datetime) -> bool:
    """Destroy what is personal of it. False: on hold, under review, erased before, or not there."""
    row = await (await tx.connection.execute(_ERASE, (application_id, at))).fetchone()
    tx.head = tx.head or head_of(tx, row)
    if row is None or row[0] == 0:
        return False
    tx.unaudited = f"application {application_id} is erased"
    return True


async def place_hold(tx: Transaction, hold: Hold) -> bool:
    """Keep an application's records until the hold is lifted. False: it is not there, or erased."""
    sealer = await sealer_of(tx)
    values = {
        "hold_id": hold.hold_id,
        "application_id": hold.application_id,
        "reason": sealer.seal_text(hold.reason, reason_place(hold.hold_id)),
        "by": hold.placed_by,
        "at": hold.placed_at,
    }
    if (await tx.connection.execute(_PLACE, values)).rowcount == 0:
        return False
    tx.unaudited = f"hold {hold.hold_id} is placed"
    return True


async def lift_hold(tx: Transaction, hold_id: UUID, by: str, at: datetime) -> UUID | None:
    """End a hold; whose records it kept. None: there is none, or it was lifted before."""
    row = await (await tx.connection.execute(_LIFT, (by, at, hold_id))).fetchone()
    if row is None:
        return None
    tx.unaudited = f"hold {hold_id} is lifted"
    return UUID(str(row[0]))


async def holds(tx: Transaction) -> list[Hold]:
    """The tenant's holds in force, oldest first."""
    rows = await (await tx.connection.execute(_HOLDS)).fetchall()
    if not rows:
        return []
    sealer = await sealer_of(tx)
    return [
        Hold(hold_id, application_id, sealer.open_text(reason, reason_place(hold_id)), by, at)
        for hold_id, application_id, reason, by, at in rows
    ]


def reason_place(hold_id: UUID) -> bytes:
    """Where the reason of a hold is sealed."""
    return place("legal_hold", "reason", hold_id)
