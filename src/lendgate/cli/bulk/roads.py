"""The roads a portfolio can take: through the gate, in this process, or by policy alone."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Final

from lendgate.agent import LendingAgent
from lendgate.bootstrap import rulebook_from
from lendgate.cli.applications import Body, Rows
from lendgate.cli.bulk.backtest import Part, backtest
from lendgate.cli.bulk.journal import How
from lendgate.cli.bulk.parallel import in_order
from lendgate.cli.bulk.reviewing import Numbered, Reviewed, at_the_gate, in_process
from lendgate.cli.bulk.run import parts_of
from lendgate.cli.columns import UnreadableFileError
from lendgate.client import LendgateClient
from lendgate.settings import service_settings

AT_ONCE: Final = 8
"""Requests under way at the gate."""


@dataclass(frozen=True, slots=True)
class Road:
    """How applications are reviewed; ``processes`` are a back-test's, None for one a CPU."""

    how: How
    gate: LendgateClient | None
    wait: float
    processes: int | None = None

    @property
    def policy(self) -> str:
        """Which policy speaks: a run must not go on under another."""
        if self.gate is not None and self.how == "gate":
            return f"that of {self.gate.base_url}"
        return rulebook_from(service_settings()).version

    @contextmanager
    def parts(self, opened: Rows, *, run: str | None = None, skip: int = 0) -> Iterator[Iterator[Part]]:
        """The results, in order, without those of the first ``skip`` rows."""
        if self.how == "policy-only":
            today = datetime.now(UTC).date()
            with backtest(opened, today, processes=self.processes, skip=skip) as parts:
                yield parts
        else:
            with self.results(opened, run=run, skip=skip) as results:
                yield parts_of(results)

    @contextmanager
    def results(self, opened: Rows, *, run: str | None = None, skip: int = 0) -> Iterator[Iterator[Reviewed]]:
        """The same one by one."""
        numbered = islice(numbered_rows(opened), skip, None)
        if self.gate is None:
            yield map(in_process(LendingAgent()), numbered)
            return
        with ThreadPoolExecutor(AT_ONCE) as pool:
            try:
                yield in_order(pool, at_the_gate(self.gate, self.wait, run), numbered, 2 * AT_ONCE)
            finally:
                pool.shutdown(cancel_futures=True)


def numbered_rows(opened: Rows) -> Iterator[Numbered]:
    """The applications of a file; one that turns out to be unreadable ends with what is wrong with it."""
    line = 0
    try:
        for line, row in enumerate(opened.rows, 1):
            yield Numbered(line, partial(opened.body, row))
    except UnreadableFileError as cause:
        yield Numbered(line + 1, partial(_raised, cause))


def _raised(cause: UnreadableFileError) -> Body:
    raise cause
