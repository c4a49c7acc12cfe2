"""`wrk` as a client: the script that makes it send a job's requests, and the reading of what it prints.

Law: pure. Percentiles are wrk's own, which correct for coordinated omission: a pause of the server counts
for every request that would have been sent in it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from bench.jobs import Job, Said

_MARK: Final = "lendgate-bench"
_SCRIPT: Final = """
local before, after = {before}, {after}
local tokens = {{{tokens}}}
local ready, turn = {{}}, 0
function init()
  for i, token in ipairs(tokens) do ready[i] = before .. token .. after end
end
function request()
  turn = turn % #ready + 1
  return ready[turn]
end
function done(summary, latency)
  local e = summary.errors
  print(string.format("{mark} %d %d %d %d %d %d", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), e.status, e.connect + e.read + e.write + e.timeout))
end
"""


def script(job: Job) -> str:
    """The Lua program of a job; everything in it is plain ASCII."""
    return _SCRIPT.format(
        before=_quoted(job.load.before.decode("ascii")),
        after=_quoted(job.load.after.decode("ascii")),
        tokens=", ".join(map(_quoted, job.load.tokens)),
        mark=_MARK,
    )


def command(program: str, script_file: Path, job: Job) -> list[str]:
    """How wrk is called; it takes whole seconds."""
    return [
        program,
        "--threads=1",
        f"--connections={job.connections}",
        f"--duration={max(round(job.seconds), 1)}s",
        f"--script={script_file}",
        f"http://127.0.0.1:{job.port}/",
    ]


def parse(printed: str) -> Said:
    """What our ``done`` printed; wrk counts time in microseconds.

    Raises:
        ValueError: it is not there.
    """
    for line in printed.splitlines():
        mark, *numbers = line.split()
        if mark == _MARK:
            requests, duration, p50, p99, refused, broken = map(int, numbers)
            return Said(requests, duration / 1e6, p50 / 1e6, p99 / 1e6, refused, broken)
    raise ValueError(f"wrk did not print its summary: {printed!r}")


def _quoted(text: str) -> str:
    """A Lua string literal: for plain ASCII, JSON's escapes are Lua's."""
    return json.dumps(text)
