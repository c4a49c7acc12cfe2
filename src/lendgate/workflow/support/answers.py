"""Answers to brokers: what is known for one, how it is told, and that it is kept.

Law: an answer that was begun is finished and kept, whoever hangs up. Question, answer and audit event are one
transaction, and only after it is the whole answer told.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

from lendgate.analysis.questions import sent
from lendgate.analysis.reviewer import ChargedTo
from lendgate.assistants.support.answering import MOST_EARLIER, Answered, Asked, Exchange, Said, Supporter
from lendgate.assistants.support.private_text import PrivateText
from lendgate.assistants.support.wordings import wordings
from lendgate.audit import Event
from lendgate.schema import Principal, Review
from lendgate.schema.requests import SupportQuestion
from lendgate.schema.support import SupportAnswer, SupportOpened, SupportSentence
from lendgate.store.audit_log import append_event
from lendgate.store.support import NewTurn, add_turn
from lendgate.workflow.desk import Desk
from lendgate.workflow.support.own import earlier_turns, own_case

Told = SupportOpened | SupportSentence | SupportAnswer
_Heard = asyncio.Queue[Told | Exception]


@dataclass(frozen=True, slots=True)
class Question:
    """A question that may be answered: it is about a review of the asker's own."""

    principal: Principal
    conversation_id: UUID
    review_id: UUID
    asked: Asked


async def take_question(desk: Desk, principal: Principal, question: SupportQuestion) -> Question:
    """What is known for an answer.

    Raises:
        NotFoundError: the review or the conversation is not the asker's.
        StoreUnavailableError: it could not be looked up.
    """
    async with desk.database.tenant(principal.tenant) as tx:
        case = await own_case(tx, principal, question.review_id)
        turns = await earlier_turns(tx, principal, case, question, MOST_EARLIER)
    conversation_id = UUID(question.conversation_id) if question.conversation_id else desk.new_id()
    asked = Asked(
        context=case.context,
        question=question.question,
        passed_on=sent(question.question, case.application),
        charged_to=ChargedTo(principal.tenant, str(conversation_id)),
        earlier=[Exchange(sent(turn.question, case.application), turn.answer) for turn in turns],
        private=PrivateText.of(_notes(case.review)),
    )
    return Question(principal, conversation_id, case.review_id, asked)


class SupportLine:
    """Answers under way. Close it after the doors: what was begun is finished."""

    def __init__(self, desk: Desk, supporter: Supporter) -> None:
        self._desk = desk
        self._supporter = supporter
        self._tasks: set[asyncio.Task[None]] = set()

    async def answer(self, question: Question) -> AsyncGenerator[Told, None]:
        """The answer, sentence by sentence; the last item is the whole, and is on record by then.

        Raises:
            StoreUnavailableError: the answer could not be kept.
        """
        heard: _Heard = asyncio.Queue()
        task = asyncio.create_task(self._finish(question, heard))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        while True:
            item = await heard.get()
            if isinstance(item, Exception):
                raise item
            yield item
            if isinstance(item, SupportAnswer):
                return

    async def aclose(self) -> None:
        """Wait for what was begun; each has a deadline of its own."""
        await asyncio.gather(*self._tasks)

    async def _finish(self, question: Question, heard: _Heard) -> None:
        try:
            async with aclosing(self._told(question)) as told:
                async for item in told:
                    heard.put_nowait(item)
        except Exception as error:  # noqa: BLE001 - whoever listens hears of it, as if there were no task between
            heard.put_nowait(error)

    async def _told(self, question: Question) -> AsyncGenerator[Told, None]:
        yield SupportOpened(
            conversation_id=str(question.conversation_id),
            review_id=str(question.review_id),
            notice=wordings().notice,
        )
        async with aclosing(self._supporter.answer(question.asked)) as said:
            async for item in said:
                if isinstance(item, Said):
                    yield SupportSentence(text=item.text, by=item.by)
                else:
                    await _record(self._desk, question, item)
                    yield _whole(question, item)


async def _record(desk: Desk, question: Question, answered: Answered) -> None:
    principal, now = question.principal, desk.now()
    turn = NewTurn(
        conversation_id=question.conversation_id,
        review_id=question.review_id,
        broker_id=principal.broker_id,
        turn_id=desk.new_id(),
        question=question.asked.question,
        answer=answered.text,
        at=now,
    )
    event = Event(
        kind="support.answered",
        subject=str(question.review_id),
        actor=f"broker:{principal.broker_id}",
        at=now,
        data={
            "answer_sha256": hashlib.sha256(answered.text.encode()).hexdigest(),
            "conversation_id": str(question.conversation_id),
            "prompt_sha256": answered.usage.prompt_sha256,
            "replaced": answered.replaced,
            "speaker": answered.speaker,
            "topics": list(answered.topics),
            "turn_id": str(turn.turn_id),
        },
    )
    async with desk.database.tenant(principal.tenant) as tx:
        await add_turn(tx, turn)
        await append_event(tx, desk.audit_key, event)


def _whole(question: Question, answered: Answered) -> SupportAnswer:
    return SupportAnswer(
        conversation_id=str(question.conversation_id),
        review_id=str(question.review_id),
        answer=answered.text,
        reasons=question.asked.context.public_reasons,
        speaker=answered.speaker,
        because=answered.because,
        replaced=answered.replaced,
        simulated=answered.simulated,
        notice=wordings().notice,
    )


def _notes(review: Review) -> Iterable[str]:
    """What was written about an application inside."""
    memo = review.memo
    if memo is None:
        return ()
    return (memo.risk_summary, memo.next_step, *(concern.text for concern in memo.concerns))
