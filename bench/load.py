"""A client that keeps connections busy: `wrk` where it is installed, else our own in Python.

Law: the client is a process of its own, so that its CPU time is nobody else's. Which one ran is said, and
so is when it, not the server, was what ended the rise of requests a second.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench import sockets, wrk
from bench.jobs import Job, Outcome, Said

_FULL: Final = 0.9  # of a core


@dataclass(frozen=True, slots=True)
class Client:
    """One way to make load; ``run`` does a job and says what came of it."""

    name: str
    run: Callable[[Job], Outcome]


def choose(path: str | None = None) -> Client:
    """`wrk` when it is on the path, else the client in Python."""
    program = shutil.which("wrk", path=path)
    if program:
        return Client("wrk, one thread", lambda job: _run_wrk(program, job))
    return Client("Python sockets, one thread (wrk is not installed)", _run_sockets)


def was_full(outcome: Outcome) -> bool:
    """Whether the client used up its core: the server could have answered more."""
    return outcome.client_seconds / outcome.said.seconds > _FULL


def _run_wrk(program: str, job: Job) -> Outcome:
    with tempfile.TemporaryDirectory() as directory:
        script = Path(directory, "job.lua")
        script.write_text(wrk.script(job), encoding="ascii")
        return _run(wrk.command(program, script, job), b"", wrk.parse)


def _run_sockets(job: Job) -> Outcome:
    return _run([sys.executable, "-m", "bench.sockets"], sockets.write_job(job), sockets.parse)


def _run(command: Sequence[str], given: bytes, parse: Callable[[str], Said]) -> Outcome:
    """Run a client, and weigh its CPU time when it has ended."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as client:
        if client.stdin is None or client.stdout is None:
            raise RuntimeError("a pipe is missing")
        client.stdin.write(given)
        client.stdin.close()
        said = client.stdout.read()
        _, status, usage = os.wait4(client.pid, 0)
        client.returncode = os.waitstatus_to_exitcode(status)
    if client.returncode != 0:
        raise RuntimeError(f"the client ended with code {client.returncode}: {' '.join(command)}")
    return Outcome(parse(said.decode()), client_seconds=usage.ru_utime + usage.ru_stime)
