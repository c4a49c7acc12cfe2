"""The reader process: loads the libraries once, then reads every file in a child of its own.

``python -m lendgate.documents.worker`` is started by ``sandbox``, with an environment that holds no
secret. For each file it forks; the child gives itself limits that the kernel keeps (address space, time,
no writing, no core), reads the one file, and is gone. So a file can neither meet another's data nor take
more than its share, and starting costs milliseconds.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from typing import Final

from lendgate.documents import frames
from lendgate.documents.again import picture_of, read_again
from lendgate.documents.limits import Limits
from lendgate.documents.model import RefusalCode
from lendgate.documents.ocr import Recognizer
from lendgate.documents.read import Cover, parts
from lendgate.documents.refuse import RefusedFileError

_NO_MEMORY: Final = 3
_SIGNALS: Final[dict[int, RefusalCode]] = {
    signal.SIGALRM: "timed_out",
    signal.SIGXCPU: "timed_out",
    signal.SIGKILL: "out_of_memory",
}


def main() -> None:
    """Serve frames from standard input until it ends."""
    while (task_frame := frames.next_frame(sys.stdin.buffer)) is not None:
        file_frame = frames.next_frame(sys.stdin.buffer)
        if file_frame is None:
            return
        task = frames.TASKS.validate_json(task_frame[1])
        child = os.fork()
        if child == 0:
            _be_the_child(task, file_frame[1])
        _, status = os.waitpid(child, 0)
        _send(b"E", frames.ENDS.dump_json(frames.End(_outcome(status))))


def _be_the_child(task: frames.Task, content: bytes) -> None:
    """Do the task within its limits; never returns."""
    code = 1
    try:
        _confine(task.limits)
        _do(task, content)
        code = 0
    except RefusedFileError as error:
        _send(b"X", error.code.encode())
        code = 0
    except MemoryError:
        code = _NO_MEMORY
    finally:
        os._exit(code)


def _confine(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


def _do(task: frames.Task, content: bytes) -> None:
    recognizer = Recognizer(task.limits.threads)
    _allow(task.limits.page_seconds)
    if task.do == "picture":
        _send(b"I", picture_of(content, task.page, task.rotation, task.side, task.limits))
        return
    if task.do == "reread":
        spans = read_again(
            content, task.boxes, recognizer, page=task.page, rotation=task.rotation, limits=task.limits
        )
        _send(b"S", frames.SPANS.dump_json(spans))
        return
    deadline = time.monotonic() + task.limits.file_seconds
    for part in parts(content, recognizer, task.limits):
        if isinstance(part, Cover):
            _send(b"C", frames.COVERS.dump_json(part))
        else:
            _send(b"P", frames.PAGES.dump_json(part))
        _allow(min(task.limits.page_seconds, deadline - time.monotonic()))


def _allow(seconds: float) -> None:
    """Let the kernel end this process when the next page is not done in time."""
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))


def _outcome(status: int) -> frames.Outcome:
    if os.WIFSIGNALED(status):
        return _SIGNALS.get(os.WTERMSIG(status), "crashed")
    code = os.WEXITSTATUS(status)
    return "done" if code == 0 else "out_of_memory" if code == _NO_MEMORY else "crashed"


def _send(kind: bytes, payload: bytes) -> None:
    data = memoryview(frames.frame(kind, payload))
    while data:
        data = data[os.write(1, data) :]


if __name__ == "__main__":
    main()
