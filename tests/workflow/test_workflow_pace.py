"""Pace: so many calls at a time and a minute of each model, and a wait that counts against the deadline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace

import pytest

from lendgate.claude.errors import ModelTimeoutError
from lendgate.claude.port import Finished, ModelEvent, ModelReply, ModelRequest, Turn, Usage
from lendgate.claude.standin.virtual_time import run
from lendgate.workflow.pace import Pace, PacedModel

REPLY = ModelReply("ok", None, "end_turn", Usage(), "standin-1", None, "", "")
REQUEST = ModelRequest(
    purpose="memo",
    model="standin-1",
    system=(),
    messages=(Turn("user", "facts"),),
    max_tokens=10,
    tenant="acme",
    subject="review",
    deadline_seconds=100,
    prompt_hash="",
)


@dataclass
class Slow:
    """A model that takes a second, and remembers when it was asked and with how much time left."""

    begun: list[tuple[float, float]] = field(default_factory=list)
    at_once: int = 0
    most: int = 0

    async def complete(self, request: ModelRequest) -> ModelReply:
        self.begun.append((asyncio.get_running_loop().time(), request.deadline_seconds))
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(1)
        self.at_once -= 1
        return REPLY

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        yield Finished(await self.complete(request))


def ask(pace: Pace, *requests: ModelRequest) -> tuple[Slow, list[ModelReply | BaseException]]:
    """Ask all at once, in virtual time."""
    slow = Slow()

    async def all_at_once() -> list[ModelReply | BaseException]:
        paced = PacedModel(slow, pace, asyncio.get_running_loop().time)
        return await asyncio.gather(*map(paced.complete, requests), return_exceptions=True)

    return slow, run(all_at_once())


def test_so_many_at_a_time() -> None:
    """Ten at once, three at a time: in four rounds."""
    slow, replies = ask(Pace(3), *[REQUEST] * 10)
    assert slow.most == 3
    assert replies == [REPLY] * 10
    assert slow.begun[-1][0] == 3


def test_so_many_a_minute() -> None:
    """Thirty a minute is one every two seconds."""
    slow, _ = ask(Pace(100, 30), *[REQUEST] * 4)
    assert [begun for begun, _ in slow.begun] == [0, 2, 4, 6]


def test_each_model_has_its_own() -> None:
    """One that is busy keeps nobody else waiting."""
    slow, _ = ask(Pace(1, 1), REQUEST, replace(REQUEST, model="standin-2"))
    assert [begun for begun, _ in slow.begun] == [0, 0]


def test_the_wait_is_part_of_the_deadline() -> None:
    """Whoever waited two seconds has two seconds less."""
    slow, _ = ask(Pace(1), *[REQUEST] * 3)
    assert [left for _, left in slow.begun] == [100, 99, 98]


@pytest.mark.parametrize("pace", [Pace(1), Pace(100, 60)])
def test_whoever_cannot_be_served_in_time_is_told_and_costs_nothing(pace: Pace) -> None:
    """The model is not asked."""
    slow, replies = ask(pace, REQUEST, replace(REQUEST, deadline_seconds=0.5))
    assert isinstance(replies[1], ModelTimeoutError)
    assert len(slow.begun) == 1


def test_a_turn_ends_whatever_happens() -> None:
    """A stream that is closed early, or a call that is cancelled, gives its place back."""

    async def journey() -> ModelReply:
        paced = PacedModel(Slow(), Pace(1), asyncio.get_running_loop().time)
        call = asyncio.create_task(paced.complete(REQUEST))
        await asyncio.sleep(0.5)
        call.cancel()
        async for _ in paced.stream(REQUEST):
            break
        return await paced.complete(REQUEST)

    assert run(journey()) == REPLY
