"""Principal reasons: which public reasons an outcome carries, and in which order.

Law: a reason comes from a rule that did not pass, in the rule's own public words, or says that the
application is incomplete; nothing else can add, drop, reorder or reword one (domain.md R04, R05).

Order: a rule that failed before one that could not be evaluated, decline before refer, knockout first,
then the pack's rank, then pack order; one reason a code.

Source: 12 CFR 1002.9(b)(2), 1002.9(c) and the commentary to 9(b)(2): -1 (more than four reasons are not
likely to be helpful), -2 (reasons are the factors actually considered), -8 (an automatic-denial factor
must be disclosed). Where more than four knockouts fail, -8 is a duty and -1 advice: all of them are named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from lendgate.errors import PolicyError
from lendgate.policy.model import Finding
from lendgate.policy.reasons import catalogue
from lendgate.schema import Outcome, PublicReason

MOST_REASONS: Final = 4
INCOMPLETE_REASON: Final = PublicReason(code="AA01", text="Credit application incomplete", hmda_code=7)
"""Form C-1, Part I, first line; HMDA denial code 7."""
# A score that did not qualify is no reason (9(b)(2)-4): the underwriter names the factors behind it.
REFERRAL_ONLY: Final = frozenset(code for code, entry in catalogue().items() if not entry.principal)
"""Codes that send a file to an underwriter and explain no decline."""


def principal_reasons(findings: Sequence[Finding], outcome: Outcome) -> tuple[PublicReason, ...]:
    """The reasons of an outcome, gravest first; none for ``eligible``.

    "Unable to verify …" belongs to a referral only: a decline rests on what was found, not on what is
    unknown, and an incomplete application is unknown for the one reason named first.

    Raises:
        PolicyError: a rule that did not pass has no public reason, so nobody could be told why.
    """
    if outcome == "eligible":
        return ()
    ranked = sorted(_speaking(findings, outcome), key=gravity)
    reasons = [reason_of(finding) for finding in ranked]
    never_cut = {reason_of(finding).code for finding in ranked if is_failed_knockout(finding)}
    if outcome == "incomplete":
        reasons.insert(0, INCOMPLETE_REASON)
        never_cut.add(INCOMPLETE_REASON.code)
    return _foremost(reasons, never_cut)


def _speaking(findings: Iterable[Finding], outcome: Outcome) -> list[Finding]:
    if outcome == "refer":
        return [finding for finding in findings if finding.result != "pass"]
    failed = [finding for finding in findings if finding.result == "fail"]
    return [finding for finding in failed if reason_of(finding).code not in REFERRAL_ONLY]


def gravity(finding: Finding) -> tuple[bool, bool, bool, int]:
    """The key that puts the gravest finding first."""
    # sorted() is stable, so pack order settles what is left equal.
    return (finding.result != "fail", finding.effect != "decline", not finding.knockout, finding.rank)


def is_failed_knockout(finding: Finding) -> bool:
    """An automatic-denial factor that was met: its reason must be told (9(b)(2)-8)."""
    return finding.knockout and finding.result == "fail"


def reason_of(finding: Finding) -> PublicReason:
    """The public reason of a finding that is no pass.

    Raises:
        PolicyError: it has none.
    """
    if finding.reason is None:
        raise PolicyError(
            f"rule {finding.rule} has result {finding.result} and no public reason: give it one in its pack"
        )
    return finding.reason


def _foremost(reasons: Iterable[PublicReason], never_cut: set[str]) -> tuple[PublicReason, ...]:
    """One reason a code, in the order given, at most four unless more may not be cut."""
    by_code: dict[str, PublicReason] = {}
    for reason in reasons:
        by_code.setdefault(reason.code, reason)
    spare = MOST_REASONS - len(never_cut)
    others = [code for code in by_code if code not in never_cut][: max(spare, 0)]
    return tuple(reason for code, reason in by_code.items() if code in never_cut or code in others)
