"""Deadlines: counted in the lender's days, over leap days, changes of the clock and ends of months."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.decision.clocks import (
    DAYS,
    ClockKind,
    clock,
    kept_until,
    local_day,
    may_dispose,
    response_clock,
)

CHICAGO = ZoneInfo("America/Chicago")
ZONES = st.sampled_from(["America/Chicago", "America/Santiago", "Asia/Kathmandu", "Pacific/Apia", "UTC"])
DATES = st.dates(date(2024, 1, 1), date(2033, 12, 31))


@pytest.mark.parametrize(
    ("kind", "started", "due"),
    [
        ("notify", date(2026, 11, 26), date(2026, 12, 26)),
        ("incomplete", date(2028, 2, 1), date(2028, 3, 2)),  # over a leap day
        ("incomplete", date(2027, 2, 1), date(2027, 3, 3)),
        ("counteroffer", date(2026, 12, 1), date(2027, 3, 1)),
        ("reasons_request", date(2026, 12, 31), date(2027, 3, 1)),
        ("reasons_reply", date(2026, 2, 28), date(2026, 3, 30)),
    ],
)
def test_days_of_the_regulation(kind: ClockKind, started: date, due: date) -> None:
    """12 CFR 1002.9(a), (c): 30, 30, 90, 60 and 30 days."""
    assert clock(kind, started).due_on == due


def test_a_day_is_the_lenders() -> None:
    """Late in the evening in Chicago it is the next day in London, and still today."""
    assert local_day(datetime(2026, 11, 27, 4, 30, tzinfo=UTC), CHICAGO) == date(2026, 11, 26)


@pytest.mark.parametrize(
    ("started", "ends"),
    [
        (date(2026, 2, 20), datetime(2026, 3, 23, 5, 0, tzinfo=UTC)),  # the clocks went forward on 8 March
        (date(2026, 10, 20), datetime(2026, 11, 20, 6, 0, tzinfo=UTC)),  # and back on 1 November
    ],
)
def test_a_deadline_ends_at_the_lenders_midnight(started: date, ends: datetime) -> None:
    """Daylight saving moves the moment and not the day."""
    assert clock("notify", started).ends_at(CHICAGO) == ends


def test_a_midnight_that_does_not_exist_ends_a_deadline_all_the_same() -> None:
    """Santiago skips from 23:59:59 to 01:00 on 6 September 2026: that very moment."""
    santiago = ZoneInfo("America/Santiago")
    ended = response_clock(date(2026, 8, 6), date(2026, 9, 5)).ends_at(santiago)
    assert ended == datetime(2026, 9, 6, 4, 0, tzinfo=UTC)
    assert (ended - timedelta(microseconds=1)).astimezone(santiago).date() == date(2026, 9, 5)


@pytest.mark.parametrize(("day", "due"), [(19, 0), (20, 1), (24, 1), (25, 2), (30, 2), (31, 3)])
def test_warnings_at_twenty_and_twenty_five_days_and_when_it_is_missed(day: int, due: int) -> None:
    """Each boundary from both sides."""
    begun = date(2026, 11, 26)
    assert clock("notify", begun).alerts_due(begun + timedelta(days=day)) == due


@given(st.sampled_from(sorted(DAYS)), DATES, ZONES)
def test_a_deadline_is_kept_to_its_last_moment_and_missed_at_the_next(
    kind: ClockKind, started: date, zone: str
) -> None:
    """In any zone, on any day: the last moment belongs to the due day, the end does not."""
    made, place = clock(kind, started), ZoneInfo(zone)
    ended = made.ends_at(place)
    assert local_day(ended, place) > made.due_on
    assert local_day(ended - timedelta(microseconds=1), place) <= made.due_on
    assert (made.due_on - started).days == DAYS[kind]


@pytest.mark.parametrize(
    ("told", "until"),
    [
        (date(2026, 11, 26), date(2028, 12, 26)),
        (date(2026, 1, 31), date(2028, 2, 29)),
        (date(2025, 1, 31), date(2027, 2, 28)),
        (date(2024, 2, 29), date(2026, 3, 29)),
        (date(2025, 12, 31), date(2028, 1, 31)),
    ],
)
def test_records_are_kept_for_twenty_five_months(told: date, until: date) -> None:
    """Months end where the calendar has no such day."""
    assert kept_until(told) == until


def test_a_longer_duty_is_longer_and_a_shorter_one_is_refused() -> None:
    """HMDA and state law ask for 36 months and more; nobody keeps less than Regulation B says."""
    assert kept_until(date(2026, 11, 26), 36) == date(2029, 11, 26)
    with pytest.raises(ValueError, match="at least 25 months"):
        kept_until(date(2026, 11, 26), 24)


@pytest.mark.parametrize(
    ("today", "on_hold", "may"),
    [
        (date(2028, 12, 26), False, False),
        (date(2028, 12, 27), False, True),
        (date(2038, 1, 1), True, False),
    ],
)
def test_nothing_is_disposed_of_in_its_time_or_on_hold(today: date, *, on_hold: bool, may: bool) -> None:
    """The last day is a day of keeping, and a legal hold overrides the calendar."""
    assert may_dispose(date(2028, 12, 26), today, on_hold=on_hold) is may
