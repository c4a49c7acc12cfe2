"""The reviewer: the machine that writes the memo.

Law: of the application a reviewer sees a ``Case`` and nothing else: typed facts, findings in public words,
what is missing. It sets no outcome, no reason and no number; it may only ask for a person (``escalate``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from lendgate.policy.model import Assessment, Facts
from lendgate.schema import CheckOutcome, Completeness, CreditMemo, Risk, Usage
from lendgate.schema.enums import Product
from lendgate.schema.review import ReviewerName


@dataclass(frozen=True, slots=True)
class ChargedTo:
    """Whose money a review may cost: the tenant, and the review it is booked under."""

    tenant: str
    subject: str


IN_PROCESS: Final = ChargedTo("in-process", "in-process")
"""Reviews that nobody stored (``agent``)."""


@dataclass(frozen=True, slots=True)
class Case:
    """All that a reviewer is given about one application.

    ``rests_on`` names, by check, the facts that the check looked at: never what it compared them with.
    ``charged_to`` is for the till and is not told to any model.
    """

    product: Product
    facts: Facts
    checks: tuple[CheckOutcome, ...]
    risk: Risk
    completeness: Completeness
    rests_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    charged_to: ChargedTo = IN_PROCESS


def case_of(
    product: Product,
    assessment: Assessment,
    completeness: Completeness,
    risk: Risk,
    charged_to: ChargedTo = IN_PROCESS,
) -> Case:
    """The reviewer's view of an assessment: everything private (limits, notes, effects) stays behind."""
    return Case(
        product=product,
        facts=assessment.facts,
        checks=tuple(finding.public for finding in assessment.findings),
        risk=risk,
        completeness=completeness,
        rests_on={finding.rule: finding.facts for finding in assessment.findings},
        charged_to=charged_to,
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
