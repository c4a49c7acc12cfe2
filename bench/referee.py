"""What is true of a fleet's records when it has come to rest: nothing lost, nothing doubled, a whole trail.

Law: it looks past row-level security and trusts nothing that the service says about itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import psycopg

from bench.fleet import Fleet
from lendgate.cli.audit import verify_store
from lendgate.settings import service_settings


@dataclass(frozen=True, slots=True)
class Findings:
    """Counts over all that was accepted: all but ``reviews`` and ``paid`` should be 0, ``whole`` true."""

    reviews: int
    lost: int
    doubled: int
    failed: int
    left_over: int
    paid: int
    whole: bool

    def faults(self, most_paid: int) -> list[str]:
        """What should not be, in words."""
        found = [
            f"{number} {name}"
            for name, number in (
                ("lost", self.lost),
                ("doubled", self.doubled),
                ("failed", self.failed),
                ("left over", self.left_over),
            )
            if number
        ]
        too_many = [f"{self.paid} paid calls, {most_paid} allowed"] if self.paid > most_paid else []
        return found + too_many + ([] if self.whole else ["the audit trail does not verify"])


def unfinished(records: psycopg.Connection[psycopg.rows.TupleRow]) -> int:
    """Reviews that have not ended."""
    return _number(records, "SELECT count(*) FROM lendgate.review WHERE status IN ('queued', 'running')")


def held_reviews(records: psycopg.Connection[psycopg.rows.TupleRow]) -> set[UUID]:
    """Reviews that the queue says are in somebody's hands."""
    query = "SELECT args->>'review_id' FROM lendgate_queue.procrastinate_jobs WHERE status = 'doing'"
    return {UUID(found) for (found,) in records.execute(query).fetchall() if found}


def ended(records: psycopg.Connection[psycopg.rows.TupleRow], reviews: set[UUID]) -> bool:
    """Whether all of these have ended."""
    query = "SELECT count(*) FROM lendgate.review WHERE review_id = ANY(%s) AND completed_at IS NULL"
    row = records.execute(query, (list(reviews),)).fetchone()
    return row is not None and row[0] == 0


def judge(fleet: Fleet, answered: Mapping[str, UUID]) -> Findings:
    """Compare what callers were told (their key, the review's id) with what is there."""
    with fleet.records() as records:
        query = "SELECT review_id, status FROM lendgate.review"
        there: dict[UUID, str] = dict(records.execute(query).fetchall())
        twice = """
            SELECT count(*) FROM (
                SELECT subject FROM lendgate.audit_event WHERE kind IN ('review.completed', 'review.failed')
                GROUP BY subject HAVING count(*) > 1
            ) AS doubled
        """
        told_twice = """
            SELECT count(*) FROM (
                SELECT data->>'review_id' FROM lendgate.outbox_event GROUP BY 1 HAVING count(*) > 1
            ) AS doubled
        """
        extra = len(there) - len(set(answered.values()))
        return Findings(
            reviews=len(there),
            lost=sum(there.get(each) not in ("completed", "failed") for each in answered.values()),
            doubled=extra + _number(records, twice) + _number(records, told_twice),
            failed=sum(status == "failed" for status in there.values()),
            left_over=_number(
                records,
                "SELECT count(*) FROM lendgate_queue.procrastinate_jobs WHERE queue_name <> 'periodic:all'",
            ),
            paid=fleet.paid_calls().total(),
            whole=_whole(fleet, records),
        )


def _whole(fleet: Fleet, records: psycopg.Connection[psycopg.rows.TupleRow]) -> bool:
    """Whether every tenant's trail verifies, exported and checked as an auditor would."""
    settings = service_settings(data_dir=fleet.directory)
    tenants = records.execute("SELECT tenant FROM lendgate.audit_head").fetchall()
    return all(asyncio.run(verify_store(settings, tenant)).ok for (tenant,) in tenants)


def _number(records: psycopg.Connection[psycopg.rows.TupleRow], query: str) -> int:
    row = records.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0
