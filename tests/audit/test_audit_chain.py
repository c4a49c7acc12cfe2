"""A row's MAC covers everything about the row, and the chain begins with its tenant."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.audit import AuditKey, Event, Head, genesis, link
from lendgate.audit.chain import framed, row_mac

KEY = AuditKey("k1", b"k" * 32)
EVENT = Event("review.started", "r-1", "system:workflow", datetime(2026, 11, 22, tzinfo=UTC))


def test_first_row_hangs_on_the_genesis_of_its_tenant() -> None:
    """Row 1 follows the tenant's own genesis value."""
    row = link(KEY, genesis("acme"), EVENT)
    assert (row.sequence, row.previous) == (1, genesis("acme").mac)


def test_next_row_follows_the_one_before() -> None:
    """Row n+1 carries the MAC of row n."""
    first = link(KEY, genesis("acme"), EVENT)
    second = link(KEY, first.head, EVENT)
    assert (second.sequence, second.previous) == (2, first.mac)


def test_genesis_differs_between_tenants() -> None:
    """No two tenants' chains share a beginning."""
    assert genesis("acme").mac != genesis("other").mac


@pytest.mark.parametrize(
    "mac",
    [
        row_mac(AuditKey("k2", b"k" * 32), genesis("acme"), "review.started", EVENT.canonical()),
        row_mac(AuditKey("k1", b"l" * 32), genesis("acme"), "review.started", EVENT.canonical()),
        row_mac(KEY, replace(genesis("acme"), tenant="acm"), "review.started", EVENT.canonical()),
        row_mac(KEY, replace(genesis("acme"), sequence=1), "review.started", EVENT.canonical()),
        row_mac(KEY, replace(genesis("acme"), mac=b"\0" * 32), "review.started", EVENT.canonical()),
        row_mac(KEY, genesis("acme"), "review.failed", EVENT.canonical()),
        row_mac(KEY, genesis("acme"), "review.started", replace(EVENT, actor="x").canonical()),
    ],
    ids=["key id", "secret", "tenant", "number", "previous", "kind", "event"],
)
def test_mac_covers_every_part(mac: bytes) -> None:
    """Changing any one part of a row changes its MAC."""
    assert mac != link(KEY, genesis("acme"), EVENT).mac


@given(st.lists(st.binary(max_size=5), max_size=4), st.lists(st.binary(max_size=5), max_size=4))
def test_framing_is_unambiguous(left: list[bytes], right: list[bytes]) -> None:
    """Two different lists of fields never give the same bytes."""
    assert (framed(*left) == framed(*right)) == (left == right)


def test_head_of_a_row_is_where_the_chain_stands() -> None:
    """A row knows the head it makes."""
    row = link(KEY, genesis("acme"), EVENT)
    assert row.head == Head("acme", 1, row.mac)


@pytest.mark.parametrize(("key_id", "secret"), [("", b"k" * 32), ("k1", b"k" * 31)])
def test_weak_key_is_refused(key_id: str, secret: bytes) -> None:
    """A key without an id or of fewer than 32 bytes cannot be made."""
    with pytest.raises(ValueError, match="audit key"):
        AuditKey(key_id, secret)


def test_key_does_not_print_its_secret() -> None:
    """A key that ends up in a log shows its id only."""
    assert "kkkk" not in repr(KEY)
