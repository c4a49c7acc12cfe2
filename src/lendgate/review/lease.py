"""Who has a referral in hand: claim with a lease, release, assign.

Law: at any moment at most one person holds a referral, and whoever goes away loses it when the lease ends.
What is assigned to somebody can be claimed by nobody else. Every change is the next version.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from lendgate.review.refusals import ClosedError, HeldError
from lendgate.schema.referral import Referral

LEASE: Final = timedelta(minutes=30)
"""How long a claim lasts; claiming again begins it anew."""


def holder(referral: Referral, now: datetime) -> str | None:
    """Who holds the referral, if the lease has not ended."""
    held = referral.held_until is not None and now < referral.held_until
    return referral.held_by if held else None


def claim(referral: Referral, actor: str, now: datetime) -> Referral:
    """``actor`` takes the referral in hand, or goes on holding it.

    Raises:
        HeldError: somebody else holds it, or it is assigned to somebody else.
        ClosedError: it is decided.
    """
    require_free(referral, actor, now)
    return changed(referral, held_by=actor, held_until=now + LEASE)


def release(referral: Referral, actor: str, now: datetime) -> Referral:
    """``actor`` gives the referral back.

    Raises:
        HeldError: ``actor`` does not hold it.
    """
    if holder(referral, now) != actor:
        raise HeldError("You do not hold this referral.")
    return changed(referral, held_by=None, held_until=None)


def assign(referral: Referral, assignee: str | None, actor: str, now: datetime) -> Referral:
    """The referral is for ``assignee`` alone; None: for whoever comes.

    Raises:
        HeldError: somebody other than ``actor`` and ``assignee`` holds it.
        ClosedError: it is decided.
    """
    require_open(referral)
    held_by = holder(referral, now)
    if held_by not in (None, actor, assignee):
        raise HeldError(f"{held_by} holds this referral.")
    kept = held_by is not None and held_by == assignee
    lease = {} if kept else {"held_by": None, "held_until": None}
    return changed(referral, assigned_to=assignee, **lease)


def require_open(referral: Referral) -> None:
    """Refuse what is decided.

    Raises:
        ClosedError: it is.
    """
    if referral.state == "decided":
        raise ClosedError("This referral is decided.")


def require_free(referral: Referral, actor: str, now: datetime) -> None:
    """Refuse what another underwriter has in hand or was given.

    Raises:
        HeldError, ClosedError: with who stands in the way.
    """
    require_open(referral)
    held_by = holder(referral, now)
    if held_by not in (None, actor):
        raise HeldError(f"{held_by} holds this referral.")
    if referral.assigned_to not in (None, actor):
        raise HeldError(f"This referral is assigned to {referral.assigned_to}.")


def changed(referral: Referral, **changes: object) -> Referral:
    """The next version, with these changes."""
    return referral.model_copy(update={**changes, "version": referral.version + 1})
