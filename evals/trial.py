"""One trial: one case put to one subject once, and everything a grader may look at."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from evals.cases import EvalCase
from lendgate.analysis import prose
from lendgate.analysis.reviewer import Case, ChargedTo, Reviewer
from lendgate.intake.parse import validate
from lendgate.schema import CreditMemo, Recommendation
from lendgate.workflow.underwrite import Rulebook, underwrite

DAY: Final = date(2026, 11, 22)
"""The cases are judged as of this day, whenever they are run."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it; ``seconds`` of waiting, ``cost`` in US dollars."""

    case: EvalCase
    given: Case
    memo: CreditMemo
    rules_memo: CreditMemo
    recommendation: Recommendation
    seconds: float
    cost: Decimal
    cached_share: float

    @property
    def read(self) -> str:
        """Everything a reader reads, in lower case."""
        memo = self.memo
        concerns = (concern.text for concern in memo.concerns)
        return " ".join((memo.risk_summary, *memo.checks_passed, *concerns, memo.next_step)).lower()


async def put(case: EvalCase, reviewer: Reviewer, rulebook: Rulebook, subject: str) -> Trial:
    """Put a case to a reviewer."""
    application = validate(case.application).application
    begun = time.perf_counter()
    result = await underwrite(
        application, DAY, rulebook, reviewer, ChargedTo("evals", f"{subject}/{case.name}")
    )
    usage = result.reviewed.usage
    return Trial(
        case=case,
        given=result.case,
        memo=result.reviewed.memo,
        rules_memo=prose.write(result.case),
        recommendation=result.recommendation,
        seconds=time.perf_counter() - begun,
        cost=usage.cost_usd,
        cached_share=usage.cached_tokens / usage.input_tokens if usage.input_tokens else 0.0,
    )
