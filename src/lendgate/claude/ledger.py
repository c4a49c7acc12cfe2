"""The ledger: who may still spend how much, agreed on before a call and settled after it.

Law: ``committed`` is settled plus reserved money, and never passes a ceiling. A reservation counts in
full from the moment it is made until it is settled or released, so whoever dies in between (kill -9
included) has spent it. Anything unclear is spent.

What the PostgreSQL ledger (``store/``) must do, in one statement or transaction each::

    reserve   lock the tenant's day row (INSERT … ON CONFLICT DO UPDATE on (tenant, day), FOR UPDATE);
              sum committed for (tenant, day) and for (tenant, subject); refuse, or insert the reservation
              with state 'reserved' and add its amount to both sums. Row-level security by tenant.
    settle    UPDATE … SET state = 'settled', amount = cost, usage … WHERE id = … AND state = 'reserved';
              correct both sums by the difference. A second settle of one id changes nothing.
    release   the same with amount 0, only WHERE state = 'reserved' AND expires_at > now(): a reservation
              that outlived its call is spent, whoever comes back to release it.
    expiry    a periodic UPDATE of state 'reserved' to 'expired' past ``expires_at``, for reports only:
              the amount already counts.

A ledger that can't be reached raises ``BudgetError``: nothing is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Literal, Protocol

from lendgate.claude.port import Usage

State = Literal["reserved", "settled", "released"]
Ceiling = Literal["tenant-day", "application"]
_Sum = tuple[str, date | None, str | None]


@dataclass(frozen=True, slots=True)
class Ceilings:
    """The most that may be spent, US dollars: by a tenant in one UTC day, and on one application ever."""

    tenant_day: Decimal
    application: Decimal


@dataclass(frozen=True, slots=True)
class Claim:
    """Money asked for before a call: its worst case in US dollars, and until when the call can last."""

    tenant: str
    subject: str
    purpose: str
    model: str
    amount: Decimal
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Reservation:
    """Money set aside."""

    id: str
    tenant: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Refusal:
    """Which ceiling stands in the way, and how much is left under it (US dollars)."""

    ceiling: Ceiling
    limit: Decimal
    left: Decimal


@dataclass(frozen=True, slots=True)
class Spent:
    """What a call really cost. ``usage`` is None where the API never said and the worst case is kept."""

    cost: Decimal
    usage: Usage | None = None
    request_id: str | None = None


@dataclass(slots=True)
class Entry:
    """One line of the ledger; ``amount`` is what it counts for now."""

    claim: Claim
    day: date
    amount: Decimal
    state: State = "reserved"
    spent: Spent | None = None


class Ledger(Protocol):
    """Reserve, then settle or release; each at most once, each safe under concurrency.

    Raises:
        BudgetError: the ledger can't be reached.
    """

    async def reserve(self, claim: Claim, ceilings: Ceilings) -> Reservation | Refusal: ...

    async def settle(self, reservation: Reservation, spent: Spent) -> None: ...

    async def release(self, reservation: Reservation) -> None: ...


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


@dataclass(slots=True)
class MemoryLedger:
    """A ledger for one process: tests, the SDK without a service, a laptop.

    Every method runs without an await inside, so one event loop makes it atomic. It forgets on restart.
    """

    now: Callable[[], datetime] = utc_now
    entries: dict[str, Entry] = field(default_factory=dict)
    _sums: dict[_Sum, Decimal] = field(default_factory=dict)
    _ids: count[int] = field(default_factory=lambda: count(1))

    async def reserve(self, claim: Claim, ceilings: Ceilings) -> Reservation | Refusal:
        day = self.now().date()
        limits: tuple[tuple[Ceiling, Decimal, Decimal], ...] = (
            ("tenant-day", ceilings.tenant_day, self.committed(claim.tenant, day=day)),
            ("application", ceilings.application, self.committed(claim.tenant, subject=claim.subject)),
        )
        for ceiling, limit, committed in limits:
            if committed + claim.amount > limit:
                return Refusal(ceiling, limit, max(limit - committed, Decimal(0)))
        reservation = Reservation(f"r{next(self._ids)}", claim.tenant, claim.amount)
        entry = Entry(claim, day, Decimal(0))
        self.entries[reservation.id] = entry
        self._count(entry, "reserved", claim.amount)
        return reservation

    async def settle(self, reservation: Reservation, spent: Spent) -> None:
        entry = self.entries[reservation.id]
        if entry.state == "reserved":
            self._count(entry, "settled", spent.cost)
            entry.spent = spent

    async def release(self, reservation: Reservation) -> None:
        entry = self.entries[reservation.id]
        if entry.state == "reserved" and self.now() < entry.claim.expires_at:
            self._count(entry, "released", Decimal(0))

    def committed(self, tenant: str, *, day: date | None = None, subject: str | None = None) -> Decimal:
        """Settled and reserved dollars of a tenant: on a day, or for an application, or in all."""
        return self._sums.get((tenant, day, subject), Decimal(0))

    def _count(self, entry: Entry, state: State, amount: Decimal) -> None:
        """Let an entry count for ``amount`` from now on, in every sum that it is part of."""
        tenant, subject = entry.claim.tenant, entry.claim.subject
        for key in ((tenant, entry.day, None), (tenant, None, subject), (tenant, None, None)):
            self._sums[key] = self._sums.get(key, Decimal(0)) + amount - entry.amount
        entry.state, entry.amount = state, amount
