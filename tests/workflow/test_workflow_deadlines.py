"""Clocks watched: each alert once, on the lender's day, to the lender alone; and nothing decides itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from types import MappingProxyType
from uuid import UUID

import pytest

from lendgate.decision.creditor import Creditor
from lendgate.decision.refusals import DecisionRefusedError
from lendgate.errors import NotFoundError
from lendgate.store.clocks import load_clocks
from lendgate.workflow.deadlines import note_reasons_given, note_reasons_request, watch_clocks
from lendgate.workflow.desk import Desk
from lendgate.workflow.review import carry_out
from lendgate.workflow.verdicts import decide_referral
from tests.review.builders import verdict
from tests.support.service import LENDER
from tests.support.traces import Records
from tests.workflow.conftest import AcceptOne
from tests.workflow.decisions import BURDENED, read, referred

pytestmark = pytest.mark.anyio
RECEIVED = datetime(2026, 2, 20, 3, 30, tzinfo=UTC)
"""Still 19 February in Chicago; the clocks go forward there on 8 March."""


def at(desk: Desk, moment: datetime) -> Desk:
    """The desk at another time."""
    return replace(desk, now=lambda: moment)


def told(records: Records, review_id: str) -> list[str]:
    """Who was told of a review's clocks, alert by alert: the broker, or nobody but the lender."""
    rows = records.connection.execute(
        "SELECT broker_id FROM lendgate.outbox_event WHERE kind = 'clock.alerted' "
        "AND data ->> 'review_id' = %s ORDER BY at",
        (review_id,),
    ).fetchall()
    return [broker for (broker,) in rows]


@pytest.fixture
async def review_id(desk: Desk, accept_one: AcceptOne) -> str:
    """A review whose 30 days began on 19 February: alerts on 11 and 16 March, missed from 22 March."""
    accepted = await accept_one(BURDENED, received_at=RECEIVED)
    return (await carry_out(desk, accepted)).review_id


@pytest.mark.parametrize(
    ("moment", "alerts"),
    [
        (datetime(2026, 3, 11, 4, 59, tzinfo=UTC), 0),  # 10 March, 23:59, daylight saving
        (datetime(2026, 3, 11, 5, 0, tzinfo=UTC), 1),
        (datetime(2026, 3, 16, 5, 0, tzinfo=UTC), 1),  # both at once are one message
        (datetime(2026, 3, 22, 5, 0, tzinfo=UTC), 1),
    ],
)
async def test_an_alert_is_given_on_the_lenders_day(
    moment: datetime, alerts: int, desk: Desk, review_id: str, records: Records
) -> None:
    """Not a minute before its midnight, and heard by no broker."""
    await watch_clocks(at(desk, moment))
    assert told(records, review_id) == [""] * alerts


async def test_each_alert_is_given_once(desk: Desk, review_id: str, records: Records) -> None:
    """At 20 days, at 25, and when it is missed; looking twice tells nothing twice."""
    for day in (11, 11, 12, 16, 16, 21, 22, 23):
        await watch_clocks(at(desk, datetime(2026, 3, day, 12, 0, tzinfo=UTC)))
    assert len(told(records, review_id)) == 3
    events = records.number(
        "SELECT count(*) FROM lendgate.audit_event WHERE kind = 'clock.alerted' AND subject = %s", review_id
    )
    assert events == 3


async def test_a_clock_that_is_stopped_alerts_nobody(
    desk: Desk, accept_one: AcceptOne, records: Records
) -> None:
    """What was decided in time is over."""
    one = await referred(desk, accept_one)
    await decide_referral(desk, read(one), verdict())
    await watch_clocks(at(desk, desk.now() + timedelta(days=365)))
    assert told(records, one.review_id) == []


async def test_nothing_is_decided_because_time_ran_out(desk: Desk, review_id: str, records: Records) -> None:
    """A missed deadline is a person's to mend."""
    await watch_clocks(at(desk, RECEIVED + timedelta(days=400)))
    assert records.number("SELECT count(*) FROM lendgate.decision WHERE review_id = %s", UUID(review_id)) == 0
    async with desk.database.tenant("acme") as tx:
        assert [one.stopped_at for one in await load_clocks(tx, UUID(review_id))] == [None]


async def test_reasons_asked_for_in_time_are_due_in_thirty_days(desk: Desk, accept_one: AcceptOne) -> None:
    """Asked on the sixtieth day; given, the clock stops. A day later nothing is due any more."""
    one = await referred(desk, accept_one)
    review_id = UUID(one.review_id)
    with pytest.raises(NotFoundError):
        await note_reasons_request(desk, "acme", review_id, "underwriter:ada")
    made = (await decide_referral(desk, read(one), verdict())).decision
    assert made is not None
    assert made.reasons_until is not None
    last = datetime.combine(made.reasons_until, time(12), LENDER.zone).astimezone(UTC)
    due = await note_reasons_request(at(desk, last), "acme", review_id, "underwriter:ada")
    assert due == made.reasons_until + timedelta(days=30)
    await note_reasons_given(at(desk, last), "acme", review_id, "underwriter:ada")
    async with desk.database.tenant("acme") as tx:
        assert [clock.kind for clock in await load_clocks(tx, review_id) if not clock.stopped_at] == []
    with pytest.raises(DecisionRefusedError, match="within 60 days"):
        await note_reasons_request(at(desk, last + timedelta(days=1)), "acme", review_id, "underwriter:ada")


async def test_no_reasons_are_due_of_what_has_none(desk: Desk, accept_one: AcceptOne) -> None:
    """A withdrawn application was not acted on."""
    one = await referred(desk, accept_one)
    await decide_referral(desk, read(one), verdict("withdrawn"))
    with pytest.raises(DecisionRefusedError):
        await note_reasons_request(desk, "acme", UUID(one.review_id), "underwriter:ada")


async def test_an_unknown_lenders_day_is_the_earliest_there_is(desk: Desk, accept_one: AcceptOne) -> None:
    """No deadline is ever counted from too late a day."""
    nobody: MappingProxyType[str, Creditor] = MappingProxyType({})
    received = datetime(2026, 2, 20, 11, 59, tzinfo=UTC)  # 19 February where days end last
    tenant = "lender-of-nobody"
    accepted = await accept_one(BURDENED, tenant, received)
    review = await carry_out(replace(desk, creditors=nobody), accepted)
    async with desk.database.tenant(tenant) as tx:
        (clock,) = await load_clocks(tx, UUID(review.review_id))
    assert clock.started_on.isoformat() == "2026-02-19"
    assert LENDER.zone.key == "America/Chicago"
