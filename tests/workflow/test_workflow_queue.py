"""The queue at work: on the real engine and database, what is put in is done once, whatever happens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from lendgate.store import job_list, jobs
from lendgate.store.database import Database
from lendgate.store.jobs import Lane, NewJob
from lendgate.workflow import queue as queue_module
from lendgate.workflow.load import Load
from lendgate.workflow.queue import AgainError, Periodic, Queue, Run, SetAsideError, Task
from lendgate.workflow.station import Station
from tests.support.waiting import until

pytestmark = pytest.mark.anyio
PRIVATE = "income of Jane Roe"


@pytest.fixture(autouse=True)
def emptied(superuser_url: str) -> None:
    """Each test begins with an empty queue."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("DELETE FROM lendgate_queue.procrastinate_jobs")


async def put(database: Database, number: int = 1, tenant: str = "acme", lane: Lane = "bulk") -> list[str]:
    """Put reviews in; their ids."""
    subjects = [str(uuid4()) for _ in range(number)]
    for subject in subjects:
        async with database.tenant(tenant) as tx:
            await jobs.put(tx, NewJob(lane, "review", tenant, "review_id", subject))
    return subjects


@asynccontextmanager
async def working(
    database: Database, task: Task, *periodic: Periodic, load: Load | None = None, grace: float = 5
) -> AsyncIterator[Queue]:
    """A worker whose reviews are this task."""
    async with Station(database, silence=timedelta(seconds=2), beat_seconds=0.2) as station:
        queue = Queue(database, station, load or Load(8, 8), {"review": task}, periodic, grace_seconds=grace)
        queue.start()
        try:
            yield queue
        finally:
            await queue.stop()


class Diary:
    """A task that writes down what it was given, and does what it is told."""

    def __init__(self, then: Callable[[Run], Awaitable[bool]] | None = None) -> None:
        self.runs: list[Run] = []
        self.then = then

    async def __call__(self, run: Run) -> bool:
        self.runs.append(run)
        return await self.then(run) if self.then else False

    @property
    def subjects(self) -> list[object]:
        return [run.arguments["review_id"] for run in self.runs]


async def empty(database: Database) -> bool:
    return await job_list.count_jobs(database) == {}


async def test_what_was_put_in_before_and_after_is_done_once(database: Database) -> None:
    """A worker takes up what waits, and hears of what comes."""
    diary = Diary()
    before = await put(database, 20)
    async with working(database, diary):
        await until(lambda: empty(database))
        after = await put(database, 20)
        await until(lambda: empty(database))
    assert sorted(map(str, diary.subjects)) == sorted(before + after)


async def test_two_workers_share_what_there_is(database: Database) -> None:
    """Each job is done by one of them."""
    first, second = Diary(), Diary()
    subjects = await put(database, 60)
    async with working(database, first), working(database, second):
        await until(lambda: empty(database))
    assert sorted(map(str, first.subjects + second.subjects)) == sorted(subjects)


async def test_a_job_that_ended_with_its_work_is_not_ended_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task says that the transaction of its work has removed the job: one statement less."""
    finished: list[int] = []

    async def ends(run: Run) -> bool:
        async with database.tenant("acme") as tx:
            query = "DELETE FROM lendgate_queue.procrastinate_jobs WHERE lock = %s"
            await tx.connection.execute(query, (run.lock,))
        return True

    async def finish(_database: Database, _worker: int, job_id: int) -> bool:
        finished.append(job_id)
        return True

    monkeypatch.setattr(jobs, "finish", finish)
    await put(database, 3)
    async with working(database, ends):
        await until(lambda: empty(database))
    assert finished == []


async def test_again_means_again_after_the_wait(database: Database) -> None:
    """With the number of tries before it, until it is done."""

    async def third_time(run: Run) -> bool:
        if run.attempts < 2:
            raise AgainError(0.01)
        return False

    diary = Diary(third_time)
    await put(database)
    async with working(database, diary):
        await until(lambda: empty(database))
    assert [run.attempts for run in diary.runs] == [0, 1, 2]


@pytest.mark.parametrize("error", [SetAsideError(PRIVATE), ValueError(PRIVATE), TimeoutError(PRIVATE)])
async def test_what_cannot_be_done_is_set_aside_and_its_words_are_not_logged(
    error: Exception, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Failed, for a person to look at; let go again, it is tried again."""

    async def breaks(run: Run) -> bool:
        if len(diary.runs) == 1:
            raise error
        return False

    diary = Diary(breaks)
    await put(database)
    with caplog.at_level(logging.DEBUG):
        async with working(database, diary):
            await until(lambda: any_failed(database))
            (failed,) = await job_list.list_jobs(database, "failed", 10)
            assert await job_list.try_again(database, failed.id)
            await until(lambda: empty(database))
    if not isinstance(error, SetAsideError):
        assert PRIVATE not in caplog.text


async def any_failed(database: Database) -> bool:
    return bool(await job_list.list_jobs(database, "failed", 1))


async def test_a_stop_finishes_what_is_nearly_done(database: Database) -> None:
    """Within the grace; nothing new is taken meanwhile."""
    go = asyncio.Event()

    async def waits(_run: Run) -> bool:
        await go.wait()
        return False

    diary = Diary(waits)
    await put(database, 2)
    async with working(database, diary, load=Load(1, 1)):
        await until(lambda: asyncio.sleep(0, bool(diary.runs)))
        asyncio.get_running_loop().call_later(0.1, go.set)
    assert len(diary.runs) == 1
    assert await job_list.count_jobs(database) == {("bulk", "todo"): 1}


async def test_a_stop_hands_back_what_takes_too_long(database: Database) -> None:
    """The next worker takes it at once and from the beginning."""

    async def hangs(_run: Run) -> bool:
        await asyncio.Event().wait()
        return False

    hanging, next_one = Diary(hangs), Diary()
    (subject,) = await put(database)
    async with working(database, hanging, grace=0.05):
        await until(lambda: asyncio.sleep(0, bool(hanging.runs)))
    async with working(database, next_one):
        await until(lambda: empty(database))
    assert next_one.subjects == [subject]


async def test_what_a_dead_worker_held_is_taken_over_within_seconds(
    database: Database, superuser_url: str
) -> None:
    """As after kill -9: its number is there, its beat is not."""
    dead = await jobs.register_worker(database)
    (subject,) = await put(database)
    assert await jobs.fetch(database, dead) is not None
    diary = Diary()
    async with working(database, diary):
        await until(lambda: empty(database), seconds=20)  # the test server itself may be seconds old
    assert (diary.subjects, [run.attempts for run in diary.runs]) == ([subject], [1])


async def test_what_the_queue_says_we_hold_and_we_do_not_is_handed_back(database: Database) -> None:
    """As after an answer that got lost on the way: taken for us, and we never knew."""
    async with Station(database, silence=timedelta(days=1), beat_seconds=0.05) as station:
        (subject,) = await put(database)
        assert await jobs.fetch(database, station.worker) is not None
        diary = Diary()
        queue = Queue(database, station, Load(4, 4), {"review": diary})
        queue.start()
        await until(lambda: empty(database))
        await queue.stop()
    assert diary.subjects == [subject]


async def test_what_is_in_hand_is_not_handed_back(database: Database) -> None:
    """However long it takes."""

    async def slow(_run: Run) -> bool:
        await asyncio.sleep(1)
        return False

    diary = Diary(slow)
    await put(database)
    async with working(database, diary):
        await until(lambda: empty(database))
    assert len(diary.runs) == 1


async def test_a_worker_outlives_its_connections(database: Database, superuser_url: str) -> None:
    """Every connection is cut while it works: it goes on, and everything is done once."""

    async def short(_run: Run) -> bool:
        await asyncio.sleep(0.01)
        return False

    diary = Diary(short)
    subjects: list[str] = []
    async with working(database, diary):
        for _ in range(4):
            subjects += await put(database, 10)
            with psycopg.connect(superuser_url, autocommit=True) as attacker:
                attacker.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE usename = 'lendgate_service' AND datname = current_database()"
                )
            await asyncio.sleep(0.05)
        await until(lambda: empty(database), seconds=20)
    assert set(map(str, diary.subjects)) == set(subjects)


async def test_no_tenant_gets_more_than_its_share(database: Database) -> None:
    """Two at a time of one tenant, and the other's are done beside them."""
    now: dict[str, int] = {"big": 0, "small": 0}
    most = dict(now)

    async def counted(run: Run) -> bool:
        tenant = str(run.arguments["tenant"])
        now[tenant] += 1
        most[tenant] = max(most[tenant], now[tenant])
        await asyncio.sleep(0.02)
        now[tenant] -= 1
        return False

    await put(database, 12, tenant="big")
    await put(database, 6, tenant="small")
    async with working(database, Diary(counted), load=Load(8, 2)):
        await until(lambda: empty(database))
    assert most == {"big": 2, "small": 2}


async def test_what_is_due_every_so_often_is_done_by_one(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Two workers, one time: once. What breaks in it is logged by its place and breaks nothing."""
    done: list[int] = []

    async def due() -> None:
        done.append(1)
        raise ValueError(PRIVATE)

    each_second = Periodic("tidy", "* * * * * *", due)
    diary = Diary()
    async with working(database, diary, each_second), working(database, diary, each_second):
        await until(lambda: asyncio.sleep(0, len(done) >= 2))
        await put(database)
        await until(lambda: empty(database))
    with_numbers = [record for record in caplog.records if "tidy failed" in record.getMessage()]
    assert len(with_numbers) == len(done)
    assert PRIVATE not in caplog.text
    assert len(diary.runs) == 1


async def test_a_worker_that_ends_by_itself_begins_again(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever ended the engine's worker, the queue goes on."""
    ended: list[int] = []
    fetch = queue_module._Desk.fetch_job

    async def breaks_once(self: queue_module._Desk, queues: None, worker_id: int) -> object:
        if not ended:
            ended.append(1)
            raise RuntimeError(PRIVATE)
        return await fetch(self, queues, worker_id)

    monkeypatch.setattr(queue_module._Desk, "fetch_job", breaks_once)
    diary = Diary()
    await put(database)
    async with working(database, diary):
        await until(lambda: empty(database))
    assert len(diary.runs) == 1
    assert "the worker ended: RuntimeError" in caplog.text
