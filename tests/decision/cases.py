"""Whole cases for the tests of decisions and notices: applications judged by the packaged policy."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime

from lendgate.decision.consumer_report import disclosure, report_facts_used
from lendgate.decision.creditor import Creditor, sample_creditors
from lendgate.decision.decide import Matter, decide
from lendgate.decision.letter import Letter
from lendgate.decision.notices import Told, notice
from lendgate.policy.evaluate import assess
from lendgate.policy.library import load_packs
from lendgate.policy.model import Assessment
from lendgate.schema import Application, Decision
from lendgate.schema.referral import Verdict
from tests.review.builders import TERMS, verdict

LENDER: Creditor = sample_creditors()["local"]
NIGHT = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
"""Still 25 November in Chicago."""
DAY = date(2026, 11, 25)
REPORT = {"key_factors": ["Amount owed on accounts", "Number of recent inquiries"]}
PACKS = load_packs()
BURDENED: dict[str, object] = {
    "applicant_id": "A123",
    "income": 40000,
    "debt_to_income": 0.62,
    "amount_requested": 10000,
    "term_months": 36,
    "applicants": [{"name": {"first": "Ana", "last": "Núñez"}}],
}
"""Declined for its obligations; no consumer report."""
REPORTED = BURDENED | {
    "credit": {"score": 600, "score_date": "2026-11-01", "inquiries_six_months": 6},
}
"""The same with a report and its score."""


def assessed(sent: dict[str, object]) -> tuple[Application, Assessment]:
    """An application and what the packaged policy finds in it."""
    application = Application.model_validate(sent)
    return application, assess(PACKS[application.product], application, DAY)


def decided(
    sent: dict[str, object], said: Verdict, lender: Creditor = LENDER
) -> tuple[Decision, Letter | None]:
    """The decision that a verdict makes, and its notice."""
    application, assessment = assessed(sent)
    matter = Matter("dec-1", "rev-1", application.product, assessment.findings, lender, NIGHT)
    made = decide(matter, said)
    used = report_facts_used(assessment.findings, assessment.facts)
    adverse = said.action in ("decline", "counteroffer")
    report = disclosure(used, application.credit, said.consumer_report, lender) if adverse else None
    return made, notice(Told(made, application, "broker-1", lender, report))


def letter(sent: dict[str, object], said: Verdict, lender: Creditor = LENDER) -> Letter:
    """The notice, which there has to be."""
    found = decided(sent, said, lender)[1]
    assert found is not None
    return found


NOTICES: dict[str, tuple[dict[str, object], Verdict, Creditor]] = {
    "c-1": (BURDENED, verdict(), LENDER),
    "c-1-report": (REPORTED, verdict(codes=["AA09", "AA22"], consumer_report=REPORT), LENDER),
    "c-2-report": (
        REPORTED,
        verdict(consumer_report=REPORT),
        LENDER.model_copy(update={"denial_form": "C-2"}),
    ),
    "c-4": (
        BURDENED,
        verdict("counteroffer", counteroffer=TERMS | {"annual_rate": 0.06875, "other": "A co-applicant"}),
        LENDER,
    ),
    "c-6": (BURDENED, verdict("incomplete"), LENDER),
}
"""Notices that are kept word for word in ``snapshots/``."""


def random_application(dice: random.Random) -> dict[str, object]:
    """A personal loan application with anything known or unknown, good or bad."""
    credit = {
        "score": dice.randint(450, 850),
        "score_date": "2026-11-01",
        "oldest_trade_months": dice.randint(0, 300),
        "inquiries_six_months": dice.randint(0, 9),
        "delinquencies_current": dice.choice((0, 0, 0, 1, 3)),
        "collections": dice.randint(0, 2),
    }
    declared = {
        "foreclosure": dice.random() < 0.1,
        "outstanding_judgments": dice.random() < 0.1,
        "bankruptcy": {"chapter": "ChapterSeven", "discharged_on": f"20{dice.randint(10, 25)}-01-15"},
    }
    if dice.random() < 0.7:
        del declared["bankruptcy"]
    sent: dict[str, object] = {
        "applicant_id": f"R{dice.randint(1, 10**9)}",
        "income": dice.choice((8000, 20000, 60000, 95000, 180000)),
        "debt_to_income": round(dice.uniform(0.05, 0.9), 3),
        "employment_years": dice.randint(0, 30),
        "amount_requested": dice.randint(1000, 50000),
        "apr": round(dice.uniform(0.05, 0.45), 4),
        "credit": {name: value for name, value in credit.items() if dice.random() < 0.85},
        "applicants": [{"declarations": declared}],
    }
    kept = {"applicant_id", "income", "debt_to_income"}
    return {name: value for name, value in sent.items() if name in kept or dice.random() < 0.85}
