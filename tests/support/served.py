"""``lendgate serve`` as a process of its own, to be asked, stopped and killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from lendgate.cloudflare.local_keys import LocalKeys, load_or_create
from lendgate.cloudflare.workerd_binary import find_workerd
from lendgate.errors import RuntimeMissingError

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
STOP_SECONDS = 30
PROGRAM = (sys.executable, "-c", "from lendgate.cli import main; main()")


@dataclass
class Served:
    """A running platform: what its one line of JSON said, and its process."""

    worker: str
    origin: str
    token: str
    data_dir: Path
    process: subprocess.Popen[bytes]
    stderr: Path

    @property
    def keys(self) -> LocalKeys:
        """What this platform signs with."""
        return load_or_create(self.data_dir)

    def written(self) -> str:
        """Everything it logged: its own standard error, and the logs of its data directory."""
        files = [self.stderr, *sorted((self.data_dir / "logs").glob("*"))]
        files.append(self.data_dir / "postgres" / "data" / "server.log")
        return "\n".join(file.read_text(errors="replace") for file in files)

    def terminate(self) -> int:
        """SIGTERM, as an orchestrator would; gives the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)

    def kill(self) -> None:
        """SIGKILL: nothing of it can say goodbye."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)


def speaking_to(base_url: str, token: str | None = None) -> httpx.Client:
    """A client on loopback; reading the certificate authorities would take longer than most tests."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(base_url=base_url, headers=headers, timeout=30, verify=False)


def need_workerd() -> None:
    """Skip, and say why, where no workerd is installed."""
    try:
        find_workerd(os.environ)
    except RuntimeMissingError as missing:
        pytest.skip(str(missing))


def bare_environment(**more: str) -> dict[str, str]:
    """This process's environment without anything of Lendgate's but which workerd to use."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name == "LENDGATE_WORKERD" or not name.startswith(("LENDGATE_", "WORKER_BASE_URL"))
    }
    return {**kept, **more}


@contextmanager
def data_directory() -> Iterator[Path]:
    """A new data directory in the checkout: PostgreSQL's account must be able to enter it."""
    directory = ROOT / ".lendgate" / f"test-served-{uuid4().hex[:8]}"
    directory.mkdir(parents=True)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def start(data_dir: Path, *options: str, environment: Mapping[str, str] | None = None) -> Served:
    """Start ``lendgate serve --json`` on free ports and wait until it says that it is ready."""
    need_workerd()
    command = (*PROGRAM, "serve", "--json", "--port", "0", "--data-dir", str(data_dir), *options)
    stderr = data_dir / "serve.err"
    with stderr.open("ab") as errors:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=bare_environment(**(environment or {})),
            cwd=data_dir,
        )
    said = _first_line(process)
    if not said:
        pytest.fail(f"lendgate serve ended with {process.wait()}: {stderr.read_text()[-2000:]}")
    ready = json.loads(said)
    return Served(
        worker=ready["worker_base_url"],
        origin=ready["origin_url"],
        token=ready["token"],
        data_dir=Path(ready["data_dir"]),
        process=process,
        stderr=stderr,
    )


@contextmanager
def served(data_dir: Path, *options: str, environment: Mapping[str, str] | None = None) -> Iterator[Served]:
    """``start``, and a stop at the end of the block unless the block saw to that."""
    platform = start(data_dir, *options, environment=environment)
    try:
        yield platform
    finally:
        if platform.process.poll() is None:
            platform.terminate()
        if platform.process.stdout:
            platform.process.stdout.close()


def run(*arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """One ``lendgate`` command in a process of its own, to its end."""
    return subprocess.run(
        (*PROGRAM, *arguments),
        env=bare_environment(**(environment or {})),
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


def _first_line(process: subprocess.Popen[bytes]) -> bytes:
    if process.stdout is None:
        raise ValueError("its standard output is not a pipe")
    watchdog = threading.Timer(START_SECONDS, process.kill)
    watchdog.start()
    try:
        return process.stdout.readline()
    finally:
        watchdog.cancel()
        watchdog.join()
