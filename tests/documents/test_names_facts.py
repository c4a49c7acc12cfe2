"""Names compared, and facts for policy."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.documents.case import Case, case_of
from lendgate.documents.facts import document_facts, submitted, with_found
from lendgate.documents.names import compare_employers, compare_people
from lendgate.schema.application import Application, SubmittedDocument
from tests.documents.printed import AS_OF, Printed, pay_stub
from tests.documents.printed_forms import form_1040
from tests.documents.printed_statements import statement
from tests.documents.reading import documents

NAMES = st.text(alphabet="abcdefghij", min_size=2, max_size=8)


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("John Doe", "JOHN DOE", "same"),
        ("Doe, John", "John Doe", "same"),
        ("John Q. Doe Jr.", "John Doe", "same"),
        ("José Núñez", "Jose Nunez", "same"),
        ("Robert Smith", "Bob Smith", "close"),
        ("J. Smith", "John Smith", "close"),
        ("Jon Smlth", "John Smith", "close"),
        ("John A Doe", "John B Doe", "close"),
        ("Jane Smith", "John Smith", "close"),
        ("Maria Garcia", "John Doe", "different"),
        ("Mary Major", "Mary Minor", "different"),
    ],
)
def test_people(one: str, other: str, likeness: str) -> None:
    """Beyond doubt, for a person to judge, or nothing in common."""
    assert compare_people(one, other) == compare_people(other, one) == likeness


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("Any Company Corp.", "ANY COMPANY CORPORATION", "same"),
        ("Northwind Traders", "Northwind Traders Inc, Chicago", "same"),
        ("Blue Mesa Systems", "Blue Mesa Logistics", "close"),
        ("Cedar Hospital", "Unrelated Bakery", "different"),
    ],
)
def test_employers(one: str, other: str, likeness: str) -> None:
    """Legal forms and additions do not matter."""
    assert compare_employers(one, other) == compare_employers(other, one) == likeness


@given(NAMES, NAMES)
def test_a_name_is_itself_in_any_order(first: str, last: str) -> None:
    """Upper case, comma, order."""
    assert compare_people(f"{first} {last}", f"{last.upper()}, {first}") == "same"


@given(st.text(max_size=30), st.text(max_size=30))
def test_comparing_is_symmetric(one: str, other: str) -> None:
    """Whatever the texts."""
    assert compare_people(one, other) == compare_people(other, one)


def amount_of(made: Printed, name: str) -> Decimal:
    """An amount of a document's truth."""
    value = made.truth[name]
    assert isinstance(value, Decimal)
    return value


def application() -> Application:
    """A small application of the person on the stub."""
    said = pay_stub(111).truth
    first, last = str(said["employee_name"]).split(maxsplit=1)
    body = {
        "applicant_id": "A1",
        "income": 60000,
        "debt_to_income": 0.2,
        "product": "mortgage",
        "loan_purpose": "Purchase",
        "applicants": [
            {
                "name": {"first": first, "last": last},
                "employments": [{"employer": str(said["employer"]), "status": "Current"}],
            }
        ],
        "liabilities": [{"type": "Installment", "monthly_payment": 312.5}],
    }
    return Application.model_validate(body)


def test_a_case_is_what_documents_need_of_an_application() -> None:
    """Names, present employers, income a month, debts, purchase."""
    case = case_of(application(), AS_OF)
    assert case.people == (pay_stub(111).truth["employee_name"],)
    assert case.employers == (pay_stub(111).truth["employer"],)
    assert case.monthly_income == Decimal(5000)
    assert [debt.monthly for debt in case.debts] == [Decimal("312.50")]
    assert case.purchase is True


def test_facts_are_numbers_with_their_documents() -> None:
    """Income and assets as documents show them, and how far income is from what is stated."""
    case = case_of(application(), AS_OF)
    facts = document_facts(documents(pay_stub(111), statement(112), statement(113)), case)
    gross = pay_stub(111).truth["gross_current"]
    assert isinstance(gross, Decimal)
    monthly = (gross * 26 / 12).quantize(Decimal("0.01"))
    assert facts["documented_monthly_income"].value == monthly
    assert facts["documented_monthly_income"].documents == (1,)
    assert facts["documented_income_difference"].value == (abs(monthly - 5000) / 5000).quantize(
        Decimal("0.000001")
    )
    balances = [amount_of(made, "ending_balance") for made in (statement(112), statement(113))]
    assert facts["documented_assets"].value == sum(balances, Decimal(0))
    assert all(0 < fact.confidence <= 1 for fact in facts.values())


def test_no_fact_without_a_document() -> None:
    """Nothing read, nothing said."""
    assert document_facts(documents(form_1040(1, filled=False)), Case(AS_OF)) == {}


def test_only_the_newest_balance_of_an_account_counts() -> None:
    """Two statements of one account are one asset."""
    first, second = documents(statement(114), statement(115))
    number = first.extract.fields["account_number"]
    same = replace(
        second, extract=replace(second.extract, fields={**second.extract.fields, "account_number": number})
    )
    value = document_facts((first, same), Case(AS_OF))["documented_assets"].value
    assert value in {first.extract.amount("ending_balance"), second.extract.amount("ending_balance")}


def test_completeness_counts_what_was_found() -> None:
    """A blank form is no tax return; a file's contents take the place of what it was said to be."""
    found = submitted(documents(pay_stub(116), form_1040(116, filled=False)), "a" * 64)
    assert [one.type for one in found] == ["pay_stub"]
    said = [
        SubmittedDocument(type="1040", sha256="a" * 64),
        SubmittedDocument(type="w2", sha256="b" * 64),
        SubmittedDocument(type="identity_document"),
    ]
    application = Application(
        applicant_id="a-1", income=Decimal(60000), debt_to_income=Decimal("0.3"), documents=said
    )
    kept = with_found(application, found, {"a" * 64}).documents
    assert kept is not None
    assert [one.type for one in kept] == ["w2", "identity_document", "pay_stub"]
