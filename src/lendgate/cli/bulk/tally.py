"""What a run came to so far: outcomes, reasons, and how debt-to-income ratios are spread.

Law: pure and small however many applications were counted; two tallies add up, so several processes can
each count their own; it goes to JSON and back unchanged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lendgate.schema import Recommendation

REFUSED: Final = "refused"
BARS: Final = 20
"""Bars of the histogram: five percentage points each; what is more goes to the last."""


@dataclass(slots=True)
class Tally:
    """Counts. ``spread`` is by bar and outcome, ``bar:outcome``; ``reasons`` are their public words."""

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    spread: Counter[str] = field(default_factory=Counter)

    def count(self, result: Mapping[str, Any], ratio: float | None = None) -> None:
        """One more result; ``ratio`` is its debt-to-income ratio, where one is known."""
        outcome, reasons = outcome_of(result), (result.get("recommendation") or {}).get("reasons", ())
        judged = None if outcome == REFUSED else ratio
        self._count(outcome, [reason["text"] for reason in reasons], judged)

    def count_recommendation(self, recommendation: Recommendation, ratio: float | None) -> None:
        """The same of a recommendation that is at hand."""
        self._count(recommendation.outcome, [reason.text for reason in recommendation.reasons], ratio)

    def _count(self, outcome: str, reasons: list[str], ratio: float | None) -> None:
        self.outcomes[outcome] += 1
        for reason in reasons:
            self.reasons[reason] += 1
        if ratio is not None:
            self.spread[f"{min(int(ratio * BARS), BARS - 1)}:{outcome}"] += 1

    def add(self, other: Tally) -> None:
        """Everything that another one counted."""
        self.outcomes.update(other.outcomes)
        self.reasons.update(other.reasons)
        self.spread.update(other.spread)

    @property
    def total(self) -> int:
        """How many results were counted."""
        return self.outcomes.total()

    def in_bar(self, bar: int, outcome: str) -> int:
        """How many of an outcome have a ratio in this bar."""
        return self.spread[f"{bar}:{outcome}"]

    def as_json(self) -> dict[str, dict[str, int]]:
        """For ``tally_from``."""
        return {name: dict(getattr(self, name)) for name in ("outcomes", "reasons", "spread")}


def tally_from(document: Mapping[str, Mapping[str, int]]) -> Tally:
    """The tally that ``as_json`` wrote."""
    return Tally(**{name: Counter(counts) for name, counts in document.items()})


def outcome_of(result: Mapping[str, Any]) -> str:
    """The outcome of a result; ``refused``, or how a review stands that has none yet."""
    if result.get("ok") is False:
        return REFUSED
    return str((result.get("recommendation") or {}).get("outcome", result.get("status")))
