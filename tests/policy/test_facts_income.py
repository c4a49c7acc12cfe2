"""Facts of income and employment."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lendgate.policy.facts import derive
from lendgate.policy.model import Value
from lendgate.schema import Application
from tests.policy.builders import DAY, application, one_applicant


def value(app: Application, name: str) -> Value | None:
    """The value of one fact of an application received on the test day."""
    return derive(app, DAY)[name].value


def job(**fields: object) -> dict[str, object]:
    """A present main job."""
    return {"employer": "Acme", "status": "Current", **fields}


def test_income_of_the_smallest_application() -> None:
    """Annual income as stated, monthly income to the cent."""
    facts = derive(application(income=100000), DAY)
    assert facts["annual_income"].value == Decimal("100000.00")
    assert facts["monthly_income"].value == Decimal("8333.33")
    assert facts["monthly_income"].inputs == ("/income",)


def test_itemized_income_is_compared_with_the_stated_one() -> None:
    """Twelve times the monthly amounts, and the difference over the stated income."""
    app = one_applicant(incomes=[{"type": "Base", "monthly_amount": 8000}]).model_copy(
        update={"income": Decimal(100000)}
    )
    assert value(app, "itemized_income") == Decimal("96000.00")
    assert value(app, "income_disagreement") == Decimal("0.040000")
    assert value(app, "income_itemized") is True


def test_income_without_items_is_not_compared() -> None:
    """Nothing itemized leaves the comparison unknown and says so."""
    fact = derive(application(), DAY)["income_disagreement"]
    assert fact.value is None
    assert "not itemized" in fact.how


@pytest.mark.parametrize("kind", ["SocialSecurity", "Pension", "Alimony", "ChildSupport", "Other"])
def test_no_kind_of_income_is_discounted(kind: str) -> None:
    """12 CFR 1002.6(b)(5): support, pension and benefits count as much as wages."""
    wages = one_applicant(incomes=[{"type": "Base", "monthly_amount": 5000}])
    other = one_applicant(incomes=[{"type": kind, "monthly_amount": 5000}])
    assert value(other, "itemized_income") == value(wages, "itemized_income")
    assert value(other, "back_end_dti") == value(wages, "back_end_dti")


@pytest.mark.parametrize(
    ("kinds", "applies"), [([], True), (["Base"], True), (["Pension"], False), (["Pension", "Bonus"], True)]
)
def test_employment_applies_unless_no_income_is_from_work(kinds: list[str], applies: bool) -> None:  # noqa: FBT001
    """A pensioner is not asked for a job."""
    app = one_applicant(incomes=[{"type": kind, "monthly_amount": 1000} for kind in kinds])
    assert value(app, "employment_applies") is applies


def test_months_on_job_from_the_start_date() -> None:
    """The start of the present main job wins over the stated years."""
    app = one_applicant(employments=[job(start_date="2025-05-22")])
    assert value(app, "months_on_job") == 18
    assert value(app, "employment_years") == Decimal("1.50")


@pytest.mark.parametrize(("years", "months"), [(6, 72), (0.99, 11), (1, 12), (0, 0)])
def test_months_on_job_from_stated_years(years: float, months: int) -> None:
    """Stated years give completed months."""
    assert value(application(employment_years=years), "months_on_job") == months


def test_a_job_that_begins_tomorrow_has_no_length() -> None:
    """A start date after the application is unknown, not negative."""
    app = one_applicant(employments=[job(start_date="2026-11-23")])
    assert value(app, "months_on_job") is None
    assert value(app, "employment_years") is None


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "Previous", "start_date": "2010-01-01"},
        {"classification": "Secondary", "start_date": "2010-01-01"},
        {"end_date": "2026-11-01", "start_date": "2010-01-01"},
        {},
    ],
)
def test_only_the_present_main_job_counts(fields: dict[str, object]) -> None:
    """Past, second and undated jobs give no months."""
    assert value(one_applicant(employments=[job(**fields)]), "months_on_job") is None


def test_a_co_borrowers_job_is_not_the_primary_applicants() -> None:
    """Time in job is that of the primary applicant."""
    app = application(applicants=[{"role": "co_borrower", "employments": [job(start_date="2010-01-01")]}])
    assert value(app, "months_on_job") is None


def test_line_of_work_is_at_least_the_present_job() -> None:
    """The longer of both; known from either alone."""
    both = one_applicant(employments=[job(start_date="2025-11-22", years_in_line_of_work=5)])
    longer_job = one_applicant(employments=[job(start_date="2016-11-22", years_in_line_of_work=5)])
    alone = one_applicant(employments=[job(years_in_line_of_work=5)])
    assert [value(app, "months_in_line_of_work") for app in (both, longer_job, alone)] == [60, 120, 60]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"self_employed": True}, True),
        ({"ownership_share": 0.25}, True),
        ({"ownership_share": 0.2499}, False),
        ({}, False),
    ],
)
def test_self_employment_begins_at_a_quarter(fields: dict[str, object], expected: bool) -> None:  # noqa: FBT001
    """URLA 1b: an owner of 25 % is self-employed, one of less is not."""
    assert value(one_applicant(employments=[job(**fields)]), "self_employed") is expected


def test_self_employment_without_jobs_is_unknown() -> None:
    """No job listed is not the same as employed."""
    assert value(application(), "self_employed") is None
