"""Which workerd runs here, and why one did not run: sentences with their mend.

Law: reads the file system and the environment it is given; starts nothing.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from lendgate.cloudflare import leashed
from lendgate.errors import RuntimeMissingError

CHECKOUT: Final = Path(__file__).parents[3]
"""The checkout, when the package runs from one."""
BINARY_VARIABLE: Final = "LENDGATE_WORKERD"
OLDEST_GLIBC: Final = "2.35"
_CPUS: Final = {"x86_64": "64", "amd64": "64", "aarch64": "arm64", "arm64": "arm64"}
_MEND: Final = f"run `make setup` in the checkout, or set {BINARY_VARIABLE} to a workerd binary"


def find_workerd(environ: Mapping[str, str] = os.environ, checkout: Path = CHECKOUT) -> Path:
    """The workerd to run: ``LENDGATE_WORKERD``, else the one npm put into ``edge/``, else ``PATH``.

    Raises:
        RuntimeMissingError: there is none, or it may not be executed.
    """
    named = environ.get(BINARY_VARIABLE)
    if named:
        return _executable(Path(named), f"{BINARY_VARIABLE} names")
    installed = checkout / f"edge/node_modules/@cloudflare/workerd-{platform_name()}/bin/workerd"
    if installed.exists():
        return _executable(installed, "npm installed")
    on_path = shutil.which("workerd", path=environ.get("PATH", ""))
    if on_path:
        return Path(on_path)
    raise RuntimeMissingError(f"workerd, which runs the gate, is not installed: {_MEND}")


def platform_name() -> str:
    """This machine as npm names workerd's packages: linux-64, darwin-arm64 and so on."""
    cpu = _CPUS.get(platform.machine().lower(), "unknown")
    return f"{platform.system().lower()}-{cpu}"


def explain(printed: str, code: int, log: Path) -> str:
    """Why workerd ended, in one sentence with its mend; ``printed`` is the end of what it printed."""
    if re.search(r"version `GLIBC_[0-9.]+' not found", printed):
        return (
            f"workerd needs glibc {OLDEST_GLIBC} or newer and this system has {_libc()}: use Debian 12, "
            "Ubuntu 22.04 or a newer one, or run the gate on Cloudflare"
        )
    if code == leashed.CANNOT_RUN:
        return f"workerd needs glibc {OLDEST_GLIBC} or newer (not musl) and {printed.strip()}: {_MEND}"
    if "Address already in use" in printed:
        return "the gate's port is in use already: choose another one, or stop what listens there"
    return f"workerd ended with code {code}: {_cause(printed)} (see {log})"


def _executable(path: Path, who: str) -> Path:
    if not path.is_file():
        raise RuntimeMissingError(f"{who} {path}, which is not a file: {_MEND}")
    if not os.access(path, os.X_OK):
        raise RuntimeMissingError(f"{who} {path}, which is not executable: run `chmod +x {path}`")
    return path


def _cause(printed: str) -> str:
    """The last line that is neither a warning nor a stack frame."""
    said = (line.strip() for line in reversed(printed.splitlines()))
    causes = (line for line in said if line and " warning: " not in line and not line.startswith("at "))
    return next(causes, "it printed nothing")


def _libc() -> str:
    return " ".join(platform.libc_ver()).strip() or "another C library"
