"""The platform as ``lendgate serve`` runs it, in a process of its own, with limits that nobody reaches.

Run as ``python -m bench.served DATA_DIR``: one JSON line says where everything is, and it stops when its
standard input ends, so it never outlives the bench.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Final

from lendgate.cli.local import running_platform
from lendgate.settings import service_settings
from lendgate.web.logs import configure
from lendgate.web.server import run

# The most that edge/src/limits.ts takes: the limiter counts as ever, and refuses nothing.
_MOST: Final = {"per_minute": 10_000_000, "per_day": 10_000_000}
LIMITS: Final = json.dumps({"request": _MOST, "review": _MOST})


async def _serve(data_dir: Path) -> None:
    settings = service_settings(data_dir=data_dir)
    async with running_platform(settings, limits=LIMITS) as platform:
        where = {
            "gate_port": platform.gate.port,
            "gate_pid": platform.gate.pid,
            "service_pid": os.getpid(),
            "postgres_pid": postmaster(data_dir),
        }
        sys.stdout.write(json.dumps(where) + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


def postmaster(data_dir: Path) -> int:
    """The process id of the embedded PostgreSQL."""
    pid_file = data_dir / "postgres" / "data" / "postmaster.pid"
    return int(pid_file.read_text(encoding="utf-8").split("\n", 1)[0])


if __name__ == "__main__":
    configure("info")
    run(_serve(Path(sys.argv[1])))
