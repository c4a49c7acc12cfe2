"""The demo's pay stub: read as what it is, whatever the day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from lendgate.cli.demo_stub import pay_stub
from lendgate.documents.case import Case
from lendgate.documents.facts import document_facts
from lendgate.documents.triage import triage
from tests.documents.reading import read_bytes


@pytest.mark.parametrize("today", [date(2026, 11, 26), date(2027, 6, 15)])
def test_the_stub_shows_the_income_that_the_demo_states(today: date) -> None:
    """A pay stub of lately with 10,000 dollars a month."""
    case = Case(as_of=today, monthly_income=Decimal(10_000))
    result = triage(read_bytes(pay_stub(today)), case)
    (only,) = result.documents
    assert only.document.type == "pay_stub"
    facts = document_facts([only.document], case)
    assert facts["documented_income_difference"].value < Decimal("0.001")
    assert only.document.extract.day("period_end") == today - timedelta(days=9)
