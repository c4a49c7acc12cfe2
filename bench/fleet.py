"""A service and workers as processes that may be killed at any moment, and the referee of what they leave.

Law: a process is killed with SIGKILL and started again by whoever drives; the referee reads the tables past
their row-level security, and exports and verifies the audit trail as an auditor would.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg

from bench.killed import CALLS
from bench.stage import environment
from lendgate.cloudflare.local_keys import LocalKeys, load_or_create
from lendgate.store.embedded import EmbeddedPostgres
from lendgate.store.migrate import migrate

_START_SECONDS: Final = 60


@dataclass(slots=True)
class Member:
    """One process of the fleet; ``port`` is the service's."""

    role: str
    process: subprocess.Popen[bytes]
    port: int = 0

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.process.kill()
        self._gone()

    def stop(self) -> None:
        """Let it finish what it has in hand."""
        if self.process.stdin:
            self.process.stdin.close()
        self._gone()

    def _gone(self) -> None:
        self.process.wait(_START_SECONDS)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe and not pipe.closed:
                pipe.close()


@dataclass(slots=True)
class Fleet:
    """Processes on one database; ``model_ms`` is what a model call takes, ``settings`` their environment."""

    directory: Path
    postgres: EmbeddedPostgres
    keys: LocalKeys
    model_ms: float
    settings: Mapping[str, str]
    members: list[Member] = field(default_factory=list)

    def begin(self, role: str) -> Member:
        """Start a process without waiting until it is ready."""
        environ = {**environment(os.environ), **self.settings}
        command = [sys.executable, "-m", "bench.killed", role, str(self.directory), str(self.model_ms)]
        with (self.directory / f"{role}.log").open("ab") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=environ
            )
        member = Member(role, process)
        self.members.append(member)
        return member

    def ready(self, member: Member) -> Member:
        """Wait until it says that it is ready.

        Raises:
            RuntimeError: it ended instead; with its last words.
        """
        line = member.process.stdout.readline() if member.process.stdout else b""
        if not line:
            said = (self.directory / f"{member.role}.log").read_text(encoding="utf-8").splitlines()
            raise RuntimeError(f"the {member.role} did not start: {said[-1] if said else 'it said nothing'}")
        member.port = int(json.loads(line).get("port", 0))
        return member

    def start(self, role: str) -> Member:
        """Start a process and wait until it is ready."""
        return self.ready(self.begin(role))

    def kill(self, member: Member) -> None:
        """Kill one of them."""
        self.members.remove(member)
        member.kill()

    def kill_postgres(self) -> None:
        """Kill the database server, its postmaster first; whoever uses it starts it again."""
        pid_file = self.directory / "postgres" / "data" / "postmaster.pid"
        os.kill(int(pid_file.read_text(encoding="utf-8").split("\n", 1)[0]), signal.SIGKILL)

    def stop(self) -> None:
        """Stop all of them in order."""
        for member in self.members:
            member.stop()
        self.members.clear()

    def paid_calls(self) -> Counter[str]:
        """How often the model was paid for each review."""
        file = self.directory / CALLS
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        return Counter(line.split(" ")[1] for line in lines)

    @contextmanager
    def records(self) -> Iterator[psycopg.Connection[psycopg.rows.TupleRow]]:
        """The tables, seen by somebody whom no policy of the database stops."""
        with psycopg.connect(self.postgres.url("postgres"), autocommit=True) as connection:
            yield connection


@contextmanager
def fleet(
    directory: Path, *, model_ms: float, hands: int = 16, model_calls: int = 1, pool: int = 8
) -> Iterator[Fleet]:
    """A fleet without members yet, on a database of its own.

    ``hands``, ``model_calls`` and ``pool`` are how many jobs, calls and connections each process may have.
    """
    settings = {
        "LENDGATE_WORKER_CONCURRENCY": str(hands),
        "LENDGATE_MODEL_CONCURRENCY": str(model_calls),
        "LENDGATE_DATABASE_POOL": str(pool),
    }
    directory.mkdir(parents=True, exist_ok=True)
    with EmbeddedPostgres(directory / "postgres") as postgres:
        migrate(postgres.owner_url)
        found = Fleet(directory, postgres, load_or_create(directory), model_ms, settings)
        try:
            yield found
        finally:
            postgres.revive()
            found.stop()


def wait_until(happened: Callable[[], bool], seconds: float) -> float:
    """Look until a function says yes; the seconds it took.

    Raises:
        TimeoutError: it did not, in time.
    """
    begun = time.monotonic()
    while not happened():
        if time.monotonic() - begun > seconds:
            raise TimeoutError(f"not within {seconds:g} s")
        time.sleep(0.02)
    return time.monotonic() - begun
