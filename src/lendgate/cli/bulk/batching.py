"""``--batch``: a portfolio through Message Batches, part by part, at half the price.

Law: a part is paid for once. Money is set aside for its rows, that is put down with the intention to send,
and only then is the batch made; its id is put down before anybody asks how it stands. Killed between the two,
the run looks for a batch with its own names before it makes another. Each reply is verified as ever; where
none came, or no money is left, the rules write the memo and say why.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Final

from lendgate.analysis.claude_reviewer import instead, reviewed_by
from lendgate.analysis.reviewer import Reviewed
from lendgate.claude.batch import BatchPort, BatchState, BatchTill
from lendgate.claude.errors import BudgetError, ModelError, ModelUnavailableError
from lendgate.claude.port import ModelReply
from lendgate.cli.bulk.batch_part import Asking, Row, Standing, standing_from
from lendgate.cli.bulk.journal import Journal, ResumeError
from lendgate.cli.bulk.reviewing import Numbered, Result
from lendgate.cli.bulk.reviewing import Reviewed as Line
from lendgate.cli.bulk.run import Keeper, parts_of

AT_A_TIME: Final = 1_000
"""Rows of a batch. The API takes a hundred times that; what is set aside for them has to fit the ceiling."""
_SKEW: Final = timedelta(minutes=10)
_LONGEST_PAUSE: Final = 30.0
Answers = dict[str, ModelReply | ModelError]


@dataclass(frozen=True, slots=True)
class Batching:
    """Everything a run works with; ``say`` tells people how it stands, ``pause`` waits for seconds."""

    asking: Asking
    port: BatchPort
    till: BatchTill
    journal: Journal
    keeper: Keeper
    now: Callable[[], datetime]
    say: Callable[[str], None]
    at_a_time: int = AT_A_TIME
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def run(self, rows: Iterator[Numbered]) -> None:
        """Everything from where the journal stands; ``rows`` begin there.

        Raises:
            ResumeError: it is not known whether a batch was made: going on finds out.
            ModelError: the server cannot be asked; going on takes up the batch that is under way.
        """
        if self.journal.batch is not None:
            standing = standing_from(self.journal.batch, self.asking.tenant)
            again = list(islice(rows, standing.rows))
            ready = [self.asking.row(numbered, standing.on) for numbered in again]
            await self._see_through(standing, ready, killed=True)
        while begun := list(islice(rows, self.at_a_time)):
            standing = Standing(self.now().date())
            ready = await self._set_aside(begun, standing)
            rows = chain(begun[standing.rows :], rows)
            await self._see_through(standing, ready, killed=False)

    async def _set_aside(self, begun: list[Numbered], standing: Standing) -> list[Row | Result]:
        """Rows made ready, with money set aside for as many as there is money for.

        Where it ends in the middle, the part ends: what it gives back may pay for the next one.
        """
        ready: list[Row | Result] = []
        for numbered in begun:
            row = self.asking.row(numbered, standing.on)
            if isinstance(row, Row):
                try:
                    standing.held[row.name] = await self.till.reserve(row.request)
                except BudgetError:
                    if standing.held:
                        break
            ready.append(row)
        standing.rows = len(ready)
        return ready

    async def _see_through(self, standing: Standing, ready: list[Row | Result], *, killed: bool) -> None:
        asked = {row.name: row for row in ready if isinstance(row, Row) and row.name in standing.held}
        answers: Answers = {}
        if asked:
            answers = await self._answers(standing, asked, killed=killed)
        self.journal.batch = None
        for part in parts_of(self._line(row, answers) for row in ready):
            self.keeper(part)
        self.keeper.put_down()

    def _line(self, row: Row | Result, answers: Answers) -> Line:
        if not isinstance(row, Row):
            return Line(row)
        answer = answers.get(row.name) or BudgetError("no money was left for it")
        return row.reviewed(_memo(row, answer))

    async def _answers(self, standing: Standing, asked: dict[str, Row], *, killed: bool) -> Answers:
        """What became of every request, settled."""
        try:
            batch = standing.batch or await self._sent(standing, asked, killed=killed)
        except ModelError as error:
            if error.billed != "no":
                raise ResumeError(f"{error}; it may have been taken: --resume finds out") from error
            return {name: await self._settled(standing, row, error) for name, row in asked.items()}
        await self._ended(batch)
        found = await self._results(batch, asked)
        lost = ModelUnavailableError("the batch has no result for it", billed="unknown", request_id=batch)
        return {
            name: await self._settled(standing, row, found.get(name, lost)) for name, row in asked.items()
        }

    async def _settled(
        self, standing: Standing, row: Row, answer: ModelReply | ModelError
    ) -> ModelReply | ModelError:
        return await self.till.settle(standing.held[row.name], row.request, answer)

    async def _sent(self, standing: Standing, asked: dict[str, Row], *, killed: bool) -> str:
        """The batch of this part: one that a killed run had made, or a new one."""
        found = await self._made_before(standing, asked) if killed else None
        if found is None:
            standing.intended = self.now()
            self._put_down(standing)
            found = await self.port.create({name: row.request for name, row in asked.items()})
        standing.batch = found
        self._put_down(standing)
        self.say(f"{len(asked):,} applications are in batch {found}")
        return found

    async def _made_before(self, standing: Standing, asked: dict[str, Row]) -> str | None:
        if standing.intended is None:
            return None
        for state in await self.port.recent():
            if state.created_at >= standing.intended - _SKEW and state.total == len(asked):
                await self._ended(state.id)
                if await self._results(state.id, asked):
                    return state.id
        return None

    async def _ended(self, batch: str) -> None:
        seconds, before = 1.0, -1
        async for state in self._watched(batch):
            if state.done != before:
                self.say(f"batch {batch}: {state.done:,} of {state.total:,} are done")
                before = state.done
            if state.ended:
                return
            await self.pause(seconds)
            seconds = min(seconds * 2, _LONGEST_PAUSE)

    async def _watched(self, batch: str) -> AsyncIterator[BatchState]:
        """How it stands, again and again, over whatever passes."""
        while True:
            try:
                yield await self.port.state(batch)
            except ModelError as error:
                if not error.later:
                    raise
                self.say(f"batch {batch}: {error}")
                await self.pause(_LONGEST_PAUSE)

    async def _results(self, batch: str, asked: dict[str, Row]) -> Answers:
        requests = {name: row.request for name, row in asked.items()}
        async with aclosing(self.port.results(batch, requests)) as results:
            return {name: result async for name, result in results}

    def _put_down(self, standing: Standing) -> None:
        self.journal.batch = standing.as_json()
        self.keeper.put_down()


def _memo(row: Row, answer: ModelReply | ModelError) -> Reviewed:
    if isinstance(answer, ModelReply):
        return reviewed_by(answer, row.case)
    return instead(row.case, row.request, answer)
