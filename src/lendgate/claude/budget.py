"""The budget: no attempt at a model without its worst case set aside first.

Law: fail closed. The worst case is the prompt's bytes (no tokenizer makes more tokens than bytes) at the
dearest input rate plus ``max_tokens`` of output. An attempt that was refused unseen costs nothing; one
whose cost the API told is settled at that; any other (timeout, lost connection, a stream closed early)
is settled at the worst case that can still be true. A ceiling is never passed, not even for a moment.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Protocol

from lendgate.claude.errors import BudgetError, ModelError
from lendgate.claude.ledger import Ceilings, Claim, Ledger, Refusal, Reservation, Spent, utc_now
from lendgate.claude.output import schema_text
from lendgate.claude.port import Finished, ModelEvent, ModelPort, ModelReply, ModelRequest, Started, Usage
from lendgate.claude.prices import Prices

logger = logging.getLogger(__name__)

FRAME_TOKENS: Final = 2048
"""Room for what the server adds: turn markers, and its own words about the output format."""
_GRACE: Final = timedelta(minutes=5)
"""How long after its deadline a call may still come back to release its money."""


def input_bound(request: ModelRequest) -> int:
    """A number of input tokens that no tokenizer passes: the UTF-8 bytes of all that is sent.

    The schema counts twice: it compiles to a grammar and is told to the model as well.
    """
    words = sum(len(text.encode()) for text in request.texts)
    schema = len(schema_text(request.output).encode()) if request.output else 0
    return words + 2 * schema + FRAME_TOKENS


class CeilingsOf(Protocol):
    """The ceilings of a tenant."""

    def __call__(self, tenant: str) -> Ceilings: ...


@dataclass(frozen=True, slots=True)
class BudgetedModel:
    """A port that pays for every attempt out of a ledger."""

    inner: ModelPort
    ledger: Ledger
    prices: Prices
    ceilings: CeilingsOf
    now: Callable[[], datetime] = utc_now

    async def complete(self, request: ModelRequest) -> ModelReply:
        account = await self._open(request)
        try:
            return await account.pay(await self.inner.complete(request))
        except ModelError as error:
            await asyncio.shield(account.fail(error))
            raise
        finally:  # cancelled: the request may be under way; does nothing once settled
            await asyncio.shield(account.abandon())

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        account = await self._open(request)
        try:
            async with aclosing(self.inner.stream(request)) as events:
                async for event in events:
                    if isinstance(event, Started):
                        account.seen = event.usage
                    yield Finished(await account.pay(event.reply)) if isinstance(event, Finished) else event
        except ModelError as error:
            await asyncio.shield(account.fail(error))
            raise
        finally:  # closed early or cancelled; does nothing once settled
            await asyncio.shield(account.abandon())

    async def _open(self, request: ModelRequest) -> _Account:
        """Set the worst case aside.

        Raises:
            BudgetError: a ceiling stands in the way, or the ledger can't be reached.
            ModelConfigurationError: the model has no price.
        """
        now = self.now()
        worst = self.prices.worst_case(
            input_bound(request), request.max_tokens, model=request.model, on=now.date()
        )
        claim = Claim(
            tenant=request.tenant,
            subject=request.subject,
            purpose=request.purpose,
            model=request.model,
            amount=worst,
            expires_at=now + timedelta(seconds=request.deadline_seconds) + _GRACE,
        )
        held = await self.ledger.reserve(claim, self.ceilings(request.tenant))
        if isinstance(held, Refusal):
            raise BudgetError(refusal_sentence(held, worst))
        return _Account(self, request, held)


def refusal_sentence(refusal: Refusal, worst: Decimal) -> str:
    """Which ceiling stands in the way of a call that may cost so much."""
    whose = (
        "this tenant's ceiling for today" if refusal.ceiling == "tenant-day" else "this application's ceiling"
    )
    return f"{whose} of ${refusal.limit} has ${refusal.left:.4f} left; the call may cost up to ${worst:.4f}"


@dataclass(slots=True)
class _Account:
    """One reservation from the moment it is held until it is settled, exactly once."""

    budget: BudgetedModel
    request: ModelRequest
    held: Reservation
    seen: Usage | None = None
    closed: bool = False

    async def pay(self, reply: ModelReply) -> ModelReply:
        """Settle at what the reply says it used."""
        if reply.metered:
            spent = Spent(self._cost(reply.usage, reply.inference_geo), reply.usage, reply.request_id)
        else:
            spent = Spent(self._worst(), None, reply.request_id)
        await asyncio.shield(self._settle(spent))
        return replace(reply, cost=spent.cost)

    async def fail(self, error: ModelError) -> None:
        """Release, or settle at what is known."""
        spent: Spent | None = None
        if error.billed == "known" and error.usage is not None:
            spent = Spent(self._cost(error.usage, None), error.usage, error.request_id)
        elif error.billed != "no":
            spent = Spent(self._worst(), None, error.request_id)
        error.cost = spent.cost if spent else Decimal(0)
        await self._settle(spent)

    async def abandon(self) -> None:
        """Settle at the worst that can still be true."""
        await self._settle(Spent(self._worst()))

    def _worst(self) -> Decimal:
        """The input as the server counted it, where it did, and every token that it was allowed to write."""
        if self.seen is None:
            return self.held.amount
        used = replace(self.seen, output_tokens=self.request.max_tokens)
        return min(self._cost(used, None), self.held.amount)

    def _cost(self, usage: Usage, geo: str | None) -> Decimal:
        return self.budget.prices.cost(usage, model=self.request.model, on=self.budget.now().date(), geo=geo)

    async def _settle(self, spent: Spent | None) -> None:
        """Settle, or release when nothing was spent; only the first call counts."""
        if self.closed:
            return
        self.closed = True
        ledger = self.budget.ledger
        try:
            await (ledger.settle(self.held, spent) if spent else ledger.release(self.held))
        except BudgetError:
            # The reservation stays, in full: dearer than the truth, never cheaper.
            logger.warning("a model call could not be settled: reservation %s stands", self.held.id)
