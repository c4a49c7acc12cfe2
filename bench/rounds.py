"""Turns: every target at every number of connections, round after round.

Law: a turn is one slice of load with the CPU time that each process spent on it. A turn whose answers
are not the ones the target is about stops the bench: its figures would be of something else.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bench import processes
from bench.jobs import Job, Outcome, Said
from bench.load import Client
from bench.stage import Platform
from bench.targets import Target


@dataclass(frozen=True, slots=True)
class Spent:
    """CPU seconds: of the Worker asked, the service, PostgreSQL, and everybody on this machine."""

    worker: float
    service: float
    postgres: float
    machine: float

    def __sub__(self, earlier: Spent) -> Spent:
        return Spent(
            self.worker - earlier.worker,
            self.service - earlier.service,
            self.postgres - earlier.postgres,
            self.machine - earlier.machine,
        )


@dataclass(frozen=True, slots=True)
class Turn:
    """One slice; ``others`` is the share of the machine that programs outside the bench took."""

    target: Target
    connections: int
    outcome: Outcome
    spent: Spent
    others: float


@dataclass(frozen=True, slots=True)
class Stand:
    """The running things, the client, and the CPUs there are."""

    platform: Platform
    raw_port: int
    raw_pid: int
    client: Client
    cpus: tuple[int, ...]

    def port(self, target: Target) -> int:
        """Where a target is asked."""
        return self.raw_port if target.raw else self.platform.gate_port

    def turn(self, target: Target, connections: int, seconds: float) -> Turn:
        """Load one target for a while.

        Raises:
            RuntimeError: the answers were not the expected ones.
        """
        self._place(target)
        before = self._spent(target)
        job = Job(self.port(target), target.load, connections, seconds)
        outcome = self.client.run(job)
        spent = self._spent(target) - before
        _require(target, outcome.said)
        ours = spent.worker + spent.service + spent.postgres + outcome.client_seconds
        others = (spent.machine - ours) / (outcome.said.seconds * (os.cpu_count() or 1))
        return Turn(target, connections, outcome, spent, max(others, 0.0))

    def _place(self, target: Target) -> None:
        """Worker alone on one CPU and its client on another; a review may use all of them."""
        ours = [self.platform.service_pid, *processes.family(self.platform.postgres_pid), os.getpid()]
        workers = [self.platform.gate_pid, self.raw_pid]
        apart = len(self.cpus) > 1 and not target.reviews
        processes.pin(ours, self.cpus[1:] if apart else self.cpus)
        processes.pin(workers, self.cpus[:1] if apart else self.cpus)

    def _spent(self, target: Target) -> Spent:
        return Spent(
            worker=processes.cpu_seconds([self.raw_pid if target.raw else self.platform.gate_pid]),
            service=processes.cpu_seconds([self.platform.service_pid]),
            postgres=processes.family_seconds(self.platform.postgres_pid),
            machine=processes.busy_seconds(),
        )


def turns(
    stand: Stand, targets: Sequence[Target], connections: Iterable[int], rounds: int, seconds: float
) -> Iterator[Turn]:
    """A B C … A B C …, after one shorter turn of each that does not count."""
    most = max(connections)
    for target in targets:
        stand.turn(target, most, min(seconds, 1))
    for _ in range(rounds):
        for target in targets:
            for count in connections:
                yield stand.turn(target, count, seconds)


def _require(target: Target, said: Said) -> None:
    expected = said.requests if target.status >= 400 else 0
    # Answers that arrive in the last moment are counted by one counter and not by the other.
    if said.broken or abs(said.refused - expected) > said.requests * 0.01:
        raise RuntimeError(
            f"{target.name}: of {said.requests} requests {said.refused} were refused "
            f"and {said.broken} broke; the figures would be of something else"
        )
