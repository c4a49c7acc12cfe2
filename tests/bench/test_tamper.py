"""The tampering bench, in small: every way of changing a trail is found, and it can see one that is not."""

from __future__ import annotations

from datetime import UTC, datetime

from bench.tamper import KEY, SIGNER, TENANT, WAYS, Lines, Trails, tamper, verifies
from lendgate.audit import Event, checkpoint_line, genesis, link, make_checkpoint, row_line

AT = datetime(2026, 11, 26, tzinfo=UTC)


def trail(tenant: str, rows: int) -> Lines:
    """An export of so many rows."""
    head, lines = genesis(tenant), []
    for number in range(rows):
        row = link(KEY, head, Event("review.started", f"{tenant}-{number}", "system:workflow", AT))
        lines.append(row_line(row))
        head = row.head
    return [checkpoint_line(make_checkpoint(SIGNER, head, AT)), *lines]


TRAILS = Trails(trail(TENANT, 12), trail("rival", 12), trail(TENANT, 6))


def test_the_trail_verifies_as_it_is() -> None:
    """Otherwise everything would be found."""
    assert verifies(TRAILS, TRAILS.ours)


def test_every_change_is_found_in_every_way() -> None:
    """Three hundred of them; the whole run is ten thousand."""
    found = tamper(TRAILS, 300, seed=1)
    assert set(found) == {way.__name__ for way in WAYS}
    assert all(way["found"] > 0 for way in found.values())
    assert sum(way["verified"] for way in found.values()) == 0
