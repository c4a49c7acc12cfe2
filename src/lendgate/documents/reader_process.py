"""Starting the reader process and talking to it; waits no longer than the limits say."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, get_args

from pydantic import ValidationError

from lendgate.documents import frames
from lendgate.documents.model import RefusalCode
from lendgate.documents.refuse import RefusedFileError

_COMMAND: Final = (sys.executable, "-m", "lendgate.documents.worker")
_GRACE_SECONDS: Final = 30
"""What starting the reader, and the kernel's ending of a child, may take on a busy machine."""
_CODES: Final[Mapping[str, RefusalCode]] = {code: code for code in get_args(RefusalCode)}

Take = Callable[[bytes, bytes], None]


class ReaderProcess:
    """A running reader. It inherits no environment but where Python's modules are."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this Python, this package, no shell
            _COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={
                "PYTHONPATH": os.pathsep.join(sys.path),
                "PYTHONDONTWRITEBYTECODE": "1",
                # A process with threads cannot fork safely, so no library may start any while it loads.
                "OPENBLAS_NUM_THREADS": "1",
                "OMP_NUM_THREADS": "1",
            },
        )

    def kill(self) -> None:
        """End it and everything it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()

    def do(self, task: frames.Task, content: bytes, take: Take) -> RefusalCode | None:
        """One task on one file, every reply handed to ``take``; why it was refused, or None.

        Raises:
            RefusedFileError: the reader itself died, hung or talked nonsense, and must be killed.
        """
        give = frames.frame(b"T", frames.TASKS.dump_json(task)) + frames.frame(b"F", content)
        self._write(give, time.monotonic() + task.limits.page_seconds + _GRACE_SECONDS)
        refused: RefusalCode | None = None
        while True:
            kind, payload = self._next(time.monotonic() + task.limits.page_seconds + _GRACE_SECONDS)
            if kind == b"X":
                refused = _CODES.get(payload.decode("ascii", "replace"), "crashed")
            elif kind == b"E":
                return _outcome(payload) or refused
            else:
                take(kind, payload)

    def _write(self, data: bytes, deadline: float) -> None:
        pipe = self._process.stdin
        assert pipe is not None  # noqa: S101 - opened above
        try:
            for start in range(0, len(data), select.PIPE_BUF):
                _wait(deadline, writing=pipe.fileno())
                os.write(pipe.fileno(), data[start : start + select.PIPE_BUF])
        except BrokenPipeError as error:
            raise RefusedFileError("crashed") from error

    def _next(self, deadline: float) -> tuple[bytes, bytes]:
        kind, size = frames.head_of(self._read(frames.HEAD_SIZE, deadline))
        if size > frames.MAX_REPLY:
            raise RefusedFileError("crashed")
        return kind, self._read(size, deadline)

    def _read(self, size: int, deadline: float) -> bytes:
        pipe = self._process.stdout
        assert pipe is not None  # noqa: S101 - opened above
        data = bytearray()
        while len(data) < size:
            _wait(deadline, reading=pipe.fileno())
            part = os.read(pipe.fileno(), size - len(data))
            if not part:
                raise RefusedFileError("crashed")
            data += part
        return bytes(data)


def _wait(deadline: float, *, reading: int | None = None, writing: int | None = None) -> None:
    readers = [] if reading is None else [reading]
    writers = [] if writing is None else [writing]
    ready, able, _ = select.select(readers, writers, [], max(deadline - time.monotonic(), 0))
    if not ready and not able:
        raise RefusedFileError("timed_out")


def _outcome(payload: bytes) -> RefusalCode | None:
    try:
        outcome = frames.ENDS.validate_json(payload).outcome
    except ValidationError:
        return "crashed"
    return None if outcome == "done" else outcome
