"""What is measured, put up and taken down: the platform, and the raw Worker it is compared with.

Law: everything lives in one directory under ``.lendgate`` that is removed afterwards, and listens on
loopback ports that the system chose.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lendgate.cloudflare.bundle import load_bundle
from lendgate.cloudflare.capnp import CONFIG_NAME, SOCKET, V8_FLAGS, quote
from lendgate.cloudflare.workerd import Workerd, write_config
from lendgate.cloudflare.workerd_binary import BINARY_VARIABLE, CHECKOUT, find_workerd

_HELLO: Final = CHECKOUT / "edge" / "bench" / "hello.js"
_HELLO_CONFIG: Final = """using Workerd = import "/workerd/workerd.capnp";
const {name} :Workerd.Config = (
  services = [(name = "hello", worker = (
    compatibilityDate = {date}, modules = [(name = "hello.js", esModule = embed "hello.js")]
  ))],
  sockets = [(name = {socket}, address = "127.0.0.1:0", service = "hello", http = ())],
  v8Flags = [{flags}],
);
"""


@dataclass(frozen=True, slots=True)
class Platform:
    """A running platform; ``ready_seconds`` from the start of its process to its being ready."""

    data_dir: Path
    gate_port: int
    gate_pid: int
    service_pid: int
    postgres_pid: int
    ready_seconds: float


@contextmanager
def platform(data_dir: Path) -> Iterator[Platform]:
    """The platform in a process of its own, while the block runs.

    Raises:
        RuntimeError: it did not start; with its last words.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "bench.served", str(data_dir)]
    begun = time.perf_counter()
    with (
        (data_dir / "service.log").open("ab") as log,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment(os.environ),
            process_group=0,  # Ctrl-C is for us: it stops in order when its standard input ends
        ) as process,
    ):
        line = process.stdout.readline() if process.stdout else b""
        if not line:
            said = (data_dir / "service.log").read_text(encoding="utf-8").splitlines()
            raise RuntimeError(f"the platform did not start: {said[-1] if said else 'it said nothing'}")
        yield Platform(data_dir, ready_seconds=time.perf_counter() - begun, **json.loads(line))
        # Leaving closes its standard input, at which it stops, and waits for it.


def environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Ours without the settings of a real installation: no database and no model of anybody's is loaded."""
    kept = {BINARY_VARIABLE}
    return {
        name: value
        for name, value in ours.items()
        if name in kept or not name.startswith(("LENDGATE_", "ANTHROPIC_"))
    }


def raw_worker(directory: Path) -> Workerd:
    """The hello-world Worker in workerd, under the flags of the gate's."""
    text = _HELLO_CONFIG.format(
        name=CONFIG_NAME,
        socket=quote(SOCKET),
        date=quote(load_bundle().config.compatibility_date),
        flags=", ".join(map(quote, V8_FLAGS)),
    )
    config = write_config(directory, text, _HELLO.read_bytes(), "hello.js")
    return Workerd(find_workerd(os.environ), config, log=directory / "hello.log")


def start_seconds(*command: str) -> float:
    """How long a program takes from start to end."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun
