"""The worker of this process, on the engine (Procrastinate): the only room that imports it.

Law: the engine drives: it takes, runs, retries, schedules and stops. Everything it asks of the database
goes through ``_Desk``, which waits for a database that is away, changes only what this process still
holds, and lets tenants take turns. What a task raises never reaches a log: its type and place do.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar, cast

from procrastinate import App, BaseConnector, BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager, NotificationCallback
from procrastinate.types import JSONDict
from procrastinate.worker import Worker

from lendgate.store import jobs
from lendgate.store.database import Database, StoreUnavailableError
from lendgate.workflow.load import Load
from lendgate.workflow.station import Station

_LOG: Final = logging.getLogger("lendgate.workflow")
_POLL_SECONDS: Final = 0.5
_PATIENCE_SECONDS: Final = 0.2
_NEVER: Final = 86_400.0
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Run:
    """One try at a job: its arguments, its lock, and how many tries there were before."""

    arguments: Mapping[str, object]
    lock: str | None
    attempts: int


class AgainError(Exception):
    """What a task raises to be tried again in so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds:.1f} s")
        self.seconds = seconds


class SetAsideError(Exception):
    """What a task raises to be kept as failed, for a person to look at."""


Task = Callable[[Run], Awaitable[bool]]
"""Does a job; True when the transaction that ended its work has removed the job as well."""


@dataclass(frozen=True, slots=True)
class Periodic:
    """A task and when it is due, as cron says it; each time by one process, whichever comes first."""

    name: str
    cron: str
    run: Callable[[], Awaitable[object]]


class Queue:
    """Works off the queue from ``start`` to ``stop``."""

    def __init__(
        self,
        database: Database,
        station: Station,
        load: Load,
        tasks: Mapping[str, Task],
        periodic: Iterable[Periodic] = (),
        *,
        grace_seconds: float = 20.0,
    ) -> None:
        self._desk = _Desk(database, station, load)
        self._app = App(connector=BaseConnector())
        self._app.job_manager = self._desk
        for name, task in tasks.items():
            self._app.task(name=name, pass_context=True, retry=_Retries())(self._runner(task))
        for each in periodic:
            registered = self._app.task(name=each.name, retry=_Retries())(_timed(each))
            self._app.periodic(cron=each.cron)(registered)
        self._hands = load.hands
        self._grace = grace_seconds
        self._worker: Worker | None = None
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to work; needs the running loop."""
        logging.getLogger("procrastinate").setLevel(logging.WARNING)  # two lines a job are too many
        self._running = asyncio.create_task(self._run_on())

    async def stop(self) -> None:
        """Take nothing more, finish what can be finished in time, hand the rest back."""
        self._desk.closing = True
        if self._worker is not None:
            self._worker.stop()  # type: ignore[no-untyped-call]  # the engine's types end here
        if self._running is not None:
            await self._running

    async def _run_on(self) -> None:
        """Run the engine's worker; begin again should it end without having been told to."""
        while not self._desk.closing:
            self._worker = Worker(
                self._app,
                name="lendgate",
                concurrency=self._hands,
                fetch_job_polling_interval=_POLL_SECONDS,
                abort_job_polling_interval=_NEVER,
                update_heartbeat_interval=_NEVER,
                shutdown_graceful_timeout=self._grace,
                install_signal_handlers=False,
            )
            try:
                await self._worker.run()  # type: ignore[no-untyped-call]  # as above
            except Exception as error:  # noqa: BLE001 - whatever ended it, what is in the queue has to go on
                _LOG.error("the worker ended: %s", _place(error))
            if not self._desk.closing:
                await asyncio.sleep(_PATIENCE_SECONDS)

    def _runner(self, task: Task) -> Callable[..., Awaitable[None]]:
        async def run(context: JobContext, **arguments: object) -> None:
            job = context.job
            try:
                ended = await task(Run(arguments, job.lock, job.attempts))
            except (AgainError, SetAsideError):
                raise
            except Exception as error:  # noqa: BLE001 - a task that breaks must not break the worker
                _LOG.error("job %s cannot be done: %s", job.id, _place(error))
                raise SetAsideError(type(error).__name__) from None
            if ended and job.id is not None:
                self._desk.ended.add(job.id)

        return run


class _Retries(BaseRetryStrategy):
    """Again when the task says so, or when a stop cut it short."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        del job
        if isinstance(exception, AgainError):
            return RetryDecision(retry_at=datetime.now(UTC) + timedelta(seconds=exception.seconds))
        return RetryDecision() if isinstance(exception, asyncio.CancelledError) else None


class _Desk(JobManager):
    """All that the engine asks of the database, through our own door."""

    def __init__(self, database: Database, station: Station, load: Load) -> None:
        super().__init__(BaseConnector())
        self.closing = False
        self.bell = asyncio.Event()
        self.ended: set[int] = set()
        """Jobs that went with the transaction that ended their work."""
        self._database = database
        self._station = station
        self._load = load

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        del queues, worker_id
        found = await self._patiently(self._fetch)
        if found is None or found.id is None:
            return None
        self._station.hold(found.id)
        self._load.begin(found.queue)
        return found

    async def _fetch(self) -> Job | None:
        found = await jobs.fetch(self._database, self._station.worker, self._load.full())
        return _of_engine(found) if found else None

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:  # noqa: FBT001 - the engine's signature
        del delete_job
        number = _number(job)
        end = jobs.finish if status is Status.SUCCEEDED else jobs.set_aside
        if number not in self.ended:
            await self._patiently(lambda: end(self._database, self._station.worker, number))
        self._let_go(job)

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        del priority, queue, lock
        number = _number(job)
        await self._patiently(lambda: jobs.retry(self._database, self._station.worker, number, retry_at))
        self._let_go(job)

    async def defer_periodic_job(self, job: Job, periodic_id: str, defer_timestamp: int) -> int | None:
        del periodic_id
        return await self._patiently(
            lambda: jobs.put_periodic(self._database, job.task_name, defer_timestamp)
        )

    async def listen_for_jobs(
        self, *, on_notification: NotificationCallback, queues: Iterable[str] | None = None
    ) -> None:
        del queues
        async with asyncio.TaskGroup() as both:
            both.create_task(self._hear())
            while True:
                await self.bell.wait()
                self.bell.clear()
                await on_notification(channel="", notification={"type": "job_inserted", "job_id": 0})

    async def _hear(self) -> None:
        """Ring when any process puts a job in."""
        while True:
            with suppress(StoreUnavailableError):
                async with aclosing(jobs.listen(self._database)) as turns:
                    async for _ in turns:
                        self.bell.set()
            await asyncio.sleep(_PATIENCE_SECONDS)

    async def register_worker(self) -> int:
        return self._station.worker

    async def unregister_worker(self, worker_id: int) -> None:
        """The station leaves when the process does."""

    async def update_heartbeat(self, worker_id: int) -> None:
        """The station beats."""

    async def prune_stalled_workers(self, seconds_since_heartbeat: float) -> list[int]:
        """The station takes from the dead."""
        del seconds_since_heartbeat
        return []

    async def list_jobs_to_abort_async(self, queue: str | None = None) -> Iterable[int]:
        """A review under way is carried to its end."""
        del queue
        return ()

    def _let_go(self, job: Job) -> None:
        number = _number(job)
        self.ended.discard(number)
        self._station.let_go(number)
        self._load.end(job.queue)
        if self._load.full():
            self.bell.set()  # this may have made room for one that was passed over

    async def _patiently(self, ask: Callable[[], Awaitable[_Result]]) -> _Result | None:
        """Ask until the database is there to answer; None when we are to stop before that."""
        while True:
            try:
                return await ask()
            except StoreUnavailableError:
                if self.closing:
                    return None  # what we hold is taken from us once we are silent
                await asyncio.sleep(_PATIENCE_SECONDS)


def _timed(each: Periodic) -> Callable[..., Awaitable[None]]:
    async def run(timestamp: int) -> None:
        del timestamp
        try:
            await each.run()
        except Exception as error:  # noqa: BLE001 - it is due again soon, and must not end the worker
            _LOG.error("%s failed, and waits for its next time: %s", each.name, _place(error))

    return run


def _of_engine(job: jobs.Job) -> Job:
    return Job(
        id=job.id,
        status=job.state,
        queue=job.queue,
        priority=job.priority,
        lock=job.lock,
        queueing_lock=None,
        task_name=job.task,
        task_kwargs=cast(JSONDict, dict(job.arguments)),
        scheduled_at=job.due,
        attempts=job.attempts,
    )


def _number(job: Job) -> int:
    if job.id is None:
        raise ValueError("a job that was taken has a number")
    return job.id


def _place(error: BaseException) -> str:
    """The type of an error and where it was raised: its message may quote a person's data."""
    places = traceback.extract_tb(error.__traceback__)
    where = f"{places[-1].name}:{places[-1].lineno}" if places else "no frame"
    return f"{type(error).__qualname__} at {where}"
