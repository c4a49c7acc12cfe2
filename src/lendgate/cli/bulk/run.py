"""The run of a portfolio: parts of results go out in order, and the journal follows them.

Law: constant memory; what was put out is counted, and nothing else. A run without an output file goes to
standard output and leaves no journal.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

from lendgate.cli.bulk.backtest import Part
from lendgate.cli.bulk.journal import Journal, opened
from lendgate.cli.bulk.reviewing import Reviewed
from lendgate.cli.bulk.tally import Tally
from lendgate.cli.output import err, printable

_PUT_DOWN_SECONDS: Final = 1.0
Put = Callable[[Part], None]


def parts_of(results: Iterable[Reviewed]) -> Iterator[Part]:
    """Each result as a part of its own."""
    for reviewed in results:
        tally = Tally()
        tally.count(reviewed.result, reviewed.ratio)
        line = json.dumps(reviewed.result, ensure_ascii=False, default=str)
        yield Part(f"{printable(line)}\n".encode(), 1, tally)


def put_out(parts: Iterable[Part], put: Put, share: Callable[[], float]) -> Tally:
    """Put every part out under a progress bar; what they came to."""
    total = Tally()
    columns = (
        SpinnerColumn(),
        TextColumn("{task.fields[rows]:,} reviewed"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("", total=1.0, rows=0)
        for part in parts:
            put(part)
            total.add(part.tally)
            progress.update(task, completed=share(), rows=total.total)
    return total


def to_standard_output(part: Part) -> None:
    """The lines of a part on standard output."""
    sys.stdout.write(part.lines.decode())


@contextmanager
def into(output: Path, journal: Journal, clock: Callable[[], float] = time.monotonic) -> Iterator[Keeper]:
    """Puts parts into a file and, every second, down in its journal; at the end, that it is done."""
    with opened(output, journal) as file:
        journal.write(file)
        yield Keeper(file, journal, clock)
        journal.done = True
        journal.write(file)


class Keeper:
    """Puts parts into a file; ``put_down`` writes the journal at once."""

    def __init__(self, file: BinaryIO, journal: Journal, clock: Callable[[], float]) -> None:
        self._file = file
        self._journal = journal
        self._clock = clock
        self._due = clock() + _PUT_DOWN_SECONDS

    def __call__(self, part: Part) -> None:
        self._file.write(part.lines)
        self._journal.rows += part.rows
        self._journal.tally.add(part.tally)
        if self._clock() >= self._due:
            self.put_down()

    def put_down(self) -> None:
        """Make certain what was put out, and where the run stands."""
        self._journal.write(self._file)
        self._due = self._clock() + _PUT_DOWN_SECONDS
