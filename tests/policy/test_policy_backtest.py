"""The mortgage sample on real decisions: Boston Fed HMDA study, 1,989 applications of 1990.

It asks only for a sane order: those the rules find fault with were denied more often than those they pass.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from lendgate.policy.evaluate import assess, risk_of
from lendgate.schema import Application
from tests.policy.builders import DAY, PACKS

DECISIONS = Path(__file__).resolve().parents[3] / "shared/data/decisions/boston_hmda_1990.csv"
USAGE = {"1": "PrimaryResidence", "2": "SecondHome", "3": "Investment"}


def decided() -> Iterator[tuple[Application, bool]]:
    """Each application with enough figures, and whether it was denied."""
    with DECISIONS.open() as file:
        for row in csv.DictReader(file):
            if not all(row[name] for name in ("obrat", "atotinc", "cototinc", "price", "loanamt", "unit")):
                continue
            price = round(float(row["price"]) * 1000)
            body = {
                "applicant_id": "B1",
                "product": "mortgage",
                "income": round(float(row["atotinc"]) + float(row["cototinc"])) * 12,
                "debt_to_income": min(float(row["obrat"]) / 100, 1.0),
                "amount_requested": round(float(row["loanamt"]) * 1000),
                "loan_purpose": "Purchase",
                "mortgage_type": "Conventional",
                "lien_priority": "FirstLien",
                "amortization_type": "Fixed" if row["fixadj"] == "0" else "AdjustableRate",
                "property_usage": USAGE[row["occ"]],
                "property": {"value": price, "units": int(float(row["unit"]))},
            }
            yield Application.model_validate(body), row["reject"] == "1"


def test_faults_were_denied_more_often_than_passes() -> None:
    """Denials among applications with a failed rule are at least twice as frequent as among the others."""
    if not DECISIONS.exists():
        pytest.skip("../shared/data/decisions is not here")
    seen: Counter[str] = Counter()
    denied: Counter[str] = Counter()
    for application, was_denied in decided():
        risk = risk_of(assess(PACKS["mortgage"], application, DAY).findings)
        seen[risk] += 1
        denied[risk] += was_denied
    assert seen.total() > 1900
    assert seen["undetermined"] == 0
    share = {risk: denied[risk] / seen[risk] for risk in seen}
    assert share["low"] < 0.12
    assert share["moderate"] > 2 * share["low"]
    assert share["high"] > 2 * share["low"]
