"""Conversations in the store: once, in order, by whoever comes, and gone when their time is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from lendgate.bootstrap import intake_room
from lendgate.errors import NotFoundError
from lendgate.schema.requests import IntakeMessage, IntakeOpening
from lendgate.settings import ServiceSettings
from lendgate.workflow.desk import Desk
from lendgate.workflow.intake import (
    Conversation,
    ConversationFullError,
    IntakeRoom,
    answer,
    open_conversation,
    take_message,
    whole_conversation,
)
from lendgate.workflow.intake_submit import Submission, submit_conversation
from lendgate.workflow.periodic import tidy
from lendgate.workflow.runner import Runner
from tests.assistants.scripts import script
from tests.support.edge_hand import BROKER, metadata_of
from tests.support.service import desk_on, now

pytestmark = pytest.mark.anyio


@pytest.fixture
def room(desk: Desk) -> IntakeRoom:
    """Where conversations are held, by rules."""
    return intake_room(ServiceSettings(), desk)


@pytest.fixture
async def talk(room: IntakeRoom) -> Conversation:
    """A conversation that has just begun."""
    return await open_conversation(room, BROKER, IntakeOpening())


@pytest.fixture
async def runner(desk: Desk) -> AsyncIterator[Runner]:
    """Who carries reviews out."""
    made = Runner(desk)
    yield made
    await made.close()


def message(number: int, text: str = "personal loan") -> IntakeMessage:
    """A message with an id of its own."""
    return IntakeMessage(text=text, message_id=f"m-{number}")


async def played(room: IntakeRoom, name: str) -> Conversation:
    """A whole script, confirmed."""
    talk = await open_conversation(room, BROKER, IntakeOpening(language=script(name).language))
    for number, line in enumerate(script(name).lines):
        await take_message(talk, message(number, line.said))
        await answer(talk)
    return talk


async def roles(talk: Conversation) -> list[int | None]:
    """Of each message what it answers."""
    return [entry.reply_to for entry in (await whole_conversation(talk)).entries]


async def test_one_message_sent_five_times_at_once_is_one(talk: Conversation) -> None:
    """Whoever comes first stores it; all hear its number."""
    numbers = await asyncio.gather(*(take_message(talk, message(1)) for _ in range(5)))
    await asyncio.gather(*(answer(talk) for _ in range(5)))
    assert numbers == [2] * 5
    assert await roles(talk) == [0, None, 2]


async def test_messages_at_once_are_answered_one_after_the_other(talk: Conversation) -> None:
    """However they come, each is answered before the next is stored."""
    await asyncio.gather(*(take_message(talk, message(number)) for number in range(4)))
    await answer(talk)
    assert await roles(talk) == [0, None, 2, None, 4, None, 6, None, 8]


async def test_a_message_left_without_an_answer_is_answered_by_the_next_who_comes(
    talk: Conversation,
) -> None:
    """Its process died between the two; the answer comes first, then the new message."""
    await take_message(talk, message(1))
    await take_message(talk, message(2, "Maria Lopez"))
    assert await roles(talk) == [0, None, 2, None]


async def test_a_conversation_has_an_end(room: IntakeRoom) -> None:
    """Flooding fills it and changes nothing more."""
    talk = await open_conversation(replace(room, most_messages=5), BROKER, IntakeOpening())
    for number in (1, 2):
        await take_message(talk, message(number))
        await answer(talk)
    with pytest.raises(ConversationFullError):
        await take_message(talk, message(3))
    assert len(await roles(talk)) == 5


async def test_submitting_at_once_makes_one_application(
    room: IntakeRoom, runner: Runner, superuser_url: str
) -> None:
    """One accepts; the others are told its review."""
    talk = await played(room, "mortgage")
    metadata = metadata_of(BROKER, now())

    async def submit() -> Submission:
        return await submit_conversation(talk, runner, metadata, waits=True)

    done = await asyncio.gather(*(submit() for _ in range(4)))
    assert len({one.review.review_id for one in done}) == 1
    assert sum(one.accepted is not None for one in done) == 1
    with psycopg.connect(superuser_url) as connection:
        made = connection.execute(
            "SELECT count(*) FROM lendgate.application WHERE applicant_id = %s", (f"intake-{talk.id}",)
        )
        assert made.fetchone() == (1,)


async def test_what_is_over_is_deleted_and_identifiers_of_applications_stay(
    room: IntakeRoom, runner: Runner, superuser_url: str
) -> None:
    """Sessions, messages and unused identifiers go; the audit trail says so."""
    kept, dropped = await played(room, "mortgage"), await played(room, "mortgage")
    await submit_conversation(kept, runner, metadata_of(BROKER, now()), waits=True)
    later = desk_on(room.desk.database, clock=lambda: now() + room.keep + timedelta(minutes=1))
    await tidy(later)
    with pytest.raises(NotFoundError):
        await whole_conversation(kept)
    with psycopg.connect(superuser_url) as connection:
        rows = connection.execute("SELECT session_id FROM lendgate.intake_identifier").fetchall()
        gone = connection.execute("SELECT count(*) FROM lendgate.intake_message").fetchone()
        said = connection.execute(
            "SELECT count(*) FROM lendgate.audit_event WHERE kind = 'intake.expired' AND subject = %s",
            (str(dropped.id),),
        ).fetchone()
    left = {session_id for (session_id,) in rows}
    assert kept.id in left
    assert dropped.id not in left
    assert (gone, said) == ((0,), (1,))


async def test_an_expired_conversation_is_not_there(room: IntakeRoom) -> None:
    """Also before anybody has tidied up."""
    talk = await open_conversation(replace(room, keep=timedelta(0)), BROKER, IntakeOpening())
    with pytest.raises(NotFoundError):
        await take_message(talk, message(1))


async def test_another_tenant_finds_nothing(talk: Conversation) -> None:
    """Row-level security stands behind the owner's check."""
    stranger = BROKER.model_copy(update={"tenant": "elsewhere"})
    with pytest.raises(NotFoundError):
        await whole_conversation(replace(talk, caller=stranger))
    with pytest.raises(NotFoundError):
        await whole_conversation(replace(talk, id=UUID(int=0)))
