"""A verdict on a referral: whether it says all it must, and whether one person may give it alone.

Law: nothing is decided without a written reason, and nobody is declined without a principal reason that
the findings support. Credit against a failed rule that declines is an override: it needs an override code
and a second person (maker ≠ checker, domain.md R17). A proposal is only a proposal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lendgate.policy.model import Finding
from lendgate.review.lease import changed, require_free
from lendgate.review.refusals import VerdictRefusedError
from lendgate.schema.decision import ADVERSE, FINAL, DecisionAction, RequestedItem
from lendgate.schema.referral import Proposal, Referral, Verdict

_LENDS: Final[frozenset[DecisionAction]] = frozenset({"approve", "approve_with_conditions", "counteroffer"})
# What an action needs, and what no other action may carry: (field, actions, what to say without it).
_BELONGS: Final[tuple[tuple[str, frozenset[DecisionAction], str], ...]] = (
    ("codes", ADVERSE, "name the principal reasons in codes"),
    ("conditions", frozenset({"approve_with_conditions"}), "name the conditions"),
    ("missing", frozenset({"incomplete"}), "name each missing item"),
    ("counteroffer", frozenset({"counteroffer"}), "give the terms in counteroffer"),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A referral after a verdict: decided by ``verdict``, or, without one, waiting for a second person.

    ``maker`` is who proposed an override that this verdict confirms.
    """

    referral: Referral
    verdict: Verdict | None
    maker: str | None = None


def judge(
    referral: Referral, verdict: Verdict, findings: Sequence[Finding], actor: str, now: datetime
) -> Judged:
    """Take an underwriter's verdict.

    Raises:
        HeldError, ClosedError: the referral is not in this person's hands.
        VerdictRefusedError: the verdict lacks something, or has to be another person's.
    """
    require_free(referral, actor, now)
    verdict = _with_notes_of(referral, verdict)
    _require_whole(verdict)
    above_policy = verdict.action in _LENDS and is_above_policy(findings)
    if not above_policy:
        if verdict.override_codes and verdict.action not in _LENDS:
            raise VerdictRefusedError("Only an approval or a counteroffer carries override codes.")
        return Judged(_decided(referral, verdict), verdict)
    if not verdict.override_codes:
        raise VerdictRefusedError("A rule that declines did not pass: an approval needs an override code.")
    return _second_look(referral, verdict, actor, now)


def is_above_policy(findings: Sequence[Finding]) -> bool:
    """Whether lending would go against a rule: one that declines failed, or nothing could be judged."""
    return not findings or any(one.effect == "decline" and one.result == "fail" for one in findings)


def _with_notes_of(referral: Referral, verdict: Verdict) -> Verdict:
    """What was noted on the referral, or asked for, counts as if the verdict named it."""
    if verdict.action == "approve_with_conditions":
        return verdict.model_copy(update={"conditions": _united(referral.conditions, verdict.conditions)})
    if verdict.action == "incomplete":
        return verdict.model_copy(update={"missing": _united(referral.requested, verdict.missing)})
    return verdict


def _united(noted: Iterable[RequestedItem], named: list[str] | None) -> list[str] | None:
    return list(dict.fromkeys((*(item.text for item in noted), *(named or ())))) or None


def _require_whole(verdict: Verdict) -> None:
    for field, actions, demand in _BELONGS:
        given = bool(getattr(verdict, field))
        if verdict.action in actions and not given:
            raise VerdictRefusedError(f"To {_spoken(verdict.action)}, {demand}.")
        if given and verdict.action not in actions:
            raise VerdictRefusedError(f"{field} does not go with the action {verdict.action}.")


def _spoken(action: DecisionAction) -> str:
    return {"counteroffer": "make a counteroffer", "incomplete": "call it incomplete"}.get(
        action, action.replace("_", " ")
    )


def _second_look(referral: Referral, verdict: Verdict, actor: str, now: datetime) -> Judged:
    proposal = referral.proposal
    if proposal is None or not _same_terms(proposal.verdict, verdict):
        proposed = Proposal(verdict=verdict, maker=actor, at=now)
        waiting = changed(
            referral, state="second_look", proposal=proposed, held_by=None, held_until=None, assigned_to=None
        )
        return Judged(waiting, None)
    if proposal.maker == actor:
        raise VerdictRefusedError("You proposed this override: another underwriter has to confirm it.")
    return Judged(_decided(referral, verdict), verdict, proposal.maker)


def _same_terms(proposed: Verdict, confirmed: Verdict) -> bool:
    return all(
        getattr(proposed, name) == getattr(confirmed, name)
        for name in ("action", "conditions", "counteroffer", "codes")
    )


def _decided(referral: Referral, verdict: Verdict) -> Referral:
    return changed(
        referral,
        state="decided" if verdict.action in FINAL else "waiting",
        held_by=None,
        held_until=None,
        proposal=None,
    )
