"""Telemetry: one span an attempt, ended whatever happens, with metadata and nothing else."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from datetime import UTC, datetime

import pytest
from opentelemetry.context import Context
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    NoOpTracer,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
)
from opentelemetry.trace.span import TraceFlags
from opentelemetry.util.types import Attributes, AttributeValue

from lendgate.claude import telemetry
from lendgate.claude.batch import BatchState, Result
from lendgate.claude.errors import ModelError, ModelRefusedError
from lendgate.claude.port import ModelReply, ModelRequest
from lendgate.claude.scripted import ScriptedModel
from lendgate.claude.standin.virtual_time import run
from lendgate.claude.telemetry import TracedBatches, TracedModel

Ask = Callable[..., ModelRequest]
Results = Mapping[str, ModelReply | ModelError]


class KeptSpan(NonRecordingSpan):
    """A span that keeps what it is told."""

    def __init__(self, attributes: Attributes) -> None:
        super().__init__(SpanContext(1, 1, is_remote=False, trace_flags=TraceFlags(1)))
        self.attributes: dict[str, AttributeValue] = dict(attributes or {})
        self.failed = False
        self.ended = 0

    def set_attribute(self, key: str, value: AttributeValue) -> None:
        self.attributes[key] = value

    def set_attributes(self, attributes: Mapping[str, AttributeValue]) -> None:
        self.attributes |= attributes

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        self.failed = status is StatusCode.ERROR

    def end(self, end_time: int | None = None) -> None:
        self.ended += 1


class KeptSpans(NoOpTracer):
    """A tracer that keeps its spans."""

    def __init__(self) -> None:
        self.spans: list[KeptSpan] = []

    def start_span(  # noqa: PLR0917 - OpenTelemetry's own signature
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,  # noqa: FBT001, FBT002 - OpenTelemetry's own signature
        set_status_on_exception: bool = True,  # noqa: FBT001, FBT002
    ) -> Span:
        span = KeptSpan(attributes)
        self.spans.append(span)
        return span


def test_span_of_a_reply_has_its_metadata(ask: Ask, reply: ModelReply) -> None:
    """Model, tokens, ids; the review it belongs to."""
    tracer = KeptSpans()
    run(TracedModel(ScriptedModel([reply]), tracer).complete(ask()))
    (span,) = tracer.spans
    assert (span.failed, span.ended) == (False, 1)
    assert span.attributes | {"gen_ai.request.model": "claude-opus-5-5"} == span.attributes
    assert span.attributes["gen_ai.usage.input_tokens"] == 100
    assert span.attributes["gen_ai.usage.output_tokens"] == 20
    assert span.attributes["anthropic.request.id"] == "req_1"
    assert span.attributes["lendgate.review_id"] == "review-1"
    assert span.attributes["lendgate.simulated"] is True


def test_span_of_a_failure_names_its_kind(ask: Ask) -> None:
    """Not its words."""
    tracer = KeptSpans()
    with pytest.raises(ModelRefusedError):
        run(
            TracedModel(ScriptedModel([ModelRefusedError("CANARY", request_id="req_2")]), tracer).complete(
                ask()
            )
        )
    (span,) = tracer.spans
    assert (span.failed, span.ended) == (True, 1)
    assert (span.attributes["error.type"], span.attributes["anthropic.request.id"]) == (
        "ModelRefusedError",
        "req_2",
    )
    assert "CANARY" not in str(span.attributes)


def test_span_of_a_stream_ends_with_it(ask: Ask, reply: ModelReply) -> None:
    """Even when it is closed early."""
    tracer = KeptSpans()

    async def scene() -> None:
        stream = TracedModel(ScriptedModel([reply]), tracer).stream(ask())
        await anext(stream)
        await stream.aclose()
        assert len([event async for event in TracedModel(ScriptedModel([reply]), tracer).stream(ask())]) == 3

    run(scene())
    assert [span.ended for span in tracer.spans] == [1, 1]
    assert [telemetry.RESPONSE_MODEL in span.attributes for span in tracer.spans] == [False, True]


class ScriptedBatches:
    """A batch port with these results."""

    def __init__(
        self, results: Mapping[str, ModelReply | ModelError], refuses: ModelError | None = None
    ) -> None:
        self.came = results
        self.refuses = refuses

    async def create(self, requests: Mapping[str, ModelRequest]) -> str:
        del requests
        if self.refuses:
            raise self.refuses
        return "batch_1"

    async def state(self, batch_id: str) -> BatchState:
        return BatchState(batch_id, datetime(2026, 11, 26, tzinfo=UTC), ended=True, done=2, total=2)

    async def recent(self) -> list[BatchState]:
        return [await self.state("batch_1")]

    async def results(self, batch_id: str, asked: Mapping[str, ModelRequest]) -> AsyncGenerator[Result, None]:
        del batch_id, asked
        for each in self.came.items():
            yield each


def test_a_batch_has_a_span_and_so_has_each_of_its_results(ask: Ask, reply: ModelReply) -> None:
    """With the metadata of a single call, and the batch's id; a result that failed names its kind."""
    tracer, asked = KeptSpans(), {"a": ask(), "b": ask()}
    came: Results = {"a": reply, "b": ModelRefusedError("CANARY", request_id="req_2")}

    async def scene() -> None:
        batches = TracedBatches(ScriptedBatches(came), tracer)
        batch_id = await batches.create(asked)
        assert {name: what async for name, what in batches.results(batch_id, asked)} == came

    run(scene())
    handed_in, answered, refused = tracer.spans
    assert [span.ended for span in tracer.spans] == [1, 1, 1]
    assert handed_in.attributes["lendgate.batch_size"] == 2
    assert {span.attributes["lendgate.batch_id"] for span in tracer.spans} == {"batch_1"}
    assert answered.attributes["gen_ai.usage.input_tokens"] == 100
    assert answered.attributes["lendgate.review_id"] == "review-1"
    assert (refused.failed, refused.attributes["error.type"]) == (True, "ModelRefusedError")
    said = str([span.attributes for span in tracer.spans])
    assert not [text for text in (*ask().texts, reply.text, "CANARY") if text in said]


def test_a_batch_that_is_not_taken_is_a_failed_span(ask: Ask) -> None:
    """Ended all the same."""
    tracer = KeptSpans()
    batches = TracedBatches(ScriptedBatches({}, ModelRefusedError("CANARY", request_id="req_3")), tracer)
    with pytest.raises(ModelRefusedError):
        run(batches.create({"a": ask()}))
    (span,) = tracer.spans
    assert (span.failed, span.ended, span.attributes["anthropic.request.id"]) == (True, 1, "req_3")


def test_no_attribute_holds_what_was_said(ask: Ask, reply: ModelReply) -> None:
    """Metadata only."""
    tracer = KeptSpans()
    run(TracedModel(ScriptedModel([reply]), tracer).complete(ask()))
    said = str(tracer.spans[0].attributes)
    assert not [text for text in (*ask().texts, reply.text) if text in said]
