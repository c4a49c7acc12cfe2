"""Strict JSON: the one reading of a body on which the Worker and the origin agree.

Law: refuses what parsers are known to disagree on: NaN and Infinity, numbers beyond ±(2^53-1),
duplicate keys, lone surrogates, depth above 32, anything but UTF-8 without a byte order mark, trailing
bytes. ``edge/src/json.ts`` is the same reading in TypeScript; ``contract/vectors`` holds both to it.
The first fault in reading order is the one that is named. A number with a fraction or an exponent comes
back as the shortest ``Decimal`` of its double; a ``null`` member comes back as ``None``.
"""

from __future__ import annotations

import re
from decimal import Decimal
from json import JSONDecodeError, JSONDecoder
from typing import Final

from lendgate.errors import FieldError, InvalidBodyError

JsonValue = dict[str, "JsonValue"] | list["JsonValue"] | str | int | Decimal | bool | None

MAX_DEPTH: Final = 32
MAX_SAFE_INTEGER: Final = 2**53 - 1
_DECODER: Final = JSONDecoder()
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_CONSTANTS: Final = (("true", True), ("false", False), ("null", None))


def parse(body: bytes) -> JsonValue:
    """Read a whole body.

    Raises:
        InvalidBodyError: one error; its pointer is the place for duplicate keys, numbers, surrogates
            and depth (for a surrogate in a key: the object that holds the key), and ``""`` for anything
            that is not JSON.
    """
    return _Reader(_text(body)).whole()


def _text(body: bytes) -> str:
    if not body:
        raise _invalid("", "the body is empty")
    if body.startswith(b"\xef\xbb\xbf"):
        raise _invalid("", "must not begin with a byte order mark")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as cause:
        raise _invalid("", "must be UTF-8") from cause


def _invalid(pointer: str, detail: str) -> InvalidBodyError:
    return InvalidBodyError((FieldError(pointer, detail),))


def escape(key: str) -> str:
    """A member name as an RFC 6901 reference token."""
    return key.replace("~", "~0").replace("/", "~1")


class _Reader:
    """A recursive descent over one text; ``at`` is the next character, ``path`` the pointer so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.path: list[str] = []

    def whole(self) -> JsonValue:
        self._skip_space()
        value = self._value()
        self._skip_space()
        if self.at != len(self.text):
            raise self._malformed()
        return value

    def _pointer(self) -> str:
        return "".join(f"/{token}" for token in self.path)

    def _malformed(self) -> InvalidBodyError:
        return _invalid("", f"is not JSON: unexpected text at character {self.at + 1}")

    def _skip_space(self) -> None:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _take(self, expected: str) -> bool:
        if self._peek() != expected:
            return False
        self.at += 1
        return True

    def _value(self) -> JsonValue:
        match self._peek():
            case "{":
                return self._object()
            case "[":
                return self._array()
            case '"':
                return self._string()
            case _:
                return self._scalar()

    def _enter(self) -> None:
        if len(self.path) >= MAX_DEPTH:
            raise _invalid(self._pointer(), f"is nested deeper than {MAX_DEPTH} levels")
        self.at += 1
        self._skip_space()

    def _object(self) -> dict[str, JsonValue]:
        self._enter()
        members: dict[str, JsonValue] = {}
        if self._take("}"):
            return members
        while True:
            key = self._key(members)
            members[key] = self._member(escape(key))
            if not self._more("}"):
                return members

    def _key(self, members: dict[str, JsonValue]) -> str:
        if self._peek() != '"':
            raise self._malformed()
        key = self._string()
        if key in members:
            raise _invalid(f"{self._pointer()}/{escape(key)}", "appears more than once")
        self._skip_space()
        if not self._take(":"):
            raise self._malformed()
        return key

    def _array(self) -> list[JsonValue]:
        self._enter()
        items: list[JsonValue] = []
        if self._take("]"):
            return items
        while True:
            items.append(self._member(str(len(items))))
            if not self._more("]"):
                return items

    def _member(self, token: str) -> JsonValue:
        self._skip_space()
        self.path.append(token)
        value = self._value()
        self.path.pop()
        return value

    def _more(self, close: str) -> bool:
        self._skip_space()
        if self._take(close):
            return False
        if not self._take(","):
            raise self._malformed()
        self._skip_space()
        return True

    def _string(self) -> str:
        try:
            text, self.at = _DECODER.raw_decode(self.text, self.at)
        except JSONDecodeError as cause:
            self.at = cause.pos
            raise self._malformed() from cause
        if not isinstance(text, str):  # never: the reader stands on a quotation mark
            raise self._malformed()
        if _SURROGATE.search(text):
            raise _invalid(self._pointer(), "holds half of a surrogate pair")
        return text

    def _scalar(self) -> Decimal | int | bool | None:
        for word, value in _CONSTANTS:
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return value
        return self._number()

    def _number(self) -> Decimal | int:
        match = _NUMBER.match(self.text, self.at)
        if match is None:
            raise self._malformed()
        self.at = match.end()
        # Judged as the double JavaScript sees, so that both sides draw the line at the same place.
        double = float(match[0])
        if abs(double) > MAX_SAFE_INTEGER:
            raise _invalid(self._pointer(), "must be within ±(2^53-1); send larger numbers as text")
        if match[1] or match[2]:
            # Not the digits as written: those beyond a double would make another number here than at
            # the edge (3.9999999999999999999 is 4 there). Adding zero takes the sign off -0.0.
            return Decimal(repr(double + 0.0))
        return int(match[0])
