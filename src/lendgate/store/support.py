"""The broker's support conversations, and requests for a correction or for a person to look.

Law: a conversation and a request belong to one broker and one review; whoever reads one names the broker,
and another's is None, like one that does not exist. What was said and asked for is sealed, row by row. Each
change locks the head of the audit trail and commits only with its event.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from lendgate.schema.requests import CorrectionKind
from lendgate.schema.support import RequestState, SupportRequest
from lendgate.store.audit_log import head_of
from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Transaction
from lendgate.store.sealing import place

_FIND_CONVERSATION: Final = """
    SELECT 1 FROM lendgate.support_conversation
    WHERE conversation_id = %s AND review_id = %s AND broker_id = %s
"""
_TURNS: Final = """
    SELECT turn_id, sealed FROM lendgate.support_turn
    WHERE conversation_id = %s ORDER BY at DESC, turn_id LIMIT %s
"""
_ADD_TURN: Final = """
    WITH opened AS (
        INSERT INTO lendgate.support_conversation (conversation_id, review_id, broker_id, opened_at)
        VALUES (%(conversation_id)s, %(review_id)s, %(broker_id)s, %(at)s) ON CONFLICT DO NOTHING
    ), turn AS (
        INSERT INTO lendgate.support_turn (conversation_id, turn_id, at, sealed)
        VALUES (%(conversation_id)s, %(turn_id)s, %(at)s, %(sealed)s) RETURNING turn_id
    )
    SELECT changed, seq, mac FROM lendgate.lock_audit_head((SELECT count(*) FROM turn))
"""
_ADD_REQUEST: Final = """
    WITH request AS (
        INSERT INTO lendgate.support_request (
            request_id, review_id, broker_id, kind, sealed, opened_at, due_on
        ) VALUES (
            %(request_id)s, %(review_id)s, %(broker_id)s, %(kind)s, %(sealed)s, %(at)s, %(due_on)s
        ) RETURNING request_id
    )
    SELECT changed, seq, mac FROM lendgate.lock_audit_head((SELECT count(*) FROM request))
"""
_REQUESTS: Final = """
    SELECT request_id, review_id, kind, state, opened_at, due_on FROM lendgate.support_request
    WHERE review_id = %s AND broker_id = %s ORDER BY opened_at, request_id
"""
_ANSWER: Final = """
    UPDATE lendgate.support_request SET state = 'answered', answered_at = %s
    WHERE review_id = %s AND state = 'open'
"""
_TEXTS: Final = """
    SELECT request_id, sealed FROM lendgate.support_request WHERE review_id = %s
    ORDER BY opened_at, request_id
"""


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A question and its answer, to be kept; opens the conversation when it is the first."""

    conversation_id: UUID
    review_id: UUID
    broker_id: str
    turn_id: UUID
    question: str
    answer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that was asked and what it was answered."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A request to be kept; ``text`` is the broker's."""

    request_id: UUID
    review_id: UUID
    broker_id: str
    kind: CorrectionKind
    text: str
    opened_at: datetime
    due_on: date


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A request without what it says."""

    request_id: UUID
    review_id: UUID
    kind: CorrectionKind
    state: RequestState
    opened_at: datetime
    due_on: date


def published(stored: StoredRequest) -> SupportRequest:
    """A request as it is told."""
    return SupportRequest(
        request_id=str(stored.request_id),
        review_id=str(stored.review_id),
        kind=stored.kind,
        state=stored.state,
        opened_at=stored.opened_at,
        due_on=stored.due_on,
    )


async def is_own_conversation(
    tx: Transaction, conversation_id: UUID, review_id: UUID, broker_id: str
) -> bool:
    """Whether there is such a conversation of this broker's about this review."""
    found = await tx.connection.execute(_FIND_CONVERSATION, (conversation_id, review_id, broker_id))
    return await found.fetchone() is not None


async def latest_turns(tx: Transaction, conversation_id: UUID, most: int) -> list[Turn]:
    """The last turns, oldest first. The caller has seen to it that the conversation is the asker's.

    Raises:
        SealingError: a row was altered or moved.
        SettingsError: the data key is not here.
    """
    rows = await (await tx.connection.execute(_TURNS, (conversation_id, most))).fetchall()
    if not rows:
        return []
    sealer = await sealer_of(tx)
    opened = (json.loads(sealer.open(bytes(sealed), turn_place(turn_id))) for turn_id, sealed in rows)
    return [Turn(**turn) for turn in opened][::-1]


async def add_turn(tx: Transaction, turn: NewTurn) -> None:
    """Keep a turn, sealed.

    Raises:
        SettingsError: LENDGATE_DATA_KEY is not set.
    """
    words = json.dumps({"question": turn.question, "answer": turn.answer}).encode()
    values = {
        "conversation_id": turn.conversation_id,
        "review_id": turn.review_id,
        "broker_id": turn.broker_id,
        "turn_id": turn.turn_id,
        "at": turn.at,
        "sealed": (await sealer_of(tx)).seal(words, turn_place(turn.turn_id)),
    }
    await _change(tx, _ADD_TURN, values, f"turn {turn.turn_id}")


async def add_request(tx: Transaction, request: NewRequest) -> None:
    """Keep a request, its text sealed.

    Raises:
        SettingsError: LENDGATE_DATA_KEY is not set.
    """
    values = {
        "request_id": request.request_id,
        "review_id": request.review_id,
        "broker_id": request.broker_id,
        "kind": request.kind,
        "at": request.opened_at,
        "due_on": request.due_on,
        "sealed": (await sealer_of(tx)).seal(request.text.encode(), request_place(request.request_id)),
    }
    await _change(tx, _ADD_REQUEST, values, f"request {request.request_id}")


async def requests_of(tx: Transaction, review_id: UUID, broker_id: str) -> Sequence[StoredRequest]:
    """The broker's requests about a review, oldest first."""
    cursor = tx.connection.cursor(row_factory=class_row(StoredRequest))
    return await (await cursor.execute(_REQUESTS, (review_id, broker_id))).fetchall()


async def answer_requests(tx: Transaction, review_id: UUID, at: datetime) -> int:
    """Close a review's open requests, in the transaction of the decision that answers them; says how many."""
    return (await tx.connection.execute(_ANSWER, (at, review_id))).rowcount


async def request_texts(tx: Transaction, review_id: UUID) -> Mapping[UUID, str]:
    """What each request about a review says, for the lender's own use: it asks for no broker."""
    rows = await (await tx.connection.execute(_TEXTS, (review_id,))).fetchall()
    if not rows:
        return {}
    sealer = await sealer_of(tx)
    return {
        request_id: sealer.open(bytes(sealed), request_place(request_id)).decode()
        for request_id, sealed in rows
    }


def turn_place(turn_id: UUID | str) -> bytes:
    """Where a question and its answer are sealed."""
    return place("support_turn", "sealed", turn_id)


def request_place(request_id: UUID) -> bytes:
    """Where what was asked for is sealed."""
    return place("support_request", "sealed", request_id)


async def _change(tx: Transaction, statement: str, values: Mapping[str, object], what: str) -> None:
    row = await (await tx.connection.execute(statement, values)).fetchone()
    tx.head = tx.head or head_of(tx, row)
    tx.unaudited = f"support {what} was added"
