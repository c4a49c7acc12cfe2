"""``python -m bench``: put everything up, load it in turns, print what came of it."""

from __future__ import annotations

import argparse
import json
import os
import platform as system
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Final

from bench import backtest, claude, layers, processes, report, stage, summary
from bench.load import choose
from bench.report import Report
from bench.rounds import Stand, Turn, turns
from bench.steps import steps
from bench.targets import require_answer, targets
from lendgate.errors import LendgateError

_CONNECTIONS: Final = (16, 1)
_HELP: Final = "from lendgate.cli import main; main()"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench; 0 when it could measure, whatever it found."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=2, help="length of a slice of load (2)")
    parser.add_argument("--rounds", type=int, default=3, help="how often every target has its turn (3)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    given = parser.parse_args(arguments)
    if sys.platform != "linux":
        sys.stderr.write("make bench reads CPU time from /proc: run it on Linux\n")
        return 2
    try:
        found = measure(given.seconds, given.rounds)
        _say("reviews by layer, Claude by the stand-in, the back-test …")
        parts: dict[str, layers.Found | claude.Found | backtest.Found] = {
            "layers": layers.taken(),
            "claude": claude.measure(),
            "backtest": backtest.measure(),
        }
    except (LendgateError, RuntimeError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if given.json:
        more = {name: asdict(part) for name, part in parts.items()}
        print(json.dumps(report.document(found) | more, default=str))
    else:
        print("\n\n".join([report.text(found), *("\n".join(part.lines) for part in parts.values())]))
    return 0


def measure(seconds: float, rounds: int) -> Report:
    """Everything, in a directory that is removed afterwards."""
    load_before = os.getloadavg()[0]
    Path(".lendgate").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=".lendgate") as name, ExitStack() as stack:
        directory = Path(name).resolve()
        directory.chmod(0o755)  # run by root, PostgreSQL runs as somebody else, who has to get in
        _say("starting the platform, twice …")
        with stage.platform(directory / "data") as first:
            started = {"platform, first start": first.ready_seconds}
        raw = stack.enter_context(stage.raw_worker(directory / "raw"))
        running = stack.enter_context(stage.platform(directory / "data"))
        started["platform, second start"] = running.ready_seconds
        cpus = tuple(sorted(os.sched_getaffinity(0)))
        stand = Stand(running, raw.port, raw.pid or 0, choose(), cpus)
        idle = _memory(running, "idle")
        taken = _turns(stand, rounds, seconds)
        memory = idle | _memory(running, "after the load")
    _say("starting the command line, timing the steps …")
    return Report(
        machine=_machine(),
        client=_client(stand.client.name, summary.client_cost(taken)),
        placing=_placing(cpus),
        took=f"{rounds} rounds of {seconds:g} s a target and number of connections; medians",
        load=_load(load_before, taken),
        rows=summary.rows(taken),
        start_seconds=started | _command_line(),
        memory_bytes=memory,
        step_microseconds=steps(),
    )


def _turns(stand: Stand, rounds: int, seconds: float) -> list[Turn]:
    asked = targets(stand.platform.data_dir)
    for target in asked:
        require_answer(target, stand.port(target))
    _say(f"loading {len(asked)} targets in turns with {stand.client.name} …")
    return list(turns(stand, asked, _CONNECTIONS, rounds, seconds))


def _memory(running: stage.Platform, when: str) -> dict[str, int]:
    return {
        f"Worker (workerd), {when}": processes.memory([running.gate_pid]),
        f"service, {when}": processes.memory([running.service_pid]),
        f"PostgreSQL, {when}": processes.memory(processes.family(running.postgres_pid)),
    }


def _command_line() -> dict[str, float]:
    return {
        "lendgate --help": stage.start_seconds(sys.executable, "-c", _HELP, "--help"),
        "import lendgate": stage.start_seconds(sys.executable, "-c", "import lendgate"),
    }


def _machine() -> str:
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    cpu = names[0].partition(": ")[2] if names else system.machine()
    return f"{os.cpu_count()} CPUs ({cpu}), Linux {system.release()}, Python {system.python_version()}"


def _client(name: str, cost: float) -> str:
    return f"{name}: {cost:.0f} CPU µs a request, so it cannot send more than {1e6 / cost:,.0f} a second"


def _placing(cpus: Sequence[int]) -> str:
    if len(cpus) == 1:
        return "one CPU, everything on it"
    rest = ", ".join(map(str, cpus[1:]))
    return f"raw and gate rows: workerd on CPU {cpus[0]}, client on {rest}; reviews: everything on all CPUs"


def _load(before: float, taken: Sequence[Turn]) -> str:
    usual, most = summary.others(taken)
    return (
        f"{before:.1f} before, {os.getloadavg()[0]:.1f} after; other programs took {usual:.0%} of the "
        f"machine, {most:.0%} in the worst turn"
    )


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")


if __name__ == "__main__":
    sys.exit(main())
