"""What a review says: findings, memo, recommendation, and the review that carries them.

Law: this is the broker's view. It holds public words only: no threshold, weight, rule text or fraud
signal has a field here. Only ``decision.recommend`` makes a ``Recommendation``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from lendgate.schema.base import Answer, Key, NumberRule, Sha256, Timestamp, WholeRule
from lendgate.schema.enums import Product
from lendgate.schema.gate import Completeness

Outcome = Literal["eligible", "refer", "incomplete", "ineligible"]
Risk = Literal["low", "moderate", "high", "undetermined"]
CheckResult = Literal["pass", "fail", "not_evaluable"]
ReviewStatus = Literal["queued", "running", "completed", "failed"]
ReviewerName = Literal["rules", "claude"]
TokenCount = Annotated[int, WholeRule(0, 1_000_000_000)]
Dollars = Annotated[Decimal, NumberRule(0, 1_000_000)]


class PublicReason(Answer):
    """A reason in the words of Regulation B, Appendix C, Form C-1, with its HMDA denial code."""

    code: Key
    text: str
    hmda_code: Annotated[int, WholeRule(1, 1111)]


class CheckOutcome(Answer):
    """One policy check as the outside may see it."""

    check: Key
    title: str
    result: CheckResult
    reason: PublicReason | None = None


class Concern(Answer):
    """One thing an underwriter should look at, and the facts it rests on (names of ``policy.facts``)."""

    text: str
    facts: tuple[str, ...] = ()


class CreditMemo(Answer):
    """The reviewer's words. Every number in them resolves to a fact; what did not was dropped."""

    reviewer: ReviewerName
    because: str | None = None
    """Why this reviewer and not the configured one, where that is so."""
    risk_summary: str
    checks_passed: tuple[str, ...]
    concerns: tuple[Concern, ...] = ()
    next_step: str
    escalate: bool = False
    """The reviewer asks for a person. It may turn eligible into refer, never the other way."""
    dropped_claims: Annotated[int, WholeRule(0, 10_000)] = 0
    simulated: bool = False
    """Written by the stand-in, not by a real model."""

    @property
    def text(self) -> str:
        """The memo as three short paragraphs."""
        passed = ", ".join(self.checks_passed) or "none could be confirmed"
        return "\n\n".join(
            (
                self.risk_summary,
                f"Primary checks passed: {passed}.",
                f"Recommended next step: {self.next_step}",
            )
        )


class PolicyReference(Answer):
    """Which policy was applied: id, version and the SHA-256 of its exact text."""

    id: Key
    version: str
    sha256: Sha256


class Recommendation(Answer):
    """The outcome the rules reach. Not a decision: an underwriter makes every decline."""

    outcome: Outcome
    risk: Risk
    reasons: tuple[PublicReason, ...]
    """Principal reasons, ranked, at most four (Regulation B commentary 9(b)(2)-1)."""
    policy: PolicyReference
    engine_version: str
    schema_version: str


class Usage(Answer):
    """What the model cost; zero for the rules reviewer. Failed attempts are counted in."""

    model: str | None = None
    input_tokens: TokenCount = 0
    """The whole prompt; ``cached_tokens`` of these came from the prompt cache."""
    cached_tokens: TokenCount = 0
    output_tokens: TokenCount = 0
    cost_usd: Dollars = Decimal(0)
    prompt_sha256: Sha256 | None = None
    """SHA-256 of the prompt file that was used, words and version."""
    request_id: str | None = None
    """The model provider's own id of the last request."""


class Review(Answer):
    """One review as the broker sees it: its state, and the result once there is one."""

    review_id: Key
    status: ReviewStatus
    applicant_id: Key
    product: Product
    recommendation: Recommendation | None = None
    memo: CreditMemo | None = None
    """The newest one. The recommendation never changes with it."""
    memo_revision: Annotated[int, WholeRule(2, 100_000)] | None = None
    """Which memo it is, where it was written after the review had ended; the first has no number here."""
    findings: tuple[CheckOutcome, ...] = ()
    completeness: Completeness | None = None
    usage: Usage = Usage()
    follows: Key | None = None
    """The review that this one was made after, because documents came."""
    request_id: Key
    created_at: Timestamp
    completed_at: Timestamp | None = None
