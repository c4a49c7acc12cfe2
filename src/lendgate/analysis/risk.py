"""How risky an application looks, explained to the people it is about."""

from __future__ import annotations

from typing import Final

from lendgate.analysis import prose
from lendgate.analysis.reviewer import Case
from lendgate.analysis.speaking import Topic
from lendgate.analysis.telling import told

PROMPT: Final = "explain-risk"


def risk_explained(case: Case) -> Topic:
    """The risk, what speaks for the application and what does not, and what comes next."""
    return Topic(case, PROMPT, told(case), by_rule(case))


def by_rule(case: Case) -> str:
    """The explanation without a model: the memo's own paragraphs."""
    passed = prose.titles(case, "pass")
    return " ".join(
        (
            prose.risk_summary(case),
            *((f"Checks passed: {', '.join(passed)}.",) if passed else ()),
            *(concern.text for concern in prose.concerns(case)),
            prose.next_step(case),
        )
    )
