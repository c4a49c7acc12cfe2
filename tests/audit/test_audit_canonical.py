"""Canonical JSON has one spelling for a value, and refuses what has none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.audit.canonical import MAX_INTEGER, NotCanonicalError, canonical_bytes, parse_canonical

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))
SCALARS = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXT
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_value_reads_back_as_it_was(value: Any) -> None:
    """Nothing is lost on the way through canonical bytes."""
    assert parse_canonical(canonical_bytes(value)) == value


@given(st.dictionaries(TEXT, SCALARS, min_size=2))
def test_order_of_members_does_not_matter(value: dict[str, Any]) -> None:
    """The same members in another order give the same bytes."""
    assert canonical_bytes(dict(reversed(value.items()))) == canonical_bytes(value)


@given(VALUES)
def test_any_other_spelling_is_refused(value: Any) -> None:
    """A spelling with spaces around it is the same value, and is not canonical."""
    with pytest.raises(NotCanonicalError):
        parse_canonical(json.dumps(value).encode() + b" ")


def test_members_are_sorted_by_utf16_code_units() -> None:
    """RFC 8785 3.2.3 sorts an astral character (a surrogate pair) before U+FB33."""
    assert canonical_bytes({"\ufb33": 1, "\U0001f600": 2, "b": 3, "a": 4}).decode() == (
        '{"a":4,"b":3,"\U0001f600":2,"\ufb33":1}'
    )


def test_text_is_escaped_as_rfc_8785_says() -> None:
    """Only the control characters, the quote and the backslash are escaped, in lower-case hex."""
    assert (
        canonical_bytes('\x01\x1f\b\t\n\f\r"\\/\x7f€').decode()
        == '"\\u0001\\u001f\\b\\t\\n\\f\\r\\"\\\\/\x7f€"'
    )


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(1.0, id="float"),
        pytest.param(float("nan"), id="nan"),
        pytest.param([{"a": 0.5}], id="float inside"),
        pytest.param(MAX_INTEGER + 1, id="too large"),
        pytest.param(-MAX_INTEGER - 1, id="too small"),
        pytest.param("\ud800", id="lone surrogate"),
        pytest.param({"\udfff": 1}, id="lone surrogate in a name"),
        pytest.param("a\x00", id="null character"),
        pytest.param({"\x00": 1}, id="null character in a name"),
        pytest.param(b"bytes", id="bytes"),
        pytest.param({1: 2}, id="name that is not text"),
        pytest.param({1, 2}, id="set"),
    ],
)
def test_value_without_canonical_form_is_refused(value: Any) -> None:
    """What two programs might spell in two ways is refused, not guessed."""
    with pytest.raises(NotCanonicalError):
        canonical_bytes(value)


def test_largest_whole_number_is_accepted() -> None:
    """±(2^53-1) is the last whole number every JSON reader agrees on."""
    assert canonical_bytes([MAX_INTEGER, -MAX_INTEGER]) == b"[9007199254740991,-9007199254740991]"


def _nested(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


def test_depth_is_bounded() -> None:
    """32 levels pass, 33 do not."""
    assert canonical_bytes(_nested(32)).startswith(b"[[")
    with pytest.raises(NotCanonicalError, match="deeper than 32"):
        canonical_bytes(_nested(33))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b'{"a":1,"a":1}',
        b'{"b":1,"a":2}',
        b'"\\u0061"',
        b"1.0",
        b"NaN",
        b"9" * 5000,
        b"[" * 100_000,
        b"\xff",
        b"\xef\xbb\xbf1",
    ],
)
def test_text_that_is_not_canonical_is_refused(line: bytes) -> None:
    """Broken text, duplicate names, other orders, needless escapes, floats and depth bombs are refused."""
    with pytest.raises(NotCanonicalError):
        parse_canonical(line)


def test_error_names_the_place() -> None:
    """The message carries a pointer to the value that cannot be written."""
    with pytest.raises(NotCanonicalError, match="/ratios/1: float"):
        canonical_bytes({"ratios": ["0.31", 0.31]})  # type: ignore[list-item]
