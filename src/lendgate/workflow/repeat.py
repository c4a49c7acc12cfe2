"""A request that comes again with the same Idempotency-Key: the same answer, and nothing is done twice.

Law: what a key was answered is decided once. A review that ends within its caller's wait is the answer, and
is read from where it is stored; a caller who waited in vain was answered "accepted", and that is written
down with the review locked, so that no other answer can have been given. Whoever comes between hears that
the first request is still under way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from lendgate.errors import LendgateError
from lendgate.store.database import Transaction
from lendgate.store.idempotency import KeptRequest, RequestKey, find_key, record_answer
from lendgate.store.reviews import StoredReview, load_review_for_work, lock_review
from lendgate.workflow.desk import Desk

_ABANDONED: Final = timedelta(seconds=30)
"""The longest a caller waits, and some: after that the first request's process is gone without an answer."""
_ENDED: Final = ("completed", "failed")
_OK: Final = 200
_ACCEPTED: Final = 202


class InFlightError(LendgateError):
    """The first request with this key is still being answered; try again in a moment."""


class OtherBodyError(LendgateError):
    """The key was used for another body."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, the exact bytes of the body, and the review they are about."""

    status: int
    body: str
    review_id: UUID


async def earlier_answer(desk: Desk, tenant: str, key: RequestKey, body_sha256: bytes) -> Answer | None:
    """What the first request with this key was answered; None when there was none.

    Raises:
        InFlightError: it is still being answered.
        OtherBodyError: it was another request.
    """
    async with desk.database.tenant(tenant) as tx:
        kept = await find_key(tx, key)
        if kept is None:
            return None
        if kept.body_sha256 != body_sha256:
            raise OtherBodyError("The Idempotency-Key was used before, with another body.")
        if kept.status is not None and kept.answer is not None:
            return Answer(kept.status, kept.answer, kept.subject)
        stored = await load_review_for_work(tx, kept.subject)
        if stored is not None and stored.status in _ENDED:
            return Answer(_OK, stored.body, kept.subject)
        if desk.now() - kept.created_at < _ABANDONED:
            raise InFlightError("The first request with this Idempotency-Key is still being answered.")
        return await _decide(tx, key, kept)


async def answer_unfinished(desk: Desk, tenant: str, key: RequestKey, review_id: UUID) -> Answer:
    """The answer to a caller who has waited in vain: "accepted", unless the review has just ended."""
    async with desk.database.tenant(tenant) as tx:
        stored = await _locked(tx, review_id)
        if stored.status not in _ENDED and await record_answer(tx, key, _ACCEPTED, stored.body):
            return Answer(_ACCEPTED, stored.body, review_id)
        kept = await find_key(tx, key)
    if kept is not None and kept.status is not None and kept.answer is not None:
        return Answer(kept.status, kept.answer, review_id)
    return Answer(_OK, stored.body, review_id)


async def _decide(tx: Transaction, key: RequestKey, kept: KeptRequest) -> Answer:
    """Answer for a process that died before it could."""
    stored = await _locked(tx, kept.subject)
    if stored.status in _ENDED:
        return Answer(_OK, stored.body, kept.subject)
    if await record_answer(tx, key, _ACCEPTED, stored.body):
        return Answer(_ACCEPTED, stored.body, kept.subject)
    raise InFlightError("Another request with this Idempotency-Key is just being answered.")


async def _locked(tx: Transaction, review_id: UUID) -> StoredReview:
    """The review, which cannot end before this transaction does."""
    stored = await lock_review(tx, review_id)
    if stored is None:
        raise LookupError(f"review {review_id} is not there")
    return stored
