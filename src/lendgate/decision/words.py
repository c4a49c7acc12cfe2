"""The approved sentences of a decision: what was decided, and what happens next.

Law: written here and nowhere else, without a number that was not decided, without a promise beyond the
decision, and without a word about how it was reached. ``decision.lint`` reads them, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lendgate.schema import DecisionAction
from lendgate.schema.enums import Product

CREDIT: Final[Mapping[Product, str]] = MappingProxyType(
    {"personal_loan": "a personal loan", "mortgage": "a mortgage loan"}
)
STATEMENTS: Final[Mapping[DecisionAction, str]] = MappingProxyType(
    {
        "approve": "The application is approved.",
        "approve_with_conditions": "The application is approved, subject to the conditions listed.",
        "counteroffer": "Credit is not available on the terms requested; it is offered on other terms.",
        "decline": "The request for credit is declined.",
        "incomplete": "The application is incomplete, and no decision can be made on it as it is.",
        "withdrawn": "The application is withdrawn; no further action is taken on it.",
    }
)
NEXT_STEPS: Final[Mapping[DecisionAction, tuple[str, ...]]] = MappingProxyType(
    {
        "approve": ("The lender will be in touch about closing.",),
        "approve_with_conditions": (
            "Send what the conditions ask for.",
            "The lender will be in touch about closing once the conditions are met.",
        ),
        "counteroffer": (
            "Tell the lender by the date given whether the applicant accepts the terms offered.",
            "The applicant may ask for a human review or correct information that is wrong.",
        ),
        "decline": (
            "The applicant may ask for a human review or correct information that is wrong.",
            "The applicant may apply again at any time.",
        ),
        "incomplete": (
            "Send what is missing by the date given; the application is then decided.",
            "Without it, no further consideration is given to the application.",
        ),
        "withdrawn": ("The applicant may apply again at any time.",),
    }
)
