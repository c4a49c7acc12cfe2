"""The transcript: what is kept of each message, and the events a reader is sent of it.

Law: events are a function of what was stored, so they are stored before they are sent, and sent again they
are the same with the same ids. An id is ``message.event``: it sorts, and says where a reader stopped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import TypeAdapter

from lendgate.assistants.intake.bank import FieldName
from lendgate.assistants.intake.machine import Notice
from lendgate.assistants.intake.state import Phase, State

EventKind = Literal["received", "started", "delta", "completed"]
_ID: Final = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class PersonSaid:
    """A person's message as it is kept: without identifiers, without what was volunteered."""

    text: str
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class AssistantSaid:
    """The assistant's message: its sentences, the field it asks about, and how things stand after it."""

    sentences: tuple[str, ...]
    asks: FieldName | None
    phase: Phase


Said = PersonSaid | AssistantSaid
_PERSON: Final = TypeAdapter(PersonSaid)
_ASSISTANT: Final = TypeAdapter(AssistantSaid)
_STATE: Final = TypeAdapter(State)


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of the transcript: its number, its id, and the number of the one it answers."""

    seq: int
    message_id: str
    reply_to: int | None
    said: Said


@dataclass(frozen=True, slots=True, order=True)
class EventId:
    """Where a reader is: the number of a message, and of an event of it."""

    seq: int
    number: int

    def __str__(self) -> str:
        return f"{self.seq}.{self.number}"


BEGINNING: Final = EventId(0, 0)


@dataclass(frozen=True, slots=True)
class TranscriptEvent:
    """One event: ``text`` is the next piece of a message, ``asks`` and ``phase`` come with its end."""

    id: EventId
    kind: EventKind
    message_id: str
    text: str = ""
    asks: FieldName | None = None
    phase: Phase | None = None


def event_id(text: str | None) -> EventId:
    """The id a reader sent back; the beginning for what is no id of ours."""
    match = _ID.fullmatch(text or "")
    return EventId(int(match[1]), int(match[2])) if match else BEGINNING


def events_of(entries: Iterable[Entry], after: EventId = BEGINNING) -> list[TranscriptEvent]:
    """The events of a transcript that come after an id."""
    return [event for entry in entries for event in _events(entry) if event.id > after]


def _events(entry: Entry) -> Iterator[TranscriptEvent]:
    if isinstance(entry.said, PersonSaid):
        yield TranscriptEvent(EventId(entry.seq, 1), "received", entry.message_id)
        return
    yield TranscriptEvent(EventId(entry.seq, 1), "started", entry.message_id)
    sentences = entry.said.sentences
    for number, sentence in enumerate(sentences, 2):
        more = "" if number == len(sentences) + 1 else "\n"
        yield TranscriptEvent(EventId(entry.seq, number), "delta", entry.message_id, sentence + more)
    last = EventId(entry.seq, len(sentences) + 2)
    yield TranscriptEvent(last, "completed", entry.message_id, asks=entry.said.asks, phase=entry.said.phase)


def said_to_json(said: Said) -> bytes:
    """A message's content as it is sealed."""
    return _PERSON.dump_json(said) if isinstance(said, PersonSaid) else _ASSISTANT.dump_json(said)


def said_from_json(content: bytes, *, by_person: bool) -> Said:
    """A message's content as it was sealed."""
    return _PERSON.validate_json(content) if by_person else _ASSISTANT.validate_json(content)


def state_to_json(state: State) -> bytes:
    """A state as it is sealed."""
    return _STATE.dump_json(state)


def state_from_json(content: bytes) -> State:
    """A state as it was sealed."""
    return _STATE.validate_json(content)
