"""The bodies that are sent: what people send most, and a whole mortgage file.

Law: ``WHOLE`` is about 1.5 KB; ``REFUSED`` is ``WHOLE`` with one value that cannot be.
"""

from __future__ import annotations

import json
from typing import Final

_SMALL: Final[dict[str, object]] = {
    "applicant_id": "TEST-001",
    "income": 120000,
    "employment_years": 6,
    "debt_to_income": 0.22,
}
_WHOLE: Final[dict[str, object]] = {
    "applicant_id": "HOME-006",
    "external_ref": "B-2026-004417",
    "product": "mortgage",
    "income": 132000,
    "debt_to_income": 0.33,
    "employment_years": 7,
    "amount_requested": 320000,
    "term_months": 360,
    "note_rate": 0.0625,
    "loan_purpose": "Purchase",
    "mortgage_type": "Conventional",
    "property_usage": "PrimaryResidence",
    "lien_priority": "FirstLien",
    "amortization_type": "Fixed",
    "applicants": [
        {
            "citizenship_residency": "USCitizen",
            "incomes": [{"type": "Base", "monthly_amount": 11000, "verified": "document"}],
            "declarations": {"foreclosure": False, "outstanding_judgments": False, "intent_to_occupy": True},
        }
    ],
    "liabilities": [
        {"type": "Installment", "monthly_payment": 410, "balance": 15200, "months_left": 38},
        {"type": "Revolving", "monthly_payment": 95, "balance": 3100},
    ],
    "assets": [
        {"type": "CheckingAccount", "value": 38000},
        {"type": "SavingsAccount", "value": 71500.25},
    ],
    "property": {"value": 425000, "value_basis": "appraised", "sales_price": 421000, "units": 1},
    "housing_expense": {"principal_and_interest": 1970.29, "hazard_insurance": 120, "property_taxes": 540},
    "credit": {"score": 764, "oldest_trade_months": 140, "tradelines": 9, "inquiries_six_months": 1},
    "documents": [
        {"type": "urla_1003"},
        {"type": "identity_document"},
        {"type": "pay_stub"},
        {"type": "w2"},
        {"type": "bank_statement"},
        {"type": "purchase_contract"},
    ],
}


def _bytes(application: dict[str, object]) -> bytes:
    return json.dumps(application, separators=(",", ":")).encode()


SMALL: Final = _bytes(_SMALL)
WHOLE: Final = _bytes(_WHOLE)
REFUSED: Final = _bytes(_WHOLE | {"debt_to_income": 33})
