"""Live logs lose everything that could be about a person or open a door."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from lendgate.cloudflare.redact import HIDDEN, MEMBERS, member, path_only, redact_text, redact_value

ID = "7f1c2d34-5e6f-4a7b-8c9d-0123456789ab"


@pytest.mark.parametrize(
    "private",
    [
        "jane.doe@example.com",
        "123-45-6789",
        "123456789",
        "+1 (555) 010-2345",
        "4111 1111 1111 1111",
        "95000",
        "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJqYW5lIn0.c2lnbmF0dXJl",
        "Bearer abc",
        "c2hhcmVkLXNlY3JldC1vZi10aGlydHktdHdvLWJ5dGU",
    ],
)
def test_private_text_is_hidden(private: str) -> None:
    """Addresses, numbers, tokens and keys are hidden wherever they stand in a text."""
    shown = redact_text(f"before {private}, after")
    assert private not in shown
    assert HIDDEN in shown
    assert shown.startswith("before ")


@pytest.mark.parametrize(
    "kept", ["limit reached", "status 422 in 17 ms", f"request {ID}", "origin-unavailable"]
)
def test_working_words_stay(kept: str) -> None:
    """Ordinary words, small numbers and request ids are shown."""
    assert redact_text(kept) == kept


def test_unknown_members_are_hidden() -> None:
    """Of a structured line only known members keep their values, at any depth."""
    line: dict[str, JsonValue] = {
        "route": "review",
        "status": 422,
        "income": 95000,
        "reason": {"name": "x", "ssn": "1"},
    }
    assert redact_value(line) == {
        "route": "review",
        "status": 422,
        "income": HIDDEN,
        "reason": {"name": "x", "ssn": HIDDEN},
    }


@given(
    st.dictionaries(
        st.from_regex(r"[a-z_]{1,12}", fullmatch=True).filter(lambda name: name not in MEMBERS),
        st.one_of(st.text(min_size=12), st.integers(min_value=10_000)),
        min_size=1,
    )
)
def test_nothing_unknown_survives(line: dict[str, str | int]) -> None:
    """Whatever an unknown member holds, it is not in what is shown."""
    shown = redact_value(dict(line))
    assert shown == dict.fromkeys(line, HIDDEN)


@given(st.emails())
def test_no_address_in_free_text(address: str) -> None:
    """No e-mail address comes through whole."""
    assert address not in redact_text(f"mail {address} now")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (f"https://gate.example/lending-review/{ID}?token=abc", f"/lending-review/{ID}"),
        ("https://gate.example", "/"),
        ("https://gate.example/lending-review/123-45-6789/events", f"/lending-review/{HIDDEN}/events"),
        ("/validate#x", "/validate"),
    ],
)
def test_only_the_path(url: str, path: str) -> None:
    """Of a URL neither host nor query is shown."""
    assert path_only(url) == path


def test_member() -> None:
    """A path of members leads to a value or to nothing."""
    event = json.loads('{"a": {"b": 1}, "c": []}')
    assert member(event, "a", "b") == 1
    assert member(event, "c", "b") is None
    assert member(event, "x") is None
