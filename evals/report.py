"""The scores as a table for people and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from evals.graders import GRADERS, MUST_HOLD
from evals.score import Score, Share

_NAME: Final = 26


def text(scores: Sequence[Score]) -> str:
    """One block a subject: every question with its share, interval and grader errors."""
    return "\n".join(line for score in scores for line in _block(score))


def _block(score: Score) -> list[str]:
    verdict = "holds" if score.holds else "FAILS"
    spent = f"p50 {score.seconds_p50 * 1e3:.0f} ms · ${score.cost_usd:.4f}"
    return [
        f"{score.subject}  [{verdict}]  {score.trials} memos",
        *(f"  {_flag(name)} {name:{_NAME}} {_share(score.shares[name])}" for name in GRADERS),
        f"    {score.dropped_a_memo:.1f} claims dropped a memo · {spent} · {score.cached_share:.0%} cached",
        "",
    ]


def _flag(name: str) -> str:
    return "!" if name in MUST_HOLD else " "


def _share(share: Share) -> str:
    errors = f"  ({share.errors} grader errors)" if share.errors else ""
    if share.interval is None:
        return f"not graded{errors}"
    low, high = share.interval
    return f"{share.passed:4} of {share.graded:4}   {low:.0%} to {high:.0%}{errors}"


def document(scores: Sequence[Score]) -> dict[str, Any]:
    """The same figures."""
    return {
        "subjects": [
            {
                "subject": score.subject,
                "holds": score.holds,
                "memos": score.trials,
                "questions": {name: _as_json(share) for name, share in score.shares.items()},
                "dropped_a_memo": score.dropped_a_memo,
                "seconds_p50": score.seconds_p50,
                "cost_usd": str(score.cost_usd),
                "cached_share": score.cached_share,
            }
            for score in scores
        ],
        "must_hold": list(MUST_HOLD),
    }


def _as_json(share: Share) -> dict[str, Any]:
    return {
        "passed": share.passed,
        "graded": share.graded,
        "grader_errors": share.errors,
        "interval95": share.interval,
    }
