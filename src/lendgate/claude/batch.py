"""Batches: many requests at half the price, answered within a day.

Law: that of the port, for many at once. Money is set aside for each request before its batch exists, at the
batch's price, and settled when its own result is there; a result that never came is settled at its worst
case unless the API says that it did not run. A name (``custom_id``) finds a result again, in whatever order
they come.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Protocol

from lendgate.claude.budget import CeilingsOf, input_bound, refusal_sentence
from lendgate.claude.errors import BudgetError, ModelError
from lendgate.claude.ledger import Claim, Ledger, Refusal, Reservation, Spent, utc_now
from lendgate.claude.port import ModelReply, ModelRequest
from lendgate.claude.prices import Prices

LONGEST: Final = timedelta(hours=25)
"""A batch ends within a day, finished or not; and some."""
Result = tuple[str, ModelReply | ModelError]
"""A request's name, and what became of it."""


@dataclass(frozen=True, slots=True)
class BatchState:
    """How a batch stands: ``done`` of ``total`` requests have ended in one way or another."""

    id: str
    created_at: datetime
    ended: bool
    done: int
    total: int


class BatchPort(Protocol):
    """Anything that takes batches. Every method raises a ``claude.errors.ModelError`` on purpose."""

    async def create(self, requests: Mapping[str, ModelRequest]) -> str: ...

    async def state(self, batch_id: str) -> BatchState: ...

    async def recent(self) -> list[BatchState]: ...

    def results(self, batch_id: str, asked: Mapping[str, ModelRequest]) -> AsyncGenerator[Result, None]: ...


@dataclass(frozen=True, slots=True)
class BatchTill:
    """Pays for the requests of batches out of a ledger."""

    ledger: Ledger
    prices: Prices
    ceilings: CeilingsOf
    now: Callable[[], datetime] = utc_now

    async def reserve(self, request: ModelRequest) -> Reservation:
        """Set the worst case aside, at the batch's price.

        Raises:
            BudgetError: a ceiling stands in the way, or the ledger can't be reached.
            ModelConfigurationError: the model has no price.
        """
        now = self.now()
        worst = self.prices.worst_case(
            input_bound(request), request.max_tokens, model=request.model, on=now.date(), batch=True
        )
        claim = Claim(
            tenant=request.tenant,
            subject=request.subject,
            purpose=request.purpose,
            model=request.model,
            amount=worst,
            expires_at=now + LONGEST,
        )
        held = await self.ledger.reserve(claim, self.ceilings(request.tenant))
        if isinstance(held, Refusal):
            raise BudgetError(refusal_sentence(held, worst))
        return held

    async def settle(
        self, held: Reservation, request: ModelRequest, result: ModelReply | ModelError
    ) -> ModelReply | ModelError:
        """Close a reservation at what its result cost; the result with its cost.

        Raises:
            BudgetError: the ledger can't be reached; the reservation stands.
        """
        spent = self._spent(held, request, result)
        await (self.ledger.settle(held, spent) if spent else self.ledger.release(held))
        cost = spent.cost if spent else Decimal(0)
        if isinstance(result, ModelReply):
            return replace(result, cost=cost)
        result.cost = cost
        return result

    def _spent(
        self, held: Reservation, request: ModelRequest, result: ModelReply | ModelError
    ) -> Spent | None:
        known = result.metered if isinstance(result, ModelReply) else result.billed == "known"
        if isinstance(result, ModelError) and result.billed == "no":
            return None
        if not known or result.usage is None:
            return Spent(held.amount, None, result.request_id)
        geo = result.inference_geo if isinstance(result, ModelReply) else None
        cost = self.prices.cost(result.usage, model=request.model, on=self.now().date(), geo=geo, batch=True)
        return Spent(cost, result.usage, result.request_id)
