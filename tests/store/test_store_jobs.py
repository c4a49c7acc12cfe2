"""The queue: a job is kept with its change, is in one worker's hands at a time, and outlives any of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from uuid import uuid4

import procrastinate
import psycopg
import pytest

from lendgate.store import job_list, jobs
from lendgate.store.database import Database
from lendgate.store.jobs import Job, Lane, NewJob, Tended
from lendgate.store.migrations import SQL_DIRECTORY

pytestmark = pytest.mark.anyio
SILENCE = timedelta(seconds=30)
SHIPPED = "-- ------------------------------------------------------------------ as shipped\n"


class StopHereError(Exception):
    """A failure before the commit."""


@pytest.fixture(autouse=True)
def emptied(superuser_url: str) -> None:
    """Each test begins with an empty queue of a server that has been up for long enough."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("DELETE FROM lendgate_queue.procrastinate_jobs")
        connection.execute("DELETE FROM lendgate_queue.procrastinate_workers")


def job(lane: Lane = "bulk", tenant: str = "acme", subject: str | None = None) -> NewJob:
    return NewJob(lane, "review", tenant, "review_id", subject or str(uuid4()))


async def put(database: Database, *new: NewJob, worker: int | None = None) -> None:
    for each in new:
        async with database.tenant(each.tenant) as tx:
            await jobs.put(tx, each, worker)


async def taken(database: Database, worker: int, *full: str) -> Job:
    found = await jobs.fetch(database, worker, full)
    assert found is not None
    return found


def silence(superuser_url: str, worker: int, seconds: int) -> None:
    """As if the worker had beaten last so long ago."""
    with psycopg.connect(superuser_url) as connection:
        connection.execute(
            "UPDATE lendgate_queue.procrastinate_workers "
            "SET last_heartbeat = now() - make_interval(secs => %s) WHERE id = %s",
            (seconds, worker),
        )


async def tended(
    database: Database, worker: int, silence: timedelta = timedelta(days=999), too_many: int = 5
) -> Tended:
    """One beat of a worker, that takes from nobody unless told to."""
    async with database.connection() as connection:
        return await jobs.tend(connection, worker, silence, too_many)


async def held(database: Database, worker: int) -> Mapping[int, str | None]:
    return (await tended(database, worker)).held


async def take_over(database: Database, superuser_url: str, too_many: int = 5) -> int:
    """What a bystander takes from the silent, on a server that has been up for long."""
    bystander = await jobs.register_worker(database)
    # The test server may have started a moment ago, and excuses everybody then: any silence will do.
    return (await tended(database, bystander, min(SILENCE, uptime(superuser_url) / 2), too_many)).taken


def uptime(superuser_url: str) -> timedelta:
    with psycopg.connect(superuser_url) as connection:
        row = connection.execute("SELECT now() - pg_postmaster_start_time()").fetchone()
    return row[0] if row else timedelta()


def test_the_packaged_schema_is_the_engines_own() -> None:
    """An upgrade of the engine that changes its schema is noticed here, and becomes a revision."""
    ours = (SQL_DIRECTORY / "0002_procrastinate.sql").read_text().partition(SHIPPED)[2]
    assert ours == files(procrastinate).joinpath("sql", "schema.sql").read_text()


async def test_a_job_is_kept_with_its_change(database: Database) -> None:
    """A transaction that ends well leaves the job, with what it is about and nothing more."""
    worker = await jobs.register_worker(database)
    new = job()
    await put(database, new)
    found = await taken(database, worker)
    assert (found.task, found.queue, found.lock) == ("review", "bulk:acme", f"review:{new.subject}")
    assert found.arguments == {"tenant": "acme", "review_id": new.subject}
    assert (found.state, found.attempts, found.due) == ("doing", 0, None)


async def test_a_transaction_that_fails_leaves_no_job(database: Database) -> None:
    """Nothing is to be done for what did not happen."""

    async def fail() -> None:
        async with database.tenant("acme") as tx:
            await jobs.put(tx, job())
            raise StopHereError

    with pytest.raises(StopHereError):
        await fail()
    assert await job_list.list_jobs(database, None, 10) == []


async def test_a_job_can_be_born_in_a_workers_hands(database: Database) -> None:
    """Nobody else takes it, and only its holder ends it."""
    mine, other = await jobs.register_worker(database), await jobs.register_worker(database)
    new = job()
    await put(database, new, worker=mine)
    assert await jobs.fetch(database, other) is None
    ((number, lock),) = (await held(database, mine)).items()
    assert lock == new.lock
    assert not await jobs.finish(database, other, number)
    assert await jobs.finish(database, mine, number)
    assert await held(database, mine) == {}


async def test_no_job_goes_to_two_workers(database: Database) -> None:
    """Twenty at once: each job is taken by exactly one."""
    new = [job() for _ in range(40)]
    await put(database, *new)
    workers = [await jobs.register_worker(database) for _ in range(20)]
    found = await asyncio.gather(*(jobs.fetch(database, worker) for worker in workers * 3))
    assert Counter(each.lock for each in found if each) == Counter(each.lock for each in new)


async def test_what_somebody_waits_for_is_taken_first(database: Database) -> None:
    """Interactive, then webhooks, then periodic, then bulk, whatever came first."""
    worker = await jobs.register_worker(database)
    lanes: tuple[Lane, ...] = ("bulk", "periodic", "webhooks", "interactive")
    await put(database, *(job(lane) for lane in lanes))
    found = [(await taken(database, worker)).queue for _ in lanes]
    assert found == ["interactive:acme", "webhooks:acme", "periodic:acme", "bulk:acme"]


async def test_a_long_list_does_not_keep_others_waiting(database: Database) -> None:
    """One tenant's hundred jobs and another's one: the one is taken long before the hundred are done."""
    worker = await jobs.register_worker(database)
    await put(database, *(job(tenant="big") for _ in range(100)), job(tenant="small"))
    queues = [(await taken(database, worker)).queue for _ in range(40)]
    assert "bulk:small" in queues  # the odds of this failing by chance are 1 in 10^12


async def test_work_that_is_under_way_is_not_begun_twice(database: Database) -> None:
    """A second job for the same record waits until the first is done; others are taken meanwhile."""
    worker = await jobs.register_worker(database)
    first, other = job(), job()
    await put(database, first, first, other)
    begun = await taken(database, worker)
    assert (await taken(database, worker)).lock == other.lock
    assert await jobs.fetch(database, worker) is None
    await jobs.finish(database, worker, begun.id)
    assert (await taken(database, worker)).lock == first.lock


async def test_a_full_queue_is_passed_over(database: Database) -> None:
    """A worker that has enough of one tenant takes the others' jobs, or none."""
    worker = await jobs.register_worker(database)
    await put(database, job(tenant="big"), job(tenant="small"))
    assert (await taken(database, worker, "bulk:big")).queue == "bulk:small"
    assert await jobs.fetch(database, worker, ["bulk:big"]) is None
    assert await jobs.fetch(database, worker, ["bulk:"]) is None
    assert (await taken(database, worker, "bulk:b_g", "bulk:bi", "interactive:")).queue == "bulk:big"


async def test_within_a_queue_the_oldest_comes_first(database: Database) -> None:
    """First come, first served, for one tenant."""
    worker = await jobs.register_worker(database)
    new = [job() for _ in range(5)]
    await put(database, *new)
    assert [(await taken(database, worker)).lock for _ in new] == [each.lock for each in new]


async def test_a_retry_waits_until_it_is_due(database: Database) -> None:
    """Not before its time; what is due is taken meanwhile."""
    worker = await jobs.register_worker(database)
    later, now = job(), job()
    await put(database, later)
    first = await taken(database, worker)
    assert await jobs.retry(database, worker, first.id, datetime.now(UTC) + timedelta(hours=1))
    await put(database, now)
    assert (await taken(database, worker)).lock == now.lock
    assert await jobs.fetch(database, worker) is None
    waiting = await job_list.load_job(database, first.id)
    assert waiting is not None
    assert (waiting.state, waiting.attempts) == ("todo", 1)


async def test_a_retry_that_is_due_is_taken(database: Database) -> None:
    """A time that has passed is now."""
    worker = await jobs.register_worker(database)
    await put(database, job())
    first = await taken(database, worker)
    await jobs.retry(database, worker, first.id, datetime.now(UTC) - timedelta(seconds=1))
    assert (await taken(database, worker)).attempts == 1


async def test_what_a_silent_worker_holds_is_taken_from_it(database: Database, superuser_url: str) -> None:
    """After so long without a beat, its jobs go to others; those of a living worker stay."""
    dead, alive = await jobs.register_worker(database), await jobs.register_worker(database)
    left, kept = job(), job()
    await put(database, left, worker=dead)
    await put(database, kept, worker=alive)
    silence(superuser_url, dead, 3600)
    assert await take_over(database, superuser_url) == 1
    assert (await taken(database, alive)).lock == left.lock
    assert kept.lock in (await held(database, alive)).values()


async def test_what_a_forgotten_worker_held_is_taken_too(database: Database, superuser_url: str) -> None:
    """A worker that is not even listed any more is dead."""
    dead, alive = await jobs.register_worker(database), await jobs.register_worker(database)
    left = job()
    await put(database, left, worker=dead)
    silence(superuser_url, dead, 3600)
    assert await jobs.forget_workers(database, SILENCE) == 1
    assert await take_over(database, superuser_url) == 1
    assert (await taken(database, alive)).lock == left.lock


async def test_a_worker_taken_for_dead_changes_nothing_any_more(
    database: Database, superuser_url: str
) -> None:
    """It can neither end nor retry nor set aside what another holds now."""
    slow, other = await jobs.register_worker(database), await jobs.register_worker(database)
    await put(database, job())
    lost = await taken(database, slow)
    silence(superuser_url, slow, 3600)
    await take_over(database, superuser_url)
    assert (await taken(database, other)).id == lost.id
    assert not await jobs.finish(database, slow, lost.id)
    assert not await jobs.retry(database, slow, lost.id, None)
    assert not await jobs.set_aside(database, slow, lost.id)
    assert await jobs.finish(database, other, lost.id)


async def test_a_job_that_takes_every_worker_with_it_is_set_aside(
    database: Database, superuser_url: str
) -> None:
    """Two deaths are bad luck; at the limit the job is failed, for a person to look at."""
    await put(database, job())
    for _ in range(3):
        doomed = await jobs.register_worker(database)
        await taken(database, doomed)
        silence(superuser_url, doomed, 3600)
        await take_over(database, superuser_url, too_many=2)
    assert [each.state for each in await job_list.list_jobs(database, None, 10)] == ["failed"]


async def test_nobody_is_presumed_dead_while_the_server_was_away(
    database: Database, superuser_url: str
) -> None:
    """A server that has just come back has heard from nobody: it waits before it takes anything."""
    dead = await jobs.register_worker(database)
    await put(database, job(), worker=dead)
    silence(superuser_url, dead, 3600 * 24 * 365)
    bystander = await jobs.register_worker(database)
    excused = uptime(superuser_url) + timedelta(minutes=1)
    assert (await tended(database, bystander, excused)).taken == 0


async def test_a_periodic_job_is_put_in_once(database: Database) -> None:
    """By whichever process is first; for the next time anew."""
    worker = await jobs.register_worker(database)
    assert await jobs.put_periodic(database, "tidy", 1_000) is not None
    assert await jobs.put_periodic(database, "tidy", 1_000) is None
    assert await jobs.put_periodic(database, "tidy", 1_060) is not None
    found = await taken(database, worker)
    assert (found.task, found.arguments) == ("tidy", {"timestamp": 1_000})


async def test_whoever_listens_hears_of_new_jobs(database: Database) -> None:
    """At once, and then whenever one is put in."""
    ears = jobs.listen(database)
    await anext(ears)
    await put(database, job())
    async with asyncio.timeout(5):
        await anext(ears)
    await ears.aclose()


async def test_a_worker_that_stops_is_forgotten(database: Database) -> None:
    """At once, not when it has been silent for long."""
    worker = await jobs.register_worker(database)
    await jobs.unregister_worker(database, worker)
    assert not (await tended(database, worker)).known


async def test_a_beat_says_whether_the_worker_is_known(database: Database, superuser_url: str) -> None:
    """One that was forgotten learns of it."""
    worker = await jobs.register_worker(database)
    assert (await tended(database, worker)).known
    silence(superuser_url, worker, 3600)
    await jobs.forget_workers(database, SILENCE)
    assert not (await tended(database, worker)).known


async def test_a_stop_hands_everything_back_as_it_came(database: Database) -> None:
    """The next worker takes it at once, and it counts as no attempt."""
    worker, other = await jobs.register_worker(database), await jobs.register_worker(database)
    await put(database, job(), job())
    await taken(database, worker)
    await taken(database, worker)
    assert await jobs.hand_back(database, worker) == 2
    assert (await taken(database, other)).attempts == 0


async def test_a_failed_job_is_listed_and_tried_again(database: Database) -> None:
    """The dead-letter list: looked at, then let go."""
    worker = await jobs.register_worker(database)
    await put(database, job())
    failed = await taken(database, worker)
    await jobs.set_aside(database, worker, failed.id)
    assert [each.id for each in await job_list.list_jobs(database, "failed", 10)] == [failed.id]
    assert await job_list.count_jobs(database) == {("bulk", "failed"): 1}
    assert await job_list.try_again(database, failed.id)
    assert (await taken(database, worker)).attempts == 0


async def test_a_job_under_way_is_left_alone(database: Database) -> None:
    """The operator neither removes nor restarts what a worker is at."""
    worker = await jobs.register_worker(database)
    await put(database, job())
    doing = await taken(database, worker)
    assert not await job_list.remove_job(database, doing.id)
    assert not await job_list.try_again(database, doing.id)
    await jobs.set_aside(database, worker, doing.id)
    assert await job_list.remove_job(database, doing.id)
    assert await job_list.load_job(database, doing.id) is None
