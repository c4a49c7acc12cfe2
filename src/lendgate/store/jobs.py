"""The queue's rows: jobs put in with the change that needs them, and taken by workers one at a time.

Law: a job names its tenant and a record by id and holds nothing else about anybody. It is put in, and where
that can be taken out, by the transaction of the change it belongs to (``put``, ``reviews``). Only the worker
that holds a job may end it or hand it back: one that was taken for dead finds that it holds nothing.
The tables are those of the engine (Procrastinate), whose own SQL functions are used where they fit.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from lendgate.store.database import Connection, Database, Transaction

Lane = Literal["interactive", "webhooks", "documents", "periodic", "bulk"]
State = Literal["todo", "doing", "succeeded", "failed", "cancelled", "aborting", "aborted"]
PRIORITIES: Final[Mapping[Lane, int]] = {
    "interactive": 30,
    "webhooks": 20,
    "documents": 15,
    "periodic": 10,
    "bulk": 0,
}
"""Work is taken in this order, whoever it is for; within a lane the tenants take turns."""

_PUT: Final = """
    INSERT INTO lendgate_queue.procrastinate_jobs (
        queue_name, task_name, priority, lock, args, status, worker_id
    ) VALUES (
        %(queue)s, %(task)s, %(priority)s, %(lock)s, %(arguments)s,
        %(state)s::lendgate_queue.procrastinate_job_status, %(worker)s
    )
"""
_PERIODIC: Final = """
    SELECT lendgate_queue.procrastinate_defer_periodic_job_v2(%s, NULL, NULL, %s, %s, '', %s, %s)
"""
_FETCH: Final = """
    SELECT id, task_name AS task, queue_name AS queue, priority, lock, args AS arguments,
           status::text AS state, attempts, scheduled_at AS due
    FROM lendgate_queue.fetch_in_turn(%s, %s) WHERE id IS NOT NULL
"""
_TEND: Final = "SELECT known, ids, locks, taken FROM lendgate_queue.tend(%s, %s, %s)"
_FINISH: Final = """
    DELETE FROM lendgate_queue.procrastinate_jobs WHERE id = %s AND status = 'doing' AND worker_id = %s
"""
_END: Final = """
    DELETE FROM lendgate_queue.procrastinate_jobs WHERE lock = %s AND status = 'doing' AND worker_id = %s
"""
_SET_ASIDE: Final = """
    UPDATE lendgate_queue.procrastinate_jobs SET status = 'failed', attempts = attempts + 1
    WHERE id = %s AND status = 'doing' AND worker_id = %s
"""
_RETRY: Final = """
    UPDATE lendgate_queue.procrastinate_jobs
    SET status = 'todo', attempts = attempts + 1, scheduled_at = %s, worker_id = NULL
    WHERE id = %s AND status = 'doing' AND worker_id = %s
"""
# Handed back as it came: an attempt that a stop cut short is no fault of the job.
_HAND_BACK: Final = """
    UPDATE lendgate_queue.procrastinate_jobs SET status = 'todo', worker_id = NULL
    WHERE worker_id = %s AND status = 'doing'
"""
_FORGET: Final = "DELETE FROM lendgate_queue.procrastinate_workers WHERE last_heartbeat < now() - %s"


@dataclass(frozen=True, slots=True)
class NewJob:
    """Work to be done for a tenant: ``subject`` is the id of the record, ``argument`` what the task calls it.

    Two jobs for one task and record are never under way at once.
    """

    lane: Lane
    task: str
    tenant: str
    argument: str
    subject: str

    @property
    def queue(self) -> str:
        """The queue it waits in."""
        return f"{self.lane}:{self.tenant}"

    @property
    def lock(self) -> str:
        """What tells this work apart from all other."""
        return f"{self.task}:{self.subject}"


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands; ``due`` (UTC) is when it may next be taken, None for at once."""

    id: int
    task: str
    queue: str
    priority: int
    lock: str | None
    arguments: Mapping[str, object]
    state: State
    attempts: int
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Tended:
    """What a worker learns when it beats: whether it is still known, what the queue says is in its hands
    (each job's lock, by its id), and how many jobs were taken from the dead.
    """

    known: bool
    held: Mapping[int, str | None]
    taken: int


async def put(tx: Transaction, job: NewJob, worker: int | None = None) -> None:
    """Add a job to what this transaction does: for any worker, or into the hands of this one."""
    await tx.connection.execute(_PUT, job_values(job, worker))


def job_values(job: NewJob | None, worker: int | None) -> dict[str, object]:
    """A job's row as a statement's values; without a job, NULLs.

    A job that is born in a worker's hands wakes nobody, and is nobody else's while the worker lives.
    """
    if job is None:
        names = ("queue", "task", "priority", "lock", "arguments", "state", "worker")
        return dict.fromkeys(names)
    return {
        "queue": job.queue,
        "task": job.task,
        "priority": PRIORITIES[job.lane],
        "lock": job.lock,
        "arguments": Jsonb({"tenant": job.tenant, job.argument: job.subject}),
        "state": "todo" if worker is None else "doing",
        "worker": worker,
    }


async def register_worker(database: Database) -> int:
    """A new worker's number; it counts as alive as long as it beats."""
    async with database.connection() as connection:
        row = await (
            await connection.execute("SELECT lendgate_queue.procrastinate_register_worker_v1()")
        ).fetchone()
    if row is None:
        raise LookupError("the queue gave a new worker no number")
    return int(row[0])


async def unregister_worker(database: Database, worker: int) -> None:
    """Forget a worker that has stopped."""
    async with database.connection() as connection:
        await connection.execute("SELECT lendgate_queue.procrastinate_unregister_worker_v1(%s)", (worker,))


async def forget_workers(database: Database, silence: timedelta) -> int:
    """Forget workers that were silent for so long; what they held is handed back by whoever looks next."""
    async with database.connection() as connection:
        return (await connection.execute(_FORGET, (silence,))).rowcount


async def put_periodic(database: Database, task: str, timestamp: int) -> int | None:
    """Add the job of a task that is due at a Unix time; None when another process has done so."""
    values = ("periodic:all", task, PRIORITIES["periodic"], timestamp, Jsonb({"timestamp": timestamp}))
    async with database.connection() as connection:
        row = await (await connection.execute(_PERIODIC, values)).fetchone()
    return None if row is None or row[0] is None else int(row[0])


async def listen(database: Database) -> AsyncGenerator[None, None]:
    """One turn whenever a job was put in, by any process; the first at once.

    Raises:
        StoreUnavailableError: the database went away; jobs may be put in unheard until you listen again.
    """
    async with database.apart() as connection:
        await connection.execute("LISTEN procrastinate_any_queue_v1")
        yield
        async for _ in connection.notifies():
            yield


async def tend(connection: Connection, worker: int, silence: timedelta, too_many: int) -> Tended:
    """Give a sign of life, and hand back what workers hold that gave none for so long.

    A job that was taken from ``too_many`` workers is set aside as failed.
    """
    row = await (await connection.execute(_TEND, (worker, silence, too_many))).fetchone()
    if row is None:
        raise LookupError("the queue gave no answer")
    known, ids, locks, taken = row
    return Tended(bool(known), dict(zip(ids, locks, strict=True)), int(taken))


async def fetch(database: Database, worker: int, full: Sequence[str] = ()) -> Job | None:
    """Take the next job that is due and is not of a queue (``bulk:acme``) or lane (``bulk:``) in ``full``."""
    patterns = [_pattern(name) for name in full]
    async with database.connection() as connection:
        cursor = connection.cursor(row_factory=class_row(Job))
        return await (await cursor.execute(_FETCH, (worker, patterns))).fetchone()


def _pattern(name: str) -> str:
    """For LIKE: exactly this queue, or every queue of this lane."""
    return name.replace("_", r"\_") + ("%" if name.endswith(":") else "")


async def finish(database: Database, worker: int, job_id: int) -> bool:
    """Remove a job that is done. False: this worker does not hold it any more."""
    async with database.connection() as connection:
        return (await connection.execute(_FINISH, (job_id, worker))).rowcount == 1


async def end(tx: Transaction, job: NewJob, worker: int) -> None:
    """Remove the job that a worker holds, in the transaction that ends its work."""
    await tx.connection.execute(_END, (job.lock, worker))


async def set_aside(database: Database, worker: int, job_id: int) -> bool:
    """Keep a job as failed, for a person to look at. False: this worker does not hold it any more."""
    async with database.connection() as connection:
        return (await connection.execute(_SET_ASIDE, (job_id, worker))).rowcount == 1


async def retry(database: Database, worker: int, job_id: int, at: datetime | None) -> bool:
    """Hand a job back to be tried again, at ``at`` (UTC) or at once; counts as an attempt.

    False: this worker does not hold it any more.
    """
    async with database.connection() as connection:
        return (await connection.execute(_RETRY, (at, job_id, worker))).rowcount == 1


async def hand_back(database: Database, worker: int) -> int:
    """Hand back everything that this worker holds, for a stop; says how many jobs."""
    async with database.connection() as connection:
        return (await connection.execute(_HAND_BACK, (worker,))).rowcount
