"""The reviewer: the machine that writes the memo.

Law: a reviewer sees a ``Case`` and nothing else: typed facts, findings in public words, what is
missing. It sets no outcome, no reason and no number; it may only ask for a person (``escalate``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from lendgate.policy.model import Facts
from lendgate.schema import CheckOutcome, Completeness, CreditMemo, Risk, Usage
from lendgate.schema.enums import Product
from lendgate.schema.review import ReviewerName


@dataclass(frozen=True, slots=True)
class Case:
    """All that a reviewer is given about one application."""

    product: Product
    facts: Facts
    checks: tuple[CheckOutcome, ...]
    risk: Risk
    completeness: Completeness


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
