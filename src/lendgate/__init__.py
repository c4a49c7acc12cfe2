"""Lendgate: a lending-agent platform. A gate at the edge, policy in Python, words from a reviewer.

    from lendgate import lending_agent
    print(lending_agent({"applicant_id": "A123", "income": 95000, "debt_to_income": 0.31}))

The names below load on first use, so that ``lendgate.client`` and ``lendgate.schema`` stay free of
server code.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lendgate.agent import (
        AsyncLendingAgent,
        CaseReview,
        EdgeRejection,
        LendingAgent,
        analyze_lending_case,
        ask,
        explain_risk,
        lending_agent,
        process_application,
        summarize_income,
    )
    from lendgate.client import AsyncLendgateClient, LendgateClient

__version__ = "0.1.0"
__all__ = [
    "AsyncLendgateClient",
    "AsyncLendingAgent",
    "CaseReview",
    "EdgeRejection",
    "LendgateClient",
    "LendingAgent",
    "analyze_lending_case",
    "ask",
    "explain_risk",
    "lending_agent",
    "process_application",
    "summarize_income",
]
_HOMES: Final = {
    name: "lendgate.client" if name.endswith("LendgateClient") else "lendgate.agent" for name in __all__
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'lendgate' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
