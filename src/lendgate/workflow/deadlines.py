"""The clocks of Regulation B: begun and stopped by what happens, and watched.

Law: a clock begins in the transaction of what begins it, counted in the lender's days. An alert is an
audit event and a webhook to the lender, each given once; nothing is decided because time ran out.
"""

from __future__ import annotations

import logging
from datetime import date
from typing import Final
from uuid import UUID

from lendgate.audit import Event
from lendgate.decision.clocks import Clock, ClockKind, clock, response_clock
from lendgate.decision.refusals import DecisionRefusedError
from lendgate.errors import NotFoundError
from lendgate.schema import Decision, DecisionAction, Outcome
from lendgate.store.applications import StoredApplication
from lendgate.store.audit_log import append_event, tenants
from lendgate.store.clocks import RunningClock, lock_due, note_alerts, start_clock, stop_clocks
from lendgate.store.database import Transaction
from lendgate.store.decisions import load_standing
from lendgate.store.outbox import LENDER_ONLY, Published, publish
from lendgate.workflow.desk import Desk

_LOG: Final = logging.getLogger("lendgate.workflow")
ACTOR: Final = "system:clocks"
_AT_A_TIME: Final = 100
_UNTIL_TOLD: Final[tuple[ClockKind, ...]] = ("notify", "incomplete", "counteroffer", "response")
"""What a notice of action taken, of incompleteness or of a counteroffer stops."""


def clock_for(desk: Desk, tenant: str, application: StoredApplication, outcome: Outcome | None) -> Clock:
    """The 30 days of an application that a person has to decide, from the day it was received."""
    kind: ClockKind = "incomplete" if outcome == "incomplete" else "notify"
    return clock(kind, desk.day_of(tenant, application.received_at))


async def turn_clocks(tx: Transaction, desk: Desk, decision: Decision) -> None:
    """What a decision stops, and what it begins."""
    review_id = UUID(decision.review_id)
    await stop_clocks(tx, review_id, _UNTIL_TOLD, decision.decided_at)
    if decision.action == "counteroffer":
        await start_clock(tx, desk.new_id(), review_id, clock("counteroffer", decision.decided_on))
    if _waits(decision.action) and decision.respond_by is not None:
        awaited = response_clock(decision.decided_on, decision.respond_by)
        await start_clock(tx, desk.new_id(), review_id, awaited)


async def note_reasons_request(desk: Desk, tenant: str, review_id: UUID, actor: str) -> date:
    """An applicant asks for a statement of reasons; gives the last day on which it is in time.

    Raises:
        NotFoundError: nothing has been decided on such a review.
        DecisionRefusedError: no action was taken that has reasons, or 60 days have passed since.
    """
    today = desk.day_of(tenant, desk.now())
    async with desk.database.tenant(tenant) as tx:
        standing = await load_standing(tx, review_id)
        if standing is None:
            raise NotFoundError("No decision has been made on this review.")
        until = standing.decision.reasons_until
        if until is None or today > until:
            raise DecisionRefusedError(
                "Reasons are due of a decline or counteroffer, if asked for within 60 days."
            )
        asked = clock("reasons_reply", today)
        await start_clock(tx, desk.new_id(), review_id, asked)
        data = {"due_on": asked.due_on.isoformat()}
        event = Event("reasons.requested", str(review_id), actor, desk.now(), data)
        await append_event(tx, desk.audit_key, event)
    return asked.due_on


async def note_reasons_given(desk: Desk, tenant: str, review_id: UUID, actor: str) -> None:
    """The statement of reasons was given: its clock stops."""
    async with desk.database.tenant(tenant) as tx:
        await stop_clocks(tx, review_id, ("reasons_reply",), desk.now())
        event = Event("reasons.given", str(review_id), actor, desk.now())
        await append_event(tx, desk.audit_key, event)


async def watch_clocks(desk: Desk) -> int:
    """Give every alert that is due; says how many clocks were alerted.

    Raises:
        StoreUnavailableError: the database is away.
    """
    alerted = 0
    for tenant in await tenants(desk.database):
        while True:
            given = await _alert_some(desk, tenant)
            alerted += given
            if given < _AT_A_TIME:
                break
    return alerted


async def _alert_some(desk: Desk, tenant: str) -> int:
    today = desk.day_of(tenant, desk.now())
    async with desk.database.tenant(tenant) as tx:
        due = await lock_due(tx, today, _AT_A_TIME)
        for running in due:
            await note_alerts(tx, running.clock_id, running.clock.alerts_due(today))
            await _tell(tx, desk, running)
    return len(due)


async def _tell(tx: Transaction, desk: Desk, running: RunningClock) -> None:
    data = {
        "review_id": str(running.review_id),
        "clock": running.kind,
        "due_on": running.due_on.isoformat(),
    }
    at = desk.now()
    await publish(tx, Published(desk.new_id(), "clock.alerted", LENDER_ONLY, at, dict(data)))
    await append_event(tx, desk.audit_key, Event("clock.alerted", data["review_id"], ACTOR, at, data))
    _LOG.warning("a deadline is near or was missed", extra=data)


def _waits(action: DecisionAction) -> bool:
    return action in ("counteroffer", "incomplete")
