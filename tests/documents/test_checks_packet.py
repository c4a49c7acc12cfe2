"""Checks across documents and against the application."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from lendgate.documents.case import Case, Debt
from lendgate.documents.income import documented_incomes
from tests.documents.printed import AS_OF, dollars, pay_stub
from tests.documents.printed_forms import w2
from tests.documents.printed_statements import statement
from tests.documents.reading import all_checks, document, result_of, triaged


def packet_case(**changes: object) -> Case:
    """The case of the stub with seed 71."""
    said = pay_stub(71).truth
    gross = said["gross_current"]
    assert isinstance(gross, Decimal)
    case = Case(
        AS_OF,
        people=(str(said["employee_name"]),),
        employers=(str(said["employer"]),),
        monthly_income=gross * 26 / 12,
    )
    return replace(case, **changes)  # type: ignore[arg-type]  # the fields of a case


def test_a_stub_of_the_applicant_matches() -> None:
    """Name, employer and income agree with the application."""
    checks = all_checks(triaged(pay_stub(71), case=packet_case()))
    assert result_of(checks, "name_matches") == "pass"
    assert result_of(checks, "employer_matches") == "pass"
    assert result_of(checks, "income_matches") == "pass"


@pytest.mark.parametrize(
    ("changes", "check", "result"),
    [
        ({"people": ("Zelda Quimby",)}, "name_matches", "fail"),
        ({"employers": ("Unrelated Bakery",)}, "employer_matches", "fail"),
        ({"monthly_income": Decimal(900)}, "income_matches", "fail"),
    ],
)
def test_what_does_not_agree_fails(changes: dict[str, object], check: str, result: str) -> None:
    """Another person, another employer, an income more than a tenth away."""
    checks = all_checks(triaged(pay_stub(71), case=packet_case(**changes)))
    assert result_of(checks, check) == result


@pytest.mark.parametrize(("share", "result"), [("1.0999", "pass"), ("1.12", "fail"), ("0.92", "pass")])
def test_the_boundary_of_ten_per_cent(share: str, result: str) -> None:
    """A tenth of what is stated is within tolerance."""
    case = packet_case()
    assert case.monthly_income is not None
    checks = all_checks(
        triaged(pay_stub(71), case=replace(case, monthly_income=case.monthly_income / Decimal(share)))
    )
    assert result_of(checks, "income_matches") == result


def test_documents_of_two_people_disagree() -> None:
    """Without names in the application, the documents are held against each other."""
    checks = all_checks(triaged(w2(72, name="Ada Prescott"), w2(73, name="Bruno Keller")))
    assert result_of(checks, "name_matches") == "fail"
    same = all_checks(triaged(w2(72, name="Ada Prescott"), w2(73, name="Prescott Ada")))
    assert result_of(same, "name_matches") == "pass"


def test_two_social_security_numbers_of_one_person_disagree() -> None:
    """One name, two numbers: somebody has to look."""
    checks = all_checks(triaged(w2(72, name="Ada Prescott"), w2(73, name="Ada Prescott")))
    assert result_of(checks, "ssn_agrees") == "fail"


def test_deposits_above_half_of_income_need_a_source() -> None:
    """On a purchase; pay is not meant, and a refinance does not ask."""
    case = packet_case(people=(), monthly_income=Decimal(6000), purchase=True)
    assert result_of(all_checks(triaged(statement(74, 0, "large"), case=case)), "large_deposits") == "fail"
    assert result_of(all_checks(triaged(statement(74), case=case)), "large_deposits") == "pass"
    refinance = replace(case, purchase=False)
    assert result_of(all_checks(triaged(statement(74, 0, "large"), case=refinance)), "large_deposits") is None


def test_payments_on_debts_that_nobody_declared() -> None:
    """Unknown to the application: a person asks. Declared: it passes."""
    case = packet_case(people=())
    unknown = all_checks(triaged(statement(75, 0, "loan"), case=case))
    assert result_of(unknown, "debts_declared") == "cannot_tell"
    declared = replace(case, debts=(Debt("Quick Auto", Decimal("312.50")),))
    assert result_of(all_checks(triaged(statement(75, 0, "loan"), case=declared)), "debts_declared") == "pass"


def test_net_pay_arrives_in_the_account() -> None:
    """A deposit of the stub's net pay around its pay day."""
    stub = pay_stub(76)
    paid, net = stub.truth["pay_date"], stub.truth["net_current"]
    assert isinstance(net, Decimal)
    bank = statement(77)
    start, end = bank.truth["period_start"], bank.truth["period_end"]
    row = next(text for text in bank.sheet.texts if text[2] == "Payroll Deposit")
    y = row[1]
    day = start + (end - start) / 2  # type: ignore[operator]  # dates
    stub.sheet.texts = [
        (x, ty, f"{day:%m/%d/%Y}" if text == f"{paid:%m/%d/%Y}" else text, s, c)
        for x, ty, text, s, c in stub.sheet.texts
    ]
    bank.sheet.texts = [text for text in bank.sheet.texts if text[1] != y or text[0] == 130]
    bank.sheet.put(60, y, f"{day:%m/%d/%Y}")
    bank.sheet.right(370, y, dollars(int(net * 100)))
    checks = all_checks(triaged(stub, bank))
    assert result_of(checks, "payroll_deposited") == "pass"


def test_statements_that_follow_each_other() -> None:
    """The next statement begins with the balance that the one before ended with, or else it fails."""
    ending = statement(78).truth["ending_balance"]
    assert isinstance(ending, Decimal)
    case = replace(packet_case(people=()), as_of=AS_OF + timedelta(days=40))
    good = all_checks(triaged(statement(78), statement(78, follows=int(ending * 100)), case=case))
    assert result_of(good, "balances_continue") == "pass"
    bad = all_checks(triaged(statement(78), statement(78, follows=12_345), case=case))
    assert result_of(bad, "balances_continue") == "fail"


def test_coverage_of_two_months_on_a_purchase() -> None:
    """One statement of a month is not enough for a purchase, two in a row are; a refinance does not ask."""
    case = packet_case(people=(), purchase=True)
    assert result_of(all_checks(triaged(statement(79), case=case)), "statement_coverage") == "fail"
    both = triaged(statement(79), statement(79, follows=100), case=case)
    assert result_of(all_checks(both), "statement_coverage") == "pass"
    assert (
        result_of(all_checks(triaged(statement(79), case=packet_case(people=()))), "statement_coverage")
        is None
    )


def test_income_is_taken_from_the_best_document() -> None:
    """A stub tells present pay; the W-2 of the same job is not added to it."""
    stub = document(pay_stub(80))
    name, employer = str(stub.extract.text("employee_name")), str(stub.extract.text("employer"))
    wages = document(w2(81, name=name, employer=employer))
    (income,) = documented_incomes((stub, wages))
    gross = stub.extract.amount("gross_current")
    assert gross is not None
    assert income.monthly == (gross * 26 / 12).quantize(Decimal("0.01"))
    other = document(w2(82, name=name, employer="Quite Another Employer"))
    assert len(documented_incomes((stub, other))) == 2
