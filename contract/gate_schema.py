"""The schema the Worker's validator is compiled from: the published one, made flat.

Law: ``$ref`` is written out, ``anyOf [X, null]`` becomes a nullable type, and every optional member
may be ``null`` (which means it was left out), so that one fault at one place gives one error at that
place. Nothing else differs.
"""

from __future__ import annotations

import copy
from typing import Any

Schema = dict[str, Any]


def flatten(schema: Schema) -> Schema:
    """The schema without ``$defs``, ``$ref`` and nullable ``anyOf``."""
    definitions = schema.get("$defs", {})
    root = {key: value for key, value in schema.items() if key != "$defs"}
    flat = _flat(root, definitions)
    if not isinstance(flat, dict):
        raise TypeError("a schema is an object")
    return flat


def _flat(node: Any, definitions: Schema) -> Any:
    if isinstance(node, list):
        return [_flat(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = copy.deepcopy(definitions[node["$ref"].removeprefix("#/$defs/")])
        return _flat({**target, **{k: v for k, v in node.items() if k != "$ref"}}, definitions)
    if "anyOf" in node:
        return _flat(_nullable(node, definitions), definitions)
    flat = {key: _flat(value, definitions) for key, value in node.items()}
    if isinstance(flat.get("properties"), dict):
        required = flat.get("required", [])
        flat["properties"] = {
            name: member if name in required else _or_null(member)
            for name, member in flat["properties"].items()
        }
    return flat


def _or_null(inner: Schema) -> Schema:
    types = inner["type"] if isinstance(inner["type"], list) else [inner["type"]]
    if "null" in types:
        return inner
    nullable = {**inner, "type": [*types, "null"]}
    return nullable | {"enum": [*inner["enum"], None]} if "enum" in inner else nullable


def _nullable(node: Schema, definitions: Schema) -> Schema:
    branches = [branch for branch in node["anyOf"] if branch != {"type": "null"}]
    if len(branches) != 1 or len(node["anyOf"]) != 2:  # noqa: PLR2004 - X or null
        raise ValueError("only anyOf [X, null] can be flattened")
    inner = _or_null(_flat(branches[0], definitions))
    return inner | {key: value for key, value in node.items() if key not in ("anyOf", "default")}
