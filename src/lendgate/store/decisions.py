"""Decisions and their notices: added, never changed; the last one of a review stands.

Law: what was decided, what was told, and the verdict behind it are sealed, and given back byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from lendgate.schema import Decision
from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Transaction
from lendgate.store.sealing import place

_INSERT: Final = """
    INSERT INTO lendgate.decision (
        decision_id, review_id, referral_id, broker_id, number, action, decided_on, decided_at,
        body_sealed, record_sealed, letter_sealed
    )
    SELECT %(decision_id)s, %(review_id)s, %(referral_id)s, %(broker_id)s,
        (SELECT count(*) + 1 FROM lendgate.decision WHERE review_id = %(review_id)s),
        %(action)s, %(decided_on)s, %(decided_at)s, %(body)s, %(record)s, %(letter)s
"""
_SELECT: Final = """
    SELECT decision_id, review_id, referral_id, broker_id, number,
           body_sealed AS body, record_sealed AS record, letter_sealed AS letter
    FROM lendgate.decision
"""
_STANDING: Final = _SELECT + "WHERE review_id = %s ORDER BY number DESC LIMIT 1"
_ONE: Final = _SELECT + "WHERE decision_id = %s"
_SINCE: Final = (
    "SELECT decision_id FROM lendgate.decision WHERE decided_at >= %s ORDER BY decided_at, decision_id"
)


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """One decision as it was stored: ``body`` is the JSON of ``schema.Decision``, ``record`` that of
    ``workflow.verdicts.Record``, ``letter`` that of ``decision.Letter``, byte for byte.
    """

    decision_id: UUID
    review_id: UUID
    referral_id: UUID | None
    broker_id: str
    number: int
    body: bytes
    record: bytes
    letter: bytes | None

    @property
    def decision(self) -> Decision:
        """The body, read."""
        return Decision.model_validate_json(self.body)


async def insert_decision(tx: Transaction, stored: StoredDecision) -> None:
    """Keep a decision as the next one of its review; ``number`` is given by the store.

    Raises:
        psycopg.errors.UniqueViolation: another decision on this review was kept at the same moment.
    """
    sealer, decision = await sealer_of(tx), stored.decision
    sealed = {
        column: sealer.seal(plain, decision_place(column, stored.decision_id))
        for column, plain in (("body", stored.body), ("record", stored.record), ("letter", stored.letter))
        if plain is not None
    }
    values = {
        "decision_id": stored.decision_id,
        "review_id": stored.review_id,
        "referral_id": stored.referral_id,
        "broker_id": stored.broker_id,
        "action": decision.action,
        "decided_on": decision.decided_on,
        "decided_at": decision.decided_at,
        "letter": None,
    }
    await tx.connection.execute(_INSERT, values | sealed)
    tx.unaudited = f"decision {stored.decision_id} is made"


async def load_standing(tx: Transaction, review_id: UUID) -> StoredDecision | None:
    """The decision that stands on a review."""
    return await _load(tx, _STANDING, review_id)


async def load_decision(tx: Transaction, decision_id: UUID) -> StoredDecision | None:
    """One decision, by its own id."""
    return await _load(tx, _ONE, decision_id)


async def decision_ids(tx: Transaction, since: datetime) -> list[UUID]:
    """Decisions made since, oldest first."""
    rows = await (await tx.connection.execute(_SINCE, (since,))).fetchall()
    return [decision_id for (decision_id,) in rows]


def decision_place(part: str, decision_id: UUID) -> bytes:
    """The context that a part of a decision is sealed in."""
    return place("decision", part, decision_id)


async def _load(tx: Transaction, query: str, key: UUID) -> StoredDecision | None:
    cursor = tx.connection.cursor(row_factory=class_row(StoredDecision))
    sealed = await (await cursor.execute(query, (key,))).fetchone()
    if sealed is None:
        return None
    sealer = await sealer_of(tx)

    def opened(column: str, value: bytes) -> bytes:
        return sealer.open(value, decision_place(column, sealed.decision_id))

    return StoredDecision(
        decision_id=sealed.decision_id,
        review_id=sealed.review_id,
        referral_id=sealed.referral_id,
        broker_id=sealed.broker_id,
        number=sealed.number,
        body=opened("body", sealed.body),
        record=opened("record", sealed.record),
        letter=opened("letter", sealed.letter) if sealed.letter is not None else None,
    )
