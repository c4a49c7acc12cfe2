"""The principal reasons that an underwriter chooses: out of what the findings support, in the rules' order.

Law: a person picks codes and nothing else. The words are the catalogue's, the order is the findings', an
automatic-denial factor is named whether it was picked or not, and a reason that no finding supports is
refused (domain.md R04, R05; 12 CFR 1002.9(b)(2) and commentary 9(b)(2)-2, -6, -8).

A failed rule supports its own reason, and one that could not be evaluated its own "unable to verify …".
A failed rule whose reason only refers (a score) supports the factors behind it: the principal reasons of
the same HMDA code, among which the underwriter names those that the report shows (9(b)(2)-4).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lendgate.decision.reasons import MOST_REASONS, REFERRAL_ONLY, gravity, is_failed_knockout, reason_of
from lendgate.decision.refusals import DecisionRefusedError
from lendgate.policy.model import Finding
from lendgate.policy.reasons import catalogue
from lendgate.schema import PublicReason


@dataclass(frozen=True, slots=True)
class Supported:
    """A reason that may be chosen, and the rules that support it; ``must`` be told of a decline."""

    reason: PublicReason
    rules: tuple[str, ...]
    must: bool


def supported_reasons(findings: Sequence[Finding]) -> tuple[Supported, ...]:
    """Every reason that the findings support, gravest first.

    Raises:
        PolicyError: a rule that did not pass has no public reason.
    """
    adverse = sorted((one for one in findings if one.result != "pass"), key=gravity)
    rules: dict[PublicReason, list[str]] = {}
    for finding in adverse:
        for reason in _of(finding):
            rules.setdefault(reason, []).append(finding.rule)
    musts = {reason_of(one) for one in adverse if is_failed_knockout(one)}
    return tuple(Supported(reason, tuple(names), reason in musts) for reason, names in rules.items())


def chosen_reasons(findings: Sequence[Finding], codes: Iterable[str]) -> tuple[PublicReason, ...]:
    """The reasons of these codes and every automatic-denial factor, ranked: one to four, or more knockouts.

    Raises:
        DecisionRefusedError: a code that no finding supports, none at all, or too many.
    """
    supported, wanted = supported_reasons(findings), frozenset(codes)
    unknown = sorted(wanted - {one.reason.code for one in supported})
    if unknown:
        may = ", ".join(one.reason.code for one in supported) or "none"
        raise DecisionRefusedError(f"The findings do not support {', '.join(unknown)}; they support: {may}.")
    chosen = [one for one in supported if one.must or one.reason.code in wanted]
    musts = sum(one.must for one in chosen)
    if not chosen:
        raise DecisionRefusedError("A decline names at least one principal reason.")
    if len(chosen) > max(MOST_REASONS, musts):
        raise DecisionRefusedError(
            f"At most {MOST_REASONS} principal reasons are told, {musts} of them must be: choose fewer."
        )
    return tuple(one.reason for one in chosen)


def _of(finding: Finding) -> tuple[PublicReason, ...]:
    own = reason_of(finding)
    if own.code not in REFERRAL_ONLY:
        return (own,)
    if finding.result != "fail":
        return ()
    return tuple(
        entry.reason for entry in catalogue().values() if entry.principal and entry.hmda == own.hmda_code
    )
