"""What the stand-in refuses, in the words of the real API."""

from __future__ import annotations

import json

import httpx2
import pytest

from lendgate.claude.standin import Options, app
from lendgate.claude.standin.in_process import Transport
from lendgate.claude.standin.virtual_time import run

USER = {"role": "user", "content": "Hello"}
GOOD: dict[str, object] = {"model": "claude-opus-5-5", "max_tokens": 100, "messages": [USER]}
HEADERS = {"authorization": "Bearer simulated", "anthropic-version": "2026-10-21"}
DOCUMENT = {
    "type": "document",
    "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERg=="},
}
MARKED = {"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}
CITING = {"type": "text", "text": "x", "citations": [{}]}
RESULT = {"type": "tool_result", "tool_use_id": "t", "content": "x"}
CITED = DOCUMENT | {"citations": {"enabled": True}}
OPEN_SCHEMA: dict[str, object] = {"type": "object", "properties": {}}
SCHEMA: dict[str, object] = OPEN_SCHEMA | {"additionalProperties": False}


def wanted(schema: object) -> dict[str, object]:
    """An output_config with this schema."""
    return {"output_config": {"format": {"type": "json_schema", "schema": schema}}}


def with_properties(**properties: object) -> dict[str, object]:
    """A closed object with these optional properties."""
    return SCHEMA | {"properties": properties}


def post(
    content: bytes, headers: dict[str, str] | None = None, path: str = "/v1/messages"
) -> httpx2.Response:
    """Send raw bytes."""

    async def scene() -> httpx2.Response:
        async with httpx2.AsyncClient(transport=Transport(app()), base_url="http://standin") as client:
            return await client.post(path, content=content, headers=HEADERS if headers is None else headers)

    return run(scene())


def refused(changes: dict[str, object]) -> tuple[int, str, str]:
    """Status, type and message for a body with these changes; None takes a field out."""
    body = {name: value for name, value in (GOOD | changes).items() if value is not None}
    answer = post(json.dumps(body).encode())
    error = answer.json()["error"]
    return answer.status_code, error["type"], error["message"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_tokens": None}, "max_tokens: Field required"),
        ({"model": None}, "model: Field required"),
        ({"messages": None}, "messages: Field required"),
        ({"messages": []}, "messages: at least one message is required"),
        ({"temperature": 1.0}, "temperature: Extra inputs are not permitted"),
        ({"top_p": 0.9}, "top_p: Extra inputs are not permitted"),
        ({"messages": [{"role": "user", "content": ""}]}, "messages: text content blocks must be non-empty"),
        (
            {"messages": [{"role": "user", "content": []}]},
            "messages: all messages must have non-empty content",
        ),
        ({"system": " "}, "system: text content blocks must be non-empty"),
        ({"messages": [{"role": "human", "content": "x"}]}, "messages.0.role: Input should be 'user'"),
        (
            {"messages": [USER, {"role": "assistant", "content": "{"}]},
            "This model does not support assistant message prefill.",
        ),
        ({"max_tokens": 128_001}, "max_tokens: 128001 > 128000, which is the maximum allowed number"),
        ({"thinking": {"type": "disabled"}}, "thinking.type: 'disabled' is not supported on claude-opus-5-5"),
        ({"output_config": {"effort": "extreme"}}, "output_config.effort: Input should be 'low'"),
        ({"inference_geo": "eu"}, "inference_geo: Input should be 'us' or 'global'"),
        ({"system": [MARKED] * 5}, "A maximum of 4 blocks with cache_control may be provided. Found 5."),
        (
            {"tools": [{"name": "t", "input_schema": SCHEMA}], "tool_choice": {"type": "any"}},
            "tool_choice: forcing tool use",
        ),
        (
            {"messages": [USER, {"role": "assistant", "content": [DOCUMENT]}, USER]},
            "messages.1: document blocks are not allowed",
        ),
        ({"messages": [{"role": "user", "content": [CITING]}]}, "messages.0: citations"),
        ({"messages": [{"role": "user", "content": [RESULT]}]}, "messages.0: unexpected `tool_use_id`"),
        (
            {"messages": [{"role": "user", "content": [CITED]}]} | wanted(SCHEMA),
            "output_config.format: cannot be used together",
        ),
        (
            wanted(OPEN_SCHEMA),
            "output_config.format.schema: For 'object' type, 'additionalProperties' must be",
        ),
        (
            wanted(with_properties(n={"type": "integer", "maximum": 1})),
            "output_config.format.schema: For 'integer' type, properties maximum are not",
        ),
        (
            wanted(with_properties(**{f"f{n}": {"type": "null"} for n in range(25)})),
            "output_config.format.schema: Schema is too complex.",
        ),
        (
            wanted({"$ref": "#/$defs/a", "$defs": {"a": with_properties(x={"$ref": "#/$defs/a"})}}),
            "output_config.format.schema: Recursive schemas",
        ),
        (
            {"tools": [{"name": "t", "strict": True, "input_schema": OPEN_SCHEMA}]},
            "tools.0.custom.input_schema: For 'object' type",
        ),
    ],
)
def test_body_is_refused_with_400(changes: dict[str, object], message: str) -> None:
    """One rule each."""
    status, kind, told = refused(changes)
    assert (status, kind) == (400, "invalid_request_error")
    assert told.startswith(message)


@pytest.mark.parametrize("model", ["claude-nine", "claude-sonnet-4-0"])
def test_unknown_and_retired_models_are_not_found(model: str) -> None:
    """A 404 that names the model."""
    assert refused({"model": model}) == (404, "not_found_error", f"model: {model}")


@pytest.mark.parametrize(
    ("headers", "status", "kind"),
    [
        ({}, 401, "authentication_error"),
        ({"authorization": "Bearer "}, 401, "authentication_error"),
        ({"authorization": "Bearer k"}, 400, "invalid_request_error"),
    ],
)
def test_missing_headers_are_refused(headers: dict[str, str], status: int, kind: str) -> None:
    """First the key, then the version."""
    answer = post(json.dumps(GOOD).encode(), headers)
    assert (answer.status_code, answer.json()["error"]["type"]) == (status, kind)


def test_key_may_come_in_either_header() -> None:
    """As at the real API."""
    answer = post(json.dumps(GOOD).encode(), {"x-api-key": "k", "anthropic-version": "2023-06-01"})
    assert answer.status_code == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff"])
def test_body_that_is_no_object_is_refused(body: bytes) -> None:
    """In the same envelope."""
    answer = post(body)
    assert (answer.status_code, answer.json()["type"]) == (400, "error")


def test_every_answer_is_marked_and_numbered() -> None:
    """Errors too."""
    for body in (json.dumps(GOOD).encode(), b"{"):
        answer = post(body)
        assert answer.headers["x-simulated"] == "true"
        assert answer.headers["request-id"] == "req_standin_000001"


def test_request_id_is_in_the_error_too() -> None:
    """As support asks for it."""
    assert post(b"{").json()["request_id"] == "req_standin_000001"


def test_unknown_path_is_not_found() -> None:
    """In the envelope."""
    answer = post(b"{}", path="/v1/complete")
    assert (answer.status_code, answer.json()["error"]["type"]) == (404, "not_found_error")


@pytest.mark.parametrize("path", ["/v1/messages/count_tokens", "/v1/messages/batches", "/v1/models"])
def test_plain_server_knows_nothing_but_messages(path: str) -> None:
    """Like the other makers' servers."""

    async def scene() -> int:
        transport = Transport(app(Options(dialect="plain")))
        async with httpx2.AsyncClient(transport=transport, base_url="http://standin") as client:
            return (await client.post(path, content=b"{}")).status_code

    assert run(scene()) == 404


@pytest.mark.parametrize("changes", [{"requests": []}, {"requests": [{"params": GOOD}]}, {}])
def test_batch_without_named_requests_is_refused(changes: dict[str, object]) -> None:
    """Before it is kept."""
    assert post(json.dumps(changes).encode(), path="/v1/messages/batches").status_code == 400


def test_batch_with_a_name_used_twice_is_refused() -> None:
    """Results are found by name."""
    body = {"requests": [{"custom_id": "a", "params": GOOD}] * 2}
    answer = post(json.dumps(body).encode(), path="/v1/messages/batches")
    assert answer.json()["error"]["message"] == "requests: custom_id values must be unique"
