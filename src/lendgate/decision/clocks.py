"""Deadlines as values: when one began, the last day on which it is kept, and when to warn of it.

Law: pure. A day is a day of the lender's calendar: the first day counted is the one after the event, as
it was dated in the lender's time zone, and a deadline is kept until that zone's midnight, whatever the
clocks do in between. Months end where the calendar has no such day.

Source: 12 CFR 1002.9(a)(1)(i) (30 days from a completed application), (a)(1)(ii) and (c)(1) (30 days,
incomplete), (a)(1)(iv) (90 days after a counteroffer), (a)(2)(ii) (60 days to ask for reasons, 30 to give
them), 1002.12(b)(1) (25 months).
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

ClockKind = Literal["notify", "incomplete", "counteroffer", "response", "reasons_request", "reasons_reply"]
"""notify: tell the applicant of the action. incomplete: tell what is missing. counteroffer: tell the action
once it is not taken up. response: what the applicant was asked to send. reasons_request: how long reasons
may be asked for. reasons_reply: give them."""
DAYS: Final[dict[ClockKind, int]] = {
    "notify": 30,
    "incomplete": 30,
    "counteroffer": 90,
    "reasons_request": 60,
    "reasons_reply": 30,
}
_WARNINGS: Final[dict[ClockKind, tuple[int, ...]]] = {
    "notify": (20, 25),
    "incomplete": (20, 25),
    "counteroffer": (80, 85),
    "reasons_reply": (20, 25),
}
"""On which days of a clock somebody is warned; of the others only the end counts."""
RETENTION_MONTHS: Final = 25


@dataclass(frozen=True, slots=True)
class Clock:
    """One deadline. ``due_on`` is the last day on which it is kept; ``alerts`` are days, in order."""

    kind: ClockKind
    started_on: date
    due_on: date
    alerts: tuple[date, ...]

    def ends_at(self, zone: ZoneInfo) -> datetime:
        """The first moment (UTC) at which the deadline has been missed."""
        return _midnight(self.due_on + timedelta(days=1), zone)

    def alerts_due(self, on: date) -> int:
        """How many of its warnings are due by the end of ``on``; the end itself is the last one."""
        return sum(day <= on for day in self.alerts)


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """The day of the lender's calendar on which something happened."""
    return at.astimezone(zone).date()


def clock(kind: ClockKind, started_on: date) -> Clock:
    """The clock that an event of ``started_on`` (a lender's day) begins.

    Raises:
        KeyError: a response has no days of its own; use ``response_clock``.
    """
    due = started_on + timedelta(days=DAYS[kind])
    warnings = tuple(started_on + timedelta(days=days) for days in _WARNINGS.get(kind, ()))
    return Clock(kind, started_on, due, (*warnings, due + timedelta(days=1)))


def response_clock(asked_on: date, respond_by: date) -> Clock:
    """The clock of what an applicant was asked to send; nobody is warned before it ends."""
    return Clock("response", asked_on, respond_by, (respond_by + timedelta(days=1),))


def kept_until(told_on: date, months: int = RETENTION_MONTHS) -> date:
    """The last day on which the records of an application have to be kept, counted from the notice of action
    taken or of incompleteness (12 CFR 1002.12(b)(1)); a longer duty gives more months.

    Raises:
        ValueError: fewer than the regulation's months.
    """
    if months < RETENTION_MONTHS:
        raise ValueError(f"records are kept for at least {RETENTION_MONTHS} months, not {months}")
    years, month = divmod(told_on.month - 1 + months, 12)
    year = told_on.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(told_on.day, last))


def may_dispose(kept_until_day: date, today: date, *, on_hold: bool) -> bool:
    """Whether records may be disposed of: after their time, and never under a legal hold
    (12 CFR 1002.12(b)(4): until the final disposition of the matter).
    """
    return today > kept_until_day and not on_hold


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    # Where clocks go forward at midnight this wall time does not exist; fold 0 reads it with the offset of
    # before, which is the very moment at which the day begins.
    return datetime.combine(day, time(), zone).astimezone(UTC)
