"""Reading: tokens from servers of many makes, and the verdict on how an answer ended."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from lendgate.claude.errors import (
    MalformedReplyError,
    ModelError,
    ModelRefusedError,
    ModelUnavailableError,
    TruncatedReplyError,
)
from lendgate.claude.port import ModelRequest, Usage
from lendgate.claude.reading import Answer, judge

Ask = Callable[..., ModelRequest]
ODD = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.none(), max_size=2)


class Memo(BaseModel):
    """A shape."""

    text: str


def answered(**changes: object) -> Answer:
    """An answer that ended well."""
    parts: dict[str, object] = {
        "model": "m",
        "request_id": "req_1",
        "stop_reason": "end_turn",
        "usage": Usage(1, 2),
        "metered": True,
        "ended": True,
        "pieces": ["Fine."],
    }
    return Answer(**(parts | changes))  # type: ignore[arg-type] # each test gives what it says


def usage_of(*parts: dict[str, object]) -> Usage | None:
    """The usage after these blocks of counts, in order."""
    answer = Answer()
    for part in parts:
        breakdown = part.pop("cache_creation", None)
        creation = SimpleNamespace(**breakdown) if isinstance(breakdown, dict) else None
        answer.take_usage(SimpleNamespace(**part, cache_creation=creation), final=True)
    return answer.usage


def test_later_counts_of_a_stream_replace_earlier_ones() -> None:
    """They are cumulative; what is not repeated stays."""
    usage = usage_of(
        {"input_tokens": 10, "output_tokens": 1, "cache_read_input_tokens": 5}, {"output_tokens": 30}
    )
    assert usage == Usage(input_tokens=10, output_tokens=30, cache_read_tokens=5)


def test_cache_writes_are_told_apart_by_their_breakdown() -> None:
    """Five minutes and one hour have different prices; a later total without a breakdown adds nothing."""
    breakdown = {"ephemeral_5m_input_tokens": 7, "ephemeral_1h_input_tokens": 3}
    first = {"input_tokens": 1, "cache_creation_input_tokens": 10, "cache_creation": breakdown}
    usage = usage_of(first, {"cache_creation_input_tokens": 10})
    assert usage == Usage(input_tokens=1, cache_write_5m_tokens=7, cache_write_1h_tokens=3)


def test_cache_writes_without_a_breakdown_are_the_dear_kind() -> None:
    """Not knowing is no discount."""
    usage = usage_of({"input_tokens": 1, "cache_creation_input_tokens": 10})
    assert usage == Usage(input_tokens=1, cache_write_1h_tokens=10)


@given(
    st.dictionaries(
        st.sampled_from(["type", "model", "content", "usage", "stop_reason", "stop_details"]), ODD
    )
)
def test_no_message_of_odd_form_breaks_the_reader(parts: dict[str, object]) -> None:
    """Another maker's server may send anything."""
    answer = Answer()
    answer.take_message(SimpleNamespace(**parts), whole=True)
    answer.take_message(None, whole=False)
    assert (answer.text, answer.metered) == ("", False)


def test_thinking_is_not_text() -> None:
    """Only text blocks are read."""
    blocks = [
        SimpleNamespace(type="thinking", thinking="hm", text="no"),
        SimpleNamespace(type="text", text="yes"),
    ]
    answer = Answer()
    answer.take_message(SimpleNamespace(content=blocks), whole=True)
    assert answer.text == "yes"


def test_good_answer_becomes_a_reply(ask: Ask) -> None:
    """With everything an auditor asks for."""
    reply = judge(answered(request_hash="abc", inference_geo="us"), ask())
    assert (reply.text, reply.request_id, reply.request_hash, reply.inference_geo) == (
        "Fine.",
        "req_1",
        "abc",
        "us",
    )
    assert reply.metered


def test_answer_without_usage_is_not_metered(ask: Ask) -> None:
    """The budget must know."""
    assert not judge(answered(usage=None, metered=False), ask()).metered


def test_only_the_final_count_meters_an_answer() -> None:
    """The head of a stream tells the prompt's tokens and a first guess at the rest."""
    answer = Answer()
    answer.take_usage(SimpleNamespace(output_tokens=5), final=True)
    assert (answer.usage, answer.metered) == (None, False)
    answer.take_usage(SimpleNamespace(input_tokens=3, output_tokens=1), final=False)
    assert (answer.usage, answer.metered) == (Usage(3, 1), False)
    answer.take_usage(SimpleNamespace(output_tokens=9), final=True)
    assert (answer.usage, answer.metered) == (Usage(3, 9), True)


@pytest.mark.parametrize(
    ("changes", "kind", "billed"),
    [
        ({"ended": False}, ModelUnavailableError, "unknown"),
        ({"stop_reason": "refusal", "refusal": "bio"}, ModelRefusedError, "known"),
        ({"stop_reason": "max_tokens"}, TruncatedReplyError, "known"),
        ({"stop_reason": "model_context_window_exceeded"}, TruncatedReplyError, "known"),
        ({"pieces": []}, MalformedReplyError, "known"),
        ({"pieces": [" \n"]}, MalformedReplyError, "known"),
        ({"pieces": [" "], "metered": False}, MalformedReplyError, "unknown"),
    ],
)
def test_answer_that_ended_badly_is_its_error(
    ask: Ask, changes: dict[str, object], kind: type[ModelError], billed: str
) -> None:
    """Cut, refused, truncated or empty; with what is known of its cost."""
    with pytest.raises(kind) as caught:
        judge(answered(**changes), ask())
    assert type(caught.value) is kind
    assert (caught.value.billed, caught.value.request_id) == (billed, "req_1")


def test_answer_out_of_shape_keeps_its_words_for_the_repair(ask: Ask) -> None:
    """Text and problems; the message has no value in it."""
    with pytest.raises(MalformedReplyError, match="/text: Field required") as caught:
        judge(answered(pieces=['{"txt":', '"CANARY"}']), ask(output=Memo))
    assert caught.value.text == '{"txt":"CANARY"}'
    assert "CANARY" not in str(caught.value)


def test_answer_in_shape_is_parsed(ask: Ask) -> None:
    """The caller's own model comes back."""
    assert judge(answered(pieces=['{"text":"x"}']), ask(output=Memo)).as_shape(Memo).text == "x"
