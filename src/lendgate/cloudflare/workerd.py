"""Keep a workerd running: started, known to listen, stopped, never orphaned.

Law: what workerd prints goes to a log file, and what goes wrong is said in one sentence with its mend.
Its environment holds the Worker's secrets and nothing of ours. Linux and macOS.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from lendgate.cloudflare import leashed
from lendgate.cloudflare.capnp import CONFIG_NAME, SOCKET
from lendgate.cloudflare.workerd_binary import explain
from lendgate.errors import RuntimeMissingError

_INHERITED: Final = ("LD_LIBRARY_PATH",)  # a Python built against its own libraries starts only with it
_LOG_TAIL: Final = 8_192


class Workerd:
    """One supervised workerd; ``with`` or ``async with`` holds it running.

    Raises (on entering):
        RuntimeMissingError: it did not come to listen; says why.
    """

    def __init__(
        self,
        binary: Path,
        config: Path,
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        start_seconds: float = 10.0,
        stop_seconds: float = 5.0,
    ) -> None:
        self._binary = binary.resolve()
        self._config = config.resolve()
        self._log = log.resolve()
        self._environment = environment or {}
        self._start_seconds = start_seconds
        self._stop_seconds = stop_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0
        self._port: int | None = None

    @property
    def port(self) -> int:
        """The loopback port it listens on."""
        if self._port is None:
            raise RuntimeError("workerd is not running")
        return self._port

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start it and wait until it listens."""
        self._await_listening(self._spawn())

    def stop(self) -> None:
        """Let it finish its requests, then make sure that it is gone. Does nothing when it is not running."""
        process, self._process, self._port = self._process, None, None
        if process is not None:
            _end(process, self._stop_seconds)

    async def ended(self) -> str:
        """Wait until it ends by itself; says why, for whoever restarts it or gives up."""
        process = self._process
        if process is None:
            return "workerd is not running"
        code = await asyncio.to_thread(process.wait)
        return explain(self._log_tail(), code, self._log)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        # The fork happens in this thread: Linux ends the child when the thread that made it ends.
        control = self._spawn()
        try:
            await asyncio.to_thread(self._await_listening, control)
        except BaseException:
            self.stop()
            raise
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)

    def _spawn(self) -> BinaryIO:
        """Start the process; returns the pipe on which it will say that it listens."""
        if self._process is not None:
            raise RuntimeError("workerd is running already")
        ours, theirs = os.pipe()
        control = os.fdopen(ours, "rb", buffering=0)
        try:
            self._process = self._popen(theirs)
        except BaseException:
            control.close()
            raise
        finally:
            os.close(theirs)
        return control

    def _popen(self, control_fd: int) -> subprocess.Popen[bytes]:
        program = [str(self._binary), "serve", str(self._config), CONFIG_NAME, f"--control-fd={control_fd}"]
        leash = [sys.executable, "-I", "-S", leashed.__file__, str(os.getpid())]
        with _open_log(self._log) as log:
            self._log_start = log.tell()
            return subprocess.Popen(  # noqa: S603 - our own binary, no shell, no caller's words
                leash + program,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._config.parent,
                env={**_inherited(), **self._environment},
                pass_fds=(control_fd,),
                process_group=0,  # Ctrl-C at a terminal is for us; we stop it when the origin is done
            )

    def _await_listening(self, control: BinaryIO) -> None:
        deadline = time.monotonic() + self._start_seconds
        said = b""
        with control:
            while self._port is None:
                ready, _, _ = select.select([control], [], [], max(deadline - time.monotonic(), 0))
                more = os.read(control.fileno(), 4096) if ready else b""
                if not more:
                    raise self._failure(timed_out=not ready)
                said += more
                self._port = _listening_port(said)

    def _failure(self, *, timed_out: bool) -> RuntimeMissingError:
        process = self._process
        if timed_out or process is None:
            self.stop()
            return RuntimeMissingError(
                f"workerd did not listen within {self._start_seconds:g} seconds: see {self._log}"
            )
        code = process.wait()  # its end of the pipe is closed, so it has ended
        self.stop()
        return RuntimeMissingError(explain(self._log_tail(), code, self._log))

    def _log_tail(self) -> str:
        with contextlib.suppress(OSError), self._log.open("rb") as log:
            log.seek(max(self._log_start, log.seek(0, os.SEEK_END) - _LOG_TAIL))
            return log.read().decode(errors="replace")
        return ""


def write_config(directory: Path, text: str, script: bytes, name: str = "gate.js") -> Path:
    """Put a rendered configuration and its script into a directory; returns the configuration's path."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    (directory / name).write_bytes(script)
    config = directory / "config.capnp"
    config.write_text(text, encoding="utf-8")
    return config


def _open_log(path: Path) -> BinaryIO:
    """For its owner's eyes alone: the Worker's own words may tell who asked for what."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
    os.fchmod(log.fileno(), 0o600)
    log.seek(0, os.SEEK_END)
    return log


def _inherited() -> dict[str, str]:
    return {name: os.environ[name] for name in _INHERITED if name in os.environ}


def _listening_port(said: bytes) -> int | None:
    for line in said.split(b"\n")[:-1]:
        event = json.loads(line)
        if event.get("event") == "listen" and event.get("socket") == SOCKET:
            return int(event["port"])
    return None


def _end(process: subprocess.Popen[bytes], seconds: float) -> None:
    # The whole group: a workerd found on PATH may be a wrapper with the real one below it.
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
