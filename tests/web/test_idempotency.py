"""Idempotency-Key at the origin: carried out once, and every answer to a key is the same bytes."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import httpx
import psycopg
import pytest

from lendgate.analysis.reviewer import Case, Reviewed, Reviewer
from lendgate.analysis.rules import RulesReviewer
from lendgate.store.database import Database
from lendgate.web.app import create_app
from lendgate.web.idempotency import NoKeyError, key_of
from lendgate.workflow.periodic import KEYS_KEPT
from tests.support.edge_hand import GOOD, EdgeHand, as_http, principal
from tests.support.service import BASE, EDGE, CountingReviewer, http_to, service_at_work
from tests.support.traces import Records
from tests.support.waiting import until

pytestmark = pytest.mark.anyio
OTHER = json.dumps({**json.loads(GOOD), "income": 1}).encode()
Open = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


class Held(RulesReviewer):
    """A reviewer that waits until it is let go."""

    def __init__(self) -> None:
        self.asked = 0
        self.begun = asyncio.Event()
        self.go = asyncio.Event()

    async def review(self, case: Case) -> Reviewed:
        self.asked += 1
        self.begun.set()
        await self.go.wait()
        return await super().review(case)


@pytest.fixture
def hand() -> EdgeHand:
    """A broker of the test's own."""
    return EdgeHand(EDGE, principal("local", f"broker-{uuid4().hex[:8]}"))


@pytest.fixture
def opened(database: Database) -> Open:
    """Opens a service at work, and a client of it."""

    @asynccontextmanager
    async def open_one(reviewer: Reviewer | None = None) -> AsyncIterator[httpx.AsyncClient]:
        async with (
            service_at_work(database, reviewer) as service,
            http_to(create_app(service)) as client,
        ):
            yield client

    return open_one


@pytest.fixture
async def records(superuser_url: str) -> AsyncIterator[Records]:
    """The module's tables, past their row-level security."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        yield Records(connection)


async def send(
    http: httpx.AsyncClient, hand: EdgeHand, key: str, body: bytes = GOOD, **more: str
) -> httpx.Response:
    return await http.send(as_http(hand.post(body, idempotency_key=key, **more), BASE))


def replayed(answer: httpx.Response) -> bool:
    return str(answer.headers.get("idempotency-replayed")) == "true"


async def ended_at(http: httpx.AsyncClient, hand: EdgeHand, place: str) -> bool:
    return (await http.send(as_http(hand.get(place), BASE))).status_code == 200


def review_of(records: Records, hand: EdgeHand) -> str:
    query = "SELECT review_id::text FROM lendgate.review WHERE broker_id = %s"
    row = records.connection.execute(query, (hand.caller.broker_id,)).fetchone()
    assert row is not None
    return str(row[0])


async def test_a_repeated_request_gets_the_same_bytes(opened: Open, hand: EdgeHand) -> None:
    """Status, body and place; the repetition says that it is one. The review is carried out once."""
    reviewer = CountingReviewer()
    async with opened(reviewer) as http:
        first, second, third = [await send(http, hand, "k-1") for _ in range(3)]
    assert first.status_code == second.status_code == third.status_code == 200
    assert first.content == second.content == third.content
    assert first.headers["location"] == second.headers["location"]
    assert [replayed(each) for each in (first, second, third)] == [False, True, True]
    assert reviewer.asked == 1


async def test_the_answer_is_what_is_found_at_its_place(opened: Open, hand: EdgeHand) -> None:
    """GET gives the same bytes as the POST did."""
    async with opened() as http:
        posted = await send(http, hand, "k-1")
        found = await http.send(as_http(hand.get(posted.headers["location"]), BASE))
    assert found.content == posted.content


async def test_another_body_is_refused(opened: Open, hand: EdgeHand) -> None:
    """422, also while the first is under way; nothing is carried out for it."""
    async with opened() as http:
        await send(http, hand, "k-1")
        other = await send(http, hand, "k-1", OTHER)
        same = await send(http, hand, "k-1")
    assert (other.status_code, other.json()["type"]) == (422, "urn:lendgate:problem:invalid-request")
    assert "another body" in other.json()["reason"]
    assert same.status_code == 200


async def test_while_the_first_is_under_way_others_are_told_to_wait(opened: Open, hand: EdgeHand) -> None:
    """409 with Retry-After; afterwards the answer."""
    reviewer = Held()
    async with opened(reviewer) as http:
        first = asyncio.create_task(send(http, hand, "k-1"))
        await reviewer.begun.wait()
        meanwhile = await send(http, hand, "k-1")
        other = await send(http, hand, "k-1", OTHER)
        reviewer.go.set()
        answer = await first
        later = await send(http, hand, "k-1")
    assert (meanwhile.status_code, meanwhile.headers["retry-after"]) == (409, "1")
    assert meanwhile.json()["type"] == "urn:lendgate:problem:conflict"
    assert other.status_code == 422
    assert (later.status_code, later.content) == (200, answer.content)
    assert reviewer.asked == 1


async def test_accepted_stays_the_answer_when_the_review_has_ended(opened: Open, hand: EdgeHand) -> None:
    """A caller who heard 202 hears 202 again, byte for byte; the result is at its place."""
    reviewer = Held()
    async with opened(reviewer) as http:
        first = await send(http, hand, "k-1", prefer="wait=0.05")
        still = await send(http, hand, "k-1")
        reviewer.go.set()
        place = first.headers["location"]
        await until(lambda: ended_at(http, hand, place))
        ended = await send(http, hand, "k-1")
    assert [each.status_code for each in (first, still, ended)] == [202, 202, 202]
    assert first.content == still.content == ended.content
    assert [replayed(each) for each in (first, still, ended)] == [False, True, True]


async def test_a_key_is_good_for_work_in_the_queue_too(opened: Open, hand: EdgeHand) -> None:
    """`wait=0`: answered at once, carried out by whoever comes, once."""
    reviewer = CountingReviewer()
    async with opened(reviewer) as http:
        answers = [await send(http, hand, "k-1", prefer="wait=0") for _ in range(3)]
        place = answers[0].headers["location"]
        await until(lambda: ended_at(http, hand, place))
    assert {(each.status_code, each.content) for each in answers} == {(202, answers[0].content)}
    assert reviewer.asked == 1


async def test_brokers_and_tenants_may_choose_the_same_key(opened: Open, hand: EdgeHand) -> None:
    """Each has its own review."""
    own = hand.caller
    others = [
        EdgeHand(EDGE, principal(own.tenant, "rival")),
        EdgeHand(EDGE, principal("elsewhere", own.broker_id)),
    ]
    async with opened() as http:
        answers = [await send(http, each, "k-1") for each in (hand, *others)]
    assert len({each.json()["review_id"] for each in answers}) == 3
    assert not any(map(replayed, answers))


async def test_a_request_that_was_refused_leaves_its_key_free(opened: Open, hand: EdgeHand) -> None:
    """Nothing was carried out, so nothing is repeated."""
    async with opened() as http:
        refused = await send(http, hand, "k-1", b'{"applicant_id":"A1"}')
        mended = await send(http, hand, "k-1")
    assert (refused.status_code, mended.status_code, replayed(mended)) == (422, 200, False)


async def test_without_a_key_every_request_is_another_one(opened: Open, hand: EdgeHand) -> None:
    """Two reviews for two requests."""
    async with opened() as http:
        answers = [await http.send(as_http(hand.post(), BASE)) for _ in range(2)]
    assert len({each.json()["review_id"] for each in answers}) == 2


async def test_of_five_hundred_at_once_one_is_carried_out(
    opened: Open, hand: EdgeHand, records: Records
) -> None:
    """Every other hears the same bytes or 409, and nothing else; afterwards everybody hears the bytes."""
    reviewer = CountingReviewer()
    async with opened(reviewer) as http:
        answers = await asyncio.gather(*(send(http, hand, "k-500") for _ in range(500)))
        last = await send(http, hand, "k-500")
    statuses = Counter(each.status_code for each in answers)
    assert set(statuses) <= {200, 409}
    assert statuses[200] >= 1
    assert {each.content for each in answers if each.status_code == 200} == {last.content}
    assert sum(not replayed(each) for each in answers if each.status_code == 200) == 1
    assert reviewer.asked == 1
    query = "SELECT count(*) FROM lendgate.review WHERE broker_id = %s"
    assert records.number(query, hand.caller.broker_id) == 1


async def test_a_process_that_died_before_it_answered_is_answered_for(
    opened: Open, hand: EdgeHand, records: Records
) -> None:
    """The key is there, an answer is not, and the longest wait is over: accepted, once and for all."""
    reviewer = Held()
    async with opened(reviewer) as http:
        first = asyncio.create_task(send(http, hand, "k-1"))
        await reviewer.begun.wait()
        first.cancel()
        assert (await send(http, hand, "k-1")).status_code == 409
        records.connection.execute(
            "UPDATE lendgate.idempotency SET created_at = created_at - interval '31 s' WHERE caller = %s",
            (hand.caller.broker_id,),
        )
        answers = [await send(http, hand, "k-1") for _ in range(2)]
        reviewer.go.set()
    assert [each.status_code for each in answers] == [202, 202]
    assert answers[0].content == answers[1].content


async def test_a_review_that_ended_after_its_process_died_is_the_answer(
    opened: Open, hand: EdgeHand, records: Records
) -> None:
    """Accepted by one process, carried out by the next one, asked for again: 200."""
    reviewer = Held()
    async with opened(reviewer) as http:
        first = asyncio.create_task(send(http, hand, "k-1"))
        await reviewer.begun.wait()
        first.cancel()
        reviewer.go.set()
        place = f"/lending-review/{review_of(records, hand)}"
        await until(lambda: ended_at(http, hand, place))
        again = await send(http, hand, "k-1")
    assert (again.status_code, again.json()["status"], replayed(again)) == (200, "completed", True)


@pytest.mark.parametrize("key", ["", " ", "a b", "a\tb", "x" * 256])
async def test_what_is_no_key_is_refused(key: str, opened: Open, hand: EdgeHand) -> None:
    """422 before anything is accepted."""
    with pytest.raises(NoKeyError):
        key_of(key)
    if key.strip():  # others cannot even be signed
        async with opened() as http:
            answer = await send(http, hand, key)
        assert answer.status_code in (401, 422)


@pytest.mark.parametrize("key", ["a", '"quoted"', "x" * 255, "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"])
def test_a_key_is_taken_as_it_is(key: str) -> None:
    """Byte by byte, quotes included."""
    assert key_of(key) == key


def test_a_key_is_remembered_for_a_day_at_least() -> None:
    """What tidying removes is older."""
    assert timedelta(hours=24) <= KEYS_KEPT
