"""One application judged, start to end, in memory: the numbered steps every road shares.

Law: this function neither stores nor sends; the durable road (``workflow.review``) and the in-process
road (``agent``) both walk it, so that they cannot come to different ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from lendgate.analysis.reviewer import IN_PROCESS, Case, ChargedTo, Reviewed, Reviewer, case_of
from lendgate.decision.recommend import recommend
from lendgate.intake.completeness import ProductRequirements, completeness
from lendgate.policy.evaluate import assess, risk_of
from lendgate.policy.facts import NOTHING_SHOWN
from lendgate.policy.model import Assessment, Facts
from lendgate.policy.pack import Pack
from lendgate.schema import Application, CheckOutcome, Completeness, CreditMemo, Recommendation
from lendgate.schema.enums import Product

_SILENT: Final = CreditMemo(
    reviewer="rules", risk_summary="Not written.", checks_passed=(), next_step="Not written."
)
"""Stands where a memo would, where none is written."""


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
    case: Case
    reviewed: Reviewed
    recommendation: Recommendation

    @property
    def checks(self) -> tuple[CheckOutcome, ...]:
        """What was checked, in public words."""
        return self.case.checks

    @property
    def completeness(self) -> Completeness:
        """What is missing."""
        return self.case.completeness


async def underwrite(
    application: Application,
    received_on: date,
    rulebook: Rulebook,
    reviewer: Reviewer,
    charged_to: ChargedTo = IN_PROCESS,
    *,
    shown: Facts = NOTHING_SHOWN,
) -> Underwritten:
    """Judge one application by the policy in force on the day it was received; ``shown`` is what its
    documents show.

    1. facts and findings (policy)  2. what is missing (intake)  3. the memo (analysis)
    4. the recommendation (decision), which the memo may only make stricter.
    """
    assessment, case = laid_out(application, received_on, rulebook, charged_to, shown)
    reviewed = await reviewer.review(case)
    return Underwritten(
        application=application,
        assessment=assessment,
        case=case,
        reviewed=reviewed,
        recommendation=recommend(assessment, case.completeness, reviewed.memo),
    )


def judge(
    application: Application, received_on: date, rulebook: Rulebook
) -> tuple[Assessment, Recommendation]:
    """What policy alone comes to: the recommendation of a review whose memo asks for nobody."""
    assessment = assess(rulebook.packs[application.product], application, received_on)
    missing = completeness(application, rulebook.requirements)
    return assessment, recommend(assessment, missing, _SILENT)


def laid_out(
    application: Application,
    received_on: date,
    rulebook: Rulebook,
    charged_to: ChargedTo = IN_PROCESS,
    shown: Facts = NOTHING_SHOWN,
) -> tuple[Assessment, Case]:
    """What policy finds, private parts included, and what of it a reviewer is given."""
    assessment = assess(rulebook.packs[application.product], application, received_on, shown)
    missing = completeness(application, rulebook.requirements)
    risk = risk_of(assessment.findings)
    return assessment, case_of(application.product, assessment, missing, risk, charged_to)
