"""Cancelling a job by hand: what it was for ends, too, in a way that its caller hears of.

Law: nothing that was accepted disappears: a cancelled review has failed, with its audit event; a cancelled
delivery was given up. A job that a worker is at is not cancelled.
"""

from __future__ import annotations

from uuid import UUID

from lendgate.errors import LendgateError, NotFoundError
from lendgate.store.job_list import load_job, remove_job
from lendgate.store.jobs import Job
from lendgate.store.outbox import load_delivery, record_attempt
from lendgate.workflow.desk import Desk
from lendgate.workflow.review import give_up, load_accepted


class JobBusyError(LendgateError):
    """A worker is at this job."""


async def cancel_job(desk: Desk, job_id: int) -> None:
    """End what a waiting or failed job was for, and remove the job.

    Raises:
        NotFoundError: there is no such job.
        JobBusyError: a worker is at it.
    """
    job = await load_job(desk.database, job_id)
    if job is None:
        raise NotFoundError(f"there is no job {job_id}")
    if job.state == "doing":
        raise JobBusyError(
            f"a worker is at job {job_id}: it ends by itself, or is handed back when that dies"
        )
    if job.task == "review":
        await _end_review(desk, job)
    elif job.task == "deliver":
        await _end_delivery(desk, job)
    await remove_job(desk.database, job_id)


async def _end_review(desk: Desk, job: Job) -> None:
    tenant, review_id = str(job.arguments["tenant"]), UUID(str(job.arguments["review_id"]))
    accepted = await load_accepted(desk, tenant, review_id)
    if accepted is not None:
        await give_up(desk, accepted)


async def _end_delivery(desk: Desk, job: Job) -> None:
    tenant, delivery_id = str(job.arguments["tenant"]), UUID(str(job.arguments["delivery_id"]))
    async with desk.database.tenant(tenant) as tx:
        delivery = await load_delivery(tx, delivery_id)
        if delivery is not None and delivery.state == "waiting":
            await record_attempt(tx, delivery_id, "failed", desk.now(), "cancelled")
