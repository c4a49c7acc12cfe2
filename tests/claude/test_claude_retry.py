"""Retries: the schedule's bounds, one deadline over all attempts, and no second try at spoken words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.claude.errors import (
    ModelError,
    ModelOverloadedError,
    ModelRefusedError,
    ModelRequestError,
    ModelTimeoutError,
    SpendLimitError,
)
from lendgate.claude.port import Finished, ModelEvent, ModelPort, ModelReply, ModelRequest, TextDelta, Usage
from lendgate.claude.retry import RetryingModel, Schedule
from lendgate.claude.scripted import ScriptedModel
from lendgate.claude.standin.virtual_time import run

Ask = Callable[..., ModelRequest]
SCHEDULES = st.builds(
    Schedule,
    attempts=st.integers(1, 10),
    base=st.floats(0.01, 5),
    cap=st.floats(5, 60),
)
JITTER = st.floats(0, 1, exclude_max=True)


def overloaded(retry_after: float | None = None, cost: str = "0") -> ModelOverloadedError:
    """An error that may be tried again."""
    error = ModelOverloadedError("Overloaded", again=True, retry_after=retry_after)
    error.cost = Decimal(cost)
    return error


def retrying(inner: ModelPort, schedule: Schedule | None = None, jitter: float = 0.0) -> RetryingModel:
    """In the running loop's time."""
    clock = asyncio.get_running_loop().time
    return RetryingModel(inner, schedule or Schedule(), clock=clock, jitter=lambda: jitter)


@given(SCHEDULES, st.integers(1, 10), JITTER)
def test_backoff_stays_between_half_its_step_and_its_cap(
    schedule: Schedule, failures: int, jitter: float
) -> None:
    """Jitter takes off at most half; the cap holds."""
    step = min(schedule.cap, schedule.base * 2 ** (failures - 1))
    assert step / 2 <= schedule.wait(failures, jitter, None) <= step


@given(SCHEDULES, st.integers(1, 10), JITTER, st.floats(0, 10_000))
def test_retry_after_is_a_floor(schedule: Schedule, failures: int, jitter: float, asked: float) -> None:
    """Nobody comes back before the server asked to."""
    assert schedule.wait(failures, jitter, asked) >= asked


@given(SCHEDULES, st.integers(1, 20), JITTER, st.floats(-10, 100), st.none() | st.floats(0, 10_000))
def test_no_wait_outlasts_the_deadline(
    schedule: Schedule, failures: int, jitter: float, remaining: float, asked: float | None
) -> None:
    """Either the next attempt begins in time, or there is none."""
    wait = schedule.next_wait(overloaded(asked), failures, jitter, remaining)
    assert wait is None or wait < remaining
    assert wait is None or failures < schedule.attempts


def test_overloaded_model_is_tried_again(ask: Ask, reply: ModelReply) -> None:
    """Two failures, then the reply, after 0.5 and 1 seconds."""

    async def scene() -> None:
        inner = ScriptedModel([overloaded(), overloaded(), reply])
        assert (await retrying(inner).complete(ask())).text == "Fine."
        assert len(inner.asked) == 3
        assert asyncio.get_running_loop().time() == pytest.approx(1.5)

    run(scene())


def test_each_attempt_gets_what_is_left_of_the_deadline(ask: Ask, reply: ModelReply) -> None:
    """The second attempt knows that time has passed."""

    async def scene() -> None:
        inner = ScriptedModel([overloaded(retry_after=10), reply], seconds=5)
        await retrying(inner, Schedule(attempt_seconds=1000)).complete(ask(deadline_seconds=60.0))
        assert [asked.deadline_seconds for asked in inner.asked] == pytest.approx([60, 45])

    run(scene())


def test_one_attempt_is_bounded_so_that_another_can_follow(ask: Ask, reply: ModelReply) -> None:
    """A hanging attempt does not eat the whole deadline."""

    async def scene() -> None:
        inner = ScriptedModel([reply])
        await retrying(inner, Schedule(attempt_seconds=20)).complete(ask(deadline_seconds=60.0))
        assert inner.asked[0].deadline_seconds == 20

    run(scene())


def test_retry_after_beyond_the_deadline_gives_up_at_once(ask: Ask, reply: ModelReply) -> None:
    """An hour's wait within a minute's deadline is an answer now."""

    async def scene() -> None:
        inner = ScriptedModel([overloaded(retry_after=3600), reply])
        with pytest.raises(ModelOverloadedError):
            await retrying(inner).complete(ask())
        assert asyncio.get_running_loop().time() == 0

    run(scene())


def test_attempts_end(ask: Ask) -> None:
    """A server that is always overloaded is asked four times."""

    async def scene() -> None:
        inner = ScriptedModel([overloaded()])
        with pytest.raises(ModelOverloadedError):
            await retrying(inner).complete(ask())
        assert len(inner.asked) == 4

    run(scene())


@pytest.mark.parametrize(
    "error",
    [
        SpendLimitError("limit"),
        ModelRefusedError("no"),
        ModelRequestError("bad"),
        ModelOverloadedError("x-should-retry said no", again=False),
    ],
)
def test_final_errors_are_not_tried_again(ask: Ask, error: ModelError) -> None:
    """Only what says that it may be sent again is sent again."""

    async def scene() -> None:
        inner = ScriptedModel([error])
        with pytest.raises(type(error)):
            await retrying(inner).complete(ask())
        assert len(inner.asked) == 1

    run(scene())


def test_reply_counts_what_failed_attempts_cost(ask: Ask, reply: ModelReply) -> None:
    """The bill of a call is the bill of all its attempts."""

    async def scene() -> None:
        first = ModelTimeoutError("late", again=True, usage=Usage(input_tokens=7))
        first.cost = Decimal("0.25")
        paid = await retrying(ScriptedModel([first, reply])).complete(ask())
        assert (paid.cost, paid.usage.input_tokens) == (Decimal("0.25"), 107)

    run(scene())


def test_last_error_counts_what_earlier_attempts_cost(ask: Ask) -> None:
    """Giving up does not forget."""

    async def scene() -> None:
        script: list[ModelReply | ModelError] = [
            overloaded(cost="0.1"),
            overloaded(cost="0.2"),
            ModelRefusedError("no"),
        ]
        with pytest.raises(ModelRefusedError) as caught:
            await retrying(ScriptedModel(script)).complete(ask())
        assert caught.value.cost == Decimal("0.3")

    run(scene())


async def collect(model: ModelPort, request: ModelRequest, events: list[ModelEvent]) -> None:
    """All events of a stream, those before an error included."""
    async for event in model.stream(request):
        events.append(event)  # noqa: PERF401 - a comprehension would lose them


def test_stream_that_said_nothing_is_tried_again(ask: Ask, reply: ModelReply) -> None:
    """Nobody has read anything yet."""

    async def scene() -> None:
        events: list[ModelEvent] = []
        await collect(retrying(ScriptedModel([overloaded(), reply])), ask(), events)
        assert isinstance(events[-1], Finished)

    run(scene())


def test_stream_that_broke_in_its_words_is_not_tried_again(ask: Ask, reply: ModelReply) -> None:
    """What was passed on can't be taken back."""

    async def scene() -> None:
        inner = ScriptedModel([overloaded(), reply], text_before_error="The appli")
        events: list[ModelEvent] = []
        with pytest.raises(ModelOverloadedError):
            await collect(retrying(inner), ask(), events)
        assert events == [TextDelta("The appli")]
        assert len(inner.asked) == 1

    run(scene())


def test_stream_may_last_until_the_deadline(ask: Ask, reply: ModelReply) -> None:
    """The bound of one attempt is for whole replies."""

    async def scene() -> None:
        inner = ScriptedModel([reply])
        await collect(retrying(inner, Schedule(attempt_seconds=20)), ask(deadline_seconds=60.0), [])
        assert inner.asked[0].deadline_seconds == 60

    run(scene())
