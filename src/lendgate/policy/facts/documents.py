"""What accepted documents show, beside what is stated and never in its place.

Law: these facts come from outside (``workflow.evidence``) and are only written down here: a number that no
accepted document shows is unknown, and whether income is documented is always known.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from lendgate.policy.facts.record import fact
from lendgate.policy.model import Fact, Facts

_SHOWN: Final = (
    "documented_annual_income",
    "documented_monthly_income",
    "documented_income_difference",
    "documented_assets",
    "documented_debt_payments",
)


def document_facts(shown: Facts) -> tuple[Fact, ...]:
    """Every registered fact that documents may show; ``shown`` are those that they do."""
    how = "Whether documents that were accepted show income."
    documented = fact("income_documented", "documented_annual_income" in shown, how, "/documents")
    return (documented, *(_written_down(name, shown.get(name)) for name in _SHOWN))


def _written_down(name: str, shown: Fact | None) -> Fact:
    if shown is None:
        return fact(name, None, "Unknown: no document that was accepted shows it.", "/documents")
    return replace(fact(name, shown.value, shown.how, *shown.inputs), verified="document")
