"""The queue as its operator sees it: what waits, what failed, and what to do about one job.

Law: only a job that nobody works on is changed from here.
"""

from __future__ import annotations

from typing import Final, LiteralString

from psycopg.rows import class_row

from lendgate.store.database import Database
from lendgate.store.jobs import Job, State

_JOBS: Final = """
    SELECT id, task_name AS task, queue_name AS queue, priority, lock, args AS arguments,
           status::text AS state, attempts, scheduled_at AS due
    FROM lendgate_queue.procrastinate_jobs
"""
_LIST: Final = (
    _JOBS + "WHERE %(state)s::text IS NULL OR status::text = %(state)s ORDER BY id DESC LIMIT %(limit)s"
)
_ONE: Final = _JOBS + "WHERE id = %(id)s"
_COUNTS: Final = """
    SELECT split_part(queue_name, ':', 1), status::text, count(*) FROM lendgate_queue.procrastinate_jobs
    GROUP BY 1, 2 ORDER BY 1, 2
"""
_RETRY: Final = """
    UPDATE lendgate_queue.procrastinate_jobs SET status = 'todo', scheduled_at = NULL, attempts = 0
    WHERE id = %(id)s AND (status = 'failed' OR (status = 'todo' AND scheduled_at > now()))
"""
_REMOVE: Final = """
    DELETE FROM lendgate_queue.procrastinate_jobs WHERE id = %(id)s AND status IN ('todo', 'failed')
"""


async def list_jobs(database: Database, state: State | None, limit: int) -> list[Job]:
    """The newest jobs, of one state or of all."""
    async with database.connection() as connection:
        cursor = connection.cursor(row_factory=class_row(Job))
        return await (await cursor.execute(_LIST, {"state": state, "limit": limit})).fetchall()


async def load_job(database: Database, job_id: int) -> Job | None:
    """One job."""
    async with database.connection() as connection:
        cursor = connection.cursor(row_factory=class_row(Job))
        return await (await cursor.execute(_ONE, {"id": job_id})).fetchone()


async def count_jobs(database: Database) -> dict[tuple[str, str], int]:
    """How many jobs there are, by lane and state."""
    async with database.connection() as connection:
        rows = await (await connection.execute(_COUNTS)).fetchall()
    return {(lane, state): number for lane, state, number in rows}


async def try_again(database: Database, job_id: int) -> bool:
    """Let a failed job, or one that waits for its next try, be taken at once. False: it is neither."""
    return await _changed(database, _RETRY, job_id)


async def remove_job(database: Database, job_id: int) -> bool:
    """Remove a job that nobody works on. False: there is none, or it is under way."""
    return await _changed(database, _REMOVE, job_id)


async def _changed(database: Database, statement: LiteralString, job_id: int) -> bool:
    async with database.connection() as connection:
        return (await connection.execute(statement, {"id": job_id})).rowcount == 1
