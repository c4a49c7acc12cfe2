"""Bodies other than applications: the same strictness, a kind of their own."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.shapes import SENT
from lendgate.errors import FieldError, InvalidBodyError, InvalidRequestError
from lendgate.intake.body import parse_request
from lendgate.schema.referral import Verdict
from lendgate.schema.requests import IntakeMessage, IntakeOpening, Nothing


def refused(shape: type, body: bytes) -> tuple[FieldError, ...]:
    with pytest.raises(InvalidRequestError) as caught:
        parse_request(shape, body)
    return caught.value.errors


def test_a_good_body_becomes_its_shape() -> None:
    """Text as it was sent, defaults filled in, null taken as left out."""
    assert parse_request(IntakeMessage, b'{"text":" \xc2\xa1Hola!","message_id":"m-1"}').text == " ¡Hola!"
    assert parse_request(IntakeOpening, b'{"product":null}') == IntakeOpening(language="en")
    assert parse_request(Nothing, b" {} ") == Nothing()


def test_every_wrong_place_is_named_in_the_order_of_the_shape() -> None:
    """Sentences are the gate's."""
    body = b'{"action":"maybe","conditions":[],"counteroffer":{"amount":-1},"why":1}'
    assert [(error.pointer, error.detail) for error in refused(Verdict, body)] == [
        (
            "/action",
            "must be one of: approve, approve_with_conditions, counteroffer, decline, incomplete, withdrawn",
        ),
        ("/reason", "is required"),
        ("/conditions", "must have at least 1 items"),
        ("/counteroffer/amount", "must be at least 0"),
        ("/counteroffer/term_months", "is required"),
        ("/why", "is not a known field"),
    ]


@pytest.mark.parametrize("body", [b"", b"[]", b'"{}"', b"{", b'{"a":1,"a":1}', b"\xff{}"])
def test_what_is_no_strict_json_object_is_refused(body: bytes) -> None:
    """Before any field is looked at, with one error."""
    assert len(refused(Nothing, body)) == 1


def test_the_refusal_is_told_from_an_applications() -> None:
    """The doors answer the two with different problem types."""
    assert issubclass(InvalidRequestError, InvalidBodyError)


@given(
    shape=st.sampled_from(sorted(SENT)),
    body=st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    ),
)
def test_no_json_value_brings_the_parser_down(shape: str, body: object) -> None:
    """Whatever is sent is a shape or an ``InvalidRequestError``, never another error."""
    model = SENT[shape]
    with suppress(InvalidRequestError):
        assert isinstance(parse_request(model, json.dumps(body).encode()), model)
