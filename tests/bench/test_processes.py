"""What the bench reads from /proc: CPU time, memory, families of processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from bench import processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")

STAT = (
    "4217 (a (odd) name) S 17 4217 4217 0 -1 4194304 1234 99 0 0 150 25 7 3 20 0 9 0 88112 "
    "1000000 2000 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0"
)
SMAPS = (
    "55d0-7ffc ---p 00000000 00:00 0    [rollup]\nRss:       90000 kB\nPss:       61440 kB\nPss_Dirty: 5 kB\n"
)
MACHINE = "cpu  100 5 50 900 40 3 2 10 0 0\ncpu0 50 2 25 450 20 1 1 5 0 0\nintr 1 2 3\n"


def test_a_name_with_blanks_and_parentheses_does_not_shift_the_fields() -> None:
    """proc_pid_stat(5): the name is the program's own words; the fields start after the last parenthesis."""
    found = processes.parse_stat(STAT)
    assert (found.parent, found.own, found.reaped) == (17, 150 + 25, 7 + 3)


def test_memory_is_the_proportional_share_in_bytes() -> None:
    """Pss counts a page that two processes share once between them, unlike Rss."""
    assert processes.parse_pss(SMAPS) == 61_440 * 1024


def test_idle_and_waiting_for_the_disk_are_not_busy() -> None:
    """Busy is everything of the first line but idle and iowait."""
    assert processes.parse_busy(MACHINE) == 100 + 5 + 50 + 3 + 2 + 10


def test_cpu_time_of_this_process_rises_by_what_it_works() -> None:
    """Ticks agree with the clock that Python reads, within one tick at each end."""
    before, begun = processes.cpu_seconds([os.getpid()]), time.process_time()
    while time.process_time() - begun < 0.1:
        pass
    assert 0.08 <= processes.cpu_seconds([os.getpid()]) - before <= 0.2


def test_a_process_that_is_gone_counts_nothing() -> None:
    """A backend may end between two looks; the figures go on."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert processes.cpu_seconds([ended.pid]) == 0


def test_a_family_holds_children_and_their_cpu_time_even_when_they_have_ended() -> None:
    """What an ended child used is in its parent's account."""
    before = processes.family_seconds(os.getpid())
    subprocess.run([sys.executable, "-c", "sum(range(3_000_000))"], check=True)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert child.pid in processes.family(os.getpid())
    assert processes.family_seconds(os.getpid()) > before


def test_pinning_reaches_every_thread() -> None:
    """A program pinned to one CPU has one CPU."""
    show = "import os; input(); print(sorted(os.sched_getaffinity(0)))"
    last = max(os.sched_getaffinity(0))
    with subprocess.Popen(
        [sys.executable, "-c", show], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        processes.pin([child.pid], [last])
        assert child.communicate("\n")[0].strip() == f"[{last}]"


def test_a_process_that_has_just_ended_holds_nothing() -> None:
    """Readers of documents come and go while their family is measured."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert processes.memory([os.getpid(), ended.pid]) > 0
