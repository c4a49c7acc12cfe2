"""The intake conversation, kept: a message is stored, then heard, then answered; each once.

Law: a person's message is one transaction, the answer with the state it leads to another, each with its audit
event. Whoever dies between them leaves a message without an answer, and the next one who comes by (the same
message sent again, a reader, another message) answers it. What was taken out of a message is stored nowhere,
an identifier in the vault only.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from lendgate.analysis.reviewer import ChargedTo
from lendgate.assistants.intake.assistant import Assistant
from lendgate.assistants.intake.conversation import Received, receive, respond, spoken_in
from lendgate.assistants.intake.machine import Moved, opened
from lendgate.assistants.intake.state import State
from lendgate.assistants.intake.transcript import (
    AssistantSaid,
    Entry,
    PersonSaid,
    Said,
    said_from_json,
    said_to_json,
    state_from_json,
    state_to_json,
)
from lendgate.assistants.intake.wording import asked_field
from lendgate.audit import Event
from lendgate.audit.canonical import Json
from lendgate.audit.events import EventKind
from lendgate.errors import LendgateError, NotFoundError
from lendgate.schema import Principal
from lendgate.schema.requests import IntakeMessage, IntakeOpening
from lendgate.store import intake as store
from lendgate.store.audit_log import append_event
from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Transaction
from lendgate.store.intake import NewSession, StoredMessage, StoredSession
from lendgate.store.outbox import LENDER_ONLY, Published, publish
from lendgate.store.sealing import Sealer
from lendgate.workflow.desk import Desk

_GREETING: Final = 0
"""What the first message answers: nothing."""
_TOKEN_LETTERS: Final = 24


def new_token() -> str:
    """A token of the vault: letters only, so that no part of it is taken for a number."""
    return "tok_" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(_TOKEN_LETTERS))


class ConversationFullError(LendgateError):
    """The conversation has as many messages as it may have; nothing was stored."""


@dataclass(frozen=True, slots=True)
class IntakeRoom:
    """What conversations work with: how long they are kept, and how many messages one may have."""

    desk: Desk
    assistant: Assistant
    keep: timedelta
    most_messages: int
    new_token: Callable[[], str] = new_token


@dataclass(frozen=True, slots=True)
class Conversation:
    """Which conversation, and who asks for it."""

    room: IntakeRoom
    caller: Principal
    id: UUID


@dataclass(frozen=True, slots=True)
class Whole:
    """A conversation as it is stored, opened; ``messages`` are the ``entries`` as they lie sealed."""

    stored: StoredSession
    state: State
    entries: tuple[Entry, ...]
    messages: tuple[StoredMessage, ...]

    @property
    def unanswered(self) -> Entry | None:
        """The last message, where it is the person's and has no answer yet."""
        last = self.entries[-1] if self.entries else None
        return last if last is not None and last.reply_to is None else None


async def open_conversation(room: IntakeRoom, caller: Principal, opening: IntakeOpening) -> Conversation:
    """Begin a conversation with the assistant's first turn."""
    talk, at = Conversation(room, caller, room.desk.new_id()), room.desk.now()
    moved = opened(opening.language, opening.product, room.assistant.bank)
    said = await room.assistant.say(moved, _charged(talk))
    async with room.desk.database.tenant(caller.tenant) as tx:
        sealer = await sealer_of(tx)
        new = NewSession(
            session_id=talk.id,
            broker_id=caller.broker_id,
            owner=caller.subject,
            applicant_id=opening.applicant_id or f"intake-{talk.id}",
            phase=moved.state.phase,
            state=sealer.seal(state_to_json(moved.state), store.state_place(talk.id)),
            created_at=at,
            expires_at=at + room.keep,
        )
        await store.open_session(tx, new)
        content = AssistantSaid(said, asked_field(moved.says), moved.state.phase)
        message = Entry(1, str(room.desk.new_id()), _GREETING, content)
        await store.add_message(tx, talk.id, _sealed(sealer, talk, message))
        await _note(tx, talk, "intake.opened", {"product": opening.product})
    return talk


async def whole_conversation(talk: Conversation) -> Whole:
    """The caller's own conversation, every message of it.

    Raises:
        NotFoundError: there is none of theirs with that id, or it has expired.
    """
    async with talk.room.desk.database.tenant(talk.caller.tenant) as tx:
        return await _load(tx, talk, lock=False)


async def held_conversation(tx: Transaction, talk: Conversation) -> Whole:
    """The caller's own conversation, which nobody else changes before this transaction ends.

    Raises:
        NotFoundError: there is none of theirs with that id, or it has expired.
    """
    return await _load(tx, talk, lock=True)


async def take_message(talk: Conversation, message: IntakeMessage) -> int:
    """Store a person's message, once; gives its number. Whatever came before it is answered first.

    Raises:
        NotFoundError: no conversation of theirs. ConversationFullError: nothing more fits into it.
    """
    while True:
        async with talk.room.desk.database.tenant(talk.caller.tenant) as tx:
            whole = await held_conversation(tx, talk)
            known = await store.message_numbered(tx, talk.id, message.message_id)
            if known is not None:
                return known
            if whole.unanswered is None:
                return await _store_message(tx, talk, whole, message)
        await answer(talk)


async def answer(talk: Conversation) -> None:
    """Answer the last message, unless it has an answer.

    Raises:
        NotFoundError: no conversation of theirs.
    """
    whole = await whole_conversation(talk)
    asked = whole.unanswered
    if asked is None or not isinstance(asked.said, PersonSaid):
        return
    moved, content = await _thought_of(talk, whole.state, asked.said)
    async with talk.room.desk.database.tenant(talk.caller.tenant) as tx:
        now = await held_conversation(tx, talk)
        if now.unanswered is not None and now.unanswered.seq == asked.seq:
            await _store_answer(tx, talk, now, moved, content)
        # Otherwise somebody else was quicker, and theirs is the answer.


async def _thought_of(talk: Conversation, state: State, said: PersonSaid) -> tuple[Moved, AssistantSaid]:
    """The next state and the answer to a message; outside any transaction, since a model may be asked."""
    desk, assistant = talk.room.desk, talk.room.assistant
    received = Received(said.text, (), said.notices)
    spoken = spoken_in(received.text, state, assistant.bank)
    heard = await assistant.hear(received.text, spoken, desk.now().date(), _charged(talk))
    moved = respond(received, state, assistant.bank, desk.now(), heard)
    words = await assistant.say(moved, _charged(talk))
    return moved, AssistantSaid(words, asked_field(moved.says), moved.state.phase)


async def _store_message(tx: Transaction, talk: Conversation, whole: Whole, message: IntakeMessage) -> int:
    room = talk.room
    if whole.stored.messages + 2 > room.most_messages:
        raise ConversationFullError(
            "This conversation has as many messages as it may have; speak to a person, or begin another."
        )
    sealer = await sealer_of(tx)
    received = receive(message.text, whole.state, room.assistant.bank, room.new_token)
    said = PersonSaid(received.text, received.notices)
    stored = _sealed(sealer, talk, Entry(whole.stored.messages + 1, message.message_id, None, said))
    await store.add_message(tx, talk.id, stored)
    for one in received.sealable:
        digits = sealer.seal(one.digits.encode(), store.digits_place(one.token))
        await store.seal_identifier(tx, one.token, talk.id, digits, stored.at)
    await _note(tx, talk, "intake.heard", {"message": stored.seq})
    return stored.seq


async def _store_answer(
    tx: Transaction, talk: Conversation, whole: Whole, moved: Moved, said: AssistantSaid
) -> None:
    seq, sealer = whole.stored.messages + 1, await sealer_of(tx)
    message = Entry(seq, str(talk.room.desk.new_id()), seq - 1, said)
    await store.add_message(tx, talk.id, _sealed(sealer, talk, message))
    sealed = sealer.seal(state_to_json(moved.state), store.state_place(talk.id))
    await store.move_session(tx, talk.id, moved.state.phase, sealed)
    await _note(tx, talk, "intake.answered", _what_changed(whole.state, moved.state) | {"message": seq})
    if moved.state.phase == "with_person" != whole.state.phase:
        await _note(tx, talk, "intake.person_asked", {"message": seq})
        told = {"session_id": str(talk.id), "broker_id": talk.caller.broker_id}
        desk = talk.room.desk
        await publish(tx, Published(desk.new_id(), "intake.person_asked", LENDER_ONLY, desk.now(), {**told}))


def _what_changed(before: State, after: State) -> dict[str, Json]:
    """The fields that have another value now, by name, and the phase."""
    fields = (field for field, known in after.known.items() if known != before.known.get(field))
    return {"fields": [*sorted(fields)], "phase": after.phase}


async def _load(tx: Transaction, talk: Conversation, *, lock: bool) -> Whole:
    caller, now = talk.caller, talk.room.desk.now()
    stored = await store.load_session(tx, talk.id, caller.broker_id, caller.subject, now, lock=lock)
    if stored is None:
        raise NotFoundError("There is no conversation of yours with that id.")
    sealer = await sealer_of(tx)
    state = state_from_json(sealer.open(stored.state, store.state_place(talk.id)))
    messages = await store.messages_of(tx, talk.id)
    return Whole(stored, state, tuple(_opened(sealer, talk, one) for one in messages), tuple(messages))


def _opened(sealer: Sealer, talk: Conversation, message: StoredMessage) -> Entry:
    content = sealer.open(message.content, store.content_place(talk.id, message.seq))
    said: Said = said_from_json(content, by_person=message.reply_to is None)
    return Entry(message.seq, message.message_id, message.reply_to, said)


def _sealed(sealer: Sealer, talk: Conversation, entry: Entry) -> StoredMessage:
    content = sealer.seal(said_to_json(entry.said), store.content_place(talk.id, entry.seq))
    return StoredMessage(entry.seq, entry.message_id, entry.reply_to, content, talk.room.desk.now())


def _charged(talk: Conversation) -> ChargedTo:
    return ChargedTo(talk.caller.tenant, str(talk.id))


async def _note(tx: Transaction, talk: Conversation, kind: EventKind, data: dict[str, Json]) -> None:
    actor, desk = f"broker:{talk.caller.broker_id}", talk.room.desk
    await append_event(tx, desk.audit_key, Event(kind, str(talk.id), actor, desk.now(), data))
