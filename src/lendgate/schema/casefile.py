"""A referral with everything that an underwriter decides it on, private words included.

Law: for the lender's own desk only; nothing here is ever sent to a broker.
"""

from __future__ import annotations

from lendgate.schema.application import Application
from lendgate.schema.base import Answer, CalendarDate
from lendgate.schema.decision import Decision
from lendgate.schema.referral import Referral
from lendgate.schema.review import CheckResult, PublicReason, Review
from lendgate.schema.support import SupportRequest


class ReasonToChoose(Answer):
    """A principal reason that the findings support; ``must`` is told of a decline, chosen or not."""

    reason: PublicReason
    rules: tuple[str, ...]
    must: bool


class RuleApplied(Answer):
    """One rule as it was applied, for the lender's own eyes."""

    rule: str
    title: str
    result: CheckResult
    effect: str
    knockout: bool
    limit: str
    note: str
    citation: str
    facts: dict[str, str | None]
    """What it looked at: values by the name of the fact; None is unknown."""


class Deadline(Answer):
    """A clock of the review that runs."""

    kind: str
    due_on: CalendarDate


class BrokerRequest(Answer):
    """What a broker asked for about the review, in the broker's own words; a decision answers it."""

    request: SupportRequest
    text: str


class Casefile(Answer):
    """One referral and what belongs to it."""

    referral: Referral
    review: Review
    application: Application
    findings: tuple[RuleApplied, ...]
    reasons: tuple[ReasonToChoose, ...]
    deadlines: tuple[Deadline, ...]
    requests: tuple[BrokerRequest, ...]
    decision: Decision | None = None


class ReferralPage(Answer):
    """A page of the queue; ``next`` is the cursor of the page that follows, where one does."""

    referrals: tuple[Referral, ...]
    next: str | None = None
