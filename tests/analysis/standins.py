"""Claude by the stand-in, for tests: the whole port, in memory, opened for each piece of work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from lendgate.analysis.claude_reviewer import ClaudeReviewer
from lendgate.analysis.reviewer import Case, Reviewed
from lendgate.analysis.speaking import Speaker
from lendgate.claude.ledger import Ceilings, Ledger, MemoryLedger
from lendgate.claude.opening import open_model
from lendgate.claude.port import ModelPort
from lendgate.claude.standin.in_process import InProcess, in_process
from lendgate.claude.standin.options import Options
from lendgate.schema.review import ReviewerName

MODEL: Final = "claude-opus-5-5"
DEADLINE: Final = 60.0
AMPLE: Final = Ceilings(tenant_day=Decimal(100_000), application=Decimal(1_000))


@asynccontextmanager
async def standing_in(
    options: Options, ledger: Ledger | None = None, ceilings: Ceilings = AMPLE
) -> AsyncIterator[tuple[ModelPort, InProcess]]:
    """A safe port to a fresh stand-in, and the stand-in itself, to look at what was sent."""
    door = in_process(options)
    try:
        clock = asyncio.get_running_loop().time
        yield (
            open_model(
                door.model, ledger=ledger or MemoryLedger(), ceilings=lambda _tenant: ceilings, clock=clock
            ),
            door,
        )
    finally:
        await door.model.close()


def reviewer_on(model: ModelPort) -> ClaudeReviewer:
    """The reviewer under test."""
    return ClaudeReviewer(model, MODEL, DEADLINE)


def speaker_on(model: ModelPort | None) -> Speaker:
    """The speaker under test."""
    return Speaker(model, "claude-sonnet-5-5", DEADLINE)


@dataclass(frozen=True)
class ByStandIn:
    """A ``Reviewer`` for any event loop: each review has a stand-in of its own."""

    options: Options = field(default_factory=Options)

    @property
    def name(self) -> ReviewerName:
        return "claude"

    async def review(self, case: Case) -> Reviewed:
        async with standing_in(self.options) as (model, _):
            return await reviewer_on(model).review(case)
