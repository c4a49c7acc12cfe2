"""Leases: one holder at a time, gone when the time is up, and nobody else's what is assigned."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.review.lease import LEASE, assign, claim, holder, release
from lendgate.review.refusals import ClosedError, HeldError
from tests.review.builders import AT, SOON, referral


def test_a_claim_is_held_for_the_length_of_the_lease() -> None:
    """Until its last moment, and not beyond."""
    held = claim(referral(), "ada", AT)
    assert holder(held, AT + LEASE - timedelta(microseconds=1)) == "ada"
    assert holder(held, AT + LEASE) is None


def test_what_is_held_cannot_be_claimed_by_another() -> None:
    """The second one hears who has it."""
    with pytest.raises(HeldError, match="ada holds this referral"):
        claim(claim(referral(), "ada", AT), "bo", SOON)


def test_a_claim_that_ended_is_free() -> None:
    """Whoever went away loses it."""
    assert claim(claim(referral(), "ada", AT), "bo", AT + LEASE).held_by == "bo"


def test_claiming_again_begins_the_lease_anew() -> None:
    """The holder goes on holding."""
    assert claim(claim(referral(), "ada", AT), "ada", SOON).held_until == SOON + LEASE


def test_only_the_holder_gives_back() -> None:
    """Another one's release changes nothing."""
    held = claim(referral(), "ada", AT)
    assert release(held, "ada", SOON).held_by is None
    with pytest.raises(HeldError, match="You do not hold"):
        release(held, "bo", SOON)


def test_what_is_assigned_is_for_the_assignee_alone() -> None:
    """And for whoever comes once the assignment is taken away."""
    assigned = assign(referral(), "ada", "lead", AT)
    with pytest.raises(HeldError, match="assigned to ada"):
        claim(assigned, "bo", SOON)
    assert claim(assigned, "ada", SOON).held_by == "ada"
    assert claim(assign(assigned, None, "lead", SOON), "bo", SOON).held_by == "bo"


def test_what_another_holds_is_not_assigned_away() -> None:
    """Nobody loses a case in the middle of it, but the assignee keeps their own claim."""
    held = claim(referral(), "ada", AT)
    with pytest.raises(HeldError, match="ada holds"):
        assign(held, "bo", "lead", SOON)
    assert assign(held, "ada", "lead", SOON).held_by == "ada"


def test_what_is_decided_is_closed() -> None:
    """No claim and no assignment."""
    closed = referral(state="decided")
    with pytest.raises(ClosedError):
        claim(closed, "ada", AT)
    with pytest.raises(ClosedError):
        assign(closed, "ada", "lead", AT)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["claim", "release", "assign"]), st.sampled_from(["ada", "bo"]), st.integers(0, 40)
    ),
    max_size=12,
)


@given(STEPS)
def test_versions_grow_by_one_and_a_holder_is_never_robbed(steps: list[tuple[str, str, int]]) -> None:
    """Whatever two people do in whatever order."""
    now, current = AT, referral()
    for what, actor, minutes in steps:
        now += timedelta(minutes=minutes)
        before = holder(current, now)
        try:
            after = {
                "claim": lambda: claim(current, actor, now),  # noqa: B023 - called at once
                "release": lambda: release(current, actor, now),  # noqa: B023 - called at once
                "assign": lambda: assign(current, actor, actor, now),  # noqa: B023 - called at once
            }[what]()
        except HeldError:
            continue
        assert after.version == current.version + 1
        assert before in (None, actor) or holder(after, now) == before
        current = after
