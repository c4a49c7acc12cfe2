"""The ledger in PostgreSQL: no ceiling is passed, whoever asks at once, dies, or comes back too late."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from lendgate.claude.errors import BudgetError
from lendgate.claude.ledger import Ceilings, Claim, MemoryLedger, Refusal, Reservation, Spent
from lendgate.claude.port import Usage
from lendgate.store.database import Database
from lendgate.store.spend import PostgresLedger, expire_reservations

pytestmark = pytest.mark.anyio
Committed = Callable[[], Awaitable[tuple[Decimal, Decimal]]]
WIDE = Ceilings(Decimal(1000), Decimal(1000))


class Clock:
    """A clock the test sets."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock(at: datetime) -> Clock:
    """The time it is."""
    return Clock(at)


@pytest.fixture
def ledger(database: Database, clock: Clock) -> PostgresLedger:
    """A ledger under that clock."""
    return PostgresLedger(database, clock)


@pytest.fixture
def claim(at: datetime) -> Claim:
    """One dollar, of a tenant of the test's own, for five minutes."""
    tenant = f"tenant-{uuid4().hex[:12]}"
    return Claim(tenant, "review-1", "memo", "standin-1", Decimal("1.00"), at + timedelta(minutes=5))


@pytest.fixture
def committed(database: Database, claim: Claim) -> Committed:
    """What counts against the tenant's day and the application."""

    async def look() -> tuple[Decimal, Decimal]:
        async with database.tenant(claim.tenant) as tx:
            query = """
                SELECT (SELECT coalesce(sum(committed), 0) FROM lendgate.spend_day),
                       (SELECT coalesce(sum(committed), 0) FROM lendgate.spend_subject)
            """
            row = await (await tx.connection.execute(query)).fetchone()
        assert row is not None
        return row[0], row[1]

    return look


async def reserved(ledger: PostgresLedger, claim: Claim) -> Reservation:
    held = await ledger.reserve(claim, WIDE)
    assert isinstance(held, Reservation)
    return held


async def test_reserve_then_settle_counts_what_it_cost(
    ledger: PostgresLedger, claim: Claim, committed: Committed
) -> None:
    """First the worst case, then the truth; settling twice changes nothing."""
    held = await reserved(ledger, claim)
    assert await committed() == (Decimal("1.00"), Decimal("1.00"))
    await ledger.settle(held, Spent(Decimal("0.25"), Usage(input_tokens=10), "req_1"))
    await ledger.settle(held, Spent(Decimal("0.90")))
    await ledger.release(held)
    assert await committed() == (Decimal("0.25"), Decimal("0.25"))


async def test_a_released_reservation_counts_nothing(
    ledger: PostgresLedger, claim: Claim, committed: Committed
) -> None:
    """A call that was refused unseen cost nothing."""
    await ledger.release(await reserved(ledger, claim))
    assert await committed() == (Decimal(0), Decimal(0))


async def test_a_reservation_that_outlived_its_call_is_spent(
    ledger: PostgresLedger, claim: Claim, clock: Clock, committed: Committed
) -> None:
    """Whoever comes back too late to release it is told nothing and changes nothing."""
    held = await reserved(ledger, claim)
    clock.at = claim.expires_at
    await ledger.release(held)
    assert await committed() == (Decimal(1), Decimal(1))


async def test_an_expired_reservation_can_still_be_settled(
    ledger: PostgresLedger, database: Database, claim: Claim, committed: Committed
) -> None:
    """Marking it changes no sum; the truth, when it comes, does."""
    held = await reserved(ledger, claim)
    async with database.tenant(claim.tenant) as tx:
        assert await expire_reservations(tx, claim.expires_at) == 1
        assert await expire_reservations(tx, claim.expires_at) == 0
    assert await committed() == (Decimal(1), Decimal(1))
    await ledger.settle(held, Spent(Decimal("0.10")))
    assert await committed() == (Decimal("0.10"), Decimal("0.10"))


@pytest.mark.parametrize(
    ("ceilings", "ceiling"),
    [
        (Ceilings(Decimal("1.50"), Decimal(9)), "tenant-day"),
        (Ceilings(Decimal(9), Decimal("1.50")), "application"),
    ],
)
async def test_the_ceiling_in_the_way_is_named_with_what_is_left(
    ceilings: Ceilings, ceiling: str, ledger: PostgresLedger, claim: Claim
) -> None:
    """Exactly as the ledger in memory says it."""
    memory = MemoryLedger(lambda: claim.expires_at - timedelta(minutes=1))
    for books in (ledger, memory):
        assert isinstance(await books.reserve(claim, ceilings), Reservation)
        refusal = await books.reserve(claim, ceilings)
        assert refusal == Refusal(ceiling, Decimal("1.50"), Decimal("0.50"))  # type: ignore[arg-type]  # a row of the table


async def test_exactly_up_to_the_ceiling_is_allowed(ledger: PostgresLedger, claim: Claim) -> None:
    """The last cent may be spent; the one after it not."""
    full = Ceilings(Decimal("1.00"), Decimal("1.00"))
    assert isinstance(await ledger.reserve(claim, full), Reservation)
    assert isinstance(await ledger.reserve(replace(claim, amount=Decimal("0.01")), full), Refusal)


async def test_a_new_day_has_a_new_ceiling(ledger: PostgresLedger, claim: Claim, clock: Clock) -> None:
    """The tenant's ceiling is a UTC day's; the application's is for ever."""
    day = Ceilings(Decimal("1.00"), Decimal("2.00"))
    assert isinstance(await ledger.reserve(claim, day), Reservation)
    clock.at += timedelta(days=1)
    assert isinstance(await ledger.reserve(claim, day), Reservation)
    clock.at += timedelta(days=1)
    refusal = await ledger.reserve(claim, day)
    assert isinstance(refusal, Refusal)
    assert refusal.ceiling == "application"


async def test_two_hundred_at_once_never_pass_the_ceiling(
    ledger: PostgresLedger, claim: Claim, committed: Committed
) -> None:
    """Fifty fit; of two hundred for as many applications exactly fifty get it, none of them too much."""
    ceilings = Ceilings(Decimal(50), Decimal(1))
    claims = [replace(claim, subject=f"review-{number}") for number in range(200)]
    given = await asyncio.gather(*(ledger.reserve(each, ceilings) for each in claims))
    assert sum(isinstance(each, Reservation) for each in given) == 50
    assert await committed() == (Decimal(50), Decimal(50))


async def test_closing_at_once_adds_up(ledger: PostgresLedger, claim: Claim, committed: Committed) -> None:
    """Settled and released together, with new reservations between them: the sums are exact."""
    held = [await reserved(ledger, claim) for _ in range(20)]
    settling = [ledger.settle(each, Spent(Decimal("0.10"))) for each in held[:10]]
    releasing = [ledger.release(each) for each in held[10:]]
    await asyncio.gather(*settling, *releasing, *(ledger.reserve(claim, WIDE) for _ in range(10)))
    assert await committed() == (Decimal(11), Decimal(11))


async def test_another_tenant_cannot_close_it(
    ledger: PostgresLedger, claim: Claim, committed: Committed
) -> None:
    """Knowing the number of a reservation is no help."""
    held = await reserved(ledger, claim)
    await ledger.release(replace(held, tenant="stranger"))
    assert await committed() == (Decimal(1), Decimal(1))


async def test_a_ledger_that_is_away_spends_nothing(service_url: str, claim: Claim) -> None:
    """Fail closed: no answer is a no."""
    with pytest.raises(BudgetError, match="cannot be reached"):
        await PostgresLedger(Database(service_url, size=1)).reserve(claim, WIDE)
