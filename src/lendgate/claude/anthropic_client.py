"""The Anthropic client: one ``ModelRequest`` becomes exactly one HTTP request, and its answer a reply.

Law: the only file that imports the vendor's SDK. No retry happens here (``max_retries=0``), no redirect
is followed, no credential or base URL comes from the environment, no SDK tracing runs, and the SDK's own
loggers stay above DEBUG, where they would write whole prompts. An SDK error never leaves this file, not
even as a cause: it holds the request's headers, and with them the key.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from functools import lru_cache
from typing import Final, TypeVar, cast

import aiohttp
import anthropic
import httpx2
from anthropic import AsyncAnthropic, AsyncStream, DefaultAioHttpClient, Omit, omit
from anthropic.types import (
    MessageParam,
    ModelInfo,
    OutputConfigParam,
    RawMessageStreamEvent,
    TextBlockParam,
)
from pydantic import BaseModel

from lendgate.claude.deployment import Deployment
from lendgate.claude.errors import (
    ModelConfigurationError,
    ModelError,
    ModelTimeoutError,
    ModelUnavailableError,
)
from lendgate.claude.failures import Refused, failure
from lendgate.claude.ledger import utc_now
from lendgate.claude.output import schema_of
from lendgate.claude.port import (
    Finished,
    ModelCard,
    ModelEvent,
    ModelReply,
    ModelRequest,
    Started,
    TextDelta,
    Turn,
)
from lendgate.claude.prompts import packaged_prompt
from lendgate.claude.reading import Answer, judge, text_at
from lendgate.claude.retry import Deadline

_Result = TypeVar("_Result")
_CONNECT_SECONDS: Final = 5.0
_NOISY_LOGGERS: Final = ("anthropic", "httpx2", "httpcore2")
_DESCRIBE_SECONDS: Final = 10.0


class AnthropicModel:
    """A port to one deployment, for one event loop. Close it when done: it keeps connections open.

    ``http_client`` is for tests and the in-process stand-in; ``now`` only turns a retry-after date into
    seconds.
    """

    def __init__(
        self,
        deployment: Deployment,
        *,
        http_client: httpx2.AsyncClient | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        _refuse_ambient_headers()
        _quiet()
        self._deployment = deployment
        self._now = now
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client = AsyncAnthropic(
            api_key=deployment.bearer or "",
            base_url=deployment.base_url,
            max_retries=0,
            default_headers=_headers(deployment),
            http_client=http_client or DefaultAioHttpClient(follow_redirects=False),
            open_telemetry=False,
        )

    async def complete(self, request: ModelRequest) -> ModelReply:
        self._stay_on_one_loop()
        answer = await self._guarded(self._ask(request), request.deadline_seconds)
        return judge(answer, request)

    async def _ask(self, request: ModelRequest) -> Answer:
        raw = await self._client.messages.with_raw_response.create(
            model=request.model,
            max_tokens=request.max_tokens,
            system=self._system(request) or omit,
            messages=self._messages(request),
            output_config=self._output_config(request) or omit,
            inference_geo=self._geo(),
            timeout=_timeout(request.deadline_seconds),
        )
        message: object = await raw.parse()
        if text_at(message, "type") != "message":
            raise _outside_the_api()
        answer = Answer(
            request_id=raw.headers.get("request-id"), request_hash=_digest(raw.http_request), ended=True
        )
        answer.take_message(message, whole=True)
        return answer

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        self._stay_on_one_loop()
        deadline = Deadline(request.deadline_seconds, asyncio.get_running_loop().time)
        answer = Answer()
        async with self._opened(request, answer, deadline) as pieces:
            while (piece := await self._guarded(anext(pieces, None), deadline.remaining)) is not None:
                for event in _taken(answer, piece):
                    yield event
        yield Finished(judge(answer, request))

    @asynccontextmanager
    async def _opened(
        self, request: ModelRequest, answer: Answer, deadline: Deadline
    ) -> AsyncIterator[AsyncIterator[RawMessageStreamEvent]]:
        """A stream of the API's events; closed, and its connection with it, on the way out."""
        stream = await self._guarded(self._start(request), deadline.remaining)
        answer.request_id = stream.response.headers.get("request-id")
        answer.request_hash = _digest(stream.response.request)
        try:
            yield aiter(stream)
        finally:
            await stream.close()

    async def _start(self, request: ModelRequest) -> AsyncStream[RawMessageStreamEvent]:
        return await self._client.messages.create(
            stream=True,
            model=request.model,
            max_tokens=request.max_tokens,
            system=self._system(request) or omit,
            messages=self._messages(request),
            output_config=self._output_config(request) or omit,
            inference_geo=self._geo(),
            timeout=_timeout(request.deadline_seconds),
        )

    async def describe(self, model: str) -> ModelCard:
        """What the server says about a model.

        Raises:
            ModelConfigurationError: the key or the model's name is wrong.
            ModelError: the server could not be asked.
        """
        self._stay_on_one_loop()
        return _card(await self._guarded(self._client.models.retrieve(model), _DESCRIBE_SECONDS))

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    def _stay_on_one_loop(self) -> None:
        """Kept connections die with their loop; on another one every call would fail, and might be billed."""
        loop = asyncio.get_running_loop()
        self._loop = self._loop or loop
        if self._loop is not loop:
            raise ModelConfigurationError(
                "this model connection belongs to another event loop: open one for each"
            )

    async def _guarded(self, call: Awaitable[_Result], seconds: float) -> _Result:
        """Await a call of the SDK; whatever it raises becomes one of our errors, without its cause."""
        try:
            async with asyncio.timeout(seconds):
                return await call
        except TimeoutError:
            error: ModelError = _timed_out()
        except anthropic.APIStatusError as refusal:
            error = failure(self._refused(refusal), self._now())
        except (anthropic.APIConnectionError, httpx2.HTTPError) as lost:
            error = _lost(lost)
        except (anthropic.APIError, ValueError):
            error = _outside_the_api()
        raise error

    def _refused(self, refusal: anthropic.APIStatusError) -> Refused:
        return Refused(
            status=refusal.status_code,
            kind=refusal.type,
            code=refusal.error_code,
            words=self._deployment.cleaned(refusal.api_message) if refusal.api_message else None,
            headers=refusal.response.headers,
            request_id=refusal.request_id,
        )

    def _system(self, request: ModelRequest) -> list[TextBlockParam]:
        blocks: list[TextBlockParam] = []
        for block in request.system:
            param: TextBlockParam = {"type": "text", "text": block.text}
            if block.cache and self._deployment.capabilities.prompt_cache:
                param["cache_control"] = {"type": "ephemeral", "ttl": block.cache}
            blocks.append(param)
        return blocks

    def _messages(self, request: ModelRequest) -> list[MessageParam]:
        *earlier, last = request.messages
        text = last.text
        if request.output and not self._deployment.capabilities.structured_output:
            form = packaged_prompt("structured-reply").render(schema=schema_of(request.output))
            text = f"{text}\n\n{form}"
        return [*(_message(turn) for turn in earlier), {"role": "user", "content": text}]

    def _output_config(self, request: ModelRequest) -> OutputConfigParam:
        config: OutputConfigParam = {}
        if request.effort and self._deployment.capabilities.effort:
            config["effort"] = request.effort
        if request.output and self._deployment.capabilities.structured_output:
            config["format"] = {"type": "json_schema", "schema": _sent_schema(request.output)}
        return config

    def _geo(self) -> str | Omit:
        geo = self._deployment.inference_geo
        return geo if geo and self._deployment.capabilities.inference_geo else omit


def _refuse_ambient_headers() -> None:
    if os.environ.get("ANTHROPIC_CUSTOM_HEADERS"):
        raise ModelConfigurationError(
            "unset ANTHROPIC_CUSTOM_HEADERS: the SDK would add those headers to every request"
        )


def _quiet() -> None:
    for name in _NOISY_LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.INFO))


def _headers(deployment: Deployment) -> Mapping[str, str]:
    if deployment.bearer:
        return deployment.headers
    # The SDK takes Omit() at run time as the one way to send no Authorization at all; its type says str.
    return deployment.headers | {"Authorization": cast("str", Omit())}


def _timeout(seconds: float) -> httpx2.Timeout:
    return httpx2.Timeout(seconds, connect=min(_CONNECT_SECONDS, seconds))


def _digest(request: httpx2.Request) -> str:
    return hashlib.sha256(request.content).hexdigest()


@lru_cache(maxsize=64)
def _sent_schema(shape: type[BaseModel]) -> dict[str, object]:
    try:
        return anthropic.transform_schema(schema_of(shape))
    except ValueError as cause:
        raise ModelConfigurationError(f"{shape.__name__} can't be a model's output: {cause}") from cause


def _message(turn: Turn) -> MessageParam:
    if turn.role == "user":
        return {"role": "user", "content": turn.text}
    return {"role": "assistant", "content": turn.text}


def _timed_out() -> ModelTimeoutError:
    return ModelTimeoutError("the model did not answer before the deadline", billed="unknown", again=True)


def _outside_the_api() -> ModelUnavailableError:
    return ModelUnavailableError("the model's server answered outside the Messages API", billed="unknown")


def _lost(error: Exception) -> ModelError:
    """A connection that failed. One that was never made has cost nothing."""
    cause = error.__cause__ if isinstance(error, anthropic.APIConnectionError) else error
    if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout) and not _was_made(cause):
        return ModelUnavailableError("the model's server could not be reached", again=True)
    if isinstance(cause, httpx2.TimeoutException):
        return _timed_out()
    return ModelUnavailableError(
        "the connection to the model's server was lost", billed="unknown", again=True
    )


def _was_made(error: BaseException) -> bool:
    """The SDK's aiohttp backend calls every lost connection a ConnectError; aiohttp itself knows better."""
    return isinstance(error.__cause__, aiohttp.ClientConnectionError) and not isinstance(
        error.__cause__, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError
    )


def _taken(answer: Answer, event: RawMessageStreamEvent) -> list[ModelEvent]:
    """Take one event of a stream in; what it means to the caller, if anything."""
    match text_at(event, "type"):
        case "message_start":
            answer.take_message(getattr(event, "message", None), whole=False)
            return [Started(answer.model, answer.request_id, answer.usage)]
        case "content_block_delta":
            text = text_at(getattr(event, "delta", None), "text")
            if text:
                answer.pieces.append(text)
                return [TextDelta(text)]
        case "message_delta":
            answer.take_stop(getattr(event, "delta", None))
            answer.take_usage(getattr(event, "usage", None), final=True)
        case "message_stop":
            answer.ended = True
        case _:  # events the API may add later
            pass
    return []


def _card(info: ModelInfo) -> ModelCard:
    capabilities = info.capabilities
    return ModelCard(
        id=info.id,
        lifecycle=info.lifecycle,
        retires_at=info.retires_at,
        max_output_tokens=info.max_tokens,
        structured_output=capabilities.structured_outputs.supported if capabilities else None,
    )
