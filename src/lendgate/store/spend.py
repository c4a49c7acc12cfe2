"""The ledger of model spending in PostgreSQL: one for every process of the service.

Law: that of ``claude.ledger``: committed money never passes a ceiling, and a reservation counts in full
until it is closed, so whoever is killed in between has spent it. A database that is away spends nothing.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID, uuid4

from lendgate.claude.errors import BudgetError
from lendgate.claude.ledger import Ceilings, Claim, Refusal, Reservation, Spent, utc_now
from lendgate.store.database import Database, StoreUnavailableError, Transaction

_RESERVE: Final = """
    SELECT ceiling, committed FROM lendgate.reserve_spend(
        %(id)s, %(day)s, %(subject)s, %(purpose)s, %(model)s, %(amount)s, %(until)s, %(day_ceiling)s,
        %(subject_ceiling)s
    )
"""
_CLOSE: Final = """
    SELECT lendgate.close_spend(%(id)s, %(state)s, %(amount)s, %(usage)s::json, %(request_id)s, %(at)s)
"""
_EXPIRE: Final = """
    UPDATE lendgate.spend_entry SET state = 'expired' WHERE state = 'reserved' AND expires_at <= %s
"""


class PostgresLedger:
    """A ``claude.ledger.Ledger`` that survives restarts and holds over all processes."""

    def __init__(self, database: Database, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now

    async def reserve(self, claim: Claim, ceilings: Ceilings) -> Reservation | Refusal:
        """Set the amount aside, unless a ceiling stands in the way."""
        reservation = Reservation(str(uuid4()), claim.tenant, claim.amount)
        values = {
            "id": UUID(reservation.id),
            "day": self._now().date(),
            "subject": claim.subject,
            "purpose": claim.purpose,
            "model": claim.model,
            "amount": claim.amount,
            "until": claim.expires_at,
            "day_ceiling": ceilings.tenant_day,
            "subject_ceiling": ceilings.application,
        }
        async with self._books(claim.tenant) as tx:
            row = await (await tx.connection.execute(_RESERVE, values)).fetchone()
        ceiling, committed = row or ("tenant-day", ceilings.tenant_day)
        if ceiling is None:
            return reservation
        limit = ceilings.tenant_day if ceiling == "tenant-day" else ceilings.application
        return Refusal(ceiling, limit, max(limit - committed, Decimal(0)))

    async def settle(self, reservation: Reservation, spent: Spent) -> None:
        """Close a reservation at what the call cost; only the first time counts."""
        await self._close(reservation, "settled", spent)

    async def release(self, reservation: Reservation) -> None:
        """Close a reservation of a call that cost nothing, unless it has outlived its call."""
        await self._close(reservation, "released", Spent(Decimal(0)))

    async def _close(self, reservation: Reservation, state: str, spent: Spent) -> None:
        values = {
            "id": UUID(reservation.id),
            "state": state,
            "amount": spent.cost,
            "usage": json.dumps(asdict(spent.usage)) if spent.usage else None,
            "request_id": spent.request_id,
            "at": self._now(),
        }
        async with self._books(reservation.tenant) as tx:
            await tx.connection.execute(_CLOSE, values)

    @asynccontextmanager
    async def _books(self, tenant: str) -> AsyncIterator[Transaction]:
        try:
            async with self._database.tenant(tenant) as tx:
                yield tx
        except StoreUnavailableError as cause:
            raise BudgetError("the spending ledger cannot be reached, so nothing is sent") from cause


async def expire_reservations(tx: Transaction, now: datetime) -> int:
    """Mark what nobody came back for; its amount counts as spent already. Says how many."""
    return (await tx.connection.execute(_EXPIRE, (now,))).rowcount
