"""A recommendation made again: the stored facts under a policy, and what differs from what was stored.

Law: pure. Under the policy that was applied the same facts give the same bytes (invariant d); under another
one the difference is told rule by rule, with the limit that made it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lendgate.decision.recommend import recommend
from lendgate.intake.completeness import present
from lendgate.policy.evaluate import evaluate
from lendgate.policy.model import Assessment, Facts, Finding
from lendgate.policy.pack import Pack
from lendgate.schema import Application, Completeness, CreditMemo, Recommendation


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a recommendation rested on, as it was stored; ``as_of`` is the day the limits are taken of."""

    application: Application
    facts: Facts
    as_of: date
    completeness: Completeness
    memo: CreditMemo


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One rule that would say something else; None where a policy does not have it, or it does not apply."""

    rule: str
    before: str | None
    after: str | None
    limit_before: str | None
    limit_after: str | None


def replay(grounds: Grounds, pack: Pack) -> tuple[tuple[Finding, ...], Recommendation]:
    """Findings and recommendation of the stored facts under ``pack``.

    Raises:
        PolicyError: a rule that did not pass has no public reason.
    """
    findings = evaluate(pack, grounds.facts, grounds.as_of)
    missing = tuple(pointer for pointer in pack.needs if not present(grounds.application, pointer))
    assessment = Assessment(grounds.facts, findings, missing, pack.reference)
    return findings, recommend(assessment, grounds.completeness, grounds.memo)


def rule_changes(before: Sequence[Finding], after: Sequence[Finding]) -> tuple[RuleChange, ...]:
    """Every rule whose result differs, in the order in which it was stored, new ones last."""
    then, now = ({finding.rule: finding for finding in each} for each in (before, after))
    changes = (_change(rule, then.get(rule), now.get(rule)) for rule in dict.fromkeys((*then, *now)))
    return tuple(change for change in changes if change.before != change.after)


def _change(rule: str, before: Finding | None, after: Finding | None) -> RuleChange:
    return RuleChange(
        rule=rule,
        before=before.result if before else None,
        after=after.result if after else None,
        limit_before=before.limit if before else None,
        limit_after=after.limit if after else None,
    )
