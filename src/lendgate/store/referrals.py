"""Referrals: opened with the review that asks for them, changed one version at a time.

Law: a change names the version it was made on, and of two changes of one version the database takes one.
What people wrote is sealed. Each change commits only with its audit event.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.rows import DictRow, dict_row
from pydantic import BaseModel, ConfigDict

from lendgate.review.refusals import StaleError
from lendgate.schema.decision import RequestedItem
from lendgate.schema.referral import Proposal, Referral
from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Transaction
from lendgate.store.sealing import place

_OPEN: Final = """
    INSERT INTO lendgate.referral (
        referral_id, review_id, broker_id, applicant_id, product, cause, outcome, state, version, opened_at
    ) VALUES (
        %(referral_id)s, %(review_id)s, %(broker_id)s, %(applicant_id)s, %(product)s, %(cause)s, %(outcome)s,
        'open', 1, %(opened_at)s
    ) ON CONFLICT (tenant, review_id) WHERE state <> 'decided' DO NOTHING
"""
_SAVE: Final = """
    UPDATE lendgate.referral
    SET state = %(state)s, assigned_to = %(assigned_to)s, held_by = %(held_by)s, held_until = %(held_until)s,
        notes_sealed = %(notes_sealed)s, version = %(version)s
    WHERE referral_id = %(referral_id)s AND version = %(version)s - 1
"""
_SELECT: Final = """
    SELECT referral_id, review_id, broker_id, applicant_id, product, cause, outcome, state, assigned_to,
           held_by, held_until, notes_sealed, version, opened_at
    FROM lendgate.referral
"""
_ONE: Final = _SELECT + "WHERE referral_id = %s"
_OF_REVIEW: Final = _SELECT + "WHERE review_id = %s ORDER BY opened_at DESC LIMIT 1"
_LOCK_OPEN: Final = _SELECT + "WHERE review_id = %s AND state <> 'decided' FOR UPDATE"
_REVIEWS: Final = "SELECT review_id FROM lendgate.review WHERE application_id = %s"
_LOCK_WAITING: Final = (
    _SELECT + "WHERE state = 'waiting' AND review_id = ANY (%s) ORDER BY referral_id FOR UPDATE"
)
_QUEUE: Final = (
    _SELECT
    + """
    WHERE state <> 'decided' AND (opened_at, referral_id) > (%s, %s)
    ORDER BY opened_at, referral_id LIMIT %s
"""
)


class _Notes(BaseModel):
    """What people wrote about a referral."""

    model_config = ConfigDict(extra="forbid", strict=True)
    conditions: tuple[RequestedItem, ...] = ()
    requested: tuple[RequestedItem, ...] = ()
    proposal: Proposal | None = None


async def open_referral(tx: Transaction, referral: Referral) -> bool:
    """Put a new referral in the queue. False: the review has an open one already."""
    cursor = await tx.connection.execute(_OPEN, referral.model_dump())
    if cursor.rowcount == 0:
        return False
    tx.unaudited = f"referral {referral.referral_id} is open"
    return True


async def save_referral(tx: Transaction, referral: Referral) -> None:
    """Keep the next version of a referral.

    Raises:
        StaleError: another change was kept first.
    """
    values = referral.model_dump() | {"notes_sealed": await _sealed(tx, referral)}
    cursor = await tx.connection.execute(_SAVE, values)
    if cursor.rowcount == 0:
        raise StaleError("The referral has changed since it was read; read it again.")
    tx.unaudited = f"referral {referral.referral_id} is at version {referral.version}"


async def load_referral(tx: Transaction, referral_id: UUID) -> Referral | None:
    """The tenant's referral of that id, whosever broker's it is."""
    found = await _referrals(tx, _ONE, (referral_id,))
    return found[0] if found else None


async def load_referral_of(tx: Transaction, review_id: UUID) -> Referral | None:
    """The latest referral of a review."""
    found = await _referrals(tx, _OF_REVIEW, (review_id,))
    return found[0] if found else None


async def lock_referral_of(tx: Transaction, review_id: UUID) -> Referral | None:
    """The open referral of a review, which nobody else changes until this transaction ends.

    To be called before anything that locks the head of the audit trail, as every change of a referral is.
    """
    found = await _referrals(tx, _LOCK_OPEN, (review_id,))
    return found[0] if found else None


async def lock_waiting_of(tx: Transaction, application_id: UUID) -> list[Referral]:
    """The application's referrals that wait for the applicant; to be called as ``lock_referral_of``."""
    reviews = await (await tx.connection.execute(_REVIEWS, (application_id,))).fetchall()
    return await _referrals(tx, _LOCK_WAITING, ([review_id for (review_id,) in reviews],))


async def load_queue(tx: Transaction, after: tuple[datetime, UUID], limit: int) -> list[Referral]:
    """What is not decided, oldest first, behind the place that ``after`` names."""
    return await _referrals(tx, _QUEUE, (*after, limit))


async def _referrals(tx: Transaction, query: str, values: Sequence[object]) -> list[Referral]:
    rows = await (await tx.connection.cursor(row_factory=dict_row).execute(query, values)).fetchall()
    return [await _read(tx, row) for row in rows]


async def _read(tx: Transaction, row: DictRow) -> Referral:
    sealed = row.pop("notes_sealed")
    notes = _Notes()
    if sealed is not None:
        opened = (await sealer_of(tx)).open(sealed, notes_place(row["referral_id"]))
        notes = _Notes.model_validate_json(opened)
    ids = {name: str(row[name]) for name in ("referral_id", "review_id")}
    return Referral.model_validate(row | ids | dict(notes))


async def _sealed(tx: Transaction, referral: Referral) -> bytes | None:
    notes = _Notes(conditions=referral.conditions, requested=referral.requested, proposal=referral.proposal)
    if notes == _Notes():
        return None
    plain = notes.model_dump_json(exclude_none=True).encode()
    return (await sealer_of(tx)).seal(plain, notes_place(referral.referral_id))


def notes_place(referral_id: UUID | str) -> bytes:
    """The context that a referral's notes are sealed in."""
    return place("referral", "notes", str(referral_id))
