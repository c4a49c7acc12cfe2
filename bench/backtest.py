"""The back-test by itself: applications a second on one core, and where the time goes.

Law: no row comes twice, so nothing that is kept of earlier rows helps more than it would in a portfolio. CPU
time of this process counts, in the best of several slices: whatever disturbs makes it slower.

    python -m bench.backtest
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Final, TypeVar

from lendgate.bootstrap import rulebook_from
from lendgate.cli.applications import Cells, Row
from lendgate.cli.bulk.backtest import CHUNK, Judge
from lendgate.cli.bulk.reviewing import intake_of
from lendgate.decision.recommend import recommend
from lendgate.intake.completeness import completeness
from lendgate.policy.evaluate import evaluate
from lendgate.policy.facts import derive
from lendgate.policy.model import Assessment
from lendgate.schema import CreditMemo
from lendgate.settings import ServiceSettings
from lendgate.workflow.underwrite import Rulebook

_Item = TypeVar("_Item")
AIM: Final = 20_000
_SLICES: Final = 12
_HEADER: Final = (
    "applicant_id",
    "income",
    "debt_to_income",
    "employment_years",
    "amount_requested",
    "credit.score",
)
_MEMO: Final = CreditMemo(reviewer="rules", risk_summary="-", checks_passed=(), next_step="-")


@dataclass(frozen=True, slots=True)
class Found:
    """Applications a second on one core, and microseconds of CPU an application, step by step."""

    a_second: float
    steps: dict[str, float]

    @property
    def lines(self) -> list[str]:
        """For people."""
        verdict = "met" if self.a_second >= AIM else "missed"
        return [
            f"back-test, one core: {self.a_second:,.0f} applications a second (aim {AIM:,}: {verdict})",
            *(f"  {name:42} {taken:8.1f} µs" for name, taken in self.steps.items()),
        ]


def measure() -> Found:
    """Everything; takes some ten seconds."""
    rulebook, today = rulebook_from(ServiceSettings(reviewer="rules")), datetime.now(UTC).date()
    judge = Judge(rulebook, Cells(_HEADER), today)
    rows: list[Row] = [_row(number) for number in range(CHUNK * (_SLICES + 1))]
    whole = _best(lambda chunk: judge.part(1, chunk), rows)
    return Found(1e6 / whole, {"whole": whole, **_steps(rulebook, today)})


def _steps(rulebook: Rulebook, today: date) -> dict[str, float]:
    pack, cells = rulebook.packs["personal_loan"], Cells(_HEADER)
    # Other rows than those of before: of these nothing is kept.
    rows: list[Row] = [_row(number) for number in range(1_000_000, 1_000_000 + CHUNK * (_SLICES + 1))]
    bodies = [cells(row) for row in rows]
    applications = [intake_of(body).application for body in bodies]
    facts = [derive(each, today) for each in applications]
    missing = [completeness(each, rulebook.requirements) for each in applications]
    judged = [
        (Assessment(each, evaluate(pack, each, today), (), pack.reference), lacking)
        for each, lacking in zip(facts, missing, strict=True)
    ]
    fresh = [derive(intake_of(cells(_row(number))).application, today) for number in range(len(rows))]
    return {
        "cells to values": _best(_each(cells), rows),
        "validate (pydantic, decimals)": _best(_each(intake_of), bodies),
        "facts": _best(_each(lambda application: derive(application, today)), applications),
        "findings (CEL)": _best(_each(lambda known: evaluate(pack, known, today)), fresh),
        "completeness": _best(_each(lambda each: completeness(each, rulebook.requirements)), applications),
        "recommendation": _best(_each(lambda pair: recommend(pair[0], pair[1], _MEMO)), judged),
    }


def _row(number: int) -> list[str]:
    """An application like no other; the same for the same number."""
    chance = random.Random(number)
    score = str(chance.randrange(560, 850)) if number % 5 else ""
    income, ratio = chance.randrange(12_000, 250_000), round(chance.random() ** 1.5 * 0.9, 4)
    years, amount = round(chance.random() * 20, 1), chance.randrange(1_000, 50_000, 100)
    return [f"A{number}", str(income), str(ratio), str(years), str(amount), score]


def _each(call: Callable[[_Item], object]) -> Callable[[list[_Item]], object]:
    return lambda chunk: [call(each) for each in chunk]


def _best(call: Callable[[list[_Item]], object], given: list[_Item]) -> float:
    """Microseconds an item, in the best slice; the first one only warms up."""
    taken = []
    for start in range(0, len(given), CHUNK):
        begun = time.process_time()
        call(given[start : start + CHUNK])
        taken.append(time.process_time() - begun)
    return min(taken[1:]) / CHUNK * 1e6


if __name__ == "__main__":
    found = measure()
    print(json.dumps(asdict(found)) if "--json" in sys.argv else "\n".join(found.lines))
