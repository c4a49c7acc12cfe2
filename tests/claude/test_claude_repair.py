"""Repair: one more turn, in the time that is left, with the places that were wrong; then no more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal

import pytest
from pydantic import BaseModel

from lendgate.claude.errors import (
    MalformedReplyError,
    ModelError,
    ModelOverloadedError,
    ModelRefusedError,
    TruncatedReplyError,
)
from lendgate.claude.port import ModelReply, ModelRequest, Usage
from lendgate.claude.repair import RepairingModel
from lendgate.claude.scripted import ScriptedModel
from lendgate.claude.standin.virtual_time import run

Ask = Callable[..., ModelRequest]


class Memo(BaseModel):
    """A shape."""

    text: str


def broken(text: str = '{"txt": 1}') -> MalformedReplyError:
    """A reply out of shape that cost a dollar."""
    error = MalformedReplyError(("/text: Field required",), text=text, billed="known", usage=Usage(100, 10))
    error.cost = Decimal(1)
    return error


def repairing(inner: ScriptedModel) -> RepairingModel:
    """In the running loop's time."""
    return RepairingModel(inner, clock=asyncio.get_running_loop().time)


def test_broken_reply_is_shown_back_once(ask: Ask, reply: ModelReply) -> None:
    """Its own words, what is wrong with them, the same question before; cost and usage are summed."""

    async def scene() -> None:
        inner = ScriptedModel([broken(), reply], seconds=10)
        mended = await repairing(inner).complete(ask(output=Memo))
        first, second = inner.asked
        assert second.messages[:-2] == first.messages
        assert (second.messages[-2].role, second.messages[-2].text) == ("assistant", '{"txt": 1}')
        assert "- /text: Field required" in second.messages[-1].text
        assert (second.system, second.output, second.deadline_seconds) == (first.system, Memo, 50)
        assert (mended.cost, mended.usage) == (Decimal(1), Usage(200, 30))

    run(scene())


def test_second_broken_reply_stands(ask: Ask) -> None:
    """There is one repair, not two; both are counted."""

    async def scene() -> None:
        inner = ScriptedModel([broken(), broken()])
        with pytest.raises(MalformedReplyError) as caught:
            await repairing(inner).complete(ask(output=Memo))
        assert len(inner.asked) == 2
        assert (caught.value.cost, caught.value.usage) == (Decimal(2), Usage(200, 20))

    run(scene())


def test_failed_repair_is_its_own_error(ask: Ask) -> None:
    """Overloaded is what happened last."""

    async def scene() -> None:
        inner = ScriptedModel([broken(), ModelOverloadedError("529")])
        with pytest.raises(ModelOverloadedError) as caught:
            await repairing(inner).complete(ask(output=Memo))
        assert caught.value.cost == 1

    run(scene())


def test_empty_reply_is_simply_asked_for_again(ask: Ask, reply: ModelReply) -> None:
    """There are no words to show back, and the API refuses empty turns."""

    async def scene() -> None:
        inner = ScriptedModel([broken(" "), reply])
        await repairing(inner).complete(ask(output=Memo))
        assert inner.asked[1].messages == inner.asked[0].messages

    run(scene())


@pytest.mark.parametrize(
    "error",
    [TruncatedReplyError(("cut",), text="{"), ModelRefusedError("no"), ModelOverloadedError("529")],
)
def test_other_endings_are_not_repaired(ask: Ask, error: ModelError) -> None:
    """The same limit would cut it again; a refusal is an answer."""

    async def scene() -> None:
        inner = ScriptedModel([error])
        with pytest.raises(type(error)):
            await repairing(inner).complete(ask(output=Memo))
        assert len(inner.asked) == 1

    run(scene())


def test_no_repair_begins_after_the_deadline(ask: Ask) -> None:
    """Late and broken is broken."""

    async def scene() -> None:
        inner = ScriptedModel([broken()], seconds=60)
        with pytest.raises(MalformedReplyError):
            await repairing(inner).complete(ask(output=Memo, deadline_seconds=60.0))
        assert len(inner.asked) == 1

    run(scene())


def test_stream_passes_through(ask: Ask, reply: ModelReply) -> None:
    """Its text has been read already."""

    async def scene() -> int:
        return len([event async for event in repairing(ScriptedModel([reply])).stream(ask())])

    assert run(scene()) == 3
