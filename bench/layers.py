"""CPU time of a review by layer: Worker, HTTP, policy, memo, workflow, queue engine, store, PostgreSQL.

Law: the platform runs in this process as ``lendgate serve`` runs it, and is interrupted every millisecond of
its own CPU time (SIGPROF), so waiting counts nothing. A sample belongs to the innermost frame of a layer:
what a library does for it is its own. Worker and PostgreSQL are weighed as whole processes in the same slice.

    python -m bench.layers
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from bench import processes
from bench.jobs import Job, Said
from bench.load import choose
from bench.served import LIMITS, postmaster
from bench.targets import Target, targets
from lendgate.cli.local import running_platform
from lendgate.settings import ServiceSettings
from lendgate.web.server import run

_EVERY_SECONDS: Final = 0.001
_CONNECTIONS: Final = 8
LAYERS: Final[Mapping[str, tuple[str, ...]]] = {
    "store and its driver": ("lendgate.store", "psycopg", "psycopg_pool", "psycopg_binary"),
    "policy and recommendation": ("lendgate.policy", "lendgate.decision"),
    "memo": ("lendgate.analysis",),
    "queue engine": ("procrastinate",),
    "workflow": ("lendgate.workflow",),
    "audit": ("lendgate.audit",),
    "strict parse": ("lendgate.intake", "lendgate.schema"),
    "HTTP": ("lendgate.web", "fastapi", "starlette", "uvicorn"),
}
OTHERWISE: Final = "event loop"


@dataclass(frozen=True, slots=True)
class Found:
    """Microseconds of CPU a review, by layer; reviews, and how many samples the shares rest on."""

    reviews: int
    samples: int
    microseconds: dict[str, float]

    @property
    def lines(self) -> list[str]:
        """For people, the dearest first."""
        total = sum(self.microseconds.values())
        parts = sorted(self.microseconds.items(), key=lambda part: -part[1])
        return [
            f"CPU of a review by layer: {total:,.0f} µs ({self.reviews:,} reviews, {self.samples:,} samples)",
            *(f"  {name:28} {taken:8,.0f} µs  {taken / total:5.1%}" for name, taken in parts),
        ]


def layer_of(modules: Iterator[str]) -> str:
    """The layer of a sample: that of the innermost module that belongs to one."""
    for module in modules:
        for layer, homes in LAYERS.items():
            if any(module == home or module.startswith(f"{home}.") for home in homes):
                return layer
    return OTHERWISE


def _modules(frame: FrameType | None) -> Iterator[str]:
    """From the innermost frame outwards."""
    while frame is not None:
        yield str(frame.f_globals.get("__name__", ""))
        frame = frame.f_back


@contextmanager
def _sampled(seen: Counter[str]) -> Iterator[None]:
    def sample(_number: int, frame: FrameType | None) -> None:
        seen[layer_of(_modules(frame))] += 1

    signal.signal(signal.SIGPROF, sample)
    signal.setitimer(signal.ITIMER_PROF, _EVERY_SECONDS, _EVERY_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


async def measure(directory: Path, seconds: float) -> Found:
    """Put everything up, load it with reviews, and take it down."""
    settings, client, seen = ServiceSettings(data_dir=directory, reviewer="rules"), choose(), Counter[str]()
    async with running_platform(settings, limits=LIMITS) as platform:
        (target,) = (each for each in targets(directory) if each.key == "review")
        gate, database = platform.gate.pid or 0, postmaster(directory)
        await asyncio.to_thread(client.run, _job(target, platform.gate.port, 1))
        before = _weighed(gate, database)
        with _sampled(seen):
            outcome = await asyncio.to_thread(client.run, _job(target, platform.gate.port, seconds))
        spent = [now - then for now, then in zip(_weighed(gate, database), before, strict=True)]
    return _found(outcome.said, seen, *spent)


def _job(target: Target, port: int, seconds: float) -> Job:
    return Job(port, target.load, _CONNECTIONS, seconds)


def _weighed(gate: int, database: int) -> tuple[float, float, float]:
    """CPU seconds so far: of the Worker, this process, PostgreSQL."""
    own = processes.cpu_seconds([os.getpid()])
    return processes.cpu_seconds([gate]), own, processes.family_seconds(database)


def _found(said: Said, seen: Counter[str], worker: float, service: float, postgres: float) -> Found:
    samples, reviews = seen.total() or 1, said.requests or 1
    inside = {layer: service * count / samples / reviews * 1e6 for layer, count in seen.items()}
    whole = {"Worker (workerd)": worker / reviews * 1e6, "PostgreSQL": postgres / reviews * 1e6}
    return Found(said.requests, seen.total(), whole | inside)


def taken(seconds: float = 10) -> Found:
    """Measure in a directory that is removed afterwards."""
    found: list[Found] = []
    Path(".lendgate").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="layers-", dir=".lendgate") as name:
        directory = Path(name).resolve()
        directory.chmod(0o755)  # run by root, PostgreSQL runs as somebody else, who has to get in

        async def work() -> None:
            found.append(await measure(directory, seconds))

        run(work())
    return found[0]


if __name__ == "__main__":
    found = taken()
    print(json.dumps(asdict(found)) if "--json" in sys.argv else "\n".join(found.lines))
