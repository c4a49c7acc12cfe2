"""Strict JSON: what is read, what is refused and where; properties beside the contract vectors."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lendgate.errors import FieldError, InvalidBodyError
from lendgate.intake.strict_json import MAX_DEPTH, MAX_SAFE_INTEGER, JsonValue, escape, parse

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBERS = st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER) | st.floats(
    -MAX_SAFE_INTEGER, MAX_SAFE_INTEGER, allow_nan=False
)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
STYLES = st.fixed_dictionaries(
    {"ensure_ascii": st.booleans(), "indent": st.sampled_from([None, 1, "\t"]), "sort_keys": st.booleans()}
)
SOUP = st.text('{}[]":,0123456789.eE+-truefalsn\\u dD89\n\t\x00', max_size=24)
# The machine is shared: a slow example says nothing about the reader.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def refusal(body: bytes | str) -> FieldError:
    """The one error with which a body is refused."""
    with pytest.raises(InvalidBodyError) as caught:
        parse(body if isinstance(body, bytes) else body.encode())
    (error,) = caught.value.errors
    return error


def faults(body: bytes) -> tuple[FieldError, ...]:
    """The errors with which a body is refused; none when it is read."""
    try:
        parse(body)
    except InvalidBodyError as refused:
        return refused.errors
    return ()


def exact(value: Any) -> JsonValue:
    """What the reader makes of a value of the standard library: floats as the decimal of their double."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, list):
        return [exact(item) for item in value]
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"not a JSON value: {value!r}")


def standard(text: str) -> JsonValue:
    """The standard library's reading, without its NaN and Infinity."""

    def constant(word: str) -> NoReturn:
        raise ValueError(f"{word} is not JSON")

    return exact(json.loads(text, parse_constant=constant))


def readable(text: str) -> bool:
    """Whether the standard library can read the text."""
    try:
        standard(text)
    except ValueError:
        return False
    return True


@unhurried
@given(VALUES, STYLES)
def test_what_json_writes_is_read_back(value: Any, style: dict[str, Any]) -> None:
    """Any JSON value within the limits reads back as itself, floats as exact decimals, in any style."""
    assert parse(json.dumps(value, **style).encode()) == exact(value)


@unhurried
@given(st.binary(max_size=64))
def test_bytes_never_raise_anything_else(body: bytes) -> None:
    """Arbitrary bytes are read or refused with one error, never with an error of another kind."""
    assert len(faults(body)) <= 1


@unhurried
@given(SOUP)
@example("-0")
@example("[1,]")
@example('"\\ud800"')
@example("1e400")
@example('{"a":1,"a":2}')
def test_the_standard_library_agrees(text: str) -> None:
    """What is accepted reads as the standard library reads it; what "is not JSON" it cannot read either."""
    found = faults(text.encode())
    if not found:
        assert parse(text.encode()) == standard(text)
    elif found[0].detail.startswith("is not JSON"):
        assert not readable(text)


@unhurried
@given(VALUES, st.data())
def test_a_cut_or_altered_body_is_read_or_refused(value: Any, data: st.DataObject) -> None:
    """One character taken out of, or put into, good JSON: read as the standard library does, or refused."""
    text = json.dumps(value, ensure_ascii=False)
    at = data.draw(st.integers(0, len(text) - 1))
    altered = (
        text[:at]
        + data.draw(st.sampled_from(["", "0", '"', "\\", "}", "]", ",", "e", "\x00"]))
        + text[at + 1 :]
    )
    if not faults(altered.encode()):
        assert parse(altered.encode()) == standard(altered)


@unhurried
@given(
    st.dictionaries(TEXTS, SCALARS, min_size=1, max_size=5),
    st.lists(TEXTS | st.integers(0, 3), max_size=4),
    st.data(),
)
def test_a_duplicate_key_is_found_at_any_depth(
    members: dict[str, Any], path: list[str | int], data: st.DataObject
) -> None:
    """One key written a second time, plain or escaped, is refused with the pointer of that key."""
    key = data.draw(st.sampled_from(sorted(members)))
    again = f"{json.dumps(key, ensure_ascii=data.draw(st.booleans()))}:0"
    text = json.dumps(members)[:-1] + f",{again}}}"
    for step in reversed(path):
        text = f"[{'0,' * step}{text}]" if isinstance(step, int) else f"{{{json.dumps(step)}:{text}}}"
    pointer = "".join(f"/{escape(str(step))}" for step in [*path, key])
    assert refusal(text) == FieldError(pointer, "appears more than once")


@unhurried
@given(st.floats(-(2.0**52), 2.0**52), st.text("0123456789", max_size=30))
def test_a_number_is_its_double(number: float, more: str) -> None:
    """Digits beyond a double change nothing: the value is what JavaScript reads from the same text."""
    text = f"{Decimal(number):f}"
    text += more if "." in text else f".{more}0"
    read = parse(text.encode())
    assert isinstance(read, Decimal)
    assert float(read) == float(text)
    assert read == Decimal(repr(float(text)))


@pytest.mark.parametrize("text", ["-0", "-0.0", "-0e0", "-1e-400", "-0.000"])
def test_zero_has_no_sign(text: str) -> None:
    """A negative zero is zero, so that it never prints or compares as something else."""
    read = parse(text.encode())
    assert isinstance(read, int | Decimal)
    assert math.copysign(1, read) == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3.9999999999999999999999", Decimal(4)),
        ("0.43000000000000000001", Decimal("0.43")),
        ("9007199254740991", MAX_SAFE_INTEGER),
        ("9007199254740991.4", Decimal(MAX_SAFE_INTEGER)),
        ("5e-324", Decimal("5e-324")),
    ],
)
def test_numbers_at_the_edge_of_doubles(text: str, value: Decimal | int) -> None:
    """Both sides decide on the same number, whatever was written."""
    assert parse(text.encode()) == value


@pytest.mark.parametrize(
    "text", ["9007199254740992", "-9007199254740992", "9007199254740991.5", "1e400", "-1E400"]
)
def test_numbers_beyond_whole_doubles(text: str) -> None:
    """The pointer names the number, the sentence what to do."""
    error = refusal(f'{{"a/b":[0,{text}]}}')
    assert error == FieldError("/a~1b/1", "must be within ±(2^53-1); send larger numbers as text")


def test_depth_is_counted_in_lists_and_objects() -> None:
    """32 levels are read; the 33rd is refused where it opens."""
    assert parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    error = refusal(b'{"a":[' * 17)
    assert error == FieldError("/a/0" * 16, "is nested deeper than 32 levels")


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "the body is empty"),
        (b"\xef\xbb\xbf{}", "must not begin with a byte order mark"),
        (b"\xff\xfe{\x00}\x00", "must be UTF-8"),
        (b"{}x", "is not JSON: unexpected text at character 3"),
        ("é".encode(), "is not JSON: unexpected text at character 1"),
        (b'{"a" 1}', "is not JSON: unexpected text at character 6"),
        (b'{"a":"\n"}', "is not JSON: unexpected text at character 7"),
        (b'["open', "is not JSON: unexpected text at character 2"),
    ],
)
def test_sentences_for_what_is_not_json(body: bytes, detail: str) -> None:
    """The whole body is the place, and the sentence says where to look."""
    assert refusal(body) == FieldError("", detail)


@pytest.mark.parametrize(
    ("text", "pointer"),
    [('"\\ud800"', ""), ('["\\udc00"]', "/0"), ('{"\\ud800":1}', ""), ('{"a":{"\\udc00":1}}', "/a")],
)
def test_half_a_surrogate_pair(text: str, pointer: str) -> None:
    """Text names its own place; a key, which cannot be written in a pointer, the object that holds it."""
    assert refusal(text) == FieldError(pointer, "holds half of a surrogate pair")


@pytest.mark.parametrize(
    ("key", "token"), [("a/b", "a~1b"), ("m~n", "m~0n"), ("~1", "~01"), ("", ""), ("é", "é")]
)
def test_escape_is_that_of_rfc_6901(key: str, token: str) -> None:
    """Only the tilde and the slash are escaped, the tilde first."""
    assert escape(key) == token
