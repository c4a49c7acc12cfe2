"""The routes of reviews at the origin: accept, wait, answer, and nobody else's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from uuid import UUID

import httpx
import pytest

from lendgate.analysis.reviewer import Case, Reviewed, Reviewer
from lendgate.analysis.rules import RulesReviewer
from lendgate.bootstrap import Service
from lendgate.schema import Review
from lendgate.store.database import Database
from lendgate.web import reviews
from lendgate.web.app import create_app
from lendgate.workflow.again import write_again
from tests.analysis.standins import ByStandIn
from tests.support.edge_hand import BROKER, GOOD, EdgeHand, as_http, principal
from tests.support.service import BASE, EDGE, FailingReviewer, http_to, service_on, with_settings

pytestmark = pytest.mark.anyio
HAND = EdgeHand(EDGE)


class Held(RulesReviewer):
    """A reviewer that waits until it is let go."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.go = asyncio.Event()

    async def review(self, case: Case) -> Reviewed:
        self.asked.set()
        await self.go.wait()
        return await super().review(case)


Opened = tuple[Service, httpx.AsyncClient]
Open = Callable[..., AbstractAsyncContextManager[Opened]]


@pytest.fixture
def opened(database: Database) -> Open:
    """Opens a service with a reviewer and settings, and a client of it."""

    @asynccontextmanager
    async def open_one(reviewer: Reviewer | None = None, **settings: object) -> AsyncIterator[Opened]:
        async with service_on(database, reviewer) as made:
            service = with_settings(made, **settings)
            async with http_to(create_app(service)) as client:
                yield service, client

    return open_one


async def test_a_review_done_in_time_is_the_answer(opened: Open) -> None:
    """200, the whole review, and where it will be found."""
    async with opened() as (_, http):
        answer = await http.send(as_http(HAND.post(), BASE))
    review = Review.model_validate_json(answer.content)
    assert (answer.status_code, review.status) == (200, "completed")
    assert answer.headers["location"] == f"/lending-review/{review.review_id}"
    assert answer.headers["cache-control"] == "no-store"
    assert "null" not in answer.text


async def test_a_memo_written_later_is_shown_and_changes_nothing_else(opened: Open) -> None:
    """The newest memo with its number; outcome, reasons and cost are those the review ended with."""
    async with opened() as (service, http):
        ended = Review.model_validate_json((await http.send(as_http(HAND.post(), BASE))).content)
        path = f"/lending-review/{ended.review_id}"
        before = await http.send(as_http(HAND.get(path), BASE))
        claude = replace(service.desk, reviewer=ByStandIn())
        revision = await write_again(claude, BROKER.tenant, UUID(ended.review_id), "operator:test")
        after = await http.send(as_http(HAND.get(path), BASE))
    assert "memo_revision" not in before.json()
    assert (after.status_code, after.json()["memo_revision"]) == (200, 2)
    shown = Review.model_validate_json(after.content)
    assert shown.memo == revision.memo
    assert shown.model_copy(update={"memo": ended.memo, "memo_revision": None}) == ended


@pytest.mark.parametrize(
    ("prefer", "default"), [("wait=0", 20), ("wait=0.01", 20), ("respond-async", 0), ("", 0.01)]
)
async def test_a_review_that_takes_longer_is_accepted(prefer: str, default: float, opened: Open) -> None:
    """202 after the wait that was asked for or set, then 202 and 200 at Location as it goes on."""
    reviewer = Held()
    async with opened(reviewer, wait_seconds=default) as (service, http):
        request = HAND.post(prefer=prefer) if prefer else HAND.post()
        accepted = await http.send(as_http(request, BASE))
        location = accepted.headers["location"]
        still = await http.send(as_http(HAND.get(location), BASE))
        reviewer.go.set()
        await service.runner.close()
        done = await http.send(as_http(HAND.get(location), BASE))
    assert [accepted.status_code, still.status_code, done.status_code] == [202, 202, 200]
    assert [answer.json()["status"] for answer in (accepted, still, done)] == [
        "queued",
        "queued",
        "completed",
    ]


async def test_nobody_waits_longer_than_the_gate_does(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait beyond the gate's deadline would end as 503 for an application that was accepted."""
    assert reviews.LONGEST_WAIT < 25
    monkeypatch.setattr(reviews, "LONGEST_WAIT", 0.01)
    reviewer = Held()
    async with opened(reviewer, wait_seconds=60) as (_, http):
        answers = [
            await http.send(as_http(request, BASE)) for request in (HAND.post(prefer="wait=60"), HAND.post())
        ]
        reviewer.go.set()
    assert [answer.status_code for answer in answers] == [202, 202]


async def test_a_review_that_failed_says_so_and_decides_nothing(opened: Open) -> None:
    """The caller hears `failed`, without a recommendation and without the error's words."""
    async with opened(FailingReviewer(RuntimeError("income of Jane Roe"))) as (_, http):
        answer = await http.send(as_http(HAND.post(), BASE))
        later = await http.send(as_http(HAND.get(answer.headers["location"]), BASE))
    assert (answer.json()["status"], later.json()["status"]) == ("failed", "failed")
    assert answer.json().get("recommendation") is None
    assert "Jane Roe" not in answer.text + later.text


async def test_a_caller_that_hangs_up_does_not_stop_its_review(opened: Open) -> None:
    """What was accepted is carried out, whoever still listens."""
    reviewer = Held()
    async with opened(reviewer) as (service, http):
        asking = asyncio.create_task(http.send(as_http(HAND.post(), BASE)))
        await reviewer.asked.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert service.runner.under_way == 1
        reviewer.go.set()
        await service.runner.close()
        assert service.runner.under_way == 0


@pytest.mark.parametrize("other", [principal("local", "rival"), principal("elsewhere", "demo-broker")])
@pytest.mark.parametrize("suffix", ["", "/events"])
async def test_anothers_review_is_not_there(other: object, suffix: str, opened: Open) -> None:
    """404 for another broker and another tenant."""
    async with opened() as (_, http):
        location = (await http.send(as_http(HAND.post(), BASE))).headers["location"]
        theirs = await http.send(as_http(EdgeHand(EDGE, other).get(location + suffix), BASE))  # type: ignore[arg-type]  # a Principal
    assert theirs.status_code == 404
    assert theirs.json()["reason"] == "There is no review of yours with that id."


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/lending-review", "review:write"),
        ("GET", "/lending-review/x", "review:read"),
        ("GET", "/lending-review/x/events", "review:read"),
    ],
)
async def test_each_route_needs_its_scope(method: str, path: str, scope: str, opened: Open) -> None:
    """403 before anything is read or looked up."""
    hand = EdgeHand(EDGE, principal("local", "demo-broker", "validate"))
    async with opened() as (_, http):
        answer = await http.send(as_http(hand.request(method, path, GOOD, {}), BASE))
    assert (answer.status_code, answer.json()["reason"]) == (403, f"The token lacks the scope {scope}.")
