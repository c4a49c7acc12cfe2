"""Telemetry: one span an attempt, alone or in a batch, metadata only, every attribute name in this file.

Law: no prompt, reply, fact or key is ever an attribute. Names follow OpenTelemetry's ``gen_ai``
conventions; our own begin with ``lendgate.``. The SDK's own tracing is switched off, because a variable
of the environment could make it record content. Without an OpenTelemetry SDK all of this is a no-op.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import AbstractContextManager, aclosing, contextmanager
from dataclasses import dataclass, field
from typing import Final

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer
from opentelemetry.util.types import Attributes

from lendgate.claude.batch import BatchPort, BatchState, Result
from lendgate.claude.errors import ModelError
from lendgate.claude.port import Finished, ModelEvent, ModelPort, ModelReply, ModelRequest

PROVIDER: Final = "gen_ai.provider.name"
OPERATION: Final = "gen_ai.operation.name"
REQUEST_MODEL: Final = "gen_ai.request.model"
MAX_TOKENS: Final = "gen_ai.request.max_tokens"
STREAM: Final = "gen_ai.request.stream"
EFFORT: Final = "gen_ai.request.reasoning.level"
RESPONSE_MODEL: Final = "gen_ai.response.model"
FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
CACHE_READ: Final = "gen_ai.usage.cache_read.input_tokens"
CACHE_WRITE: Final = "gen_ai.usage.cache_write.input_tokens"
REQUEST_ID: Final = "anthropic.request.id"
ERROR_TYPE: Final = "error.type"
PURPOSE: Final = "lendgate.purpose"
REVIEW_ID: Final = "lendgate.review_id"
PROMPT_HASH: Final = "lendgate.prompt_hash"
SIMULATED: Final = "lendgate.simulated"
BATCH_ID: Final = "lendgate.batch_id"
BATCH_SIZE: Final = "lendgate.batch_size"
_TRACER: Final = "lendgate.claude"


@dataclass(frozen=True, slots=True)
class TracedModel:
    """A port that puts a client span around every attempt."""

    inner: ModelPort
    tracer: Tracer = field(default_factory=lambda: trace.get_tracer(_TRACER))

    async def complete(self, request: ModelRequest) -> ModelReply:
        with self._span(request, stream=False) as span:
            reply = await self.inner.complete(request)
            _note(span, reply)
            return reply

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        with self._span(request, stream=True) as span:
            async with aclosing(self.inner.stream(request)) as events:
                async for event in events:
                    if isinstance(event, Finished):
                        _note(span, event.reply)
                    yield event

    def _span(self, request: ModelRequest, *, stream: bool) -> AbstractContextManager[Span]:
        return _ended(_chat(self.tracer, request, {STREAM: stream}))


@dataclass(frozen=True, slots=True)
class TracedBatches:
    """A batch port with a client span for each batch that is handed in, and one for each of its results.

    A result's span is as short as its reading; how long the model took is not known.
    """

    inner: BatchPort
    tracer: Tracer = field(default_factory=lambda: trace.get_tracer(_TRACER))

    async def create(self, requests: Mapping[str, ModelRequest]) -> str:
        attributes: Attributes = {PROVIDER: "anthropic", OPERATION: "create_batch", BATCH_SIZE: len(requests)}
        started = self.tracer.start_span("create_batch", kind=SpanKind.CLIENT, attributes=attributes)
        with _ended(started) as span:
            batch_id = await self.inner.create(requests)
            span.set_attribute(BATCH_ID, batch_id)
            return batch_id

    async def state(self, batch_id: str) -> BatchState:
        return await self.inner.state(batch_id)

    async def recent(self) -> list[BatchState]:
        return await self.inner.recent()

    async def results(self, batch_id: str, asked: Mapping[str, ModelRequest]) -> AsyncGenerator[Result, None]:
        async with aclosing(self.inner.results(batch_id, asked)) as results:
            async for name, came in results:
                span = _chat(self.tracer, asked[name], {STREAM: False, BATCH_ID: batch_id})
                if isinstance(came, ModelError):
                    _note_failure(span, came)
                else:
                    _note(span, came)
                span.end()
                yield name, came


def _chat(tracer: Tracer, request: ModelRequest, how: Mapping[str, bool | str]) -> Span:
    # Not made the current span: a generator may be resumed in another context than it began in.
    return tracer.start_span(
        f"chat {request.model}",
        kind=SpanKind.CLIENT,
        attributes={
            PROVIDER: "anthropic",
            OPERATION: "chat",
            REQUEST_MODEL: request.model,
            MAX_TOKENS: request.max_tokens,
            EFFORT: request.effort or "default",
            PURPOSE: request.purpose,
            REVIEW_ID: request.subject,
            PROMPT_HASH: request.prompt_hash,
            **how,
        },
    )


@contextmanager
def _ended(span: Span) -> Iterator[Span]:
    try:
        yield span
    except ModelError as error:
        _note_failure(span, error)
        raise
    finally:
        span.end()


def _note_failure(span: Span, error: ModelError) -> None:
    span.set_status(StatusCode.ERROR)
    span.set_attribute(ERROR_TYPE, type(error).__name__)
    if error.request_id:
        span.set_attribute(REQUEST_ID, error.request_id)


def _note(span: Span, reply: ModelReply) -> None:
    usage = reply.usage
    span.set_attributes(
        {
            RESPONSE_MODEL: reply.model,
            FINISH_REASONS: (reply.stop_reason,),
            INPUT_TOKENS: usage.total_input,
            OUTPUT_TOKENS: usage.output_tokens,
            CACHE_READ: usage.cache_read_tokens,
            CACHE_WRITE: usage.cache_write_5m_tokens + usage.cache_write_1h_tokens,
            SIMULATED: reply.simulated,
        }
    )
    if reply.request_id:
        span.set_attribute(REQUEST_ID, reply.request_id)
