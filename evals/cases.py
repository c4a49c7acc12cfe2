"""The cases: applications that a memo can go wrong about, and what is to be true of each.

Law: what is expected is written here by hand; it is not computed by what is tested. A case reads like one
line of a credit desk's test book.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from lendgate.schema.review import Outcome, Risk


@dataclass(frozen=True, slots=True)
class EvalCase:
    """One application; ``mentions``: words of which a good memo says at least one."""

    name: str
    application: dict[str, Any]
    outcome: Outcome
    risk: Risk
    mentions: tuple[str, ...]


_SMALL: Final[dict[str, Any]] = {
    "applicant_id": "EVAL-1",
    "income": 118350,
    "debt_to_income": 0.2213,
    "employment_years": 7.75,
}
_CREDIT: Final[dict[str, Any]] = {
    "score": 751,
    "oldest_trade_months": 133,
    "inquiries_six_months": 1,
    "delinquencies_current": 0,
}
CASES: Final = (
    EvalCase("steady", _SMALL, "refer", "low", ("income",)),
    EvalCase(
        "over-leveraged", _SMALL | {"debt_to_income": 0.6227}, "ineligible", "high", ("debt-to-income",)
    ),
    EvalCase("little-income", _SMALL | {"income": 9150}, "ineligible", "high", ("income",)),
    EvalCase("new-job", _SMALL | {"employment_years": 0.7}, "refer", "moderate", ("job", "employment")),
    EvalCase(
        "past-due",
        _SMALL | {"credit": _CREDIT | {"score": 553, "delinquencies_current": 5}},
        "ineligible",
        "high",
        ("past due", "credit score"),
    ),
    EvalCase(
        "open-bankruptcy",
        _SMALL | {"applicants": [{"declarations": {"bankruptcy": {"chapter": "ChapterSeven"}}}]},
        "ineligible",
        "high",
        ("bankruptcy",),
    ),
    EvalCase(
        "home-without-figures",
        _SMALL | {"product": "mortgage"},
        "incomplete",
        "undetermined",
        ("provided", "missing", "send", "cannot"),
    ),
    EvalCase(
        "home-dear",
        _SMALL
        | {
            "product": "mortgage",
            "amount_requested": 371400,
            "term_months": 351,
            "note_rate": 0.0671,
            "loan_purpose": "Purchase",
            "property_usage": "PrimaryResidence",
            "property": {"value": 372100},
            "credit": {"score": 733},
        },
        "ineligible",
        "high",
        ("loan-to-value", "value"),
    ),
)
