"""What processes cost: CPU time and memory as Linux keeps them in /proc.

Law: the ``parse_`` functions are pure; the others read /proc and nothing else. CPU time comes in ticks of
10 ms, which is 0.5 % of a slice of two seconds.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TICKS_A_SECOND: Final = os.sysconf("SC_CLK_TCK")
PROC: Final = Path("/proc")


@dataclass(frozen=True, slots=True)
class Stat:
    """The part of /proc/<pid>/stat (proc_pid_stat(5)) that is used; times in ticks."""

    parent: int
    own: int
    """User and system time of all its threads, ended ones included."""
    reaped: int
    """The same of its children that have ended."""


def parse_stat(text: str) -> Stat:
    """Read /proc/<pid>/stat; the program's name may hold blanks and parentheses."""
    fields = text.rpartition(")")[2].split()
    user, system, user_reaped, system_reaped = map(int, fields[11:15])
    return Stat(parent=int(fields[1]), own=user + system, reaped=user_reaped + system_reaped)


def parse_pss(text: str) -> int:
    """Bytes of proportional set size in /proc/<pid>/smaps_rollup: shared pages are counted once."""
    line = next(line for line in text.splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) * 1024


def parse_busy(text: str) -> int:
    """Ticks in which any CPU did something, from /proc/stat (proc_stat(5))."""
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, text.splitlines()[0].split()[1:9])
    return user + nice + system + irq + softirq + steal


def cpu_seconds(pids: Iterable[int]) -> float:
    """CPU time of these processes so far, in seconds; a process that is gone counts nothing."""
    return sum(stat.own for stat in _stats(pids).values()) / TICKS_A_SECOND


def family_seconds(root: int) -> float:
    """CPU time so far of a process and all that descend from it, ended ones included."""
    stats = _stats(family(root))
    return sum(stat.own + stat.reaped for stat in stats.values()) / TICKS_A_SECOND


def family(root: int) -> list[int]:
    """A process and all that descend from it."""
    everybody = _stats(int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())
    found = [root]
    for pid in found:  # grows while it is walked
        found += [child for child, stat in everybody.items() if stat.parent == pid]
    return found


def memory(pids: Iterable[int]) -> int:
    """Bytes of memory these processes hold together; one that has just ended holds none."""
    return sum(_held(pid) for pid in pids)


def _held(pid: int) -> int:
    try:
        return parse_pss((PROC / str(pid) / "smaps_rollup").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return 0


def busy_seconds() -> float:
    """CPU seconds this machine has been busy since it started, whoever was the cause."""
    return parse_busy((PROC / "stat").read_text()) / TICKS_A_SECOND


def pin(pids: Iterable[int], cpus: Iterable[int]) -> None:
    """Let these processes, every thread of theirs, run on these CPUs only."""
    allowed = set(cpus)
    for pid in pids:
        for thread in (PROC / str(pid) / "task").iterdir():
            with suppress(ProcessLookupError):
                os.sched_setaffinity(int(thread.name), allowed)


def _stats(pids: Iterable[int]) -> dict[int, Stat]:
    found = {}
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            found[pid] = parse_stat((PROC / str(pid) / "stat").read_text())
    return found
