"""An audit event is of a known kind, says who and when, and has one spelling."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import cast

import pytest

from lendgate.audit import Event, EventKind
from lendgate.audit.events import MAX_EVENT_BYTES

AT = datetime(2026, 11, 22, 14, 5, 9, tzinfo=UTC)


def test_event_is_spelled_canonically() -> None:
    """Members are sorted and the time is RFC 3339 with microseconds."""
    event = Event("review.completed", "r-1", "system:workflow", AT, {"outcome": "refer", "findings": 12})
    assert event.canonical() == (
        b'{"actor":"system:workflow","at":"2026-11-22T14:05:09.000000Z",'
        b'"data":{"findings":12,"outcome":"refer"},"kind":"review.completed","subject":"r-1"}'
    )


def test_unknown_kind_is_refused() -> None:
    """A kind outside the closed list cannot be made."""
    with pytest.raises(ValueError, match="not an audit event kind"):
        Event(cast("EventKind", "review.deleted"), "r-1", "system:workflow", AT)


@pytest.mark.parametrize(("subject", "actor"), [("", "system:workflow"), ("r-1", "")])
def test_event_without_subject_or_actor_is_refused(subject: str, actor: str) -> None:
    """An event that does not say what or who is no evidence."""
    with pytest.raises(ValueError, match="names its subject and its actor"):
        Event("review.started", subject, actor, AT)


@pytest.mark.parametrize("at", [AT.replace(tzinfo=None), AT.astimezone(timezone(timedelta(hours=1)))])
def test_time_that_is_not_utc_is_refused(at: datetime) -> None:
    """Local and naive times would make two spellings of one moment."""
    with pytest.raises(ValueError, match="in UTC"):
        Event("review.started", "r-1", "system:workflow", at)


def test_event_size_is_bounded() -> None:
    """An event of 64 KiB passes, one byte more does not."""
    empty = len(Event("review.failed", "r-1", "a", AT, {"why": ""}).canonical())
    room = MAX_EVENT_BYTES - empty
    assert len(Event("review.failed", "r-1", "a", AT, {"why": "x" * room}).canonical()) == MAX_EVENT_BYTES
    with pytest.raises(ValueError, match="has at most 65536"):
        Event("review.failed", "r-1", "a", AT, {"why": "x" * (room + 1)}).canonical()
