"""Virtual time: an event loop whose clock leaps over every wait. For tests of deadlines and slow servers.

A minute of hanging takes a millisecond and is exactly a minute. Only for what runs in this process: a
socket's answer would be leapt over, too.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Final, TypeVar, TypeVarTuple, Unpack

_Result = TypeVar("_Result")
_Arguments = TypeVarTuple("_Arguments")
_PATIENCE: Final = 0.1


class _Leaping(selectors.SelectSelector):
    """Where another selector would wait, time passes; but not while a thread works."""

    now = 0.0
    threads = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if self.threads:
            return super().select(_PATIENCE)
        if timeout is None:
            return self._woken()
        self.now += timeout
        return ready

    def _woken(self) -> list[tuple[selectors.SelectorKey, int]]:
        """Nothing is due, ever: only another thread could still wake us."""
        ready = super().select(_PATIENCE)
        if not ready:
            raise RuntimeError("every task waits for something that will never happen")
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time, which begins at 0."""

    def __init__(self) -> None:
        self._leaping = _Leaping()
        super().__init__(self._leaping)

    def time(self) -> float:
        return self._leaping.now

    def run_in_executor(
        self,
        executor: Executor | None,
        func: Callable[[Unpack[_Arguments]], _Result],
        *args: *_Arguments,
    ) -> asyncio.Future[_Result]:
        future = super().run_in_executor(executor, func, *args)
        self._leaping.threads += 1
        future.add_done_callback(self._thread_ended)
        return future

    def _thread_ended(self, _future: asyncio.Future[_Result]) -> None:
        self._leaping.threads -= 1


def run(work: Coroutine[object, object, _Result]) -> _Result:
    """Run to the end in virtual time.

    Raises:
        RuntimeError: every task waits for something that will never happen.
    """
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
