"""Reading: what a server sent, taken as text, tokens and a verdict.

Law: tolerant of form, strict about meaning. Objects come from servers of many makes, so nothing is
assumed to be there; a reply counts only if it ended by itself, says something, and has the shape that
was asked for. Thinking is never read, kept or passed on.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lendgate.claude.errors import (
    Billed,
    MalformedReplyError,
    ModelRefusedError,
    ModelUnavailableError,
    TruncatedReplyError,
)
from lendgate.claude.output import read
from lendgate.claude.port import ModelReply, ModelRequest, Usage


@dataclass(slots=True)
class Answer:
    """An answer as it comes in, whole or piece by piece; ``metered`` once its final usage has been told."""

    model: str = ""
    request_id: str | None = None
    request_hash: str = ""
    stop_reason: str | None = None
    refusal: str | None = None
    usage: Usage | None = None
    metered: bool = False
    inference_geo: str | None = None
    ended: bool = False
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def billed(self) -> Billed:
        """Whether what an ended answer cost is known."""
        return "known" if self.metered else "unknown"

    def take_message(self, message: object, *, whole: bool) -> None:
        """A whole message, or the head of a streamed one."""
        self.model = text_at(message, "model") or self.model
        content = getattr(message, "content", None)
        for block in content if isinstance(content, list) else ():
            if text_at(block, "type") == "text":
                self.pieces.append(text_at(block, "text") or "")
        self.take_usage(getattr(message, "usage", None), final=whole)
        self.take_stop(message)

    def take_stop(self, part: object) -> None:
        """Why the model stopped, from a message or a ``message_delta``."""
        self.stop_reason = text_at(part, "stop_reason") or self.stop_reason
        details = getattr(part, "stop_details", None)
        self.refusal = text_at(details, "category") or self.refusal

    def take_usage(self, usage: object, *, final: bool) -> None:
        """Token counts; later counts in a stream are cumulative and replace earlier ones."""
        seen = self.usage
        if seen is None:
            if _count(usage, "input_tokens", -1) < 0:
                return
            seen = Usage()
        self.metered = self.metered or (final and _count(usage, "output_tokens", -1) >= 0)
        details = getattr(usage, "output_tokens_details", None)
        five, hour = _written(usage, seen)
        self.usage = Usage(
            input_tokens=_count(usage, "input_tokens", seen.input_tokens),
            output_tokens=_count(usage, "output_tokens", seen.output_tokens),
            cache_read_tokens=_count(usage, "cache_read_input_tokens", seen.cache_read_tokens),
            cache_write_5m_tokens=five,
            cache_write_1h_tokens=hour,
            thinking_tokens=_count(details, "thinking_tokens", seen.thinking_tokens),
        )
        self.inference_geo = text_at(usage, "inference_geo") or self.inference_geo


def text_at(part: object, name: str) -> str | None:
    """A text attribute, where there is one."""
    value = getattr(part, name, None)
    return value if isinstance(value, str) else None


def _count(part: object, name: str, otherwise: int) -> int:
    value = getattr(part, name, None)
    return value if isinstance(value, int) and value >= 0 else otherwise


def _written(usage: object, seen: Usage) -> tuple[int, int]:
    """Tokens written to the five-minute and the one-hour cache."""
    creation = getattr(usage, "cache_creation", None)
    five = _count(creation, "ephemeral_5m_input_tokens", seen.cache_write_5m_tokens)
    hour = _count(creation, "ephemeral_1h_input_tokens", seen.cache_write_1h_tokens)
    # Writes that no breakdown accounts for are priced as the dear one-hour kind.
    return five, max(hour, _count(usage, "cache_creation_input_tokens", 0) - five)


def judge(answer: Answer, request: ModelRequest) -> ModelReply:
    """The finished reply.

    Raises:
        ModelUnavailableError: it did not end.
        ModelRefusedError: the model declined.
        TruncatedReplyError: it ran into a limit.
        MalformedReplyError: it is empty, or not in the shape that was asked for.
    """
    _check_ending(answer)
    parsed = read(answer.text, request.output) if request.output else None
    if isinstance(parsed, tuple):
        raise _malformed(MalformedReplyError, answer, parsed)
    return ModelReply(
        text=answer.text,
        parsed=parsed,
        stop_reason=answer.stop_reason or "end_turn",
        usage=answer.usage or Usage(),
        metered=answer.metered,
        model=answer.model or request.model,
        request_id=answer.request_id,
        prompt_hash=request.prompt_hash,
        request_hash=answer.request_hash,
        inference_geo=answer.inference_geo,
    )


def _check_ending(answer: Answer) -> None:
    if not answer.ended:
        raise ModelUnavailableError(
            "the stream ended before the message did",
            request_id=answer.request_id,
            billed="unknown",
            usage=answer.usage,
            again=True,
        )
    if answer.stop_reason == "refusal":
        raise ModelRefusedError(
            f"the model refused to answer ({answer.refusal or 'no category given'})",
            request_id=answer.request_id,
            billed=answer.billed,
            usage=answer.usage,
        )
    if answer.stop_reason in {"max_tokens", "model_context_window_exceeded"}:
        raise _malformed(TruncatedReplyError, answer, (f"the reply stopped at {answer.stop_reason}",))
    if not answer.text.strip():
        raise _malformed(MalformedReplyError, answer, ("the reply is empty",))


def _malformed(
    kind: type[MalformedReplyError], answer: Answer, problems: tuple[str, ...]
) -> MalformedReplyError:
    return kind(
        problems,
        text=answer.text,
        request_id=answer.request_id,
        billed=answer.billed,
        usage=answer.usage,
    )
