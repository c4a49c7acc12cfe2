"""Telemetry: one span an attempt, ended whatever happens, with metadata and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

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
from lendgate.claude.errors import ModelRefusedError
from lendgate.claude.port import ModelReply, ModelRequest
from lendgate.claude.scripted import ScriptedModel
from lendgate.claude.standin.virtual_time import run
from lendgate.claude.telemetry import TracedModel

Ask = Callable[..., ModelRequest]


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


def test_no_attribute_holds_what_was_said(ask: Ask, reply: ModelReply) -> None:
    """Metadata only."""
    tracer = KeptSpans()
    run(TracedModel(ScriptedModel([reply]), tracer).complete(ask()))
    said = str(tracer.spans[0].attributes)
    assert not [text for text in (*ask().texts, reply.text) if text in said]
