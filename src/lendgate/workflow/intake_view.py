"""A conversation as its owner may see it.

Law: what is shown is what was said and what follows from it; an identifier only as being there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from lendgate.assistants.intake.bank import FieldName, Question, QuestionBank
from lendgate.assistants.intake.completeness import complete, missing_notice
from lendgate.assistants.intake.state import Known, State
from lendgate.assistants.intake.transcript import Entry, PersonSaid
from lendgate.assistants.intake.wording import shown
from lendgate.schema.intake import (
    IntakeCompleteness,
    IntakeQuestion,
    IntakeSession,
    IntakeTurn,
    IntakeValue,
)
from lendgate.workflow.intake import IntakeRoom, Whole

_MAY_TAKE: Final = timedelta(days=30)
"""How long a notice of what is missing leaves: "a reasonable period of time" (12 CFR 1002.9(c)(2))."""


def session_view(room: IntakeRoom, whole: Whole) -> IntakeSession:
    """The conversation in its published shape."""
    state, stored, bank = whole.state, whole.stored, room.assistant.bank
    return IntakeSession(
        session_id=str(stored.session_id),
        phase=state.phase,
        language=state.language,
        asks=state.pending,
        known=tuple(_value(bank[field], known, state) for field, known in state.known.items()),
        completeness=_completeness(room, state),
        messages=tuple(
            _turn(entry, message.at) for entry, message in zip(whole.entries, whole.messages, strict=True)
        ),
        review_id=str(stored.review_id) if stored.review_id else None,
        created_at=stored.created_at,
        expires_at=stored.expires_at,
    )


def _value(question: Question, known: Known, state: State) -> IntakeValue:
    return IntakeValue(
        field=question.field,
        label=question.label.said(state.language),
        shown=shown(question, known.value, state.language),
        quote=known.quote,
        message=known.turn * 2,  # the greeting is 1, and every message is answered before the next
        conversion=known.conversion,
    )


def _completeness(room: IntakeRoom, state: State) -> IntakeCompleteness:
    bank, now = room.assistant.bank, room.desk.now()
    found = complete(state, bank, room.desk.rulebook.requirements)
    at = datetime.fromisoformat(found.trid_at) if found.trid_at else None
    return IntakeCompleteness(
        trid_items_missing=found.trid_missing,
        trid_complete_at=at,
        regulation_b_complete=found.regulation_b,
        file_complete=found.file,
        missing=tuple(_question(bank, field, state) for field in found.asked_missing),
        missing_documents=found.documents_missing,
        notice=missing_notice(found, bank, (now + _MAY_TAKE).date()),
    )


def _question(bank: QuestionBank, field: FieldName, state: State) -> IntakeQuestion:
    question = bank[field]
    label, ask = question.label.said(state.language), question.asked(state.language)
    return IntakeQuestion(field=field, label=label, ask=ask)


def _turn(entry: Entry, at: datetime) -> IntakeTurn:
    by_person = isinstance(entry.said, PersonSaid)
    text = entry.said.text if isinstance(entry.said, PersonSaid) else "\n".join(entry.said.sentences)
    return IntakeTurn(
        number=entry.seq,
        message_id=entry.message_id,
        role="person" if by_person else "assistant",
        text=text,
        at=at,
    )
