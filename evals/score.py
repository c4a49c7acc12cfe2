"""Scores: the trials of one subject, counted.

Law: a grader's error is counted by itself and is in no share; a share comes with its interval.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from evals.graders import GRADERS, MUST_HOLD, Grader
from evals.trial import Trial
from evals.wilson import wilson


@dataclass(frozen=True, slots=True)
class Share:
    """How often the answer was yes, among the trials that the grader could tell."""

    passed: int
    graded: int
    errors: int

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 %; None when nothing could be graded."""
        return wilson(self.passed, self.graded) if self.graded else None


@dataclass(frozen=True, slots=True)
class Score:
    """One subject: shares by question; claims dropped a memo; seconds in the middle; dollars in all."""

    subject: str
    trials: int
    shares: Mapping[str, Share]
    dropped_a_memo: float
    seconds_p50: float
    cost_usd: Decimal
    cached_share: float

    @property
    def holds(self) -> bool:
        """Whether nothing failed that no memo may fail."""
        return all(self.shares[name].passed == self.shares[name].graded for name in MUST_HOLD)


def score(subject: str, trials: Sequence[Trial], graders: Mapping[str, Grader] = GRADERS) -> Score:
    """Grade all trials of a subject; there is at least one."""
    return Score(
        subject=subject,
        trials=len(trials),
        shares={name: _share(grader, trials) for name, grader in graders.items()},
        dropped_a_memo=sum(trial.memo.dropped_claims for trial in trials) / len(trials),
        seconds_p50=median(trial.seconds for trial in trials),
        cost_usd=sum((trial.cost for trial in trials), Decimal(0)),
        cached_share=sum(trial.cached_share for trial in trials) / len(trials),
    )


def _share(grader: Grader, trials: Iterable[Trial]) -> Share:
    passed = graded = errors = 0
    for trial in trials:
        try:
            passed += grader(trial)
            graded += 1
        except Exception:  # noqa: BLE001 - whatever is wrong with a grader says nothing about the trial
            errors += 1
    return Share(passed, graded, errors)
