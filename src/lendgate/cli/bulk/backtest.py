"""Policy alone, in several processes: what the packs in force would say of a portfolio.

Law: the outcome is the one that a review comes to when its memo asks for nobody; no memo is written, nothing
is stored and no model is asked. A process judges chunks of rows that stand beside each other, and its
results go out in the file's order.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import count
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import Final

from lendgate.bootstrap import rulebook_from
from lendgate.cli.applications import Body, Row, Rows
from lendgate.cli.bulk.parallel import chunks, in_order
from lendgate.cli.bulk.reviewing import intake_of, ratio_of, refused
from lendgate.cli.bulk.tally import Tally
from lendgate.cli.columns import UnreadableFileError
from lendgate.errors import InvalidBodyError
from lendgate.settings import service_settings
from lendgate.workflow.underwrite import Rulebook, judge

CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class Part:
    """Results in the file's order: as lines of JSON, how many, and what they came to."""

    lines: bytes
    rows: int
    tally: Tally


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges rows by these packs on one day."""

    rulebook: Rulebook
    body: Callable[[Row], Body]
    on: date

    def part(self, first: int, rows: list[Row]) -> Part:
        """Rows that stand beside each other; ``first`` is the number of the first."""
        tally = Tally()
        lines = [self._line(number, row, tally) for number, row in zip(count(first), rows, strict=False)]
        return Part("".join(lines).encode(), len(rows), tally)

    def _line(self, number: int, row: Row, tally: Tally) -> str:
        try:
            application = intake_of(self.body(row)).application
        except (InvalidBodyError, UnreadableFileError) as cause:
            result = {"line": number, **refused(cause)}
            tally.count(result)
            return f"{json.dumps(result)}\n"
        assessment, recommendation = judge(application, self.on, self.rulebook)
        ratio = ratio_of(assessment.facts)
        tally.count_recommendation(recommendation, ratio)
        told = json.dumps({"line": number, "applicant_id": application.applicant_id, "debt_to_income": ratio})
        return f'{told[:-1]}, "recommendation": {recommendation.model_dump_json()}}}\n'


@contextmanager
def backtest(
    opened: Rows, on: date, *, processes: int | None = None, skip: int = 0
) -> Iterator[Iterator[Part]]:
    """The parts of a portfolio, as they are judged; the first ``skip`` rows are passed over."""
    settings = service_settings()
    rows = ((skip + 1 + at * CHUNK, chunk) for at, chunk in enumerate(chunks(opened.rows, CHUNK)))
    for _ in zip(range(skip), opened.rows, strict=False):
        pass
    workers = processes or os.cpu_count() or 1
    if workers == 1:
        judging = Judge(rulebook_from(settings), opened.body, on)
        yield (judging.part(first, chunk) for first, chunk in rows)
        return
    started = partial(_start, settings.policy_dir, opened.body, on)
    # Not by fork: what this process has open (a progress bar's thread) does not survive one.
    with ProcessPoolExecutor(workers, get_context("forkserver"), initializer=started) as pool:
        yield in_order(pool, _part, rows, workers * 3)


_judges: list[Judge] = []
"""This process's own: a compiled pack cannot be sent to another, so each worker makes its own."""


def _start(policy_dir: Path | None, body: Callable[[Row], Body], on: date) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    _judges.append(Judge(rulebook_from(service_settings(policy_dir=policy_dir)), body, on))


def _end_with_parent() -> None:
    """A parent that is killed tells nobody: its workers would wait for the next chunk for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _part(chunk: tuple[int, list[Row]]) -> Part:
    return _judges[0].part(*chunk)
