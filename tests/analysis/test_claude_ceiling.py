"""Must show 2: 200 reviews at once under a ceiling for 50. No dollar too many, and no review lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from lendgate.analysis import prose
from lendgate.analysis.reviewer import Case, ChargedTo, Reviewed
from lendgate.claude.ledger import Ceilings, Claim, Ledger, MemoryLedger, Refusal, Reservation, Spent
from lendgate.claude.standin import Options, virtual_time
from lendgate.store.database import Database
from lendgate.store.spend import PostgresLedger
from tests.analysis.cases import CASES
from tests.analysis.standins import reviewer_on, standing_in

AT_ONCE, AFFORDED = 200, 50
CEILING_WORDS = "the spending ceiling was reached"
CASE = CASES["steady"]


@dataclass
class Watched:
    """A ledger that keeps its claims, so that a test can set a ceiling by them."""

    inner: Ledger
    claims: list[Claim]
    most: Decimal = Decimal(0)

    async def reserve(self, claim: Claim, ceilings: Ceilings) -> Reservation | Refusal:
        self.claims.append(claim)
        held = await self.inner.reserve(claim, ceilings)
        if isinstance(self.inner, MemoryLedger):
            self.most = max(self.most, self.inner.committed(claim.tenant))
        return held

    async def settle(self, reservation: Reservation, spent: Spent) -> None:
        await self.inner.settle(reservation, spent)

    async def release(self, reservation: Reservation) -> None:
        await self.inner.release(reservation)


def charged(number: int) -> Case:
    return replace(CASE, charged_to=ChargedTo("acme", f"review-{number}"))


def worst_case() -> Decimal:
    """What one review may cost at the most."""

    async def work() -> Decimal:
        ledger = Watched(MemoryLedger(), [])
        async with standing_in(Options(), ledger) as (model, _):
            await reviewer_on(model).review(CASE)
        return ledger.claims[0].amount

    return virtual_time.run(work())


async def reviewed(ledger: Ledger, ceiling: Decimal, options: Options) -> list[Reviewed]:
    ceilings = Ceilings(tenant_day=ceiling, application=ceiling)
    async with standing_in(options, ledger, ceilings) as (model, _):
        reviewer = reviewer_on(model)
        return await asyncio.gather(*(reviewer.review(charged(number)) for number in range(AT_ONCE)))


def tally(results: list[Reviewed]) -> Counter[str | None]:
    return Counter(result.memo.because for result in results)


def require_memos(results: list[Reviewed]) -> None:
    """50 by Claude; the others word for word by the rules."""
    assert tally(results) == {None: AFFORDED, CEILING_WORDS: AT_ONCE - AFFORDED}
    rules = prose.write(CASE).model_copy(update={"because": CEILING_WORDS})
    assert all(result.memo == rules for result in results if result.memo.because)


def test_two_hundred_at_once_stay_under_a_ceiling_for_fifty() -> None:
    """At no moment more, counting what is only set aside."""
    ceiling = worst_case() * AFFORDED
    ledger = Watched(MemoryLedger(), [])
    results = virtual_time.run(reviewed(ledger, ceiling, Options(latency_seconds=1)))
    require_memos(results)
    assert ledger.most == ceiling
    assert sum(result.usage.cost_usd for result in results) == MemoryLedger.committed(_memory(ledger), "acme")


def test_money_that_came_back_pays_for_others() -> None:
    """Settled at what it cost, a call leaves most of what was set aside: one after the other all are paid."""

    async def work() -> list[Reviewed]:
        ceilings = Ceilings(worst_case_now * AFFORDED, worst_case_now * AFFORDED)
        async with standing_in(Options(), MemoryLedger(), ceilings) as (model, _):
            return [await reviewer_on(model).review(charged(number)) for number in range(AT_ONCE)]

    worst_case_now = worst_case()
    assert tally(virtual_time.run(work())) == {None: AT_ONCE}


def test_an_application_has_its_own_ceiling() -> None:
    """Reviewed again and again it stops at what one application may cost, whatever the tenant has left."""

    async def work() -> list[Reviewed]:
        ledger, ceilings = MemoryLedger(), Ceilings(tenant_day=Decimal(1000), application=worst_case_now)
        async with standing_in(Options(), ledger, ceilings) as (model, _):
            return [await reviewer_on(model).review(charged(1)) for _ in range(3)]

    worst_case_now = worst_case()
    assert [result.memo.because for result in virtual_time.run(work())] == [None, *[CEILING_WORDS] * 2]


@pytest.mark.anyio
async def test_the_database_holds_the_ceiling_over_all_processes(database: Database) -> None:
    """The same in PostgreSQL, where two hundred wait for one row."""
    ceiling = await asyncio.to_thread(worst_case) * AFFORDED
    results = await reviewed(PostgresLedger(database), ceiling, Options(latency_seconds=3))
    require_memos(results)
    async with database.tenant("acme") as tx:
        rows = await tx.connection.execute("SELECT sum(committed) FROM lendgate.spend_day")
        row = await rows.fetchone()
    assert row is not None
    assert row[0] == sum(result.usage.cost_usd for result in results) <= ceiling


def _memory(ledger: Watched) -> MemoryLedger:
    assert isinstance(ledger.inner, MemoryLedger)
    return ledger.inner
