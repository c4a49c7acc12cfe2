"""The stand-in under the real SDK with strict response validation: what it says is what the types allow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TypeVar

import anthropic
import httpx2
import pytest
from anthropic import AsyncAnthropic
from anthropic.types import Message, MessageParam, ToolParam
from pydantic import BaseModel

from lendgate.claude.standin import Options, app
from lendgate.claude.standin.catalogue import MODELS
from lendgate.claude.standin.in_process import Transport
from lendgate.claude.standin.virtual_time import run

T = TypeVar("T")
MODEL = "claude-haiku-5-5"
HELLO: list[MessageParam] = [{"role": "user", "content": 'Facts: {"income": 95000, "debt_to_income": 0.31}'}]
WEATHER: ToolParam = {
    "name": "look_up",
    "description": "Looks a fact up",
    "strict": True,
    "input_schema": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "months": {"type": "integer"}},
        "required": ["name", "months"],
        "additionalProperties": False,
    },
}


class Line(BaseModel):
    """A part of a shape."""

    text: str
    value: float


class Memo(BaseModel):
    """A shape."""

    summary: str
    lines: list[Line]
    escalate: bool


@asynccontextmanager
async def strict_client(options: Options | None = None, **headers: str) -> AsyncIterator[AsyncAnthropic]:
    """The SDK, refusing whatever its types don't allow."""
    client = AsyncAnthropic(
        api_key="simulated",
        base_url="http://127.0.0.1",
        max_retries=0,
        default_headers={name.replace("_", "-"): value for name, value in headers.items()},
        http_client=httpx2.AsyncClient(transport=Transport(app(options))),
        open_telemetry=False,
        _strict_response_validation=True,
    )
    async with client:
        yield client


def with_client(
    work: Callable[[AsyncAnthropic], Coroutine[object, object, T]],
    options: Options | None = None,
    **headers: str,
) -> T:
    """Run with a strict client."""

    async def scene() -> T:
        async with strict_client(options, **headers) as client:
            return await work(client)

    return run(scene())


async def created(client: AsyncAnthropic) -> Message:
    """One plain message."""
    return await client.messages.create(model=MODEL, max_tokens=500, messages=HELLO)


def test_message_is_valid_and_marked() -> None:
    """Id, model and words say that nobody real wrote it."""
    message = with_client(created)
    assert message.id.startswith("msg_standin_")
    assert message.model == "standin-claude-haiku-5-5"
    assert message.usage.output_tokens > 0
    assert message.content[-1].type == "text"
    assert message.content[-1].text.endswith("(simulated)")


def test_same_request_has_the_same_answer() -> None:
    """And another seed may have another."""
    first, second = with_client(created), with_client(created)
    assert first.content == second.content
    assert with_client(created, Options(seed=1)).id != first.id


def test_thinking_comes_before_the_text_and_can_be_left_out() -> None:
    """As with the real models."""

    async def both(client: AsyncAnthropic) -> tuple[Message, Message]:
        quiet = await client.messages.create(
            model=MODEL, max_tokens=500, messages=HELLO, thinking={"type": "disabled"}
        )
        return await created(client), quiet

    thinking, quiet = with_client(both)
    assert [block.type for block in thinking.content] == ["thinking", "text"]
    assert [block.type for block in quiet.content] == ["text"]


def test_stream_adds_up_to_the_message() -> None:
    """Events in the SDK's own accumulator."""

    async def both(client: AsyncAnthropic) -> tuple[Message, Message]:
        async with client.messages.stream(model=MODEL, max_tokens=500, messages=HELLO) as stream:
            return await created(client), await stream.get_final_message()

    whole, streamed = with_client(both)
    assert streamed.content[-1].type == whole.content[-1].type == "text"
    assert streamed.content[-1].text == whole.content[-1].text
    assert streamed.usage.output_tokens == whole.usage.output_tokens
    assert streamed.stop_reason == "end_turn"


def test_structured_output_is_parsed_by_the_sdk() -> None:
    """Facts of the prompt, in the shape that was asked for."""

    async def parsed(client: AsyncAnthropic) -> Memo | None:
        message = await client.messages.parse(model=MODEL, max_tokens=900, messages=HELLO, output_format=Memo)
        return message.parsed_output

    memo = with_client(parsed)
    assert memo
    assert {line.value for line in memo.lines} <= {95000.0, 0.31}
    assert not memo.escalate


def test_tool_is_called_once_and_then_answered() -> None:
    """A whole turn of tool use."""

    async def turn(client: AsyncAnthropic) -> tuple[Message, Message]:
        asked = await client.messages.create(model=MODEL, max_tokens=500, messages=HELLO, tools=[WEATHER])
        use = asked.content[-1]
        assert use.type == "tool_use"
        result: MessageParam = {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": use.id, "content": "12"}],
        }
        history: list[MessageParam] = [*HELLO, {"role": "assistant", "content": asked.content}, result]
        return asked, await client.messages.create(
            model=MODEL, max_tokens=500, messages=history, tools=[WEATHER]
        )

    asked, answered = with_client(turn)
    assert (asked.stop_reason, answered.stop_reason) == ("tool_use", "end_turn")
    use = asked.content[-1]
    assert use.type == "tool_use"
    assert use.input.keys() == {"name", "months"}


def test_tool_call_is_streamed_as_partial_json() -> None:
    """And put together by the SDK."""

    async def streamed(client: AsyncAnthropic) -> Message:
        async with client.messages.stream(
            model=MODEL, max_tokens=500, messages=HELLO, tools=[WEATHER]
        ) as stream:
            return await stream.get_final_message()

    use = with_client(streamed).content[-1]
    assert use.type == "tool_use"
    assert use.input.keys() == {"name", "months"}


def test_tokens_are_counted_as_they_are_billed() -> None:
    """Counting and creating agree."""

    async def both(client: AsyncAnthropic) -> tuple[int, int]:
        counted = await client.messages.count_tokens(model=MODEL, messages=HELLO)
        return counted.input_tokens, (await created(client)).usage.input_tokens

    counted, billed = with_client(both)
    assert counted == billed


def test_models_are_listed_with_their_lifecycle() -> None:
    """Retired ones are only found by name."""

    async def listed(client: AsyncAnthropic) -> tuple[set[str], str]:
        names = {model.id async for model in client.models.list()}
        return names, (await client.models.retrieve("claude-sonnet-4-0")).lifecycle

    names, lifecycle = with_client(listed)
    assert names == {name for name, model in MODELS.items() if model.lifecycle != "retired"}
    assert lifecycle == "retired"


def test_batch_ends_after_its_polls_with_every_result() -> None:
    """In an order that nobody should rely on; a bad request is an errored result."""

    async def batch(client: AsyncAnthropic) -> tuple[list[str], dict[str, str]]:
        good = {"model": MODEL, "max_tokens": 100, "messages": HELLO}
        bad = {"model": "claude-nine", "max_tokens": 100, "messages": HELLO}
        made = await client.messages.batches.create(
            requests=[{"custom_id": "a", "params": good}, {"custom_id": "b", "params": bad}]  # type: ignore[typeddict-item] # plain dicts
        )
        states = [made.processing_status]
        while states[-1] != "ended":
            states.append((await client.messages.batches.retrieve(made.id)).processing_status)
        results = await client.messages.batches.results(made.id)
        return list(states), {line.custom_id: line.result.type async for line in results}

    states, results = with_client(batch, Options(batch_polls=2))
    assert states == ["in_progress", "in_progress", "in_progress", "ended"]
    assert list(results.items()) == [("b", "errored"), ("a", "succeeded")]


def test_batch_can_be_canceled_listed_and_deleted() -> None:
    """The rest of a batch's life."""

    async def life(client: AsyncAnthropic) -> tuple[str, str, int, int]:
        params = {"model": MODEL, "max_tokens": 100, "messages": HELLO}
        made = await client.messages.batches.create(requests=[{"custom_id": "a", "params": params}])  # type: ignore[typeddict-item] # plain dicts
        stopping = await client.messages.batches.cancel(made.id)
        ended = await client.messages.batches.retrieve(made.id)
        listed = [batch.id async for batch in client.messages.batches.list()]
        await client.messages.batches.delete(made.id)
        return stopping.processing_status, ended.processing_status, ended.request_counts.canceled, len(listed)

    assert with_client(life) == ("canceling", "ended", 1, 1)


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        ("overloaded", "OverloadedError"),
        ("rate_limit=2", "RateLimitError"),
        ("spend_limit", "EnforcedSpendLimitReachedError"),
        ("server_error", "InternalServerError"),
        ("gateway_timeout", "GatewayTimeoutError"),
    ],
)
def test_fault_is_the_sdk_s_own_class_of_error(step: str, kind: str) -> None:
    """Status, type and code as the API sends them."""
    with pytest.raises(anthropic.APIStatusError) as caught:
        with_client(created, Options(script=step))
    assert type(caught.value).__name__ == kind
    assert caught.value.request_id == "req_standin_000001"


def test_error_inside_a_stream_has_status_200() -> None:
    """The trap that the client must know."""

    async def streamed(client: AsyncAnthropic) -> Message:
        async with client.messages.stream(model=MODEL, max_tokens=500, messages=HELLO) as stream:
            return await stream.get_final_message()

    with pytest.raises(anthropic.APIStatusError) as caught:
        with_client(streamed, Options(script="stream_error"))
    assert (caught.value.status_code, caught.value.type) == (200, "overloaded_error")


def test_header_chooses_fault_and_character_for_one_caller() -> None:
    """Whatever the instance is set to."""
    assert with_client(created, x_standin_fault="refusal").stop_reason == "refusal"
    told = with_client(created, x_standin_character="biased").content[-1]
    assert told.type == "text"
    assert "national origin" in told.text
