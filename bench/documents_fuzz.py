"""Malformed and hostile files through the reader process and the triage: a clear answer each, or exit 1.

    python -m bench.documents_fuzz --files 500 --seed 1

Real files (``../shared/data/documents`` where it is, generated ones elsewhere) are damaged by seed, and every
file of ``tests/documents/hostile.py`` goes in between. Counted are the answers; watched are the seconds a
file takes against its limit, and the memory of this process and of the reader, which must not grow.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from bench.processes import family, memory
from lendgate.documents.case import Case
from lendgate.documents.limits import Limits
from lendgate.documents.model import Reading
from lendgate.documents.refuse import SENTENCES
from lendgate.documents.sandbox import Sandbox
from lendgate.documents.triage import triage
from tests.documents.hostile import HOSTILE, damaged
from tests.documents.printed import pay_stub
from tests.documents.printed_forms import w2
from tests.documents.printed_statements import statement
from tests.documents.sheet import pdf_of, picture_of, png_of

_SHARED: Final = Path(__file__).resolve().parents[2] / "shared" / "data" / "documents"
_LIMITS: Final = Limits(page_seconds=20, file_seconds=40, memory_bytes=2 * 1024**3)
_SLACK_SECONDS: Final = 15
"""Beyond the limits of a file: starting the reader again, and the triage itself on a busy machine."""
_GROWTH_MB: Final = 60
_EVERY: Final = 25
_CASE: Final = Case(date(2026, 11, 22))


@dataclass(slots=True)
class Seen:
    """What a run has seen."""

    answers: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    memory: list[tuple[int, int]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; 0 when every file had its answer in time and memory stayed flat."""
    parser = argparse.ArgumentParser(prog="python -m bench.documents_fuzz", description=__doc__)
    parser.add_argument("--files", type=int, default=500, help="how many files (500)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (1)")
    given = parser.parse_args(arguments)
    seen = Seen()
    with Sandbox(_LIMITS) as sandbox:
        for number, (name, content) in enumerate(_files(given.files, given.seed)):
            _one(sandbox, name, content, seen)
            if number % _EVERY == _EVERY - 1:
                seen.memory.append((_resident([os.getpid()]), _resident(family(os.getpid())[1:])))
                here, reader = seen.memory[-1]
                print(f"{number + 1:5} files  {here} MB here, {reader} MB the reader", flush=True)
    return _report(seen)


def _files(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Real files damaged, and hostile ones spread among them."""
    rng = random.Random(seed)
    real = dict(_real())
    makers = list(HOSTILE.items())
    for number in range(count):
        if number % 10 == 0:
            name, maker = makers[number // 10 % len(makers)]
            yield name, maker()
        else:
            name = rng.choice(sorted(real))
            yield f"{name} #{number}", damaged(real[name], rng, list(real.values()))


def _real() -> Iterator[tuple[str, bytes]]:
    if _SHARED.is_dir():
        for path in sorted(_SHARED.rglob("*")):
            if path.suffix in {".pdf", ".png", ".jpg"}:
                yield str(path.relative_to(_SHARED)), path.read_bytes()
        return
    for seed in range(4):
        yield f"packet {seed}", pdf_of(pay_stub(seed).sheet, w2(seed).sheet, statement(seed).sheet)
        yield f"scan {seed}", png_of(picture_of(w2(seed).sheet, side=900))


def _one(sandbox: Sandbox, name: str, content: bytes, seen: Seen) -> None:
    start = time.monotonic()
    read = sandbox.read(content)
    result = triage(read, _CASE)
    taken = time.monotonic() - start
    answer = "read" if isinstance(read, Reading) else read.code
    seen.answers[f"{answer}: {result.routed.destination}"] += 1
    seen.slowest = max(seen.slowest, (taken, name))
    if taken > _LIMITS.file_seconds + _LIMITS.page_seconds + _SLACK_SECONDS:
        seen.faults.append(f"{name}: {taken:.0f} s")
    if not isinstance(read, Reading) and (read.code not in SENTENCES or not result.routed.told):
        seen.faults.append(f"{name}: no clear answer")


def _resident(processes: Sequence[int]) -> int:
    """Megabytes that these processes hold."""
    return memory(processes) // 1024**2


def _report(seen: Seen) -> int:
    for answer, count in seen.answers.most_common():
        print(f"{count:6}  {answer}")
    print(f"slowest {seen.slowest[0]:.1f} s: {seen.slowest[1]}")
    if seen.memory:
        settled = seen.memory[min(2, len(seen.memory) - 1)]
        growth = [last - first for first, last in zip(settled, seen.memory[-1], strict=True)]
        print(f"after {3 * _EVERY} files memory grew by {growth[0]} MB here, {growth[1]} MB in the reader")
        if max(growth) > _GROWTH_MB:
            seen.faults.append("memory grew")
    for fault in seen.faults:
        print(f"FAULT {fault}")
    return 1 if seen.faults else 0


if __name__ == "__main__":
    sys.exit(main())
