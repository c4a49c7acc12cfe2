"""The answer: one request, one character, one fault; content, stop reason and usage.

Law: nothing here waits or sends; the same body and seed give the same answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from lendgate.claude.port import SIMULATED_PREFIX
from lendgate.claude.standin.body import CountBody, CreateBody, Tool, ToolResult
from lendgate.claude.standin.characters import Cooperative, voice
from lendgate.claude.standin.context import context_of
from lendgate.claude.standin.filler import Filler
from lendgate.claude.standin.options import Character, Options, Step

_BYTES_A_TOKEN: Final = 4
_TURN_TOKENS: Final = 4
_TTLS: Final = ("5m", "1h")
Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole message, before it is put on the wire."""

    id: str
    model: str
    content: list[Json]
    stop_reason: str
    stop_details: Json | None
    usage: Json

    def message(self) -> Json:
        """The body of a reply that is not streamed."""
        return {
            "id": self.id,
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": self.content,
            "stop_reason": self.stop_reason,
            "stop_sequence": None,
            "stop_details": self.stop_details,
            "container": None,
            "usage": self.usage,
        }


def tokens_of(text: str) -> int:
    """The stand-in's tokenizer: four bytes a token."""
    return -(-len(text.encode()) // _BYTES_A_TOKEN)


def prompt_tokens(body: CountBody) -> int:
    """Input tokens of a request."""
    parts = [json.dumps(message.model_dump(), ensure_ascii=False) for message in body.messages]
    schemas = [tool.model_dump_json() for tool in body.tools]
    if body.format_schema is not None:
        schemas.append(json.dumps(body.format_schema))
    said = [*(block.text for block in body.system), *parts, *schemas]
    return sum(tokens_of(text) + _TURN_TOKENS for text in said)


@dataclass(slots=True)
class PromptCache:
    """Prefixes of system prompts that have been seen. Nothing in it expires."""

    minimum: int
    seen: set[str] = field(default_factory=set)

    def split(self, body: CountBody) -> Json:
        """Usage of the prompt: read from the cache, written to it by lifetime, and the rest."""
        read, written = 0, dict.fromkeys(_TTLS, 0)
        prefix, counted = "", 0
        for block in body.system:
            prefix += f"{body.model}\n{block.text}"
            size = tokens_of(prefix)
            if not block.cache_control or size < self.minimum:
                continue
            digest = hashlib.sha256(prefix.encode()).hexdigest()
            if digest in self.seen:
                read, counted = size, size
            else:
                self.seen.add(digest)
                written[block.cache_control.ttl] += size - counted
                counted = size
        return {
            "input_tokens": max(prompt_tokens(body) - counted, 1),
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": sum(written.values()),
            "cache_creation": {f"ephemeral_{ttl}_input_tokens": count for ttl, count in written.items()},
            "inference_geo": getattr(body, "inference_geo", None) or "global",
            "service_tier": "standard",
        }


def answer(
    body: CreateBody, options: Options, character: Character, step: Step, cache: PromptCache
) -> Answer:
    """What the stand-in says to a request."""
    seed = f"{options.seed}{character}{body.model_dump_json()}"
    digest = hashlib.sha256(seed.encode()).hexdigest()
    speaker = voice(character, context_of(body), Random(digest))  # noqa: S311 - the same answer every time is the point
    thinking = [] if options.dialect == "plain" else _thinking(body)
    content, stop = _content(body, options, speaker, step)
    details: Json | None = None
    if step.name == "refusal":
        content, stop = [], "refusal"
        details = {"type": "refusal", "category": "general_harms", "explanation": "scripted (simulated)"}
    elif step.name == "max_tokens" or _size(content) > body.max_tokens:
        content, stop = _cut(content, body.max_tokens), "max_tokens"
    thought = sum(tokens_of(str(block["thinking"])) for block in thinking)
    spent = max(_size(content) + thought, 1)
    usage = _usage(body, options, cache, spent, thought)
    model = f"{SIMULATED_PREFIX}{body.model}"
    return Answer(f"msg_standin_{digest[:24]}", model, [*thinking, *content], stop, details, usage)


def _usage(body: CreateBody, options: Options, cache: PromptCache, output: int, thought: int) -> Json:
    if options.dialect == "plain":
        return {"input_tokens": prompt_tokens(body), "output_tokens": output}
    return cache.split(body) | {
        "output_tokens": output,
        "output_tokens_details": {"thinking_tokens": thought},
        "server_tool_use": None,
        "speed": "standard",
    }


def _content(body: CreateBody, options: Options, speaker: Cooperative, step: Step) -> tuple[list[Json], str]:
    if step.name == "empty":
        return [], "end_turn"
    if step.name == "invalid_json":
        return [_text('{"reply": "this object never ends"')], "end_turn"
    tool = _tool_to_call(body)
    if tool:
        given = Filler(tool.input_schema, speaker).fill()
        digest = hashlib.sha256(f"{tool.name}{given}".encode()).hexdigest()
        return [
            {"type": "tool_use", "id": f"toolu_{digest[:24]}", "name": tool.name, "input": given}
        ], "tool_use"
    return [_text(_words(body, options, speaker))], "end_turn"


def _words(body: CreateBody, options: Options, speaker: Cooperative) -> str:
    if options.dialect == "plain":
        schema = speaker.context.schema
        if schema is None:
            return f"{speaker.sentence('Answer')} (simulated)"
        filled = json.dumps(Filler(schema, speaker).fill(), ensure_ascii=False, indent=1)
        return f"Here is the JSON object you asked for:\n\n```json\n{filled}\n```"
    if body.format_schema is not None:
        return json.dumps(Filler(body.format_schema, speaker).fill(), ensure_ascii=False)
    return f"{speaker.speech()} (simulated)"


def _tool_to_call(body: CreateBody) -> Tool | None:
    """The first tool, once: when the user has just spoken and tools may be used."""
    choice = body.tool_choice.type if body.tool_choice else "auto"
    answered = any(isinstance(block, ToolResult) for block in body.messages[-1].content)
    if not body.tools or choice == "none" or answered:
        return None
    named = body.tool_choice.name if body.tool_choice else None
    return next((tool for tool in body.tools if tool.name == named), body.tools[0])


def _thinking(body: CreateBody) -> list[Json]:
    if body.thinking and body.thinking.type in {"disabled", "between_tools"}:
        return []
    shown = "" if body.thinking and body.thinking.display == "omitted" else "Reading the case (simulated)."
    return [{"type": "thinking", "thinking": shown, "signature": "c2ltdWxhdGVk"}]


def _text(text: str) -> Json:
    return {"type": "text", "text": text}


def _size(content: Sequence[Json]) -> int:
    return sum(tokens_of(str(block.get("text") or json.dumps(block.get("input")))) for block in content)


def _cut(content: Sequence[Json], most: int) -> list[Json]:
    """The first text, ended early enough to be visibly unfinished."""
    text = next((str(block["text"]) for block in content if block["type"] == "text"), "")
    return [_text(text[: max(min(len(text) // 2, most * _BYTES_A_TOKEN), 1)])]
