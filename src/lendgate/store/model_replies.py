"""Paid replies of a model, kept before they are used: what came back once is never paid for again.

Law: a reply is kept in a transaction of its own, at once, under the review and a fingerprint of everything
that was asked, sealed. The first one kept is the one everybody uses, while its review is under way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Transaction
from lendgate.store.sealing import place

_INSERT: Final = """
    INSERT INTO lendgate.model_reply (subject, fingerprint, purpose, model, reply_sealed, cost_usd, at)
    VALUES (%(subject)s, %(fingerprint)s, %(purpose)s, %(model)s, %(reply)s, %(cost)s, %(at)s)
    ON CONFLICT DO NOTHING
"""
_FIND: Final = """
    SELECT reply::text, reply_sealed FROM lendgate.model_reply WHERE subject = %s AND fingerprint = %s
"""
_PURGE: Final = "DELETE FROM lendgate.model_reply WHERE at < %s"


@dataclass(frozen=True, slots=True)
class PaidReply:
    """``subject`` is the review, ``fingerprint`` a SHA-256, ``reply`` JSON, ``cost`` US dollars."""

    subject: str
    fingerprint: bytes
    purpose: str
    model: str
    reply: str
    cost: Decimal
    at: datetime


async def keep_reply(tx: Transaction, paid: PaidReply) -> bool:
    """Keep a reply. False: one is kept already, and that is the one to use."""
    sealer = await sealer_of(tx)
    values = {
        "subject": paid.subject,
        "fingerprint": paid.fingerprint,
        "purpose": paid.purpose,
        "model": paid.model,
        "reply": sealer.seal_text(paid.reply, _reply_place(paid.subject, paid.fingerprint)),
        "cost": paid.cost,
        "at": paid.at,
    }
    return (await tx.connection.execute(_INSERT, values)).rowcount == 1


async def find_reply(tx: Transaction, subject: str, fingerprint: bytes) -> str | None:
    """The kept reply to exactly this question about this review, as JSON."""
    row = await (await tx.connection.execute(_FIND, (subject, fingerprint))).fetchone()
    if row is None:
        return None
    reply, sealed = row
    if sealed is None:
        return str(reply)
    return (await sealer_of(tx)).open_text(sealed, _reply_place(subject, fingerprint))


async def purge_replies(tx: Transaction, before: datetime) -> int:
    """Forget the tenant's replies that are older; says how many."""
    return (await tx.connection.execute(_PURGE, (before,))).rowcount


def _reply_place(subject: str, fingerprint: bytes) -> bytes:
    return place("model_reply", "reply", f"{subject} {fingerprint.hex()}")
