"""Submitting a conversation: the application goes the way of every other.

Law: nothing is submitted that the person did not confirm. The body is parsed as one that was sent directly;
the application, its review and the end of the conversation are one transaction, so a conversation becomes
one application however often it is submitted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from lendgate.assistants.intake.application import application_body
from lendgate.assistants.intake.completeness import complete
from lendgate.assistants.intake.machine import submitted
from lendgate.assistants.intake.transcript import state_to_json
from lendgate.audit import Event
from lendgate.errors import LendgateError
from lendgate.schema import Metadata, Review
from lendgate.store import intake as store
from lendgate.store.audit_log import append_event
from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Transaction
from lendgate.store.reviews import load_review_for_work
from lendgate.workflow.accept import Accepted
from lendgate.workflow.intake import (
    Conversation,
    IntakeRoom,
    Whole,
    held_conversation,
    whole_conversation,
)
from lendgate.workflow.runner import Runner


class NotConfirmedError(LendgateError):
    """The person has not confirmed what was read back to them; nothing was submitted."""


class ChangedError(LendgateError):
    """The conversation went on, or was submitted, in the same moment; nothing was submitted here."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A conversation's review: accepted now, or where it stands if it had been submitted before."""

    accepted: Accepted | None
    review: Review


async def submit_conversation(
    talk: Conversation, runner: Runner, metadata: Metadata, *, waits: bool
) -> Submission:
    """Accept the conversation's application.

    Raises:
        NotFoundError: no conversation of theirs. NotConfirmedError: it is not confirmed.
        InvalidBodyError: what was said makes no valid application.
    """
    whole = await whole_conversation(talk)
    if whole.stored.review_id is not None:
        return await _earlier(talk, whole.stored.review_id)
    _require_confirmed(talk.room, whole)
    body = json.dumps(application_body(whole.state, whole.stored.applicant_id)).encode()
    ending = _Ending(talk, whole)
    try:
        accepted = await runner.accept(body, talk.caller, metadata, waits=waits, alongside=ending)
    except ChangedError:
        again = await whole_conversation(talk)
        if again.stored.review_id is None:
            raise
        return await _earlier(talk, again.stored.review_id)
    return Submission(accepted, accepted.review)


@dataclass(frozen=True, slots=True)
class _Ending:
    """The end of a conversation, in the transaction that accepts its application."""

    talk: Conversation
    whole: Whole

    async def before(self, tx: Transaction) -> None:
        """Hold the conversation, and see that it is the one that was looked at."""
        now = await held_conversation(tx, self.talk)
        if now.state != self.whole.state:
            raise ChangedError("The conversation went on while it was being submitted; look at it again.")

    async def after(self, tx: Transaction, accepted: Accepted) -> None:
        """Note the review, and keep the identifiers that the application names."""
        session_id, review_id = self.talk.id, UUID(accepted.review.review_id)
        state = submitted(self.whole.state)
        sealed = (await sealer_of(tx)).seal(state_to_json(state), store.state_place(session_id))
        tokens = [state.values["taxpayer_identifier"]] if "taxpayer_identifier" in state.known else []
        application_id = accepted.application.application_id
        await store.submit_session(tx, session_id, review_id, state=sealed)
        await store.keep_identifiers(tx, session_id, application_id, tokens)
        data = {"application_id": str(application_id), "review_id": str(review_id)}
        actor = f"broker:{self.talk.caller.broker_id}"
        event = Event("intake.submitted", str(session_id), actor, self.talk.room.desk.now(), data)
        await append_event(tx, self.talk.room.desk.audit_key, event)


def _require_confirmed(room: IntakeRoom, whole: Whole) -> None:
    if whole.state.phase == "confirmed":
        return
    found = complete(whole.state, room.assistant.bank, room.desk.rulebook.requirements)
    missing = ", ".join(room.assistant.bank[field].label.en for field in found.asked_missing)
    rest = f" Missing: {missing}." if missing else ""
    raise NotConfirmedError(f"The person has not confirmed the application yet.{rest}")


async def _earlier(talk: Conversation, review_id: UUID) -> Submission:
    async with talk.room.desk.database.tenant(talk.caller.tenant) as tx:
        stored = await load_review_for_work(tx, review_id)
    if stored is None:
        raise LookupError(f"review {review_id} is not there")
    return Submission(None, stored.review)
