"""The live log over a real WebSocket: shown line by line, closed at Cloudflare afterwards."""

from __future__ import annotations

import json
from contextlib import aclosing

import pytest
from pydantic import JsonValue

from lendgate.cloudflare.api.failures import CloudflareError
from lendgate.cloudflare.tail import LogLine, follow, read_event
from tests.cloudflare_api.lab import Lab

pytestmark = pytest.mark.anyio
ID = "7f1c2d34-5e6f-4a7b-8c9d-0123456789ab"


def _event(**changes: JsonValue) -> dict[str, JsonValue]:
    event: dict[str, JsonValue] = {
        "outcome": "ok",
        "scriptName": "lendgate-gate",
        "eventTimestamp": 1_795_348_800_123,
        "scriptVersion": {"id": ID},
        "event": {
            "request": {
                "url": f"https://gate.example/lending-review/{ID}?ssn=123-45-6789",
                "method": "GET",
                "headers": {"cf-ray": "8d1f2a3b4c5d6e7f-AMS", "authorization": "Bearer very-secret"},
                "cf": {"city": "Utrecht"},
            },
            "response": {"status": 404},
        },
        "logs": [
            {
                "level": "log",
                "message": ['{"route":"review-state","status":404,"income":95000}'],
                "timestamp": 1,
            }
        ],
        "exceptions": [],
    }
    return event | changes


def test_event() -> None:
    """Method, path, status, ids and the known members of the log line; nothing else."""
    line = LogLine(
        at="2026-11-22T12:00:00.123+00:00",
        outcome="ok",
        method="GET",
        path=f"/lending-review/{ID}",
        status=404,
        ray="8d1f2a3b4c5d6e7f-AMS",
        version=ID,
        messages=('log: {"route": "review-state", "status": 404, "income": "[hidden]"}',),
    )
    assert read_event(json.dumps(_event())) == line


def test_exception_is_shown_without_data() -> None:
    """An exception's words lose what looks like data."""
    event = _event(exceptions=[{"name": "Error", "message": "cannot read jane@example.com", "timestamp": 1}])
    assert read_event(json.dumps(event)).messages[-1] == "exception: Error: cannot read [hidden]"


@pytest.mark.parametrize("message", ["", "[]", "not json", "{}", '{"logs": 5, "event": null}'])
def test_anything_else_is_survived(message: str) -> None:
    """A message of another shape is shown as an empty line and ends nothing."""
    line = read_event(message)
    assert line.method == "-"
    assert str(line).startswith("- ")


async def test_followed_to_the_end(lab: Lab) -> None:
    """Every event is shown once; the live log is closed at Cloudflare."""
    await lab.deploy()
    lab.app.log_events = [_event(), _event(outcome="exception")]
    async with lab.worker() as worker, aclosing(follow(worker)) as lines:
        outcomes = [line.outcome async for line in lines]
    assert outcomes == ["ok", "exception"]
    assert lab.script.tails == []


async def test_closed_when_the_reader_leaves(lab: Lab) -> None:
    """Leaving in the middle closes the live log, too: only ten viewers have a place."""
    await lab.deploy()
    lab.app.log_events = [_event(), _event()]
    async with lab.worker() as worker, aclosing(follow(worker)) as lines:
        await anext(lines)
        assert len(lab.script.tails) == 1
    assert lab.script.tails == []


async def test_unreachable_log(lab: Lab) -> None:
    """A live log that cannot be reached is told without its address, which is a credential."""
    await lab.deploy()
    lab.state.tail_url = "ws://127.0.0.1:1/very-secret-path"
    async with lab.worker() as worker:
        with pytest.raises(CloudflareError, match="live log cannot be reached") as refused:
            async with aclosing(follow(worker)) as lines:
                await anext(lines)
    assert "very-secret-path" not in str(refused.value)
    assert lab.script.tails == []


def test_json() -> None:
    """For programs a line is an object of plain values."""
    assert read_event("{}").as_json()["messages"] == []
