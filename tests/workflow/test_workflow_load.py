"""Load: how much of each kind of work a process takes at a time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lendgate.workflow.load import Load

QUEUES = st.sampled_from(["bulk:a", "interactive:a", "bulk:b", "webhooks:a", "webhooks:b", "periodic:all"])


def test_nothing_is_full_at_first() -> None:
    """A process with nothing in hand takes everything."""
    load = Load(4, 2)
    assert load.full() == []
    assert load.has_room_for("a")


def test_a_tenants_share_counts_interactive_and_bulk_together() -> None:
    """At the share neither is taken; below it both are."""
    load = Load(8, 2)
    load.begin("interactive:a")
    assert load.has_room_for("a")
    load.begin("bulk:a")
    assert not load.has_room_for("a")
    assert load.has_room_for("b")
    assert load.full() == ["interactive:a", "bulk:a"]
    load.end("bulk:a")
    assert load.full() == []


def test_full_hands_take_no_review_of_anybody() -> None:
    """However small the tenants' shares are."""
    load = Load(2, 2)
    load.begin("bulk:a")
    load.begin("bulk:b")
    assert not load.has_room_for("c")


def test_webhooks_get_half_the_hands() -> None:
    """Whoever they are for."""
    load = Load(4, 4)
    load.begin("webhooks:a")
    assert load.full() == []
    load.begin("webhooks:b")
    assert load.full() == ["webhooks:"]
    assert load.has_room_for("a")


def test_webhooks_of_one_tenant_get_four_hands() -> None:
    """Its receiver may be one that never answers."""
    load = Load(100, 100)
    for _ in range(4):
        load.begin("webhooks:a")
    assert load.full() == ["webhooks:a"]


def test_periodic_work_counts_against_nobody() -> None:
    """It is short, and seldom."""
    load = Load(1, 1)
    load.begin("periodic:all")
    assert load.has_room_for("a")


@given(st.lists(QUEUES))
def test_what_begins_and_ends_leaves_nothing_behind(queues: list[str]) -> None:
    """In whatever order."""
    load = Load(3, 2)
    for queue in queues:
        load.begin(queue)
    for queue in sorted(queues):
        load.end(queue)
    assert load.full() == []
    assert load.has_room_for("a")
    assert load == Load(3, 2)


def test_documents_have_readers_of_their_own() -> None:
    """As many applications' documents as there are readers; reviews are taken all the same."""
    load = Load(hands=4, share=4, readers=2)
    load.begin("documents:acme")
    assert load.full() == []
    load.begin("documents:other")
    assert load.full() == ["documents:"]
    assert load.has_room_for("acme")
    load.end("documents:acme")
    assert load.full() == []
