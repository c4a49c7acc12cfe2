"""Keeping records as long as they must be kept, and no longer.

Law: records are kept for 25 months after the applicant was told of the action (12 CFR 1002.12(b)(1)), or
longer where the lender's setting says so, and under a legal hold until it is lifted (1002.12(b)(4)); then
what is personal is erased. Holds and erasures are in the audit trail, which stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from lendgate.audit import Event
from lendgate.decision.clocks import RETENTION_MONTHS, kept_until, may_dispose
from lendgate.errors import LendgateError, NotFoundError
from lendgate.store.audit_log import append_event, tenants
from lendgate.store.retention import (
    Hold,
    applications_done_before,
    erase_application,
    holds,
    last_acted_on,
    lift_hold,
    place_hold,
)
from lendgate.workflow.desk import Desk

ErasedBecause = Literal["retention_ended", "asked_for", "never_an_application"]
GRACE: Final = timedelta(days=31)
"""A notice goes out up to 30 days after the decision (12 CFR 1002.9(a)(1)), on a day that ends hours after
that of Greenwich."""
_BATCH: Final = 1_000
_ACTOR: Final = "system:workflow"


class MustBeKeptError(LendgateError):
    """Records that may not be erased now: the message says until when, or what holds them."""


@dataclass(frozen=True, slots=True)
class Erasing:
    """What to erase, why, and who says so (``operator:…``)."""

    tenant: str
    application_id: UUID
    because: ErasedBecause
    by: str


@dataclass(frozen=True, slots=True)
class Due:
    """An application whose time is over; ``kept_until`` was the last day."""

    tenant: str
    application_id: UUID
    kept_until: date


async def due_for_erasure(desk: Desk, tenant: str, months: int, limit: int = _BATCH) -> list[Due]:
    """The tenant's applications that need not be kept any more, the oldest first."""
    today = _today(desk)
    async with desk.database.tenant(tenant) as tx:
        found = await applications_done_before(tx, _horizon(today), limit)
    due = (Due(tenant, application_id, kept_until(at.date(), months)) for application_id, at in found)
    return [each for each in due if may_dispose(each.kept_until, today, on_hold=False)]


async def erase_due(desk: Desk, months: int = RETENTION_MONTHS) -> int:
    """Erase every application whose time is over; how many. Can be broken off and begun again.

    Raises:
        StoreUnavailableError: the database is away; what was erased stays so.
    """
    erased = 0
    for tenant in await tenants(desk.database):
        while due := await due_for_erasure(desk, tenant, months):
            done = [
                await _erase(desk, Erasing(tenant, each.application_id, "retention_ended", _ACTOR))
                for each in due
            ]
            erased += sum(done)
            if not any(done):
                break  # each was put on hold a moment ago
    return erased


async def erase_one(desk: Desk, one: Erasing, months: int = RETENTION_MONTHS) -> None:
    """Erase one application. Only what never was one (a test, a mistake) is erased before its time.

    Raises:
        NotFoundError: there is none, or it is erased.
        MustBeKeptError: its time is not over, it is on hold, or under review.
    """
    async with desk.database.tenant(one.tenant) as tx:
        acted_on = await last_acted_on(tx, one.application_id)
    if acted_on is None:
        raise NotFoundError(f"there is no application {one.application_id}, or it is erased")
    until = kept_until(acted_on.date(), months)
    if one.because != "never_an_application" and not may_dispose(until, _today(desk), on_hold=False):
        raise MustBeKeptError(
            f"application {one.application_id} has to be kept until {until} (12 CFR 1002.12(b)(1))"
        )
    if not await _erase(desk, one):
        raise MustBeKeptError(
            f"application {one.application_id} is under a legal hold, under review, "
            "or waits for an underwriter"
        )


async def hold_application(desk: Desk, tenant: str, application_id: UUID, reason: str, by: str) -> UUID:
    """Keep an application's records until the hold is lifted; the hold's id.

    Raises:
        NotFoundError: there is no such application, or it is erased.
    """
    hold = Hold(desk.new_id(), application_id, reason, by, desk.now())
    async with desk.database.tenant(tenant) as tx:
        if not await place_hold(tx, hold):
            raise NotFoundError(f"there is no application {application_id}, or it is erased")
        await append_event(
            tx, desk.audit_key, _of_hold("hold.placed", hold.hold_id, application_id, by, hold.placed_at)
        )
    return hold.hold_id


async def release_hold(desk: Desk, tenant: str, hold_id: UUID, by: str) -> None:
    """Lift a hold.

    Raises:
        NotFoundError: there is none of that id in force.
    """
    now = desk.now()
    async with desk.database.tenant(tenant) as tx:
        application_id = await lift_hold(tx, hold_id, by, now)
        if application_id is None:
            raise NotFoundError(f"there is no hold {hold_id} in force")
        await append_event(tx, desk.audit_key, _of_hold("hold.lifted", hold_id, application_id, by, now))


async def holds_in_force(desk: Desk, tenant: str) -> list[Hold]:
    """The tenant's holds, oldest first."""
    async with desk.database.tenant(tenant) as tx:
        return await holds(tx)


async def _erase(desk: Desk, one: Erasing) -> bool:
    now = desk.now()
    async with desk.database.tenant(one.tenant) as tx:
        if not await erase_application(tx, one.application_id, now):
            return False
        event = Event("application.erased", str(one.application_id), one.by, now, {"because": one.because})
        await append_event(tx, desk.audit_key, event)
    return True


def _of_hold(
    kind: Literal["hold.placed", "hold.lifted"], hold_id: UUID, application_id: UUID, by: str, at: datetime
) -> Event:
    return Event(kind, str(application_id), by, at, {"hold_id": str(hold_id)})


def _today(desk: Desk) -> date:
    """Today, less the time in which the applicant may have been told."""
    return (desk.now() - GRACE).date()


def _horizon(today: date) -> datetime:
    """No application acted on after this moment can be due: months are never shorter than 28 days."""
    return datetime(today.year, today.month, today.day, tzinfo=UTC) - timedelta(days=28 * RETENTION_MONTHS)
