"""Every fault, complete and streamed, through the whole door: a reply or a typed error, in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal

import pytest
from pydantic import BaseModel

from lendgate.claude.errors import (
    BudgetError,
    MalformedReplyError,
    ModelError,
    ModelOverloadedError,
    ModelRefusedError,
    ModelTimeoutError,
    ModelUnavailableError,
    SpendLimitError,
    TruncatedReplyError,
)
from lendgate.claude.ledger import Ceilings, MemoryLedger
from lendgate.claude.opening import open_model
from lendgate.claude.port import Finished, ModelPort, ModelReply, ModelRequest
from lendgate.claude.retry import Schedule
from lendgate.claude.standin import FAULTS, Options
from lendgate.claude.standin.in_process import InProcess, in_process
from lendgate.claude.standin.virtual_time import run

Ask = Callable[..., ModelRequest]
Way = Callable[[ModelPort, ModelRequest], Awaitable[ModelReply]]
DEADLINE = 60.0
RICH = Ceilings(Decimal(1000), Decimal(1000))
# What each fault ends in when it never stops: complete, stream.
FOREVER: dict[str, tuple[type[ModelError] | None, type[ModelError] | None]] = {
    "ok": (None, None),
    "overloaded": (ModelOverloadedError, ModelOverloadedError),
    "rate_limit": (ModelOverloadedError, ModelOverloadedError),
    "rate_limit=3600": (ModelOverloadedError, ModelOverloadedError),
    "spend_limit": (SpendLimitError, SpendLimitError),
    "server_error": (ModelUnavailableError, ModelUnavailableError),
    "bad_gateway": (ModelUnavailableError, ModelUnavailableError),
    "gateway_timeout": (ModelTimeoutError, ModelTimeoutError),
    "hang": (ModelTimeoutError, ModelTimeoutError),
    "refusal": (ModelRefusedError, ModelRefusedError),
    "max_tokens": (TruncatedReplyError, TruncatedReplyError),
    "empty": (MalformedReplyError, MalformedReplyError),
    "invalid_json": (MalformedReplyError, MalformedReplyError),
    "slow": (None, None),
    "slow=30": (None, ModelTimeoutError),
    "slow=100": (ModelTimeoutError, ModelTimeoutError),
    "cut_stream": (ModelUnavailableError, ModelUnavailableError),
    "stream_error": (ModelOverloadedError, ModelOverloadedError),
    "stalled_stream": (ModelTimeoutError, ModelTimeoutError),
}


class Memo(BaseModel):
    """A shape like a memo's."""

    summary: str
    points: list[str]
    escalate: bool


@dataclass(frozen=True)
class Door:
    """An open door to a stand-in, and what is behind it."""

    model: ModelPort
    ledger: MemoryLedger
    connection: InProcess

    @property
    def requests(self) -> int:
        """HTTP requests that were sent."""
        return len(self.connection.transport.sent)


@asynccontextmanager
async def door(options: Options, ceilings: Ceilings = RICH) -> AsyncIterator[Door]:
    """In virtual time."""
    connection = in_process(options)
    ledger = MemoryLedger()
    clock = asyncio.get_running_loop().time
    model = open_model(connection.model, ledger=ledger, ceilings=lambda _tenant: ceilings, clock=clock)
    try:
        yield Door(model, ledger, connection)
    finally:
        await connection.model.close()


async def completed(model: ModelPort, request: ModelRequest) -> ModelReply:
    """As one reply."""
    return await model.complete(request)


async def streamed(model: ModelPort, request: ModelRequest) -> ModelReply:
    """As a stream, to its end."""
    last = [event async for event in model.stream(request)][-1]
    assert isinstance(last, Finished)
    return last.reply


WAYS: list[Way] = [completed, streamed]


def test_every_fault_is_in_the_table() -> None:
    """A new fault must say what it ends in."""
    assert {step.split("=")[0] for step in FOREVER} == set(FAULTS)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("step", FOREVER)
def test_fault_that_never_stops_ends_in_a_reply_or_a_typed_error(ask: Ask, step: str, way: Way) -> None:
    """Within the deadline, and with every reservation settled or released."""

    async def scene() -> None:
        expected = FOREVER[step][WAYS.index(way)]
        async with door(Options(script=f"{step}*")) as here:
            request = ask(output=Memo, deadline_seconds=DEADLINE)
            if expected is None:
                assert (await way(here.model, request)).as_shape(Memo).summary
            else:
                with pytest.raises(expected) as caught:
                    await way(here.model, request)
                assert type(caught.value) is expected
                assert caught.value.because
            assert asyncio.get_running_loop().time() <= DEADLINE
            assert {entry.state for entry in here.ledger.entries.values()} <= {"settled", "released"}
            assert len(here.ledger.entries) == here.requests

    run(scene())


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "step", ["overloaded", "rate_limit=2", "server_error", "bad_gateway", "gateway_timeout", "stream_error"]
)
def test_fault_that_passes_is_survived(ask: Ask, step: str, way: Way) -> None:
    """The next attempt answers; a stream only if nothing of it had been passed on."""

    async def scene() -> None:
        async with door(Options(script=step)) as here:
            try:
                reply = await way(here.model, ask(output=Memo))
            except ModelOverloadedError:
                assert (step, way) == ("stream_error", streamed)
            else:
                assert reply.as_shape(Memo).points
                assert here.requests == 2

    run(scene())


def test_hanging_attempt_leaves_time_for_another(ask: Ask) -> None:
    """45 of 60 seconds are given to one attempt; the next answers."""

    async def scene() -> None:
        async with door(Options(script="hang")) as here:
            reply = await here.model.complete(ask(output=Memo))
            assert asyncio.get_running_loop().time() == pytest.approx(Schedule().attempt_seconds, abs=1)
            assert (here.requests, reply.cost > 0) == (2, True)

    run(scene())


def test_reply_out_of_shape_is_repaired(ask: Ask) -> None:
    """One more turn; the bill covers both."""

    async def scene() -> None:
        async with door(Options(script="invalid_json")) as here:
            reply = await here.model.complete(ask(output=Memo))
            assert reply.as_shape(Memo).summary
            assert here.requests == 2
            assert b"What is wrong with it" in here.connection.transport.sent[1]
            assert reply.cost == here.ledger.committed("acme")

    run(scene())


@pytest.mark.parametrize("character", ["cooperative", "sloppy", "gullible", "obedient", "biased"])
@pytest.mark.parametrize("way", WAYS)
def test_every_character_answers_in_shape(ask: Ask, character: str, way: Way) -> None:
    """What they say is another matter; and everything they say is marked."""

    async def scene() -> None:
        async with door(Options(character=character)) as here:  # type: ignore[arg-type] # the list above
            reply = await way(here.model, ask(output=Memo))
            assert reply.as_shape(Memo).summary
            assert reply.simulated

    run(scene())


@pytest.mark.parametrize("way", WAYS)
def test_server_without_structured_output_is_asked_in_words(ask: Ask, way: Way) -> None:
    """The schema goes into the prompt, the JSON is found in the prose, and the shape is checked here."""

    async def scene() -> None:
        async with door(Options(dialect="plain")) as here:
            reply = await way(here.model, ask(output=Memo, effort="high"))
            assert reply.as_shape(Memo).points
            sent = here.connection.transport.sent[0]
            assert b"<schema>" in sent
            assert b"output_config" not in sent
            assert b"cache_control" not in sent

    run(scene())


@pytest.mark.parametrize("way", WAYS)
def test_server_without_structured_output_gets_a_repair_turn_too(ask: Ask, way: Way) -> None:
    """A whole reply is mended; a stream has been read already."""

    async def scene() -> None:
        async with door(Options(dialect="plain", script="invalid_json")) as here:
            if way is streamed:
                with pytest.raises(MalformedReplyError):
                    await streamed(here.model, ask(output=Memo))
            else:
                assert (await completed(here.model, ask(output=Memo))).as_shape(Memo).summary

    run(scene())


def test_two_hundred_reviews_under_a_ceiling_for_fifty(ask: Ask) -> None:
    """Through the whole door: the ceiling holds, and whoever is refused hears it at once."""

    async def scene() -> None:
        async with door(Options(latency_seconds=1)) as probe:
            await probe.model.complete(ask(output=Memo))
            (entry,) = probe.ledger.entries.values()
        worst = entry.claim.amount
        async with door(Options(latency_seconds=1), Ceilings(worst * 50, worst)) as here:
            calls = [here.model.complete(ask(output=Memo, subject=f"review-{index}")) for index in range(200)]
            results = await asyncio.gather(*calls, return_exceptions=True)
            assert sum(isinstance(result, ModelReply) for result in results) == 50
            assert sum(isinstance(result, BudgetError) for result in results) == 150
            assert here.requests == 50
            assert here.ledger.committed("acme") <= worst * 50

    run(scene())


def test_cancelled_call_leaves_nothing_open(ask: Ask) -> None:
    """The connection is given back and the reservation settled."""

    async def scene() -> None:
        async with door(Options(script="hang*")) as here:
            call = asyncio.create_task(here.model.complete(ask()))
            await asyncio.sleep(5)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            (entry,) = here.ledger.entries.values()
            assert (entry.state, entry.amount) == ("settled", entry.claim.amount)

    run(scene())


def test_prompt_is_cached_from_the_second_call_on(ask: Ask) -> None:
    """The stable part comes first, so the second review reads it."""

    async def scene() -> None:
        async with door(Options()) as here:
            first = await here.model.complete(ask(subject="a"))
            second = await here.model.complete(ask(subject="b"))
            assert (first.usage.cache_read_tokens, first.usage.cache_write_1h_tokens > 0) == (0, True)
            assert second.usage.cache_read_tokens == first.usage.cache_write_1h_tokens
            assert second.usage.cached_share > 0.9
            assert second.cost < first.cost

    run(scene())
