"""The context: a type that cannot carry what must not be said."""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Literal, NewType, get_args, get_origin, get_type_hints

import pytest

from lendgate.assistants.support.context import FieldPointer, ReasonCode, SupportContext, context_of
from lendgate.policy.reasons import catalogue
from lendgate.schema import Application, Completeness, PublicReason, RequestedItem
from tests.assistants.support.contexts import CONTEXTS, application, context, decision, review

CLOSED = {int, bool, date, Decimal, types.NoneType}


def leaves(kind: Any) -> Iterator[Any]:
    """Every type that a value of ``kind`` is made of in the end."""
    if dataclasses.is_dataclass(kind):
        for hint in get_type_hints(kind).values():
            yield from leaves(hint)
    elif get_origin(kind) in {tuple, types.UnionType}:
        for part in get_args(kind):
            if part is not Ellipsis:
                yield from leaves(part)
    else:
        yield kind


def test_invariant_g_no_free_text_fits_into_the_context() -> None:
    """Each leaf is a word of a closed list, a number, a day, a code of the catalogue or a field's pointer."""
    found = list(leaves(SupportContext))
    assert ReasonCode in found
    for leaf in found:
        closed = leaf in CLOSED or get_origin(leaf) is Literal or leaf in (ReasonCode, FieldPointer)
        assert closed, leaf
    assert all(isinstance(one, NewType) for one in (ReasonCode, FieldPointer))


@pytest.mark.parametrize("name", CONTEXTS)
def test_codes_and_pointers_are_those_of_the_catalogue_and_the_contract(name: str) -> None:
    """What is text by type is still a word of a closed list."""
    made = CONTEXTS[name]
    names = json.dumps(Application.model_json_schema())
    assert set(made.reasons) <= catalogue().keys()
    assert all(f'"{token}"' in names for pointer in made.fields for token in pointer.split("/")[1:])


@pytest.mark.parametrize("name", CONTEXTS)
def test_invariant_g_nothing_of_memo_findings_or_identifiers_is_in_it(name: str) -> None:
    """The review carries canaries wherever it may hold text; the context carries none."""
    said = str(dataclasses.asdict(CONTEXTS[name])).lower()
    assert "canary" not in said
    assert "a123" not in said
    assert "43.5" not in said


def test_a_reason_in_other_words_is_no_public_reason() -> None:
    """A text that the catalogue does not have under its code is not carried."""
    told = review()
    assert told.recommendation is not None
    forged = PublicReason(code="AA09", text="DTI above 43 %", hmda_code=1)
    changed = told.recommendation.model_copy(update={"reasons": (forged,)})
    made = context_of(told.model_copy(update={"recommendation": changed}), application())
    assert made.reasons == ()


def test_a_pointer_that_is_no_field_is_not_carried() -> None:
    """Words cannot ride in a pointer."""
    missing = Completeness(
        complete=False, missing_documents=[], missing_fields=["/income/policy says 43", "/credit/score"]
    )
    assert context(missing=missing).fields == ("/credit/score",)


def test_what_an_underwriter_awaits_is_told_beside_what_the_product_asks_for() -> None:
    """Each type once; with a decision only what that asks for."""
    made = CONTEXTS["awaited"]
    assert made.requested == ("tax_transcript", "bank_statement")
    asked = {one.type: one.needed for one in made.documents}
    assert len(asked) == len(made.documents)
    assert asked["tax_transcript"] == 1
    assert asked.keys() > {one.type for one in context().documents}
    awaited = (RequestedItem(text="A W-2", document="w2"),)
    assert context_of(review(), application(), decision("decline"), awaited).requested == ()


def test_reasons_keep_their_order_and_words() -> None:
    """As recorded, and as the catalogue words them."""
    made = context("ineligible", ("HC04", "AA09"))
    assert [reason.text for reason in made.public_reasons] == [
        "Income below our minimum requirement",
        "Excessive obligations in relation to income",
    ]


def test_only_what_was_sent_is_said_to_be_submitted() -> None:
    """The smallest application states two things; ratios that policy computes are none of them."""
    sent = Application.model_validate({"applicant_id": "A1", "income": 95000, "debt_to_income": 0.31})
    assert set(context_of(review(), sent).facts) == {"annual_income", "stated_debt_to_income"}
