"""What a decision says: the action, its principal reasons, what is asked for, what comes next, by when.

Law: this is the broker's view and holds public words only. Who decided, the underwriter's written reason,
override codes, findings and limits have no field here. Only ``decision.decide`` makes a ``Decision``.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from lendgate.schema.base import Answer, CalendarDate, Key, Money, Ratio, TextRule, Timestamp, WholeRule
from lendgate.schema.enums import DocumentType, Product
from lendgate.schema.review import PublicReason

DecisionAction = Literal[
    "approve", "approve_with_conditions", "counteroffer", "decline", "incomplete", "withdrawn"
]
DecidedBy = Literal["underwriter", "policy"]
"""A person, or the lender's standing permission to approve what is eligible; never a model."""
NoticeForm = Literal["C-1", "C-2", "C-4", "C-6"]
"""Regulation B, Appendix C: denial as a form, denial as a letter, counteroffer, incomplete."""
ADVERSE: Final[frozenset[DecisionAction]] = frozenset({"decline", "counteroffer"})
"""12 CFR 1002.2(c)(1)(i): what needs principal reasons. A counteroffer is combined with them (Form C-4)."""
FINAL: Final[frozenset[DecisionAction]] = frozenset(
    {"approve", "approve_with_conditions", "decline", "withdrawn"}
)
"""After these nothing follows; ``incomplete`` and ``counteroffer`` wait for the applicant."""
Line = Annotated[str, TextRule(1, 400)]
"""One sentence of an underwriter's."""


class RequestedItem(Answer):
    """One thing that the applicant is asked for; ``document`` where it is a document of a known type."""

    text: Line
    document: DocumentType | None = None


class CreditTerms(Answer):
    """The terms that a counteroffer offers."""

    amount: Money
    term_months: Annotated[int, WholeRule(1, 480)]
    annual_rate: Ratio | None = None
    """Annual percentage rate, 0.1199 for 11.99 %."""
    other: Line | None = None
    """What else differs from the request, such as collateral or a co-applicant."""


class Contact(Answer):
    """A company and how to reach it."""

    name: str
    address: str
    telephone: str | None = None


class Decision(Answer):
    """One decision on one application. The latest one of a review stands."""

    decision_id: Key
    review_id: Key
    product: Product
    action: DecisionAction
    statement: str
    """The action as one sentence in approved words."""
    reasons: tuple[PublicReason, ...] = ()
    """Principal reasons, gravest first: of a decline or counteroffer, and AA01 of an incomplete one."""
    conditions: tuple[RequestedItem, ...] = ()
    """What an approval depends on."""
    missing: tuple[RequestedItem, ...] = ()
    """What an incomplete application lacks."""
    counteroffer: CreditTerms | None = None
    next_steps: tuple[str, ...] = ()
    """What happens now, in approved sentences."""
    creditor: Contact
    """Who decided (12 CFR 1002.9(g))."""
    notice: NoticeForm | None = None
    """Which notice there is at ``/lending-review/{review_id}/notice``."""
    decided_by: DecidedBy
    decided_at: Timestamp
    decided_on: CalendarDate
    """The day of ``decided_at`` in the lender's time zone; days are counted from it."""
    respond_by: CalendarDate | None = None
    """Until when a counteroffer can be accepted, or what is missing can be sent."""
    reasons_until: CalendarDate | None = None
    """Until when a statement of reasons can be asked for (12 CFR 1002.9(a)(2)(ii))."""
