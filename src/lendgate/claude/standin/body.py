"""Request bodies: their form, as the Messages API of 2026-10-21 takes them.

An unknown field is an error, as there; that is also what ``temperature`` and its like now get. Only the
content that Lendgate can send is known: text, documents, images, thinking, tools.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from lendgate.claude.standin.refusal import Refusal, invalid_request


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CacheControl(_Part):
    type: Literal["ephemeral"]
    ttl: Literal["5m", "1h"] = "5m"


class Citations(_Part):
    enabled: bool = False


class Text(_Part):
    type: Literal["text"]
    text: str
    cache_control: CacheControl | None = None
    citations: list[dict[str, object]] | None = None


class Source(_Part):
    type: Literal["base64", "url", "text", "file", "content"]
    media_type: str | None = None
    data: str | None = None
    url: str | None = None
    file_id: str | None = None


class Attachment(_Part):
    type: Literal["document", "image"]
    source: Source
    title: str | None = None
    context: str | None = None
    citations: Citations | None = None
    cache_control: CacheControl | None = None


class Thinking(_Part):
    type: Literal["thinking"]
    thinking: str
    signature: str


class ToolUse(_Part):
    type: Literal["tool_use"]
    id: str
    name: str
    input: dict[str, object]
    cache_control: CacheControl | None = None


class ToolResult(_Part):
    type: Literal["tool_result"]
    tool_use_id: str
    content: list[Text] = []
    is_error: bool = False
    cache_control: CacheControl | None = None

    @field_validator("content", mode="before")
    @classmethod
    def _blocks(cls, value: object) -> object:
        return _as_blocks(value)


Block = Annotated[Text | Attachment | Thinking | ToolUse | ToolResult, Field(discriminator="type")]


class Message(_Part):
    role: Literal["user", "assistant"]
    content: list[Block]

    @field_validator("content", mode="before")
    @classmethod
    def _blocks(cls, value: object) -> object:
        return _as_blocks(value)


class Format(_Part):
    type: Literal["json_schema"]
    json_schema: dict[str, object] = Field(alias="schema")


class OutputConfig(_Part):
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    format: Format | None = None


class ThinkingConfig(_Part):
    type: Literal["adaptive", "enabled", "disabled", "between_tools"]
    budget_tokens: Annotated[int, Field(ge=1024)] | None = None
    display: Literal["summarized", "omitted"] | None = None


class Tool(_Part):
    name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,128}$")]
    input_schema: dict[str, object]
    description: str = ""
    strict: bool = False
    type: Literal["custom"] = "custom"
    cache_control: CacheControl | None = None


class ToolChoice(_Part):
    type: Literal["auto", "any", "tool", "none"]
    name: str | None = None
    disable_parallel_tool_use: bool = False


class Metadata(_Part):
    user_id: str | None = None


class CountBody(_Part):
    """``POST /v1/messages/count_tokens``."""

    model: str
    messages: list[Message]
    system: list[Text] = []
    tools: list[Tool] = []
    tool_choice: ToolChoice | None = None
    thinking: ThinkingConfig | None = None
    output_config: OutputConfig = OutputConfig()
    cache_control: CacheControl | None = None

    @field_validator("system", mode="before")
    @classmethod
    def _blocks(cls, value: object) -> object:
        return _as_blocks(value)

    @property
    def format_schema(self) -> dict[str, object] | None:
        """The schema the reply must obey, where one was sent."""
        return self.output_config.format.json_schema if self.output_config.format else None


class CreateBody(CountBody):
    """``POST /v1/messages``."""

    max_tokens: Annotated[int, Field(ge=0)]
    stream: bool = False
    stop_sequences: list[str] = []
    metadata: Metadata = Metadata()
    inference_geo: Literal["us", "global"] | None = None
    service_tier: Literal["auto", "standard_only"] = "auto"


def _as_blocks(value: object) -> object:
    return [{"type": "text", "text": value}] if isinstance(value, str) else value


def refused_form(error: ValidationError, prefix: str = "") -> Refusal:
    """The API's words for the first place that is wrong."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return invalid_request(f"{prefix}{place}: {first['msg']}")
