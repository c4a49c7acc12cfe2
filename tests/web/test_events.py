"""Server-sent events at the origin: in order, resumable, alive while nothing happens, and ending."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from lendgate.store.database import Database
from lendgate.web import events
from lendgate.web.events import review_events
from lendgate.workflow.accept import Accepted, accept_application
from lendgate.workflow.desk import Desk
from lendgate.workflow.review import carry_out, give_up
from tests.support.edge_hand import BROKER, GOOD, metadata_of
from tests.support.service import desk_on, now

pytestmark = pytest.mark.anyio


@pytest.fixture
def desk(database: Database) -> Desk:
    return desk_on(database)


@pytest.fixture
async def accepted(desk: Desk) -> Accepted:
    return await accept_application(desk, GOOD, BROKER, metadata_of(BROKER, now()))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for a quarter of a second."""
    monkeypatch.setattr(events, "_POLL_SECONDS", 0)
    monkeypatch.setattr(events, "_QUIET_POLLS", 2)


async def told(desk: Desk, accepted: Accepted, last_event_id: str | None = None) -> tuple[int, str]:
    """Status and whole text of an answer that ends."""
    review_id = UUID(accepted.review.review_id)
    response = await review_events(desk.database, BROKER, review_id, last_event_id)
    iterator: AsyncIterator[object] | None = getattr(response, "body_iterator", None)
    text = "".join([str(part) async for part in iterator]) if iterator else ""
    return response.status_code, text


def ids(text: str) -> list[str]:
    return [line.removeprefix("id: ") for line in text.splitlines() if line.startswith("id: ")]


async def test_a_completed_review_tells_everything_and_ends(desk: Desk, accepted: Accepted) -> None:
    """Each event with id, name and data, in the form of the standard."""
    await carry_out(desk, accepted)
    status, text = await told(desk, accepted)
    first = text.split("\n\n")[0].split("\n")
    assert status == 200
    assert ids(text) == ["1", "2"]
    assert first[:2] == ["id: 1", "event: queued"]
    data = json.loads(first[2].removeprefix("data: "))
    assert data["review_id"] == accepted.review.review_id
    assert (data["status"], data["at"][-1]) == ("queued", "Z")
    assert "event: completed" in text


async def test_a_failed_review_ends_too(desk: Desk, accepted: Accepted) -> None:
    """Nobody listens for ever to what will not come."""
    await give_up(desk, accepted)
    assert "event: failed" in (await told(desk, accepted))[1]


@pytest.mark.parametrize(("last", "rest"), [("0", ["1", "2"]), ("1", ["2"])])
async def test_last_event_id_resumes(last: str, rest: list[str], desk: Desk, accepted: Accepted) -> None:
    """What comes after it, and nothing before."""
    await carry_out(desk, accepted)
    assert ids((await told(desk, accepted, last))[1]) == rest


async def test_who_knows_the_end_is_told_204(desk: Desk, accepted: Accepted) -> None:
    """An EventSource reconnects after every end; this is what makes it stop."""
    await carry_out(desk, accepted)
    assert await told(desk, accepted, "2") == (204, "")


@pytest.mark.parametrize("last", ["3", "999999999", "9999999999", "-1", "x", "", "1 ", "\u0661"])
async def test_what_was_never_an_id_begins_at_the_beginning(
    last: str, desk: Desk, accepted: Accepted
) -> None:
    """A wrong id loses nothing and hangs on nothing."""
    await carry_out(desk, accepted)
    assert ids((await told(desk, accepted, last))[1]) == ["1", "2"]


async def test_a_running_review_is_told_as_it_goes_on(desk: Desk, accepted: Accepted) -> None:
    """First what is known, then comments while nothing happens, then the rest and the end."""
    response = await review_events(desk.database, BROKER, UUID(accepted.review.review_id), None)
    stream = getattr(response, "body_iterator").__aiter__()  # noqa: B009 - only a stream has one
    assert "event: queued" in await anext(stream)
    assert await anext(stream) == ": still here\n\n"
    await carry_out(desk, accepted)
    rest = [part async for part in stream]
    assert "event: completed" in rest[-1]
    assert all(part == ": still here\n\n" for part in rest[:-1])


async def test_another_tenant_hears_nothing(desk: Desk, accepted: Accepted) -> None:
    """Row-level security stands behind the route's own check."""
    await carry_out(desk, accepted)
    stranger = BROKER.model_copy(update={"tenant": "elsewhere"})
    response = await review_events(desk.database, stranger, UUID(accepted.review.review_id), None)
    stream = getattr(response, "body_iterator").__aiter__()  # noqa: B009 - only a stream has one
    assert await anext(stream) == ": still here\n\n"
    await stream.aclose()
