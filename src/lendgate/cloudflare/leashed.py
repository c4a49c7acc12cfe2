"""Become another program that ends when its parent does.

Law: run as a file, with the standard library only: ``python -I -S leashed.py <parent pid> <program> …``.
Linux sends SIGKILL when the parent's thread that started us ends (prctl(2), PR_SET_PDEATHSIG), so even a
parent that was killed leaves nothing running. Setting it here, after the fork and before the exec, avoids
code between fork and exec in a parent that has threads. Elsewhere the parent's own stop has to do.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
CANNOT_RUN = 126  # as a shell says it


def main(arguments: list[str]) -> int:
    """Exec the program; returns only when that is impossible."""
    parent, program = int(arguments[0]), arguments[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before the line above
        return CANNOT_RUN
    try:
        os.execv(program[0], program)  # noqa: S606 - no shell is wanted
    except OSError as error:
        sys.stderr.write(f"cannot run {program[0]}: {error.strerror}\n")
    return CANNOT_RUN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
