"""A request that can't be right is refused before anything is paid for; a reply tells what it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from lendgate.claude.port import ModelReply, ModelRequest, SystemBlock, Turn, Usage

Ask = Callable[..., ModelRequest]
COUNTS = st.integers(0, 10**9)
USAGES = st.builds(Usage, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)


class Memo(BaseModel):
    """A shape."""

    text: str


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"messages": ()}, "last message"),
        ({"messages": (Turn("assistant", "As I said"),)}, "last message"),
        ({"messages": (Turn("user", " \n"),)}, "empty"),
        ({"system": (SystemBlock(""),)}, "empty"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"deadline_seconds": 0.0}, "deadline_seconds"),
        ({"system": (SystemBlock("new"), SystemBlock("kept", "5m"))}, "come first"),
        ({"system": (SystemBlock("kept", "5m"),) * 5}, "at most four"),
    ],
)
def test_impossible_request_is_refused(ask: Ask, changes: dict[str, object], told: str) -> None:
    """Each thing that the API would refuse is said before the call."""
    with pytest.raises(ValueError, match=told):
        ask(**changes)


def test_four_cached_blocks_before_a_fresh_one_are_right(ask: Ask) -> None:
    """The layout that caches best is accepted at its limit."""
    system = (*[SystemBlock("kept", "5m")] * 4, SystemBlock("new"))
    assert ask(system=system).system == system


def test_texts_are_all_that_is_said_in_order(ask: Ask) -> None:
    """System first, then the turns."""
    asked = ask(system=(SystemBlock("one"),), messages=(Turn("user", "two"),))
    assert asked.texts == ("one", "two")


@given(USAGES, USAGES)
def test_usage_adds_part_by_part(one: Usage, other: Usage) -> None:
    """Sums keep every part and don't depend on order."""
    total = one + other
    assert total == other + one
    assert total.total_input == one.total_input + other.total_input
    assert total.output_tokens == one.output_tokens + other.output_tokens
    assert total.thinking_tokens == one.thinking_tokens + other.thinking_tokens


@given(USAGES)
def test_cached_share_is_a_share(usage: Usage) -> None:
    """Between 0 and 1, and 0 for no input at all."""
    assert 0.0 <= usage.cached_share <= 1.0


def test_cached_share_is_the_part_that_was_read() -> None:
    """Writes are not savings."""
    assert Usage(input_tokens=25, cache_read_tokens=50, cache_write_5m_tokens=25).cached_share == 0.5


def test_reply_of_the_stand_in_says_so(reply: ModelReply) -> None:
    """The model's name is the mark."""
    assert reply.simulated
    assert not replace(reply, model="claude-opus-5-5").simulated


def test_reply_comes_in_the_shape_that_was_asked_for(reply: ModelReply) -> None:
    """A caller gets its own type or an error, never something else."""
    memo = Memo(text="Fine.")
    assert replace(reply, parsed=memo).as_shape(Memo) is memo
    with pytest.raises(TypeError, match="Memo"):
        reply.as_shape(Memo)
