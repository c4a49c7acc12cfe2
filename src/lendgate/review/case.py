"""What an underwriter does before deciding: conditions, and asking for documents or information.

Law: only who may have the referral in hand changes it; what was asked for once is not asked for twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime

from lendgate.review.lease import changed, require_free
from lendgate.schema.decision import RequestedItem
from lendgate.schema.enums import DocumentType
from lendgate.schema.referral import Referral


def add_conditions(referral: Referral, items: Iterable[RequestedItem], actor: str, now: datetime) -> Referral:
    """Note what an approval will depend on.

    Raises:
        HeldError, ClosedError: ``actor`` may not.
    """
    require_free(referral, actor, now)
    return changed(referral, conditions=_united(referral.conditions, items))


def ask_for(referral: Referral, items: Iterable[RequestedItem], actor: str, now: datetime) -> Referral:
    """Ask the applicant for documents or information; the referral waits for them.

    Raises:
        HeldError, ClosedError: ``actor`` may not.
    """
    require_free(referral, actor, now)
    return changed(referral, requested=_united(referral.requested, items), state="waiting")


def came(
    referral: Referral, new: AbstractSet[DocumentType], held: AbstractSet[DocumentType]
) -> Referral | None:
    """Documents came, of the types ``new``, and all that the application has are of the types ``held``: the
    referral, open again, where it waited and nothing that it named is lacking any more; otherwise None.

    Where it names no document, whatever comes may be what it waits for.
    """
    awaited = {item.document for item in referral.requested if item.document}
    arrived = new & awaited if awaited else new
    if referral.state != "waiting" or not arrived or not awaited <= held:
        return None
    return changed(referral, state="open")


def _united(known: tuple[RequestedItem, ...], added: Iterable[RequestedItem]) -> tuple[RequestedItem, ...]:
    return tuple(dict.fromkeys((*known, *added)))
