"""Memos written after a review had ended: revisions, of which the first is the review's own.

Law: a revision is added and never changed; the review stays as it ended. It is sealed like the review, and
commits only with its audit event.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from lendgate.schema import CreditMemo, Usage
from lendgate.store.audit_log import head_of
from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Transaction
from lendgate.store.sealing import place

FIRST: Final = 1
"""The number of the memo that a review ended with."""
_INSERT: Final = """
    WITH step AS (
        INSERT INTO lendgate.memo_revision (memo_id, review_id, revision, sealed, at)
        VALUES (%(memo_id)s, %(review_id)s, %(revision)s, %(sealed)s, %(at)s)
        ON CONFLICT (tenant, review_id, revision) DO NOTHING RETURNING revision
    )
    SELECT changed, seq, mac FROM lendgate.lock_audit_head((SELECT count(*) FROM step))
"""
_NEWEST: Final = """
    SELECT memo_id, revision, sealed, at FROM lendgate.memo_revision
    WHERE review_id = %s ORDER BY revision DESC LIMIT 1
"""


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)

    memo: CreditMemo
    usage: Usage


@dataclass(frozen=True, slots=True)
class MemoRevision:
    """One memo of a review: ``revision`` counts from 2, ``usage`` is what it cost, ``at`` is UTC."""

    memo_id: UUID
    review_id: UUID
    revision: int
    memo: CreditMemo
    usage: Usage
    at: datetime


async def add_memo(tx: Transaction, revision: MemoRevision) -> bool:
    """Keep a revision. False: the review has one of that number, and nothing was changed."""
    text = _Kept(memo=revision.memo, usage=revision.usage).model_dump_json(exclude_none=True)
    values = {
        "memo_id": revision.memo_id,
        "review_id": revision.review_id,
        "revision": revision.revision,
        "sealed": (await sealer_of(tx)).seal_text(text, memo_place(revision.memo_id)),
        "at": revision.at,
    }
    row = await (await tx.connection.execute(_INSERT, values)).fetchone()
    tx.head = tx.head or head_of(tx, row)
    if row is None or row[0] == 0:
        return False
    tx.unaudited = f"memo {revision.revision} of review {revision.review_id} was written"
    return True


async def newest_memo(tx: Transaction, review_id: UUID) -> MemoRevision | None:
    """The latest memo that was written after the review had ended, if any was."""
    row = await (await tx.connection.execute(_NEWEST, (review_id,))).fetchone()
    if row is None:
        return None
    memo_id, number, sealed, at = row
    kept = _Kept.model_validate_json((await sealer_of(tx)).open_text(sealed, memo_place(memo_id)))
    return MemoRevision(memo_id, review_id, number, kept.memo, kept.usage, at)


def memo_place(memo_id: UUID) -> bytes:
    """Where a revision is sealed."""
    return place("memo_revision", "sealed", memo_id)
