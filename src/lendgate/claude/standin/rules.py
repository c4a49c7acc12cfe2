"""Rules: what the API refuses in a body whose form is right. Wording as observed from the real one.

Sources: platform docs ("Errors", "Migration to 2026-10-21", "Structured outputs"), public reports of the
messages; limits on schemas from "Schema complexity limits".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lendgate.claude.standin.body import Attachment, CountBody, CreateBody, Text, ToolResult, ToolUse
from lendgate.claude.standin.catalogue import MODELS, KnownModel
from lendgate.claude.standin.refusal import invalid_request, not_found

MAX_MARKS: Final = 4
MAX_OPTIONAL: Final = 24
MAX_UNIONS: Final = 16
_UNSUPPORTED: Final = frozenset(
    {
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
        "maxLength", "pattern", "maxItems", "uniqueItems", "minProperties", "maxProperties",
        "patternProperties", "not", "if",
    }
)  # fmt: skip


def check(body: CountBody) -> KnownModel:
    """The model that is asked for.

    Raises:
        Refusal: the answer the real API gives.
    """
    model = MODELS.get(body.model)
    if model is None or model.lifecycle == "retired":
        raise not_found(f"model: {body.model}")
    _check_texts(body)
    _check_turns(body, model)
    _check_features(body, model)
    for place, schema, strict in _schemas(body):
        if strict:
            check_schema(place, schema)
    return model


def _check_texts(body: CountBody) -> None:
    if not body.messages:
        raise invalid_request("messages: at least one message is required")
    if any(not block.text.strip() for block in body.system):
        raise invalid_request("system: text content blocks must be non-empty")
    for message in body.messages:
        if not message.content:
            raise invalid_request("messages: all messages must have non-empty content")
        if any(isinstance(block, Text) and not block.text.strip() for block in message.content):
            raise invalid_request("messages: text content blocks must be non-empty")


def _check_turns(body: CountBody, model: KnownModel) -> None:
    if body.messages[-1].role == "assistant":
        raise invalid_request(
            "This model does not support assistant message prefill. "
            "The conversation must end with a user message."
        )
    asked: set[str] = set()
    for index, message in enumerate(body.messages):
        for block in message.content:
            if message.role == "assistant" and isinstance(block, Attachment) and block.type == "document":
                raise invalid_request(
                    f"messages.{index}: document blocks are not allowed in assistant messages"
                )
            if message.role == "user" and isinstance(block, Text) and block.citations:
                raise invalid_request(f"messages.{index}: citations are not allowed on user text blocks")
            if isinstance(block, ToolResult) and block.tool_use_id not in asked:
                raise invalid_request(
                    f"messages.{index}: unexpected `tool_use_id` found in `tool_result` blocks: "
                    f"{block.tool_use_id}"
                )
        asked = {block.id for block in message.content if isinstance(block, ToolUse)}
    if body.tool_choice and body.tool_choice.type in {"any", "tool"} and not model.forced_tools:
        raise invalid_request(f"tool_choice: forcing tool use is not supported on {model.id}")


def _check_features(body: CountBody, model: KnownModel) -> None:
    if isinstance(body, CreateBody) and body.max_tokens > model.max_output:
        raise invalid_request(
            f"max_tokens: {body.max_tokens} > {model.max_output}, which is the maximum allowed number of "
            f"output tokens for {model.id}"
        )
    marks = sum(1 for _ in _marked(body))
    if marks > MAX_MARKS:
        raise invalid_request(
            f"A maximum of {MAX_MARKS} blocks with cache_control may be provided. Found {marks}."
        )
    if body.thinking and body.thinking.type not in model.thinking:
        raise invalid_request(f"thinking.type: {body.thinking.type!r} is not supported on {model.id}")
    if body.format_schema is not None and not model.structured:
        raise invalid_request(f"output_config.format: not supported on {model.id}")
    if body.format_schema is not None and any(_cites(body)):
        raise invalid_request("output_config.format: cannot be used together with citations")


def _marked(body: CountBody) -> Iterator[object]:
    blocks = (block for message in body.messages for block in message.content)
    for block in (*body.system, *body.tools, *blocks):
        if getattr(block, "cache_control", None):
            yield block


def _cites(body: CountBody) -> Iterator[bool]:
    for message in body.messages:
        for block in message.content:
            yield isinstance(block, Attachment) and block.citations is not None and block.citations.enabled


def _schemas(body: CountBody) -> Iterator[tuple[str, dict[str, object], bool]]:
    if body.format_schema is not None:
        yield "output_config.format.schema", body.format_schema, True
    for index, tool in enumerate(body.tools):
        yield f"tools.{index}.custom.input_schema", tool.input_schema, tool.strict


def check_schema(place: str, schema: dict[str, object]) -> None:
    """A schema that can be compiled to a grammar.

    Raises:
        Refusal: an open object, an unsupported keyword, or too complex.
    """
    optional = unions = 0
    for node in _nodes(schema, schema, (), place):
        kind = node.get("type")
        if kind == "object" and node.get("additionalProperties") is not False:
            raise invalid_request(
                f"{place}: For 'object' type, 'additionalProperties' must be explicitly set to false"
            )
        bad = sorted(_UNSUPPORTED & node.keys())
        if bad:
            raise invalid_request(
                f"{place}: For '{kind}' type, properties {', '.join(bad)} are not supported"
            )
        properties, required = node.get("properties"), node.get("required")
        if isinstance(properties, dict):
            optional += len(properties) - (len(required) if isinstance(required, list) else 0)
        unions += "anyOf" in node or isinstance(kind, list)
    if optional > MAX_OPTIONAL or unions > MAX_UNIONS:
        raise invalid_request(
            f"{place}: Schema is too complex. Please reduce the number of optional or union-typed parameters."
        )


def _nodes(
    node: object, root: dict[str, object], path: tuple[str, ...], place: str
) -> Iterator[dict[str, object]]:
    if isinstance(node, list):
        for item in node:
            yield from _nodes(item, root, path, place)
    if not isinstance(node, dict):
        return
    reference = node.get("$ref")
    if isinstance(reference, str):
        if reference in path:
            raise invalid_request(f"{place}: Recursive schemas are not supported")
        yield from _nodes(resolved(root, reference), root, (*path, reference), place)
        return
    yield node
    properties = node.get("properties")
    inner = list(properties.values()) if isinstance(properties, dict) else []
    for part in (inner, node.get("items"), node.get("anyOf"), node.get("allOf")):
        yield from _nodes(part, root, path, place)


def resolved(root: dict[str, object], reference: str) -> dict[str, object]:
    """The definition a local reference points at; an empty schema when there is none."""
    definitions = root.get("$defs", root.get("definitions"))
    found = definitions.get(reference.rsplit("/", 1)[-1]) if isinstance(definitions, dict) else None
    return found if isinstance(found, dict) else {}
