"""The subjects: who writes the memos that are graded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from lendgate.analysis.claude_reviewer import ClaudeReviewer
from lendgate.analysis.reviewer import Reviewer
from lendgate.analysis.rules import RulesReviewer
from lendgate.bootstrap import deployment_from, opened_model, reviewer_from
from lendgate.claude.ledger import Ceilings, MemoryLedger
from lendgate.claude.opening import open_model
from lendgate.claude.standin import CHARACTERS, Options
from lendgate.claude.standin.in_process import in_process
from lendgate.claude.standin.options import Character, Dialect
from lendgate.settings import ServiceSettings

_AMPLE: Final = Ceilings(Decimal(1_000_000), Decimal(1_000_000))


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody who writes memos. A real model ignores the seed: it is different every time by itself."""

    name: str
    character: Character | None = None
    dialect: Dialect = "anthropic"
    settings: ServiceSettings | None = None

    @asynccontextmanager
    async def at_work(self, seed: int) -> AsyncIterator[Reviewer]:
        """The subject, for one repeat."""
        if self.settings:
            async with opened_model(self.settings, MemoryLedger()) as model:
                yield reviewer_from(self.settings, model)
        elif self.character:
            door = in_process(Options(character=self.character, dialect=self.dialect, seed=seed))
            model = open_model(door.model, ledger=MemoryLedger(), ceilings=lambda _tenant: _AMPLE)
            try:
                yield ClaudeReviewer(model, "claude-opus-5-5", 60)
            finally:
                await door.model.close()
        else:
            yield RulesReviewer()


def subjects(settings: ServiceSettings) -> tuple[Subject, ...]:
    """The rules, every character of the stand-in, another maker's server, and the configured model if any."""
    real = (Subject(settings.model_review, settings=settings),) if deployment_from(settings) else ()
    simulated = (Subject(f"stand-in: {character}", character) for character in CHARACTERS)
    elsewhere = Subject("stand-in: another server", "cooperative", "plain")
    return (Subject("rules"), *simulated, elsewhere, *real)
