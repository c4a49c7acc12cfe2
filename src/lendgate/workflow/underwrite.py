"""One application judged, start to end, in memory: the numbered steps every road shares.

Law: this function neither stores nor sends; the durable road (``workflow.review``) and the in-process
road (``agent``) both walk it, so that they cannot come to different ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lendgate.analysis.reviewer import Reviewed, Reviewer, case_of
from lendgate.decision.recommend import recommend
from lendgate.intake.completeness import ProductRequirements, completeness
from lendgate.policy.evaluate import assess, risk_of
from lendgate.policy.model import Assessment
from lendgate.policy.pack import Pack
from lendgate.schema import Application, CheckOutcome, Completeness, Recommendation
from lendgate.schema.enums import Product


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The packs in force and the completeness table made from them."""

    packs: Mapping[Product, Pack]
    requirements: Mapping[Product, ProductRequirements]
    version: str


@dataclass(frozen=True, slots=True)
class Underwritten:
    """Everything one review came to, private parts included."""

    application: Application
    assessment: Assessment
    checks: tuple[CheckOutcome, ...]
    completeness: Completeness
    reviewed: Reviewed
    recommendation: Recommendation


async def underwrite(
    application: Application, received_on: date, rulebook: Rulebook, reviewer: Reviewer
) -> Underwritten:
    """Judge one application by the policy in force on the day it was received.

    1. facts and findings (policy)  2. what is missing (intake)  3. the memo (analysis)
    4. the recommendation (decision), which the memo may only make stricter.
    """
    assessment = assess(rulebook.packs[application.product], application, received_on)
    missing = completeness(application, rulebook.requirements)
    case = case_of(application.product, assessment, missing, risk_of(assessment.findings))
    reviewed = await reviewer.review(case)
    return Underwritten(
        application=application,
        assessment=assessment,
        checks=case.checks,
        completeness=missing,
        reviewed=reviewed,
        recommendation=recommend(assessment, missing, reviewed.memo),
    )
