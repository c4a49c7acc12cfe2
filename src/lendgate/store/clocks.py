"""Clocks that run: one of a kind a review, from the event that begins it to the one that stops it.

Law: a clock is stopped by what it waits for and by nothing else; each of its alerts is given once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from lendgate.decision.clocks import Clock, ClockKind
from lendgate.store.database import Transaction

_START: Final = """
    INSERT INTO lendgate.clock (clock_id, review_id, kind, started_on, due_on, alerts)
    VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (tenant, review_id, kind) WHERE stopped_at IS NULL DO NOTHING
"""
_STOP: Final = """
    UPDATE lendgate.clock SET stopped_at = %s WHERE review_id = %s AND kind = ANY(%s) AND stopped_at IS NULL
"""
_SELECT: Final = """
    SELECT clock_id, review_id, kind, started_on, due_on, alerts, alerted, stopped_at FROM lendgate.clock
"""
_OF_REVIEW: Final = _SELECT + "WHERE review_id = %s ORDER BY started_on, kind"
_DUE: Final = (
    _SELECT
    + "WHERE stopped_at IS NULL AND alerts[alerted + 1] <= %s ORDER BY due_on, clock_id LIMIT %s FOR UPDATE"
)
_ALERTED: Final = "UPDATE lendgate.clock SET alerted = %s WHERE clock_id = %s"


@dataclass(frozen=True, slots=True)
class RunningClock:
    """A clock of a review; ``alerted`` of its alerts have been given. Days are the lender's."""

    clock_id: UUID
    review_id: UUID
    kind: ClockKind
    started_on: date
    due_on: date
    alerts: list[date]
    alerted: int
    stopped_at: datetime | None

    @property
    def clock(self) -> Clock:
        """The deadline itself."""
        return Clock(self.kind, self.started_on, self.due_on, tuple(self.alerts))


async def start_clock(tx: Transaction, clock_id: UUID, review_id: UUID, clock: Clock) -> None:
    """Begin a clock, unless one of its kind runs: what was due first stays due."""
    values = (clock_id, review_id, clock.kind, clock.started_on, clock.due_on, list(clock.alerts))
    await tx.connection.execute(_START, values)
    tx.unaudited = f"a clock of review {review_id} runs"


async def stop_clocks(tx: Transaction, review_id: UUID, kinds: Iterable[ClockKind], at: datetime) -> None:
    """Stop a review's clocks of these kinds: what they wait for has happened."""
    await tx.connection.execute(_STOP, (at, review_id, list(kinds)))
    tx.unaudited = f"clocks of review {review_id} are stopped"


async def load_clocks(tx: Transaction, review_id: UUID) -> list[RunningClock]:
    """A review's clocks, stopped ones included."""
    cursor = tx.connection.cursor(row_factory=class_row(RunningClock))
    return await (await cursor.execute(_OF_REVIEW, (review_id,))).fetchall()


async def lock_due(tx: Transaction, today: date, limit: int) -> list[RunningClock]:
    """Running clocks with an alert due by the end of the lender's ``today``; nobody else gives it now."""
    cursor = tx.connection.cursor(row_factory=class_row(RunningClock))
    return await (await cursor.execute(_DUE, (today, limit))).fetchall()


async def note_alerts(tx: Transaction, clock_id: UUID, alerted: int) -> None:
    """So many of a clock's alerts have been given."""
    await tx.connection.execute(_ALERTED, (alerted, clock_id))
    tx.unaudited = f"clock {clock_id} was alerted"
