"""The port: what the rest of Lendgate may ask of a model, and what it gets back.

Law: plain frozen values, no vendor type. A request says everything that is sent and for whom it is
charged; a reply says everything that an auditor asks: which model, which prompt, which request bytes,
how many tokens, at what cost, and whether a real model wrote it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal, Protocol, TypeVar

from pydantic import BaseModel

Role = Literal["user", "assistant"]
CacheTtl = Literal["5m", "1h"]
Effort = Literal["low", "medium", "high", "xhigh", "max"]
Shape = TypeVar("Shape", bound=BaseModel)

SIMULATED_PREFIX: Final = "standin-"
"""The stand-in answers under this model name; nothing it writes can pass for a real model's words."""
MAX_CACHE_MARKS: Final = 4
"""Cache markers the Messages API takes in one request."""


@dataclass(frozen=True, slots=True)
class SystemBlock:
    """One block of the system prompt; ``cache`` marks the end of a prefix that is worth keeping."""

    text: str
    cache: CacheTtl | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the conversation."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One question to a model.

    ``purpose`` is a word for usage tables (``memo``, ``triage``); ``subject`` is the review it is charged
    to; ``deadline_seconds`` holds over everything that is done to answer, retries and repairs included.
    ``output`` is the shape the reply must have. ``prompt_hash`` is ``prompts.Prompt.sha256``.

    Raises:
        ValueError: the request can't be right: the message says which part.
    """

    purpose: str
    model: str
    system: tuple[SystemBlock, ...]
    messages: tuple[Turn, ...]
    max_tokens: int
    tenant: str
    subject: str
    deadline_seconds: float
    prompt_hash: str
    output: type[BaseModel] | None = None
    effort: Effort | None = None

    def __post_init__(self) -> None:
        if not self.messages or self.messages[-1].role != "user":
            raise ValueError("the last message must be the user's: models refuse to continue their own words")
        if not all(text.strip() for text in self.texts):
            raise ValueError("a system block or message is empty: the API refuses empty text")
        if self.max_tokens < 1 or self.deadline_seconds <= 0:
            raise ValueError("max_tokens and deadline_seconds must be above zero")
        marked = [block.cache is not None for block in self.system]
        if sum(marked) > MAX_CACHE_MARKS or marked != sorted(marked, reverse=True):
            raise ValueError("cached system blocks come first, at most four of them")

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything the caller wants said to the model, in order."""
        return (*(block.text for block in self.system), *(turn.text for turn in self.messages))


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one or more calls, as the API counts them: disjoint parts of the input, and the output.

    ``thinking_tokens`` are part of ``output_tokens``.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_5m_tokens: int = 0
    cache_write_1h_tokens: int = 0
    thinking_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cache_read_tokens + other.cache_read_tokens,
            self.cache_write_5m_tokens + other.cache_write_5m_tokens,
            self.cache_write_1h_tokens + other.cache_write_1h_tokens,
            self.thinking_tokens + other.thinking_tokens,
        )

    @property
    def total_input(self) -> int:
        """Every token of the prompt, cached or not."""
        written = self.cache_write_5m_tokens + self.cache_write_1h_tokens
        return self.input_tokens + self.cache_read_tokens + written

    @property
    def cached_share(self) -> float:
        """The part of the prompt that came from the cache, 0 to 1."""
        return self.cache_read_tokens / self.total_input if self.total_input else 0.0


@dataclass(frozen=True, slots=True)
class ModelReply:
    """One whole answer.

    ``usage`` and ``cost`` (US dollars) cover every attempt that led to it; ``request_hash`` is the
    SHA-256 of the request bytes that were sent last; ``request_id`` is Anthropic's; ``inference_geo``
    is where the model ran, where the server says so. ``metered`` is False when the server told no usage
    and the worst case was charged.
    """

    text: str
    parsed: BaseModel | None
    stop_reason: str
    usage: Usage
    model: str
    request_id: str | None
    prompt_hash: str
    request_hash: str
    inference_geo: str | None = None
    metered: bool = True
    cost: Decimal = Decimal(0)

    @property
    def simulated(self) -> bool:
        """Written by the stand-in, not by a real model."""
        return self.model.startswith(SIMULATED_PREFIX)

    def as_shape(self, shape: type[Shape]) -> Shape:
        """The reply in the shape that was asked for.

        Raises:
            TypeError: another shape, or none, was asked for.
        """
        if not isinstance(self.parsed, shape):
            raise TypeError(f"this reply was not asked for as {shape.__name__}")
        return self.parsed


@dataclass(frozen=True, slots=True)
class Started:
    """The model began to answer. Comes again when an attempt is repeated; no text has come before it.

    ``usage`` is the prompt's, where the server tells it this early.
    """

    model: str
    request_id: str | None
    usage: Usage | None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the answer's text. Unverified: the whole may still turn out to be refused."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event: the whole answer."""

    reply: ModelReply


ModelEvent = Started | TextDelta | Finished


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a server says about one of its models; None where it says nothing."""

    id: str
    lifecycle: str
    retires_at: datetime | None
    max_output_tokens: int | None
    structured_output: bool | None


class ModelPort(Protocol):
    """Anything that answers a request within its deadline.

    Both raise a ``claude.errors.ModelError`` and nothing else on purpose. A stream that is no longer
    wanted must be closed (``contextlib.aclosing``), so that what it cost is settled at once.
    """

    async def complete(self, request: ModelRequest) -> ModelReply: ...

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]: ...
