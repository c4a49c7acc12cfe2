"""The intake conversation through the live gate: cut and killed between any two events, nothing is lost,
doubled or merged, and it ends in a review.

The tests of this file are one story, told in order, on a platform of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from lendgate.assistants.intake.transcript import event_id
from tests.assistants.scripts import script
from tests.support.served import Served, data_directory, speaking_to, start

pytestmark = pytest.mark.live
SCRIPT = script("mortgage")
CANARY = "123-45-6789"
KILLS = 6
"""After none, one, … of the events of a turn."""


@dataclass
class Story:
    """A conversation over several lives of the platform."""

    data_dir: Path
    platform: Served
    path: str = ""
    said: int = 0
    seen: list[tuple[str, str]] = field(default_factory=list)

    @property
    def last(self) -> str:
        """The id of the last event that was seen."""
        return self.seen[-1][0] if self.seen else ""

    def speak(self, most: int | None = None) -> bool:
        """Say the present line, or say it again, and read at most so many events; whether it was the end."""
        body = {"text": SCRIPT.lines[self.said].said, "message_id": f"line-{self.said}"}
        headers = {"last-event-id": self.last} if self.last else {}
        url = f"{self.path}/messages"
        with (
            speaking_to(self.platform.worker, self.platform.token) as client,
            client.stream("POST", url, json=body, headers=headers) as response,
        ):
            assert response.status_code == 200, response.read()
            for frame in self._frames(response, most):
                self.seen.append(frame)
                if frame[1] == "completed":
                    return True
        return False

    def get(self, path: str) -> httpx.Response:
        """A reading."""
        with speaking_to(self.platform.worker, self.platform.token) as client:
            return client.get(path)

    @staticmethod
    def _frames(response: httpx.Response, most: int | None) -> Iterator[tuple[str, str]]:
        if most == 0:
            return
        id_ = kind = ""
        for count, line in enumerate(_lines(response), 1):
            id_, kind = line
            yield id_, kind
            if count == most:
                return


def _lines(response: httpx.Response) -> Iterator[tuple[str, str]]:
    """Id and kind of each whole event."""
    found: dict[str, str] = {}
    for line in response.iter_lines():
        if line:
            name, _, value = line.partition(": ")
            found[name] = value
        elif found:
            yield found["id"], found["event"]
            found = {}


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    with data_directory() as directory:
        told = Story(directory, start(directory))
        yield told
        if told.platform.process.poll() is None:
            told.platform.terminate()
        if told.platform.process.stdout:
            told.platform.process.stdout.close()


def test_a_session_is_opened_at_the_gate(story: Story) -> None:
    """With the assistant's first turn."""
    with speaking_to(story.platform.worker, story.platform.token) as client:
        answer = client.post("/intake/sessions", json={})
    assert answer.status_code == 201, answer.text
    story.path = answer.headers["location"]


def test_a_stream_cut_at_every_event_is_taken_up(story: Story) -> None:
    """Message by message, each cut one event later than the one before, then sent again."""
    for cut in range(KILLS):
        if not story.speak(cut):
            assert story.speak()
        story.said += 1
    _check_unbroken(story)


@pytest.mark.parametrize("events", range(KILLS))
def test_a_service_killed_between_any_two_events_loses_nothing(story: Story, events: int) -> None:
    """SIGKILL after none, one, two … events of a turn; started again, the turn goes on where it was."""
    ended = story.speak(events)
    story.platform.kill()
    if story.platform.process.stdout:
        story.platform.process.stdout.close()
    story.platform = start(story.data_dir)
    if not ended:
        assert story.speak()
    story.said += 1
    _check_unbroken(story)


def test_the_conversation_ends_in_the_right_review(story: Story) -> None:
    """All that was said before the kills is known, and the application is reviewed."""
    while story.said < len(SCRIPT.lines):
        assert story.speak()
        story.said += 1
    state: dict[str, Any] = story.get(story.path).json()
    assert state["phase"] == "confirmed"
    assert {value["field"] for value in state["known"]} == set(SCRIPT.known)
    with speaking_to(story.platform.worker, story.platform.token) as client:
        answer = client.post(f"{story.path}/submit", json={})
    assert answer.status_code == 200, answer.text
    assert answer.json()["product"] == "mortgage"


def test_the_transcript_is_complete_ordered_and_without_duplicates(story: Story) -> None:
    """What was seen in pieces is what a reader from the beginning sees, but for the greeting."""
    frames = story.get(f"{story.path}/events").text
    ids = [line.removeprefix("id: ") for line in frames.splitlines() if line.startswith("id: ")]
    assert [id_ for id_ in ids if not id_.startswith("1.")] == [id_ for id_, _ in story.seen]
    turns = story.get(story.path).json()["messages"]
    assert [turn["role"] for turn in turns] == ["assistant", *["person", "assistant"] * len(SCRIPT.lines)]
    assert len({turn["message_id"] for turn in turns}) == len(turns)


def test_the_canary_is_in_no_log_and_no_answer(story: Story) -> None:
    """A Social Security number was said; nobody wrote it down."""
    shown = json.dumps(story.get(story.path).json()) + story.get(f"{story.path}/events").text
    for form in (CANARY, CANARY.replace("-", "")):
        assert form not in story.platform.written()
        assert form not in shown


def _check_unbroken(story: Story) -> None:
    """Ids seen so far rise, without a repetition, and every turn that was begun is whole."""
    numbers = [event_id(id_) for id_, _ in story.seen]
    assert numbers == sorted(set(numbers))
    assert [kind for _, kind in story.seen].count("completed") == story.said
