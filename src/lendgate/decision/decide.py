"""The decision: a person's verdict, or the lender's standing permission, as it is published.

The only maker of a ``Decision`` (invariant a). Law: a decline needs a person and principal reasons that the
findings support; a machine may approve what is eligible where the creditor's profile says so, and nothing
else. No model is heard here at all. No clock, no I/O: the time and the id are arguments (invariant d).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from lendgate.decision.choosing import chosen_reasons
from lendgate.decision.clocks import DAYS, local_day
from lendgate.decision.creditor import Creditor
from lendgate.decision.lint import require_clean
from lendgate.decision.reasons import INCOMPLETE_REASON
from lendgate.decision.refusals import DecisionRefusedError
from lendgate.decision.words import NEXT_STEPS, STATEMENTS
from lendgate.policy.model import Finding
from lendgate.schema import Decision, DecisionAction, PublicReason, Recommendation, RequestedItem
from lendgate.schema.decision import ADVERSE, NoticeForm
from lendgate.schema.enums import Product
from lendgate.schema.referral import Verdict

RESPONSE_DAYS: Final = 30
"""How long an applicant is given to send what is missing or to accept, where the underwriter names no day."""
_WAITS: Final[frozenset[DecisionAction]] = frozenset({"incomplete", "counteroffer"})


@dataclass(frozen=True, slots=True)
class Matter:
    """What a decision is about: its ids, what policy found, who lends, and the moment (UTC)."""

    decision_id: str
    review_id: str
    product: Product
    findings: Sequence[Finding]
    creditor: Creditor
    at: datetime

    @property
    def on(self) -> date:
        """The lender's day."""
        return local_day(self.at, self.creditor.zone)


def decide(matter: Matter, verdict: Verdict) -> Decision:
    """An underwriter's verdict as a decision, with its reasons ranked and its texts clean.

    Raises:
        DecisionRefusedError: reasons the findings do not support, a text that may not go out, a day that
            cannot be.
    """
    decision = Decision(
        decision_id=matter.decision_id,
        review_id=matter.review_id,
        product=matter.product,
        action=verdict.action,
        statement=STATEMENTS[verdict.action],
        reasons=_reasons(matter, verdict),
        conditions=_items(verdict.conditions),
        missing=_items(verdict.missing),
        counteroffer=verdict.counteroffer.terms if verdict.counteroffer else None,
        next_steps=NEXT_STEPS[verdict.action],
        creditor=matter.creditor.contact,
        notice=notice_form(verdict.action, matter.creditor),
        decided_by="underwriter",
        decided_at=matter.at,
        decided_on=matter.on,
        respond_by=_respond_by(matter, verdict),
        reasons_until=_reasons_until(matter, verdict.action),
    )
    # A report's key factors are its own fixed words ("… is too high"): held to what a reason may say.
    factors = verdict.consumer_report.key_factors if verdict.consumer_report else None
    require_clean([*(one.text for one in decision.reasons), *(factors or ())], _free_texts(decision))
    return decision


def approve_eligible(matter: Matter, recommendation: Recommendation) -> Decision | None:
    """The approval of an eligible application where the creditor allows it; None: a person decides."""
    passed = bool(matter.findings) and all(finding.result == "pass" for finding in matter.findings)
    if not (matter.creditor.auto_approve and recommendation.outcome == "eligible" and passed):
        return None
    return Decision(
        decision_id=matter.decision_id,
        review_id=matter.review_id,
        product=matter.product,
        action="approve",
        statement=STATEMENTS["approve"],
        next_steps=NEXT_STEPS["approve"],
        creditor=matter.creditor.contact,
        decided_by="policy",
        decided_at=matter.at,
        decided_on=matter.on,
    )


def notice_form(action: DecisionAction, creditor: Creditor) -> NoticeForm | None:
    """The form of Appendix C that tells of an action; None where nothing adverse is told."""
    forms: dict[DecisionAction, NoticeForm] = {
        "decline": creditor.denial_form,
        "counteroffer": "C-4",
        "incomplete": "C-6",
    }
    return forms.get(action)


def _reasons(matter: Matter, verdict: Verdict) -> tuple[PublicReason, ...]:
    if verdict.action in ADVERSE:
        return chosen_reasons(matter.findings, verdict.codes or ())
    return (INCOMPLETE_REASON,) if verdict.action == "incomplete" else ()


def _respond_by(matter: Matter, verdict: Verdict) -> date | None:
    if verdict.action not in _WAITS:
        if verdict.respond_by is not None:
            raise DecisionRefusedError(f"respond_by does not go with the action {verdict.action}.")
        return None
    by = verdict.respond_by or matter.on + timedelta(days=RESPONSE_DAYS)
    latest = matter.on + timedelta(days=DAYS["counteroffer"])
    if not matter.on < by <= latest:
        raise DecisionRefusedError(f"respond_by has to be after {matter.on} and not after {latest}.")
    return by


def _reasons_until(matter: Matter, action: DecisionAction) -> date | None:
    return matter.on + timedelta(days=DAYS["reasons_request"]) if action in ADVERSE else None


def _items(lines: Sequence[str] | None) -> tuple[RequestedItem, ...]:
    return tuple(RequestedItem(text=line) for line in lines or ())


def _free_texts(decision: Decision) -> list[str]:
    asked = [item.text for item in (*decision.conditions, *decision.missing)]
    other = decision.counteroffer.other if decision.counteroffer else None
    return [*asked, *([other] if other else [])]
