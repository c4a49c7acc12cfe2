"""The budget: no attempt without money set aside, and every way a call can end settles it once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from lendgate.claude.budget import BudgetedModel, input_bound
from lendgate.claude.errors import (
    BudgetError,
    MalformedReplyError,
    ModelConfigurationError,
    ModelError,
    ModelOverloadedError,
    ModelTimeoutError,
)
from lendgate.claude.ledger import Ceilings, Claim, Entry, MemoryLedger, Refusal, Reservation, Spent
from lendgate.claude.port import Finished, ModelReply, ModelRequest, Started, TextDelta, Turn, Usage
from lendgate.claude.prices import packaged_prices
from lendgate.claude.scripted import Line, ScriptedModel
from lendgate.claude.standin.answer import tokens_of
from lendgate.claude.standin.virtual_time import run

Ask = Callable[..., ModelRequest]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RICH = Ceilings(Decimal(1000), Decimal(1000))


def budgeted(
    *script: Line, ledger: MemoryLedger, ceilings: Ceilings = RICH, seconds: float = 0
) -> BudgetedModel:
    """A budget over a scripted model."""
    inner = ScriptedModel(list(script), seconds=seconds)
    return BudgetedModel(inner, ledger, packaged_prices(), lambda _tenant: ceilings, now=lambda: NOW)


def new_ledger() -> MemoryLedger:
    """Empty, at noon."""
    return MemoryLedger(now=lambda: NOW)


def only(ledger: MemoryLedger) -> Entry:
    """The one entry."""
    (entry,) = ledger.entries.values()
    return entry


class Memo(BaseModel):
    """A shape."""

    text: str


@given(st.text(min_size=1).filter(str.strip))
def test_bound_is_above_what_any_byte_level_tokenizer_makes(text: str) -> None:
    """At least a byte a token, whatever the script; the stand-in's four bytes are far below."""
    request = ModelRequest(
        purpose="memo", model="m", system=(), messages=(Turn("user", text),), max_tokens=1, tenant="t",
        subject="s", deadline_seconds=1, prompt_hash="",
    )  # fmt: skip
    assert input_bound(request) >= len(text.encode()) >= tokens_of(text)


def test_bound_counts_the_schema_twice(ask: Ask) -> None:
    """Once as a grammar, once in words."""
    assert input_bound(ask(output=Memo)) > input_bound(ask()) + 100


def test_reply_is_settled_at_what_it_used(ask: Ask, reply: ModelReply) -> None:
    """100 tokens in, 20 out, at Opus rates."""
    ledger = new_ledger()
    paid = run(budgeted(reply, ledger=ledger).complete(ask()))
    assert paid.cost == Decimal("0.0008")
    assert (only(ledger).state, only(ledger).amount) == ("settled", Decimal("0.0008"))
    assert only(ledger).spent == Spent(Decimal("0.0008"), reply.usage, "req_1")


def test_worst_case_is_held_while_the_call_runs(ask: Ask, reply: ModelReply) -> None:
    """Bytes at the dearest input rate and every output token that is allowed, in the dearest place."""

    async def scene() -> None:
        ledger = new_ledger()
        call = asyncio.create_task(budgeted(reply, ledger=ledger, seconds=5).complete(ask()))
        await asyncio.sleep(1)
        worst = (8 * Decimal(input_bound(ask())) + 20 * 1000) / 10**6 * Decimal("1.1")
        assert only(ledger).amount == worst
        await call

    run(scene())


def test_unmetered_reply_is_charged_its_worst_case(ask: Ask, reply: ModelReply) -> None:
    """A server that tells no usage does not work for nothing."""
    ledger = new_ledger()
    run(budgeted(replace(reply, usage=Usage(), metered=False), ledger=ledger).complete(ask()))
    assert only(ledger).amount == only(ledger).claim.amount


@pytest.mark.parametrize(
    ("error", "state", "share"),
    [
        (ModelOverloadedError("529", billed="no"), "released", 0),
        (ModelTimeoutError("late", billed="unknown"), "settled", 1),
    ],
)
def test_failed_attempt_is_free_only_when_certain(
    ask: Ask, error: ModelError, state: str, share: int
) -> None:
    """Refused unseen: nothing. Unknown: everything that was held."""
    ledger = new_ledger()
    with pytest.raises(type(error)):
        run(budgeted(error, ledger=ledger).complete(ask()))
    entry = only(ledger)
    assert (entry.state, entry.amount) == (state, entry.claim.amount * share)
    assert error.cost == entry.amount


def test_malformed_reply_is_paid_for_exactly(ask: Ask) -> None:
    """It is useless, but its usage is known."""
    ledger = new_ledger()
    error = MalformedReplyError(("empty",), text="", billed="known", usage=Usage(100, 20))
    with pytest.raises(MalformedReplyError):
        run(budgeted(error, ledger=ledger).complete(ask()))
    assert only(ledger).amount == Decimal("0.00088")


def test_refused_reservation_sends_nothing(ask: Ask, reply: ModelReply) -> None:
    """No money, no request."""
    model = budgeted(reply, ledger=new_ledger(), ceilings=Ceilings(Decimal("0.01"), Decimal(1)))
    with pytest.raises(BudgetError, match=r"this tenant's ceiling for today of \$0.01 has \$0.0100 left"):
        run(model.complete(ask()))
    assert isinstance(model.inner, ScriptedModel)
    assert model.inner.asked == []


def test_unpriced_model_sends_nothing(ask: Ask, reply: ModelReply) -> None:
    """What can't be counted can't be spent."""
    model = budgeted(reply, ledger=new_ledger())
    with pytest.raises(ModelConfigurationError, match="no price"):
        run(model.complete(ask(model="claude-nine")))
    assert isinstance(model.inner, ScriptedModel)
    assert model.inner.asked == []


def test_two_hundred_calls_under_a_ceiling_for_fifty(ask: Ask, reply: ModelReply) -> None:
    """Fifty are sent, 150 refused at once, and the ceiling holds at every moment."""

    async def scene() -> None:
        worst = packaged_prices().worst_case(input_bound(ask()), 1000, model=ask().model, on=NOW.date())
        ceilings = Ceilings(tenant_day=worst * 50, application=worst)
        ledger = new_ledger()
        model = budgeted(reply, ledger=ledger, ceilings=ceilings, seconds=1)
        calls = [model.complete(ask(subject=f"review-{index}")) for index in range(200)]
        results = await asyncio.gather(*calls, return_exceptions=True)
        refused = [result for result in results if isinstance(result, BudgetError)]
        replies = [result for result in results if isinstance(result, ModelReply)]
        assert (len(replies), len(refused)) == (50, 150)
        assert ledger.committed("acme") == sum(one.cost for one in replies) <= ceilings.tenant_day

    run(scene())


def test_cancelled_call_is_paid_for_in_full(ask: Ask, reply: ModelReply) -> None:
    """The request is under way; nobody will ever hear what it cost."""

    async def scene() -> None:
        ledger = new_ledger()
        call = asyncio.create_task(budgeted(reply, ledger=ledger, seconds=5).complete(ask()))
        await asyncio.sleep(1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert (only(ledger).state, only(ledger).amount) == ("settled", only(ledger).claim.amount)

    run(scene())


def test_finished_stream_is_settled_before_its_last_event(ask: Ask, reply: ModelReply) -> None:
    """Whoever sees the end sees the cost."""

    async def scene() -> None:
        ledger = new_ledger()
        async with aclosing(budgeted(reply, ledger=ledger).stream(ask())) as events:
            async for event in events:
                if isinstance(event, Finished):
                    assert event.reply.cost == Decimal("0.0008") == only(ledger).amount

    run(scene())


def test_stream_closed_early_pays_its_known_input_and_all_its_output(ask: Ask, reply: ModelReply) -> None:
    """The server told the input; how much it has written by now is anybody's guess."""

    async def scene() -> None:
        ledger = new_ledger()
        async with aclosing(budgeted(reply, ledger=ledger).stream(ask())) as events:
            assert isinstance(await anext(events), Started)
            assert isinstance(await anext(events), TextDelta)
        assert only(ledger).amount == (4 * Decimal(100) + 20 * 1000) / 10**6 * Decimal("1.1")

    run(scene())


def test_broken_stream_that_never_started_pays_in_full(ask: Ask) -> None:
    """Nothing is known but that it was sent."""

    async def scene() -> None:
        ledger = new_ledger()
        with pytest.raises(ModelTimeoutError):
            await anext(budgeted(ModelTimeoutError("late", billed="unknown"), ledger=ledger).stream(ask()))
        assert only(ledger).amount == only(ledger).claim.amount

    run(scene())


class BrokenLedger(MemoryLedger):
    """A ledger whose database goes away after the reservation."""

    async def settle(self, reservation: Reservation, spent: Spent) -> None:
        raise BudgetError("the ledger can't be reached")


class ClosedLedger(MemoryLedger):
    """A ledger whose database is away."""

    async def reserve(self, claim: Claim, ceilings: Ceilings) -> Reservation | Refusal:
        raise BudgetError("the ledger can't be reached")


def test_ledger_that_can_t_be_reached_sends_nothing(ask: Ask, reply: ModelReply) -> None:
    """Fail closed."""
    model = budgeted(reply, ledger=ClosedLedger())
    with pytest.raises(BudgetError, match="can't be reached"):
        run(model.complete(ask()))
    assert isinstance(model.inner, ScriptedModel)
    assert model.inner.asked == []


def test_settlement_that_fails_keeps_the_reply_and_the_reservation(
    ask: Ask, reply: ModelReply, caplog: pytest.LogCaptureFixture
) -> None:
    """The words are paid for; the ledger counts them in full."""
    ledger = BrokenLedger(now=lambda: NOW)
    assert run(budgeted(reply, ledger=ledger).complete(ask())).text == "Fine."
    assert only(ledger).state == "reserved"
    assert "reservation r1 stands" in caplog.text
