"""The people of an application: who applies, where they work, what they earn and declare.

Law: names, birth dates and vault tokens are carried to transact and are never facts (``policy.facts``
cannot see them); demographic monitoring data lives elsewhere (``schema.monitoring``).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from lendgate.schema.base import CalendarDate, Money, Name, NumberRule, Ratio, Sent, Token, WholeRule
from lendgate.schema.enums import (
    ApplicantRole,
    BankruptcyChapterType,
    BorrowerResidencyBasisType,
    CitizenshipResidencyType,
    EmploymentClassificationType,
    EmploymentStatusType,
    IncomeType,
    Verification,
)


class PersonName(Sent):
    """A person's name as on their identity document."""

    first: Name
    middle: Name | None = None
    last: Name
    suffix: Name | None = None


class Residence(Sent):
    """Where an applicant lives or lived."""

    basis: BorrowerResidencyBasisType
    from_date: CalendarDate | None = None
    to_date: CalendarDate | None = None
    monthly_rent: Money | None = None


class Employment(Sent):
    """One job. ``ownership_share`` of 0.25 or more makes the applicant self-employed (URLA 1b)."""

    employer: Name
    status: EmploymentStatusType
    classification: EmploymentClassificationType = "Primary"
    self_employed: bool = False
    ownership_share: Ratio | None = None
    position: Name | None = None
    start_date: CalendarDate | None = None
    end_date: CalendarDate | None = None
    years_in_line_of_work: Annotated[Decimal, NumberRule(0, 80)] | None = None


class Income(Sent):
    """One source of income, US dollars a month before tax."""

    type: IncomeType
    monthly_amount: Money
    verified: Verification = "stated"
    continues_three_years: bool | None = None


class Bankruptcy(Sent):
    """A bankruptcy and the day it was discharged or dismissed, if it was."""

    chapter: BankruptcyChapterType
    filed_on: CalendarDate | None = None
    discharged_on: CalendarDate | None = None


class Declarations(Sent):
    """URLA section 5: what an applicant declares about money and the property."""

    bankruptcy: Bankruptcy | None = None
    foreclosure: bool | None = None
    deed_in_lieu: bool | None = None
    short_sale: bool | None = None
    outstanding_judgments: bool | None = None
    delinquent_federal_debt: bool | None = None
    party_to_lawsuit: bool | None = None
    undisclosed_borrowed_funds: bool | None = None
    intent_to_occupy: bool | None = None
    new_liens: bool | None = None


class Applicant(Sent):
    """One person on the application."""

    role: ApplicantRole = "primary"
    name: PersonName | None = None
    birth_date: CalendarDate | None = None
    taxpayer_identifier_token: Token | None = None
    citizenship_residency: CitizenshipResidencyType | None = None
    residences: Annotated[list[Residence], Field(max_length=10)] | None = None
    dependents_count: Annotated[int, WholeRule(0, 30)] | None = None
    employments: Annotated[list[Employment], Field(max_length=10)] | None = None
    incomes: Annotated[list[Income], Field(max_length=20)] | None = None
    declarations: Declarations | None = None
