"""A referral, as the lender's underwriters see it, and what they send about it.

Law: these shapes never leave the lender: a referral holds names of underwriters and their written reasons.
What a broker may know of it is ``schema.decision``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lendgate.schema.base import Answer, CalendarDate, Key, Name, Sent, TextRule, Timestamp, WholeRule
from lendgate.schema.decision import CreditTerms, DecisionAction, Line, RequestedItem
from lendgate.schema.enums import Product
from lendgate.schema.requests import Subject
from lendgate.schema.review import Outcome

ReferralCause = Literal["refer", "ineligible", "incomplete", "eligible", "failed", "person_request"]
"""The outcome that a person has to decide on, a review that failed, or that somebody asked for a person."""
ReferralState = Literal["open", "waiting", "second_look", "decided"]
"""open: to be decided. waiting: for the applicant. second_look: a proposal waits for another person."""
OverrideCode = Literal[
    "compensating_factors", "corrected_data", "document_evidence", "explained_event", "policy_exception"
]
"""Why an application is approved although a rule that declines did not pass."""
WrittenReason = Annotated[str, TextRule(10, 2000)]
Lines = Annotated[list[Line], Field(min_length=1, max_length=50)]
"""Sentences for the applicant, one a thing."""
ReasonCode = Annotated[str, TextRule(4, 4, r"^(AA|HC)[0-9]{2}$", "AA09")]


class Terms(CreditTerms, Sent):
    """Terms of a counteroffer, as an underwriter writes them: unknown members are refused."""

    @property
    def terms(self) -> CreditTerms:
        """The same as they are published."""
        return CreditTerms.model_validate(self.model_dump())


class ReportUsed(Sent):
    """What a notice must say of a consumer report and the application does not (15 U.S.C. 1681m(a))."""

    agency: Name | None = None
    """The consumer reporting agency, by a name of the creditor's profile."""
    score_date: CalendarDate | None = None
    key_factors: Annotated[list[Name], Field(min_length=1, max_length=5)] | None = None
    """What the report says lowered the score, at most four, and the number of inquiries as a fifth."""


class Verdict(Sent):
    """What an underwriter decides: the body of ``POST /referrals/{id}/decide``."""

    action: DecisionAction
    reason: WrittenReason
    """Why, in the underwriter's own words; kept, and never told outside."""
    codes: Annotated[list[ReasonCode], Field(min_length=1, max_length=8)] | None = None
    """Principal reasons of a decline or counteroffer, out of those that the findings support."""
    override_codes: Annotated[list[OverrideCode], Field(min_length=1, max_length=5)] | None = None
    conditions: Lines | None = None
    """What an approval depends on, beside what was noted on the referral before."""
    missing: Lines | None = None
    """What an incomplete application lacks, beside what was asked for before."""
    counteroffer: Terms | None = None
    respond_by: CalendarDate | None = None
    consumer_report: ReportUsed | None = None


class Proposal(Answer):
    """A verdict above policy, waiting for a second person."""

    verdict: Verdict
    maker: Subject
    at: Timestamp


class Referral(Answer):
    """One application that a person decides, and how far that has come."""

    referral_id: Key
    review_id: Key
    broker_id: Key
    applicant_id: Key
    product: Product
    cause: ReferralCause
    outcome: Outcome | None = None
    """What the rules recommend; None where the review could not be carried out."""
    state: ReferralState = "open"
    assigned_to: Subject | None = None
    held_by: Subject | None = None
    held_until: Timestamp | None = None
    """When the claim ends by itself."""
    conditions: tuple[RequestedItem, ...] = ()
    requested: tuple[RequestedItem, ...] = ()
    """What the applicant was asked for."""
    proposal: Proposal | None = None
    version: Annotated[int, WholeRule(1, 1_000_000)] = 1
    """Grows with every change; the ETag."""
    opened_at: Timestamp
