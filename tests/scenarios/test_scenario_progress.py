"""Waiting, not waiting, and watching: Prefer, Location and server-sent events through the gate."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.support.edge_hand import GOOD, JSON
from tests.support.served import Served
from tests.support.waiting import until

pytestmark = pytest.mark.live
DEADLINE_SECONDS = 20


def events_of(text: str) -> Iterator[tuple[int, str, dict[str, str]]]:
    """Number, name and data of each event (WHATWG HTML, 9.2)."""
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        yield int(fields["id"]), fields["event"], json.loads(fields["data"])


def ended(gate: httpx.Client, location: str) -> httpx.Response:
    """The review once it is no longer 202."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while (answer := gate.get(location)).status_code == 202:
        assert time.monotonic() < deadline, "the review did not end"
    return answer


@pytest.fixture
def location(gate: httpx.Client) -> str:
    """Where a completed review of this broker's is."""
    return str(gate.post("/lending-review", content=GOOD, headers=JSON).headers["location"])


def test_who_does_not_wait_is_told_where_the_review_will_be(gate: httpx.Client) -> None:
    """Prefer: wait=0 → 202 with Location; there it is 200 once the review is done."""
    accepted = gate.post("/lending-review", content=GOOD, headers=JSON | {"prefer": "wait=0"})
    assert (accepted.status_code, accepted.json()["status"]) == (202, "queued")
    done = ended(gate, accepted.headers["location"])
    assert done.status_code == 200
    assert done.json()["status"] == "completed"
    assert done.json()["review_id"] == accepted.json()["review_id"]


def test_what_is_read_later_is_what_was_answered_at_once(gate: httpx.Client) -> None:
    """The stored review is the answered one."""
    answered = gate.post("/lending-review", content=GOOD, headers=JSON)
    read = gate.get(answered.headers["location"])
    assert _without_nothing(read.json()) == answered.json()


def _without_nothing(value: object) -> object:
    """JSON without members that are null: the stored body spells them out."""
    if isinstance(value, dict):
        return {name: _without_nothing(item) for name, item in value.items() if item is not None}
    return [_without_nothing(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("prefer", ["wait=-1", "wait=soon", "respond-async", "wait=", "wait=20; foo=bar"])
def test_a_preference_that_is_not_understood_is_ignored(prefer: str, gate: httpx.Client) -> None:
    """RFC 7240 section 2: never an error."""
    answer = gate.post("/lending-review", content=GOOD, headers=JSON | {"prefer": prefer})
    assert answer.status_code == 200


def test_the_events_of_a_review_come_numbered_and_end(gate: httpx.Client, location: str) -> None:
    """queued, then completed; the stream ends with the review."""
    answer = gate.get(f"{location}/events")
    events = list(events_of(answer.text))
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert [number for number, _, _ in events] == list(range(1, len(events) + 1))
    assert [events[0][1], events[-1][1]] == ["queued", "completed"]
    assert {data["review_id"] for _, _, data in events} == {location.rpartition("/")[2]}
    assert all(data["at"].endswith("Z") for _, _, data in events)


def test_last_event_id_resumes_without_loss_or_repetition(gate: httpx.Client, location: str) -> None:
    """After a cut the rest comes, and only the rest."""
    whole = list(events_of(gate.get(f"{location}/events").text))
    for seen in range(len(whole)):
        rest = gate.get(f"{location}/events", headers={"last-event-id": str(seen)}).text
        assert list(events_of(rest)) == whole[seen:]


def test_who_has_every_event_is_told_to_stop_asking(gate: httpx.Client, location: str) -> None:
    """An EventSource comes back after each end; 204 is what makes it stop (WHATWG HTML, 9.2.2)."""
    last = len(list(events_of(gate.get(f"{location}/events").text)))
    answer = gate.get(f"{location}/events", headers={"last-event-id": str(last)})
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("unknown", ["99", "-1", "1.5", "x", "99999999999"])
def test_an_event_id_that_never_was_begins_at_the_beginning(
    unknown: str, gate: httpx.Client, location: str
) -> None:
    """Better twice than never."""
    events = list(events_of(gate.get(f"{location}/events", headers={"last-event-id": unknown}).text))
    assert events[0][1] == "queued"


def test_events_can_be_watched_while_the_review_is_made(gate: httpx.Client) -> None:
    """Asked for at once after acceptance, the stream tells everything to the end."""
    accepted = gate.post("/lending-review", content=GOOD, headers=JSON | {"prefer": "wait=0"})
    with gate.stream("GET", f"{accepted.headers['location']}/events") as stream:
        text = "".join(stream.iter_text())
    assert [name for _, name, _ in events_of(text)][-1] == "completed"


def test_a_trace_goes_on_from_the_caller(gate: httpx.Client, platform: Served) -> None:
    """The caller's trace id is found in the service's log lines, under a new span."""
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {**JSON, "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    answer = gate.post("/lending-review", content=GOOD, headers=headers)
    line = _log_line(platform, answer.headers["x-request-id"])
    assert line["traceparent"].split("-")[1] == trace
    assert line["traceparent"].split("-")[2] != "00f067aa0ba902b7"


def _log_line(platform: Served, request_id: str) -> dict[str, str]:
    """The service's line about a request, which it writes once its answer is on the way."""
    found: list[dict[str, str]] = []

    def written() -> bool:
        whole = [
            line for line in platform.stderr.read_text().splitlines(keepends=True) if line.endswith("\n")
        ]
        found[:] = [line for line in map(json.loads, whole) if line.get("request_id") == request_id]
        return bool(found)

    asyncio.run(until(written))
    return found[0]
