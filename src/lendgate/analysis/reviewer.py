"""The reviewer: the machine that writes the memo.

Law: a reviewer sees a ``Case`` and nothing else: typed facts, findings in public words, what is
missing. It sets no outcome, no reason and no number; it may only ask for a person (``escalate``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from lendgate.policy.model import Assessment, Facts
from lendgate.schema import CheckOutcome, Completeness, CreditMemo, Risk, Usage
from lendgate.schema.enums import Product
from lendgate.schema.review import ReviewerName


@dataclass(frozen=True, slots=True)
class Case:
    """All that a reviewer is given about one application.

    ``rests_on`` names, by check, the facts that the check looked at: never what it compared them with.
    """

    product: Product
    facts: Facts
    checks: tuple[CheckOutcome, ...]
    risk: Risk
    completeness: Completeness
    rests_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def case_of(product: Product, assessment: Assessment, completeness: Completeness, risk: Risk) -> Case:
    """The reviewer's view of an assessment: everything private (limits, notes, effects) stays behind."""
    return Case(
        product=product,
        facts=assessment.facts,
        checks=tuple(finding.public for finding in assessment.findings),
        risk=risk,
        completeness=completeness,
        rests_on={finding.rule: finding.facts for finding in assessment.findings},
    )


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A verified memo and what it cost."""

    memo: CreditMemo
    usage: Usage


class Reviewer(Protocol):
    """Anything that turns a case into a verified memo within its own deadline."""

    @property
    def name(self) -> ReviewerName: ...

    async def review(self, case: Case) -> Reviewed: ...
