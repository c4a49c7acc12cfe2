"""The process apart in which triage runs, so that no document slows down or ends the service.

Law: it holds no secret and no connection: its environment is empty, and what it needs it asks this side
for. What it dies of, or is silent about for too long, is a ``TriageBrokenError``, and the next order starts
another one. One order at a time.
"""

from __future__ import annotations

import asyncio
import os
import signal
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from lendgate.documents.limits import Limits
from lendgate.errors import LendgateError
from lendgate.workflow.triage import Order, Outcome, Question, triage_received

if TYPE_CHECKING:
    from lendgate.documents.sandbox import Sandbox

Answer = Callable[[Question], Awaitable[object]]
_SPAWN: Final = get_context("spawn")
_STEP_SECONDS: Final = Limits().file_seconds + 300.0
"""The longest silence: a file is read within its limit, and what follows takes seconds."""


class TriageBrokenError(LendgateError):
    """The process apart died, hung or failed; says where, and nothing of the document."""


@dataclass(frozen=True, slots=True)
class _Failed:
    """What the process says instead of an outcome: the type and place of an error, never its message."""

    place: str


class TriageProcess:
    """A process for triage, started when the first order comes; close it, or use it in ``async with``."""

    def __init__(self, step_seconds: float = _STEP_SECONDS) -> None:
        self._step_seconds = step_seconds
        self._turn = asyncio.Lock()
        self._running: tuple[SpawnProcess, Connection] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The process's id, None while none runs."""
        return self._running[0].pid if self._running else None

    def close(self) -> None:
        """End the process, whatever it is at."""
        if self._running is not None:
            process, connection = self._running
            self._running = None
            process.kill()
            process.join()
            connection.close()

    async def triage(self, order: Order, answer: Answer) -> Outcome:
        """Have an order carried out; ``answer`` is asked for what is needed on the way.

        Raises:
            TriageBrokenError: it did not come to an outcome.
        """
        async with self._turn:
            try:
                return await self._converse(self._connection(), order, answer)
            except BaseException:
                # Whatever ended the conversation: what is left of it must not be taken for the next one's.
                self.close()
                raise

    def _connection(self) -> Connection:
        if self._running is None or not self._running[0].is_alive():
            self.close()
            ours, theirs = _SPAWN.Pipe()
            process = _SPAWN.Process(target=serve, args=(theirs,), daemon=True)
            process.start()
            theirs.close()
            self._running = process, ours
        return self._running[1]

    async def _converse(self, connection: Connection, order: Order, answer: Answer) -> Outcome:
        said: object = order
        while True:
            heard = await asyncio.to_thread(self._exchange, connection, said)
            if isinstance(heard, Outcome):
                return heard
            if isinstance(heard, _Failed):
                raise TriageBrokenError(f"triage failed: {heard.place}")
            if not isinstance(heard, Question):
                raise TriageBrokenError("triage said something of another kind")
            said = await answer(heard)

    def _exchange(self, connection: Connection, said: object) -> object:
        try:
            connection.send(said)
            if not connection.poll(self._step_seconds):
                raise TriageBrokenError("triage took too long")
            return connection.recv()
        except (EOFError, OSError) as cause:
            raise TriageBrokenError("the process of triage died") from cause


def serve(connection: Connection) -> None:
    """Carry out orders until the other side is gone: the whole life of the process."""
    from lendgate.documents.sandbox import Sandbox  # noqa: PLC0415 - the libraries that open files load here

    os.environ.clear()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is the service's to act on
    with Sandbox() as sandbox, suppress(EOFError, OSError):
        while True:
            order = connection.recv()
            connection.send(_carried_out(order, connection, sandbox))


def _carried_out(order: Order, connection: Connection, sandbox: Sandbox) -> Outcome | _Failed:
    def ask(question: Question) -> object:
        connection.send(question)
        return connection.recv()

    try:
        return triage_received(order, ask, sandbox)
    except (EOFError, OSError):
        raise
    except Exception as error:  # noqa: BLE001 - its message may quote the document, so it must not get out
        places = traceback.extract_tb(error.__traceback__)
        return _Failed(f"{type(error).__qualname__} at {places[-1].name}:{places[-1].lineno}")
