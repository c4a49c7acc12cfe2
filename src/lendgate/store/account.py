"""Which account PostgreSQL runs as: it refuses to be root.

Law: an ordinary user runs it as themselves. Root runs it as the owner of the data, or of the directory it
goes into, or else as ``nobody``; no account is made, and no permission outside the data directory is
changed. Where that account may not pass a directory on the way (a checkout in /root), the server runs in
a user namespace of its own, in which root has another number and no powers.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lendgate.errors import RuntimeMissingError

if sys.platform != "win32":
    import pwd

_NAMESPACE: Final = ("--user", "--map-user=65534", "--map-group=65534")


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a program of PostgreSQL runs as (None: as we do), behind which other program, if any."""

    uid: int | None = None
    gid: int | None = None
    prefix: tuple[str, ...] = ()

    def own(self, path: Path) -> None:
        """Hand a file or directory of ours to the account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def run(self, *program: str, timeout: float) -> subprocess.CompletedProcess[str]:
        """Run a program to its end; what it prints is English and goes to a file, see ``embedded``.

        Raises:
            subprocess.TimeoutExpired: it took longer than ``timeout`` seconds.
        """
        return subprocess.run(  # noqa: S603 - the wheel's own programs
            [*self.prefix, *program],
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )


def choose_account(data: Path, programs: Path) -> Account:
    """The account for a server whose data is, or will be, in ``data``.

    Raises:
        RuntimeMissingError: the data is another user's, or no account can reach both directories.
    """
    owner = data.stat().st_uid if data.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise RuntimeMissingError(
                f"{data} belongs to another user: run Lendgate as that user, "
                "move the directory away, or set LENDGATE_DATABASE_URL"
            )
        return Account()
    if owner == 0:
        return _namespaced(f"{data} belongs to root")
    entry = _unprivileged(data)
    closed = next(
        (place for path in (data, programs / "postgres") for place in _closed(path, entry.pw_uid)), None
    )
    if closed is not None:
        return _namespaced(f"{entry.pw_name} may not pass {closed}")
    return Account(entry.pw_uid, entry.pw_gid)


def _unprivileged(data: Path) -> pwd.struct_passwd:
    nearest = next(path for path in (data, *data.parents) if path.exists())
    owner = nearest.stat().st_uid
    try:
        return pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
    except KeyError:
        who = f"user id {owner}" if owner else "nobody"
        raise RuntimeMissingError(
            f"PostgreSQL refuses to run as root, and {who} is no account of this machine: "
            "run Lendgate as an ordinary user, or set LENDGATE_DATABASE_URL"
        ) from None


def _closed(path: Path, uid: int) -> Iterator[Path]:
    """The directories above ``path`` that the user may not pass."""
    for parent in reversed(path.parents):
        if parent.exists():
            status = parent.stat()
            if not status.st_mode & (stat.S_IXUSR if status.st_uid == uid else stat.S_IXOTH):
                yield parent


def _namespaced(why: str) -> Account:
    unshare = shutil.which("unshare")
    if unshare:
        account = Account(prefix=(unshare, *_NAMESPACE))
        if account.run("true", timeout=10).returncode == 0:
            return account
    raise RuntimeMissingError(
        f"PostgreSQL refuses to run as root, {why}, and this machine allows no user namespace: "
        "run Lendgate as an ordinary user, move the checkout to where others may enter, "
        "or set LENDGATE_DATABASE_URL"
    )
