"""A referral that waits, and what ends the wait."""

from __future__ import annotations

import pytest

from lendgate.review.case import came
from lendgate.schema import RequestedItem
from lendgate.schema.enums import DocumentType
from tests.review.builders import referral

W2 = RequestedItem(text="A W-2", document="w2")
STATEMENT = RequestedItem(text="A bank statement", document="bank_statement")
WORDS = RequestedItem(text="A letter about the gap in work")


@pytest.mark.parametrize(
    ("requested", "new", "held", "ends"),
    [
        ((W2,), {"w2"}, {"w2"}, True),
        ((W2,), {"pay_stub"}, {"pay_stub"}, False),
        ((W2,), {"pay_stub"}, {"pay_stub", "w2"}, False),
        ((W2, STATEMENT), {"w2"}, {"w2"}, False),
        ((W2, STATEMENT), {"w2"}, {"w2", "bank_statement"}, True),
        ((W2, WORDS), {"w2"}, {"w2"}, True),
        ((WORDS,), {"other"}, {"other"}, True),
        ((), {"pay_stub"}, {"pay_stub"}, True),
        ((), set(), {"pay_stub"}, False),
        ((W2,), set(), {"w2"}, False),
    ],
)
def test_a_wait_ends_when_the_last_awaited_document_comes(
    requested: tuple[RequestedItem, ...], new: set[DocumentType], held: set[DocumentType], *, ends: bool
) -> None:
    """Not with another one, and not while one is lacking; where none is named, with whatever comes."""
    waiting = referral(state="waiting", requested=requested, version=4)
    after = came(waiting, new, held)
    assert after == (waiting.model_copy(update={"state": "open", "version": 5}) if ends else None)


@pytest.mark.parametrize("state", ["open", "second_look", "decided"])
def test_what_does_not_wait_stays_as_it_is(state: str) -> None:
    """A document that comes on its own is no reason to take a matter from its place."""
    assert came(referral(state=state, requested=(W2,)), {"w2"}, {"w2"}) is None
