"""Completeness: invariants of counting, whatever the table asks for; cases are contract vectors."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lendgate.intake.completeness import (
    Condition,
    DocumentRequirement,
    ProductRequirements,
    completeness,
    is_self_employed,
    present,
)
from lendgate.intake.parse import validate
from lendgate.schema.application import Application
from lendgate.schema.enums import DocumentType, Product

TYPES = st.sampled_from(get_args(DocumentType)[:4])
PATHS = ["/amount_requested", "/loan_purpose", "/property/value", "/credit/score", "/liabilities"]
REQUIREMENTS = st.builds(
    DocumentRequirement,
    type=TYPES,
    needed=st.integers(1, 3),
    why=st.just("A reason."),
    when=st.sampled_from(get_args(Condition)),
)
PARTS = st.builds(
    ProductRequirements,
    missing_fields=st.lists(st.sampled_from(PATHS), unique=True),
    documents=st.lists(REQUIREMENTS, max_size=5),
)
TABLES = st.fixed_dictionaries(dict.fromkeys(get_args(Product), PARTS))
MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        "product": st.sampled_from(get_args(Product)),
        "loan_purpose": st.sampled_from(["Purchase", "Refinance", "Other"]),
        "amount_requested": st.just(0),
        "credit": st.sampled_from([{}, {"score": 700}]),
        "property": st.sampled_from([{}, {"value": 1}]),
        "liabilities": st.just([]),
    },
)
# The machine is shared: a slow example says nothing about the counting.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
Table = dict[Product, ProductRequirements]


def application(documents: list[str] | None = None, **members: Any) -> Application:
    """The smallest application with more members and a list of documents."""
    listed = {"documents": [{"type": kind} for kind in documents or []]}
    smallest = {"applicant_id": "A123", "income": 95000, "debt_to_income": 0.31}
    return validate(smallest | listed | members).application


def lacking(found: Application, table: Table) -> int:
    """How many documents are still to come."""
    missing = completeness(found, table).missing_documents
    return sum(document.needed - document.present for document in missing)


@unhurried
@given(TABLES, MEMBERS, st.lists(TYPES, max_size=6), TYPES)
def test_a_document_more_never_makes_more_missing(
    table: Table, members: dict[str, Any], documents: list[str], another: str
) -> None:
    """Adding a document leaves at most as much missing, and never a type that was not missing before."""
    before = application(documents, **members)
    after = application([*documents, another], **members)
    assert lacking(after, table) <= lacking(before, table)
    types_before = {document.type for document in completeness(before, table).missing_documents}
    assert {document.type for document in completeness(after, table).missing_documents} <= types_before


@unhurried
@given(TABLES, MEMBERS, st.lists(TYPES, max_size=6), st.randoms())
def test_the_order_of_documents_does_not_matter(
    table: Table, members: dict[str, Any], documents: list[str], random: Any
) -> None:
    """The same documents in another order give the same answer."""
    shuffled = random.sample(documents, len(documents))
    assert completeness(application(documents, **members), table) == completeness(
        application(shuffled, **members), table
    )


@unhurried
@given(TABLES, MEMBERS, st.lists(TYPES, max_size=6))
def test_the_answer_is_about_what_was_asked(
    table: Table, members: dict[str, Any], documents: list[str]
) -> None:
    """Complete means both lists empty; all that is missing is in the product's part, in its order."""
    found = application(documents, **members)
    answer = completeness(found, table)
    wanted = table[found.product]
    assert answer.complete is (not answer.missing_documents and not answer.missing_fields)
    assert answer.missing_fields == [field for field in wanted.missing_fields if not present(found, field)]
    assert all(document.present < document.needed for document in answer.missing_documents)
    asked = iter((document.type, document.needed) for document in wanted.documents)
    assert all((document.type, document.needed) in asked for document in answer.missing_documents)


@unhurried
@given(TABLES, MEMBERS)
def test_bringing_what_is_missing_makes_it_complete(table: Table, members: dict[str, Any]) -> None:
    """Handing in exactly the missing documents leaves none missing."""
    missing = completeness(application(**members), table).missing_documents
    brought = [document.type for document in missing for _ in range(document.needed - document.present)]
    assert completeness(application(list(brought), **members), table).missing_documents == []


@pytest.mark.parametrize(
    ("members", "pointer", "there"),
    [
        ({"amount_requested": 0}, "/amount_requested", True),
        ({"amount_requested": None}, "/amount_requested", False),
        ({}, "/property/value", False),
        ({"property": {}}, "/property/value", False),
        ({"property": {"value": 0}}, "/property/value", True),
        ({"liabilities": []}, "/liabilities", True),
        ({"property": {}}, "/property/units", True),
        ({}, "/no_such_field", False),
    ],
)
def test_a_place_is_present_when_it_holds_a_value(
    members: dict[str, Any], pointer: str, *, there: bool
) -> None:
    """Zero, an empty list and a default are values; ``null`` and a missing parent are not."""
    assert present(application(**members), pointer) is there


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        ({"status": "Current"}, False),
        ({"status": "Current", "self_employed": True}, True),
        ({"status": "Current", "ownership_share": 0.25}, True),
        ({"status": "Current", "ownership_share": 0.249999}, False),
        ({"status": "Previous", "self_employed": True, "ownership_share": 1}, False),
    ],
)
def test_who_is_self_employed(job: dict[str, Any], *, expected: bool) -> None:
    """A present job that is self-employment, or a quarter of the firm (URLA 1b)."""
    found = application(applicants=[{}, {"employments": [{"employer": "Employer"} | job]}])
    assert is_self_employed(found) is expected
