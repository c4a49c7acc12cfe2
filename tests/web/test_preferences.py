"""Prefer: wait is read leniently and bounded."""

from __future__ import annotations

import pytest

from lendgate.web.preferences import wait_of


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        (None, 20),
        ("", 20),
        ("wait=0", 0),
        ("wait=5", 5),
        ("Wait=2.5", 2.5),
        ("respond-async, wait=7", 7),
        ("wait=7, handling=lenient", 7),
        ('wait="3"', 3),
        ("wait=60", 60),
        ("wait=61", 60),
        ("wait=99999999999", 20),
        ("wait=-1", 20),
        ("wait=soon", 20),
        ("await=5", 20),
    ],
)
def test_wait_is_what_was_asked_for_within_bounds(prefer: str | None, seconds: float) -> None:
    """An unreadable preference counts as none."""
    assert wait_of(prefer, default=20, longest=60) == seconds
