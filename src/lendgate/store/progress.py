"""What happened to a review so far, in numbered steps, for whoever watches it.

Law: progress tells, it decides nothing and is no evidence; numbers start at 1, have no gaps and serve as
the ids of server-sent events.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from lendgate.store.database import Transaction

_APPEND: Final = """
    INSERT INTO lendgate.review_progress (review_id, seq, event, at)
    SELECT %(review_id)s, coalesce(max(seq), 0) + 1, %(event)s, %(at)s
    FROM lendgate.review_progress WHERE review_id = %(review_id)s
    RETURNING seq
"""
_LOAD: Final = """
    SELECT seq, event, at FROM lendgate.review_progress WHERE review_id = %s AND seq > %s ORDER BY seq
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """One step; ``at`` is UTC."""

    seq: int
    event: str
    at: datetime


async def append_progress(tx: Transaction, review_id: UUID, event: str, at: datetime) -> int:
    """Tell a step and return its number. Changes of status tell themselves (``reviews``)."""
    values = {"review_id": review_id, "event": event, "at": at}
    row = await (await tx.connection.execute(_APPEND, values)).fetchone()
    return int(row[0]) if row else 0


async def load_progress(tx: Transaction, review_id: UUID, after: int = 0) -> list[Progress]:
    """The steps numbered above ``after``. The caller has seen to it that the review is the asker's."""
    cursor = tx.connection.cursor(row_factory=class_row(Progress))
    return await (await cursor.execute(_LOAD, (review_id, after))).fetchall()
