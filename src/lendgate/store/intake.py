"""Intake conversations: sessions, their messages in order, and the vault of identifiers.

Law: what people said is sealed before it comes here. Of each session one transaction at a time changes
anything (its row is locked first); a message's id makes it one message however often it is sent, and it is
answered once. Each change locks the head of the audit trail, and commits only with its audit event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from lendgate.store.audit_log import head_of
from lendgate.store.database import Transaction
from lendgate.store.sealing import place

_OPEN: Final = """
    WITH changed AS (
        INSERT INTO lendgate.intake_session (
            session_id, broker_id, owner, applicant_id, phase, state, created_at, expires_at
        ) VALUES (
            %(session_id)s, %(broker_id)s, %(owner)s, %(applicant_id)s, %(phase)s, %(state)s, %(at)s,
            %(expires_at)s
        ) RETURNING session_id
    )
    SELECT changed, seq, mac FROM lendgate.lock_audit_head((SELECT count(*) FROM changed))
"""
_LOAD: Final = """
    SELECT session_id, broker_id, owner, applicant_id, phase, state, messages, review_id, created_at,
           expires_at
    FROM lendgate.intake_session WHERE session_id = %(session_id)s AND expires_at > %(now)s
      AND broker_id = %(broker_id)s AND owner = %(owner)s
"""
_ADD: Final = """
    WITH added AS (
        INSERT INTO lendgate.intake_message (session_id, seq, message_id, reply_to, content, at)
        VALUES (%(session_id)s, %(seq)s, %(message_id)s, %(reply_to)s, %(content)s, %(at)s)
        RETURNING seq
    ), counted AS (
        UPDATE lendgate.intake_session SET messages = %(seq)s
        WHERE session_id = %(session_id)s AND EXISTS (SELECT FROM added) RETURNING session_id
    )
    SELECT changed, seq, mac FROM lendgate.lock_audit_head((SELECT count(*) FROM counted))
"""
_MOVE: Final = """
    UPDATE lendgate.intake_session SET phase = %(phase)s, state = %(state)s WHERE session_id = %(session_id)s
"""
_SUBMIT: Final = """
    UPDATE lendgate.intake_session SET phase = 'submitted', review_id = %(review_id)s, state = %(state)s
    WHERE session_id = %(session_id)s
"""
_KEEP: Final = """
    UPDATE lendgate.intake_identifier SET application_id = %s WHERE session_id = %s AND token = ANY(%s)
"""
_MESSAGES: Final = """
    SELECT seq, message_id, reply_to, content, at FROM lendgate.intake_message
    WHERE session_id = %s AND seq > %s ORDER BY seq
"""
_FIND: Final = "SELECT seq FROM lendgate.intake_message WHERE session_id = %s AND message_id = %s"
_SEAL: Final = """
    INSERT INTO lendgate.intake_identifier (token, session_id, digits, at) VALUES (%s, %s, %s, %s)
"""
_EXPIRE: Final = """
    WITH gone AS (
        DELETE FROM lendgate.intake_session WHERE expires_at <= %(now)s RETURNING session_id
    ), unused AS (
        DELETE FROM lendgate.intake_identifier
        WHERE application_id IS NULL AND session_id IN (SELECT session_id FROM gone)
    )
    SELECT (SELECT array_agg(session_id) FROM gone), changed, seq, mac
    FROM lendgate.lock_audit_head((SELECT count(*) FROM gone))
"""
_EXPIRED: Final = "SELECT EXISTS (SELECT FROM lendgate.intake_session WHERE expires_at <= %s)"


@dataclass(frozen=True, slots=True)
class NewSession:
    """A conversation that begins; ``state`` is sealed, ``owner`` is the token's sub; UTC."""

    session_id: UUID
    broker_id: str
    owner: str
    applicant_id: str
    phase: str
    state: bytes
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StoredSession(NewSession):
    """A conversation as it stands; ``messages`` is the number of its last message."""

    messages: int
    review_id: UUID | None


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message: the person's, or with ``reply_to`` the assistant's; ``content`` is sealed."""

    seq: int
    message_id: str
    reply_to: int | None
    content: bytes
    at: datetime


async def open_session(tx: Transaction, new: NewSession) -> None:
    """Store a conversation that begins."""
    values = {
        "broker_id": new.broker_id,
        "owner": new.owner,
        "applicant_id": new.applicant_id,
        "phase": new.phase,
        "state": new.state,
        "at": new.created_at,
        "expires_at": new.expires_at,
    }
    await _changed(tx, _OPEN, new.session_id, values)


async def load_session(
    tx: Transaction, session_id: UUID, broker_id: str, owner: str, now: datetime, *, lock: bool = False
) -> StoredSession | None:
    """The owner's own conversation; anybody else's and an expired one are None.

    ``lock``: no other transaction changes it until this one ends.
    """
    cursor = tx.connection.cursor(row_factory=class_row(StoredSession))
    values = {"session_id": session_id, "broker_id": broker_id, "owner": owner, "now": now}
    return await (await cursor.execute(_LOAD + (" FOR UPDATE" if lock else ""), values)).fetchone()


async def add_message(tx: Transaction, session_id: UUID, message: StoredMessage) -> None:
    """Add the next message. The caller holds the session and has seen that it is the next."""
    values = {
        "seq": message.seq,
        "message_id": message.message_id,
        "reply_to": message.reply_to,
        "content": message.content,
        "at": message.at,
    }
    await _changed(tx, _ADD, session_id, values)


async def move_session(tx: Transaction, session_id: UUID, phase: str, state: bytes) -> None:
    """Store the next state, in the transaction that stores the message which says so."""
    await tx.connection.execute(_MOVE, {"session_id": session_id, "phase": phase, "state": state})


async def submit_session(tx: Transaction, session_id: UUID, review_id: UUID, state: bytes) -> None:
    """Confirmed -> submitted, in the transaction that accepts its application."""
    values = {"session_id": session_id, "review_id": review_id, "state": state}
    await tx.connection.execute(_SUBMIT, values)


async def keep_identifiers(
    tx: Transaction, session_id: UUID, application_id: UUID, tokens: Iterable[str]
) -> None:
    """Tie a conversation's identifiers to the application that names them: they outlive it."""
    await tx.connection.execute(_KEEP, (application_id, session_id, list(tokens)))


async def messages_of(tx: Transaction, session_id: UUID, after: int = 0) -> list[StoredMessage]:
    """The messages numbered above ``after``, in order."""
    cursor = tx.connection.cursor(row_factory=class_row(StoredMessage))
    return await (await cursor.execute(_MESSAGES, (session_id, after))).fetchall()


async def message_numbered(tx: Transaction, session_id: UUID, message_id: str) -> int | None:
    """The number of a message that was stored under that id."""
    row = await (await tx.connection.execute(_FIND, (session_id, message_id))).fetchone()
    return int(row[0]) if row else None


async def seal_identifier(tx: Transaction, token: str, session_id: UUID, digits: bytes, at: datetime) -> None:
    """Keep an identifier under its token; ``digits`` are sealed."""
    await tx.connection.execute(_SEAL, (token, session_id, digits, at))


async def expire_sessions(tx: Transaction, now: datetime) -> list[UUID]:
    """Delete the tenant's expired conversations with all that was said in them; says which."""
    row = await (await tx.connection.execute(_EXPIRED, (now,))).fetchone()
    if row is None or not row[0]:
        return []
    found = await (await tx.connection.execute(_EXPIRE, {"now": now})).fetchone()
    if found is None or not found[0]:
        return []
    tx.head = tx.head or head_of(tx, found)
    tx.unaudited = "intake sessions expired"
    return list(found[0])


async def _changed(tx: Transaction, statement: str, session_id: UUID, values: Mapping[str, object]) -> None:
    cursor = await tx.connection.execute(statement, {"session_id": session_id, **values})
    tx.head = tx.head or head_of(tx, await cursor.fetchone())
    tx.unaudited = f"intake session {session_id} changed"


def state_place(session_id: UUID) -> bytes:
    """Where a conversation's state is sealed."""
    return place("intake_session", "state", session_id)


def content_place(session_id: UUID, seq: int | str) -> bytes:
    """Where a message is sealed."""
    return place("intake_message", "content", f"{session_id}/{seq}")


def digits_place(token: str) -> bytes:
    """Where an identifier is sealed."""
    return place("intake_identifier", "digits", token)
