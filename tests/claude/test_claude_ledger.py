"""The ledger in memory: no order of events passes a ceiling, and nothing is counted twice or forgotten."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from lendgate.claude.ledger import Ceilings, Claim, MemoryLedger, Refusal, Reservation, Spent
from lendgate.claude.standin.virtual_time import run

NOW = datetime(2026, 11, 22, 23, 59, tzinfo=UTC)
CEILINGS = Ceilings(tenant_day=Decimal(10), application=Decimal(4))
Clock = Callable[[], datetime]


def claim(amount: str, subject: str = "r1", tenant: str = "acme") -> Claim:
    """Money for one call that may last a minute."""
    return Claim(tenant, subject, "memo", "m", Decimal(amount), NOW + timedelta(minutes=1))


def reserve(ledger: MemoryLedger, wanted: Claim) -> Reservation | Refusal:
    """Ask for it."""
    return run(ledger.reserve(wanted, CEILINGS))


def held(ledger: MemoryLedger, wanted: Claim) -> Reservation:
    """Ask for it and get it."""
    got = reserve(ledger, wanted)
    assert isinstance(got, Reservation)
    return got


def at(moments: list[datetime]) -> MemoryLedger:
    """A ledger whose clock shows the last of these moments."""
    return MemoryLedger(now=lambda: moments[-1])


def test_ceiling_can_be_reached_but_not_passed() -> None:
    """Exactly 4 dollars fit under 4 dollars; a cent more does not."""
    ledger = at([NOW])
    held(ledger, claim("4.00"))
    assert reserve(ledger, claim("0.01")) == Refusal("application", Decimal(4), Decimal(0))


def test_tenant_s_day_is_shared_by_its_applications() -> None:
    """Three applications at 3 dollars leave 1 for the fourth."""
    ledger = at([NOW])
    for subject in ("r1", "r2", "r3"):
        held(ledger, claim("3", subject))
    assert reserve(ledger, claim("3", "r4")) == Refusal("tenant-day", Decimal(10), Decimal(1))


def test_tenants_do_not_share() -> None:
    """Another tenant's spending is not mine."""
    ledger = at([NOW])
    for subject in ("r1", "r2", "r3"):
        held(ledger, claim("3", subject))
    held(ledger, claim("3", "r1", "other"))


def test_new_day_begins_at_utc_midnight_and_an_application_never_begins_anew() -> None:
    """The tenant may spend again; the application may not."""
    moments = [NOW]
    ledger = at(moments)
    for subject in ("r1", "r2", "r3"):
        held(ledger, claim("3", subject))
    moments.append(NOW + timedelta(minutes=1))
    held(ledger, claim("3", "r4"))
    assert reserve(ledger, claim("3", "r1")) == Refusal("application", Decimal(4), Decimal(1))


def test_settling_gives_the_difference_back() -> None:
    """What was not spent may be spent by others."""
    ledger = at([NOW])
    run(ledger.settle(held(ledger, claim("4")), Spent(Decimal(1))))
    held(ledger, claim("3"))


def test_release_gives_everything_back() -> None:
    """A call that was refused unseen costs nothing."""
    ledger = at([NOW])
    run(ledger.release(held(ledger, claim("4"))))
    held(ledger, claim("4"))


def test_second_settlement_changes_nothing() -> None:
    """A settlement that is repeated after a lost answer is not a second one."""
    ledger = at([NOW])
    kept = held(ledger, claim("4"))
    run(ledger.settle(kept, Spent(Decimal(1))))
    run(ledger.settle(kept, Spent(Decimal(2))))
    run(ledger.release(kept))
    assert ledger.committed("acme") == 1


def test_reservation_that_outlived_its_call_is_spent() -> None:
    """Whoever died with it has spent it; nobody comes back to release it."""
    moments = [NOW]
    ledger = at(moments)
    kept = held(ledger, claim("4"))
    moments.append(NOW + timedelta(minutes=1))
    run(ledger.release(kept))
    assert ledger.committed("acme") == 4


def test_late_settlement_still_tells_the_truth() -> None:
    """What it really cost replaces the worst case whenever it becomes known."""
    moments = [NOW]
    ledger = at(moments)
    kept = held(ledger, claim("4"))
    moments.append(NOW + timedelta(hours=1))
    run(ledger.settle(kept, Spent(Decimal("0.5"))))
    assert ledger.committed("acme") == Decimal("0.5")


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["r1", "r2", "r3", "r4"]),
        st.decimals(0, 5, places=2),
        st.sampled_from(["settle", "release", "die"]),
        st.decimals(0, 1, places=2),
    ),
    max_size=40,
)


@given(STEPS)
def test_no_order_of_events_passes_a_ceiling(steps: list[tuple[str, Decimal, str, Decimal]]) -> None:
    """Reserve, settle at up to the reservation, release or die: the sums stay under their ceilings."""
    ledger = at([NOW])
    for subject, amount, end, share in steps:
        got = reserve(ledger, claim(str(amount), subject))
        if isinstance(got, Reservation) and end == "settle":
            run(ledger.settle(got, Spent(amount * share)))
        elif isinstance(got, Reservation) and end == "release":
            run(ledger.release(got))
        assert ledger.committed("acme", day=NOW.date()) <= CEILINGS.tenant_day
        assert all(
            ledger.committed("acme", subject=one) <= CEILINGS.application for one in ("r1", "r2", "r3", "r4")
        )
