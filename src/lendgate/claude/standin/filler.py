"""The filler: something valid for any JSON Schema, from what the request says.

Bounds that structured output can't express stand in descriptions as ``{minimum: 0, maximum: 1}`` (that is
where the SDK puts them); they are kept too. A pattern is met when an example, a fact or a plain word meets
it; otherwise the value is only valid for the schema as the API itself would enforce it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Final

from lendgate.claude.standin.characters import Cooperative
from lendgate.claude.standin.rules import resolved

_NOTE: Final = re.compile(r"\{([A-Za-z]\w*: .*)\}\s*\Z", re.DOTALL)
_PAIR: Final = re.compile(r"([A-Za-z]\w*): (.*?)(?=, [A-Za-z]\w*: |\Z)", re.DOTALL)
_NUMERIC: Final = frozenset(
    {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
     "minItems", "maxItems"}
)  # fmt: skip
_FORMATS: Final[Mapping[str, str]] = {
    "date-time": "2026-01-15T09:30:00Z",
    "time": "09:30:00Z",
    "date": "2026-01-15",
    "duration": "P1D",
    "email": "standin@example.com",
    "hostname": "example.com",
    "uri": "https://example.com/",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
_PLAIN_WORDS: Final = ("a", "A1", "abc", "A123", "tok_00000000", "2026-01-15", "12345", "0", "0" * 64)
_MOST_ITEMS: Final = 3
_ENDLESS: Final = Decimal(10**15)


class Filler:
    """Fills one schema in one voice."""

    def __init__(self, schema: dict[str, object], speaker: Cooperative) -> None:
        self.root = schema
        self.voice = speaker

    def fill(self) -> object:
        """A value for the whole schema."""
        return self._value(self.root, "answer")

    def _value(self, schema: Mapping[str, object], about: str) -> object:
        node = self._settled(schema)
        if "const" in node:
            return node["const"]
        options = node.get("enum")
        if isinstance(options, list) and options:
            return self.voice.choice(about, options)
        kind = node.get("type")
        return self._of_kind(kind[0] if isinstance(kind, list) else kind, node, about)

    def _of_kind(self, kind: object, node: Mapping[str, object], about: str) -> object:
        makers: Mapping[object, Callable[[], object]] = {
            "object": lambda: self._object(node),
            "array": lambda: self._array(node, about),
            "string": lambda: self._text(node, about),
            "integer": lambda: self._number(node, about, whole=True),
            "number": lambda: self._number(node, about, whole=False),
            "boolean": lambda: self.voice.flag(about),
        }
        return makers[kind]() if kind in makers else None

    def _settled(self, schema: Mapping[str, object]) -> Mapping[str, object]:
        """References followed, the first real branch of a union taken, notes of the description read."""
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return self._settled(resolved(self.root, reference))
        for union in ("anyOf", "oneOf", "allOf"):
            branches = schema.get(union)
            if isinstance(branches, list) and branches:
                real = [branch for branch in branches if branch.get("type") != "null"]
                return self._settled((real or branches)[0])
        return {**_noted(schema), **schema}

    def _object(self, node: Mapping[str, object]) -> dict[str, object]:
        properties = node.get("properties")
        return {
            name: self._value(inner, name)
            for name, inner in (properties.items() if isinstance(properties, dict) else ())
        }

    def _array(self, node: Mapping[str, object], about: str) -> list[object]:
        items = node.get("items")
        inner = items if isinstance(items, dict) else {}
        low, high = int(_bound(node, "minItems", 0)), int(_bound(node, "maxItems", _MOST_ITEMS))
        settled = self._settled(inner)
        if (
            settled.get("type") == "string"
            and "enum" not in settled
            and about.endswith(("facts", "fields", "names"))
        ):
            named: list[object] = list(self.voice.names()[: max(low, min(high, _MOST_ITEMS))])
            if len(named) >= low:
                return named
        return [self._value(inner, about) for _ in range(max(low, min(high, 2)))]

    def _text(self, node: Mapping[str, object], about: str) -> str:
        form = node.get("format")
        if isinstance(form, str) and form in _FORMATS:
            return _FORMATS[form]
        low, high = int(_bound(node, "minLength", 0)), int(_bound(node, "maxLength", 4000))
        pattern = node.get("pattern")
        if isinstance(pattern, str):
            return self._matching(pattern, node, low, high)
        said = self.voice.sentence(about.replace("_", " ").capitalize())
        return said.ljust(low, ".")[:high]

    def _matching(self, pattern: str, node: Mapping[str, object], low: int, high: int) -> str:
        for word in self._words(node):
            if low <= len(word) <= high and re.search(pattern, word):
                return word
        return _PLAIN_WORDS[0]

    def _words(self, node: Mapping[str, object]) -> Iterator[str]:
        examples = node.get("examples")
        if isinstance(examples, list):
            yield from (str(example) for example in examples)
        elif isinstance(examples, str):
            yield from re.findall(r"'([^']*)'", examples)
        yield from (str(value) for _, value in self.voice.context.facts)
        yield from _PLAIN_WORDS

    def _number(self, node: Mapping[str, object], about: str, *, whole: bool) -> int | float:
        nudge = Decimal(1) if whole else Decimal("0.001")
        low = max(_bound(node, "minimum", -_ENDLESS), _bound(node, "exclusiveMinimum", -_ENDLESS) + nudge)
        high = min(_bound(node, "maximum", _ENDLESS), _bound(node, "exclusiveMaximum", _ENDLESS) - nudge)
        value = min(max(Decimal(str(self.voice.number(about))), low), high)
        step = _bound(node, "multipleOf", 1 if whole else 0)
        if step:
            value = (value / step).to_integral_value(ROUND_FLOOR) * step
            value = value if value >= low else value + step
        return int(value) if whole or value == value.to_integral_value() else float(value)


def _noted(schema: Mapping[str, object]) -> dict[str, object]:
    """Bounds, pattern and examples that the description carries."""
    description = schema.get("description")
    match = _NOTE.search(description) if isinstance(description, str) else None
    pairs = _PAIR.findall(match[1]) if match else []
    return {key: Decimal(text) if key in _NUMERIC else text for key, text in pairs}


def _bound(node: Mapping[str, object], key: str, otherwise: Decimal | int) -> Decimal:
    value = node.get(key, otherwise)
    return Decimal(str(value))
