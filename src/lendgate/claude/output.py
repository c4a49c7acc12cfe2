"""Shapes: what schema is sent for a pydantic model, and whether a reply obeys it.

Law: a schema that the API would quietly change the meaning of is refused before any call is paid for.
A reply is judged by the model class itself, whoever claims to have enforced it before; what is wrong is
told by place and rule, never by value, because the words may reach logs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from pydantic import BaseModel, ValidationError

from lendgate.claude.errors import ModelConfigurationError

Schema = dict[str, object]
MAX_OPTIONAL: Final = 24
"""Optional properties the API compiles in one request (platform docs, schema complexity limits)."""
MAX_UNIONS: Final = 16
"""Union-typed properties, likewise."""
_PROBLEMS_TOLD: Final = 8


@lru_cache(maxsize=64)
def schema_of(shape: type[BaseModel]) -> Schema:
    """The JSON Schema of a shape, checked against what structured output can express.

    Raises:
        ModelConfigurationError: a free-form mapping, recursion, or more than the API compiles.
    """
    schema = shape.model_json_schema()
    optional = unions = 0
    for node in _nodes(schema, schema, ()):
        if node.get("type") == "object" and node.get("additionalProperties", False) is not False:
            raise _unusable(
                shape, "holds a free-form mapping, which the API silently empties: use a list of pairs"
            )
        if isinstance(node.get("type"), list):
            raise _unusable(
                shape, "holds a field of several types at once: use a union of models or one type"
            )
        properties = node.get("properties")
        if isinstance(properties, dict):
            required = node.get("required")
            optional += len(properties) - (len(required) if isinstance(required, list) else 0)
        unions += "anyOf" in node
    if optional > MAX_OPTIONAL or unions > MAX_UNIONS:
        raise _unusable(
            shape,
            f"has {optional} optional and {unions} union fields; {MAX_OPTIONAL} and {MAX_UNIONS} is all",
        )
    return schema


def _unusable(shape: type[BaseModel], why: str) -> ModelConfigurationError:
    return ModelConfigurationError(f"{shape.__name__} can't be a model's output: it {why}")


def _nodes(node: object, root: Schema, path: tuple[str, ...]) -> Iterator[dict[str, object]]:
    """Every schema node with references followed; the same reference inside itself is recursion."""
    if isinstance(node, list):
        for item in node:
            yield from _nodes(item, root, path)
    if not isinstance(node, dict):
        return
    reference = node.get("$ref")
    if isinstance(reference, str):
        if reference in path:
            raise ModelConfigurationError(f"{reference} can't be a model's output: it contains itself")
        yield from _nodes(_resolved(root, reference), root, (*path, reference))
    yield node
    for key, value in node.items():
        if key == "properties" and isinstance(value, dict):
            yield from _nodes(list(value.values()), root, path)
        elif key in {"items", "anyOf", "allOf", "oneOf", "prefixItems"}:
            yield from _nodes(value, root, path)


def _resolved(root: Schema, reference: str) -> object:
    definitions = root.get("$defs")
    return definitions.get(reference.removeprefix("#/$defs/")) if isinstance(definitions, dict) else None


@lru_cache(maxsize=64)
def schema_text(shape: type[BaseModel]) -> str:
    """The schema as one line of JSON, for a prompt."""
    return json.dumps(schema_of(shape), ensure_ascii=False, separators=(",", ":"))


def read(text: str, shape: type[BaseModel]) -> BaseModel | tuple[str, ...]:
    """The reply in its shape, or what is wrong with it, one sentence a place.

    A server without structured output may wrap the object in prose or a code fence: the outermost
    ``{…}`` is taken.
    """
    body = text[text.find("{") : text.rfind("}") + 1]
    if not body:
        return ("the reply holds no JSON object",)
    try:
        return shape.model_validate_json(body)
    except ValidationError as cause:
        errors = cause.errors(include_url=False, include_context=False, include_input=False)
        return tuple(_sentence(error["loc"], error["msg"]) for error in errors[:_PROBLEMS_TOLD])


def _sentence(location: tuple[int | str, ...], message: str) -> str:
    place = "/".join(str(part) for part in location)
    return f"{'/' + place if place else 'the reply'}: {message}"
