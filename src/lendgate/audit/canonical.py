"""Canonical JSON: one value, one sequence of bytes, so that a MAC over it means something.

Law: RFC 8785 (JSON Canonicalization Scheme) without numbers that are not whole. A float has no one
spelling that two programs agree on, so it is refused: write a decimal as text. Whole numbers stay within
±(2^53-1), where every JSON reader agrees; U+0000 is refused because PostgreSQL's json cannot read it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"
"""What may be written: no floats, no bytes, no dates."""

MAX_INTEGER: Final = 2**53 - 1
MAX_DEPTH: Final = 32
# Escapes exactly what RFC 8785 3.2.2.2 escapes, in the same spelling.
_quote: Final = json.JSONEncoder(ensure_ascii=False).encode


class NotCanonicalError(ValueError):
    """A value that has no canonical form, or text that is not in it; names the place."""


def canonical_bytes(value: Json) -> bytes:
    """The one UTF-8 spelling of ``value``.

    Raises:
        NotCanonicalError: a float, an unknown type, a whole number beyond ±(2^53-1), a lone surrogate,
            U+0000, or more than 32 levels.
    """
    try:
        return _text(value, "", 0).encode()
    except UnicodeEncodeError as error:
        raise NotCanonicalError("text holds a lone surrogate, which UTF-8 cannot carry") from error


def parse_canonical(line: bytes) -> Json:
    """The value of canonical bytes; any other spelling of the same value is refused.

    Raises:
        NotCanonicalError: not JSON, or not in canonical form (spaces, key order, duplicate keys, escapes).
    """
    try:
        value: Json = json.loads(line)
        canonical = canonical_bytes(value)
    except (ValueError, RecursionError) as error:
        raise NotCanonicalError(f"not canonical JSON: {error}") from error
    if canonical != line:
        raise NotCanonicalError("not canonical JSON: the same value is spelled another way")
    return value


def _text(value: object, pointer: str, depth: int) -> str:
    if depth > MAX_DEPTH:
        raise NotCanonicalError(f"{pointer}: deeper than {MAX_DEPTH} levels")
    if isinstance(value, str):
        return _string(value, pointer)
    if value is None or isinstance(value, bool):
        return _quote(value)
    if isinstance(value, int):
        return _whole_number(value, pointer)
    if isinstance(value, Mapping):
        return _object(value, pointer, depth)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        items = (_text(item, f"{pointer}/{index}", depth + 1) for index, item in enumerate(value))
        return f"[{','.join(items)}]"
    raise NotCanonicalError(f"{pointer or 'value'}: {type(value).__name__} has no canonical form; use text")


def _string(value: str, pointer: str) -> str:
    if "\0" in value:
        raise NotCanonicalError(f"{pointer or 'value'}: holds U+0000")
    return _quote(value)


def _whole_number(value: int, pointer: str) -> str:
    if abs(value) > MAX_INTEGER:
        raise NotCanonicalError(f"{pointer or 'value'}: beyond ±(2^53-1); use text")
    return str(int(value))


def _code_units(name: str) -> bytes:
    return name.encode("utf-16-be")


def _object(value: Mapping[object, object], pointer: str, depth: int) -> str:
    names = [name for name in value if isinstance(name, str)]
    if len(names) != len(value):
        raise NotCanonicalError(f"{pointer or 'value'}: a member name is not text")
    # RFC 8785 3.2.3: members in the order of their names' UTF-16 code units.
    names.sort(key=None if all(map(str.isascii, names)) else _code_units)
    members = (
        f"{_string(name, pointer)}:{_text(value[name], f'{pointer}/{name}', depth + 1)}" for name in names
    )
    return f"{{{','.join(members)}}}"
