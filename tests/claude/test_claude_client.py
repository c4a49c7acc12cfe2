"""The Anthropic client: exactly what is sent, exactly once, and no trace of the key."""

from __future__ import annotations

import hashlib
import json
import logging
import pickle
import subprocess
import sys
import traceback
from collections.abc import Callable
from contextlib import aclosing

import httpx2
import pytest
from pydantic import BaseModel, SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

from lendgate.claude.anthropic_client import AnthropicModel
from lendgate.claude.deployment import Deployment
from lendgate.claude.errors import ModelConfigurationError, ModelError, ModelUnavailableError
from lendgate.claude.port import ModelReply, ModelRequest, SystemBlock, Turn
from lendgate.claude.standin import Options
from lendgate.claude.standin.app import app
from lendgate.claude.standin.in_process import InProcess, Transport, in_process
from lendgate.claude.standin.virtual_time import run

Ask = Callable[..., ModelRequest]
KEY = "sk-ant-api03-CANARY"
TOKEN = "cf-token-CANARY"
PROMPT = "PROMPT-CANARY"
GATEWAY = "https://gateway.ai.cloudflare.com/v1/account/gateway/anthropic"


class Memo(BaseModel):
    """A shape."""

    text: str


def one_call(connection: InProcess, request: ModelRequest) -> ModelReply:
    """Ask once and close."""

    async def scene() -> ModelReply:
        try:
            return await connection.model.complete(request)
        finally:
            await connection.model.close()

    return run(scene())


def connected(deployment: Deployment, options: Options | None = None) -> InProcess:
    """A stand-in behind this deployment."""
    transport = Transport(app(options))
    return InProcess(
        AnthropicModel(deployment, http_client=httpx2.AsyncClient(transport=transport)), transport
    )


def test_request_on_the_wire_is_the_request(ask: Ask) -> None:
    """Nothing is added that nobody asked for."""
    connection = in_process()
    request = ask(
        system=(SystemBlock("Stable.", "1h"), SystemBlock("Fresh.")),
        messages=(Turn("user", "one"), Turn("assistant", "two"), Turn("user", "three")),
        output=Memo,
        effort="high",
    )
    reply = one_call(connection, request)
    (sent,) = connection.transport.sent
    body = json.loads(sent)
    schema = body["output_config"]["format"].pop("schema")
    assert schema["additionalProperties"] is False
    assert body == {
        "model": "claude-opus-5-5",
        "max_tokens": 1000,
        "system": [
            {"type": "text", "text": "Stable.", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            {"type": "text", "text": "Fresh."},
        ],
        "messages": [
            {"role": "user", "content": "one"},
            {"role": "assistant", "content": "two"},
            {"role": "user", "content": "three"},
        ],
        "output_config": {"effort": "high", "format": {"type": "json_schema"}},
    }
    assert reply.request_hash == hashlib.sha256(sent).hexdigest()


def test_inference_geography_is_sent_where_it_is_set(ask: Ask) -> None:
    """And the reply says where it ran."""
    connection = connected(Deployment(api_key=SecretStr(KEY), inference_geo="us"))
    assert one_call(connection, ask()).inference_geo == "us"
    assert json.loads(connection.transport.sent[0])["inference_geo"] == "us"


def test_large_reply_needs_no_stream(ask: Ask) -> None:
    """The SDK's own guess at how long that takes is replaced by the deadline."""
    assert one_call(in_process(), ask(max_tokens=100_000)).text


def test_request_id_of_anthropic_is_kept(ask: Ask) -> None:
    """For questions to their support."""
    assert one_call(in_process(), ask()).request_id == "req_standin_000001"


def test_nothing_is_sent_twice(ask: Ask) -> None:
    """The client itself never retries."""
    connection = in_process(Options(script="overloaded*"))
    with pytest.raises(ModelError):
        one_call(connection, ask())
    assert len(connection.transport.sent) == 1


@pytest.mark.parametrize(
    ("deployment", "present", "absent"),
    [
        (Deployment(api_key=SecretStr(KEY)), {"authorization": f"Bearer {KEY}"}, {"x-api-key"}),
        (
            Deployment(
                server="ai-gateway", base_url=GATEWAY, api_key=SecretStr(KEY), gateway_token=SecretStr(TOKEN)
            ),
            {"x-api-key": KEY, "cf-aig-authorization": f"Bearer {TOKEN}", "cf-aig-skip-cache": "true"},
            {"authorization"},
        ),
        (
            Deployment(server="ai-gateway-stored-key", base_url=GATEWAY, gateway_token=SecretStr(TOKEN)),
            {"cf-aig-authorization": f"Bearer {TOKEN}"},
            {"authorization", "x-api-key"},
        ),
        (
            Deployment(server="ollama", base_url="http://127.0.0.1:11434"),
            {},
            {"authorization", "x-api-key"},
        ),
    ],
)
def test_credentials_go_where_they_belong(
    ask: Ask, deployment: Deployment, present: dict[str, str], absent: set[str]
) -> None:
    """Each kind of server gets its own headers and no others' (plain stand-in: it checks no key)."""
    connection = connected(deployment, Options(dialect="plain"))
    transport = connection.transport
    if deployment.base_url == GATEWAY:
        # The stand-in answers at its own root.
        transport.application = rebased(transport.application)
    one_call(connection, ask())
    (headers,) = transport.headers
    assert headers | present == headers
    assert not absent & headers.keys()


def rebased(inner: ASGIApp) -> ASGIApp:
    """An application that serves its paths under a gateway's."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope["path"])
        assert path == "/v1/account/gateway/anthropic/v1/messages"
        await inner(dict(scope) | {"path": "/v1/messages"}, receive, send)

    return served


def everything_said(error: BaseException) -> str:
    """An error in every form in which it could be written down."""
    written = [*traceback.format_exception(error), repr(error), str(vars(error)), repr(pickle.dumps(error))]
    return "\n".join(written)


@pytest.mark.parametrize(
    "step", ["overloaded", "server_error", "bad_gateway", "hang", "cut_stream", "refusal"]
)
def test_key_is_in_no_error_and_no_log(ask: Ask, step: str, caplog: pytest.LogCaptureFixture) -> None:
    """Not in the message, the cause, the context, the pickle, nor in any logger at DEBUG."""
    caplog.set_level(logging.DEBUG)
    connection = connected(Deployment(api_key=SecretStr(KEY)), Options(script=f"{step}*"))
    with pytest.raises(ModelError) as caught:
        one_call(connection, ask(deadline_seconds=5.0, messages=(Turn("user", PROMPT),)))
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert "CANARY" not in everything_said(caught.value)
    assert "CANARY" not in caplog.text
    assert "CANARY" not in repr(connection.model)


def test_prompt_is_in_no_log_even_when_the_environment_asks_for_it(
    ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    """The SDK at DEBUG writes whole bodies; the client keeps it above that."""
    logging.getLogger("anthropic").setLevel(logging.DEBUG)
    caplog.set_level(logging.DEBUG)
    one_call(in_process(), ask(messages=(Turn("user", PROMPT),)))
    assert "CANARY" not in caplog.text


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """A server that repeats what it was given in its error."""
    given = f"{dict(scope['headers'])[b'authorization'].decode()} {await receive()}"
    body = json.dumps(
        {"type": "error", "error": {"type": "invalid_request_error", "message": given}}
    ).encode()
    await send(
        {"type": "http.response.start", "status": 400, "headers": [(b"content-type", b"application/json")]}
    )
    await send({"type": "http.response.body", "body": body})


def test_key_that_a_server_repeats_is_cut_out(ask: Ask) -> None:
    """The other side's words are cleaned before they become ours."""
    transport = Transport(echo)
    client = httpx2.AsyncClient(transport=transport)
    connection = InProcess(AnthropicModel(Deployment(api_key=SecretStr(KEY)), http_client=client), transport)
    with pytest.raises(ModelError) as caught:
        one_call(connection, ask())
    assert "Bearer [secret]" in str(caught.value)
    assert KEY not in everything_said(caught.value)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (b"application/json", b"{"),
        (b"application/json", b"[]"),
        (b"application/json", b'"text"'),
        (b"application/json", b"null"),
        (b"application/json", b"{}"),
        (b"application/json", b'{"type":"message","content":7,"usage":[]}'),
        (b"text/html", b"<html></html>"),
        (b"text/event-stream", b"event: message_start\ndata: {\n\n"),
        (b"text/event-stream", b"event: message_start\ndata: []\n\nevent: message_stop\ndata: 7\n\n"),
        (b"application/octet-stream", b"\xff\xfe"),
        (b"application/json", b""),
    ],
)
def test_nonsense_under_status_200_is_a_typed_error(ask: Ask, content_type: bytes, body: bytes) -> None:
    """Complete and streamed: whatever stands at the other end."""

    async def nonsense(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-type", content_type)]}
        )
        await send({"type": "http.response.body", "body": body})

    async def scene() -> None:
        model = AnthropicModel(
            Deployment(api_key=SecretStr(KEY)), http_client=httpx2.AsyncClient(transport=Transport(nonsense))
        )
        with pytest.raises(ModelError) as caught:
            await model.complete(ask())
        assert caught.value.billed == "unknown"
        with pytest.raises(ModelError):
            await anext(model.stream(ask()))
        await model.close()

    run(scene())


def test_connection_that_was_never_made_costs_nothing(ask: Ask) -> None:
    """And may be tried again."""

    class Refusing(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            raise httpx2.ConnectError("refused", request=request)

    client = httpx2.AsyncClient(transport=Refusing())
    model = AnthropicModel(Deployment(api_key=SecretStr(KEY)), http_client=client)
    with pytest.raises(ModelUnavailableError) as caught:
        run(model.complete(ask()))
    assert (caught.value.billed, caught.value.again) == ("no", True)


def test_stream_closed_early_gives_its_connection_back(ask: Ask) -> None:
    """At once, not when the garbage is collected."""

    async def scene() -> None:
        connection = in_process(Options(script="stalled_stream"))
        async with aclosing(connection.model.stream(ask())) as events:
            await anext(events)
            assert connection.transport.under_way == 1
        assert connection.transport.under_way == 0
        await connection.model.close()

    run(scene())


def test_connection_belongs_to_one_event_loop(ask: Ask) -> None:
    """On another it would fail after sending; it says so before."""
    connection = in_process()
    assert run(connection.model.complete(ask())).text
    with pytest.raises(ModelConfigurationError, match="another event loop") as caught:
        run(connection.model.complete(ask()))
    assert caught.value.billed == "no"
    assert len(connection.transport.sent) == 1


def test_headers_of_the_environment_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK would add them to every request."""
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "x-evil: 1")
    with pytest.raises(ModelConfigurationError, match="ANTHROPIC_CUSTOM_HEADERS"):
        in_process()


def test_key_and_url_of_the_environment_are_not_used(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what the deployment says."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-OTHER")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "OTHER")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://other.example")
    connection = connected(
        Deployment(server="ollama", base_url="http://127.0.0.1:11434"), Options(dialect="plain")
    )
    one_call(connection, ask())
    assert "OTHER" not in str(connection.transport.headers)
    assert connection.transport.headers[0]["host"] == "127.0.0.1:11434"


def test_sdk_is_imported_only_when_a_door_is_opened() -> None:
    """The rules reviewer, the command line and migrations don't pay for it."""
    code = (
        "import sys, lendgate.claude.opening, lendgate.claude.startup; sys.exit('anthropic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
