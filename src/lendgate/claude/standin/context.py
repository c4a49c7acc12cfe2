"""Context: what a request says, as a reader without understanding sees it.

Facts are whatever JSON stands in the user's words, flattened to names and plain values; a JSON Schema
among them is not a fact but the form of the reply (servers without structured output are given it so).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from lendgate.claude.standin.body import CountBody, Text, ToolResult

Scalar = str | int | float | bool
Schema = dict[str, object]


@dataclass(frozen=True)
class Context:
    """One request's words."""

    system: str
    user: str

    @cached_property
    def values(self) -> tuple[object, ...]:
        """Every JSON object and list in the user's words, in order."""
        return tuple(_values(self.user))

    @cached_property
    def facts(self) -> tuple[tuple[str, Scalar], ...]:
        """Names and plain values, in order, each name once."""
        seen: dict[str, Scalar] = {}
        for value in self.values:
            if not _is_schema(value):
                for name, scalar in _leaves("", value):
                    seen.setdefault(name, scalar)
        return tuple(seen.items())

    @cached_property
    def schema(self) -> Schema | None:
        """The last JSON Schema in the user's words."""
        found = [value for value in self.values if isinstance(value, dict) and _is_schema(value)]
        return found[-1] if found else None


def context_of(body: CountBody) -> Context:
    """The words of a request."""
    return Context(
        "\n\n".join(block.text for block in body.system),
        "\n\n".join(_texts(body)),
    )


def _texts(body: CountBody) -> Iterator[str]:
    for message in body.messages:
        if message.role != "user":
            continue
        for block in message.content:
            if isinstance(block, Text):
                yield block.text
            elif isinstance(block, ToolResult):
                yield from (part.text for part in block.content)


def _values(text: str) -> Iterator[object]:
    decoder = json.JSONDecoder()
    at = 0
    while at < len(text):
        if text[at] not in "{[":
            at += 1
            continue
        try:
            value, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError:
            at += 1
        else:
            yield value


def _is_schema(value: object) -> bool:
    return (
        isinstance(value, dict)
        and ("properties" in value or "$ref" in value)
        and ("type" in value or "$defs" in value)
    )


def _leaves(name: str, value: object) -> Iterator[tuple[str, Scalar]]:
    match value:
        case {"name": str(inner), "value": str() | int() | float() as scalar}:
            yield inner, scalar
        case {"value": str() | int() | float() as scalar} if name:
            yield name, scalar
        case dict():
            for key, item in value.items():
                yield from _leaves(key, item)
        case list():
            for item in value:
                yield from _leaves(name, item)
        case str() | int() | float() if name:
            yield name, value
        case _:
            pass
