"""``python -m bench.workers``: one, two, then four workers share a queue, and one of them is killed.

The reviews are put into the queue first, without anybody to work on them; then the workers are let go, and
the time is taken from the first review that ended to the last. The model takes 50 ms and a worker makes so
many calls at a time that waiting for it, not the machine, is what more workers help against.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg

from bench.fleet import Fleet, fleet, wait_until
from bench.referee import held_reviews, judge, unfinished
from lendgate.analysis.rules import RulesReviewer
from lendgate.bootstrap import audit_keys, master_keys, rulebook_from
from lendgate.claude.ledger import utc_now
from lendgate.cli.settings import with_local_keys
from lendgate.settings import service_settings
from lendgate.store.database import Database
from lendgate.workflow.accept import accept_application
from lendgate.workflow.desk import Desk
from tests.support.edge_hand import metadata_of, principal

_AT_ONCE = 16
_PATIENCE = 600
_HOLD = "UPDATE lendgate_queue.procrastinate_jobs SET scheduled_at = 'infinity'"
_LET_GO = "UPDATE lendgate_queue.procrastinate_jobs SET scheduled_at = NULL WHERE scheduled_at = 'infinity'"
_SPAN = """
    SELECT extract(epoch FROM max(completed_at) - min(completed_at))::float FROM lendgate.review
    WHERE review_id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What so many workers did; ``reviews_a_second`` over the time in which reviews ended."""

    workers: int
    killed: int
    reviews: int
    seconds: float
    reviews_a_second: float
    faults: list[str]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; 0 when nothing was lost or done twice."""
    parser = argparse.ArgumentParser(prog="python -m bench.workers", description=__doc__)
    parser.add_argument("--reviews", type=int, default=2_000, help="reviews in the queue (2000)")
    parser.add_argument("--workers", default="1,2,4", help="how many workers, in turn (1,2,4)")
    parser.add_argument("--model-ms", type=float, default=50, help="what a model call takes (50)")
    parser.add_argument("--model-calls", type=int, default=4, help="model calls of a worker at a time (4)")
    given = parser.parse_args(arguments)
    rows = []
    for number in map(int, given.workers.split(",")):
        for killed in (0, 1) if number > 1 else (0,):
            rows.append(_measure(given.reviews, number, killed, given.model_ms, given.model_calls))
            sys.stderr.write(f"{rows[-1]}\n")
    print(json.dumps([asdict(row) for row in rows]))
    return 1 if any(row.faults for row in rows) else 0


def _measure(reviews: int, workers: int, killed: int, model_ms: float, model_calls: int) -> Row:
    """Fill a queue, let the workers go, kill some on the way."""
    Path(".lendgate").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="workers-", dir=".lendgate") as name:
        Path(name).chmod(0o755)  # PostgreSQL's account has to enter it
        directory = Path(name).resolve()
        with fleet(directory, model_ms=model_ms, hands=_AT_ONCE, model_calls=model_calls) as ships:
            put_in = asyncio.run(_fill(ships, reviews))
            with ships.records() as records:
                records.execute(_HOLD)
                members = [ships.begin("worker") for _ in range(workers)]
                for member in members:
                    ships.ready(member)
                records.execute(_LET_GO)
                if killed:
                    wait_until(lambda: unfinished(records) < reviews * 0.7, _PATIENCE)
                    ships.kill(members[0])
                wait_until(lambda: unfinished(records) == 0 and not held_reviews(records), _PATIENCE)
                seconds = _span(records, put_in)
            ships.stop()
            found = judge(ships, {str(each): each for each in put_in})
            most_paid = reviews + killed * model_calls
            return Row(workers, killed, reviews, seconds, reviews / seconds, found.faults(most_paid))


async def _fill(ships: Fleet, reviews: int) -> list[UUID]:
    """Accept so many applications into the queue."""
    settings = with_local_keys(service_settings(data_dir=ships.directory))
    audit_key = audit_keys(settings)[0]
    async with Database(ships.postgres.service_url, size=_AT_ONCE, masters=master_keys(settings)) as database:
        desk = Desk(database, rulebook_from(settings), RulesReviewer(), audit_key, utc_now, uuid.uuid4)
        turns = asyncio.Semaphore(_AT_ONCE)

        async def accept(number: int) -> UUID:
            caller = principal(f"tenant-{number % 4}", "broker-1")
            body = json.dumps({"applicant_id": f"W-{number}", "income": 90000, "debt_to_income": 0.2})
            async with turns:
                metadata = metadata_of(caller, datetime.now(UTC))
                accepted = await accept_application(desk, body.encode(), caller, metadata, lane="bulk")
            return UUID(accepted.review.review_id)

        return await asyncio.gather(*map(accept, range(reviews)))


def _span(records: psycopg.Connection[psycopg.rows.TupleRow], reviews: list[UUID]) -> float:
    row = records.execute(_SPAN, (reviews,)).fetchone()
    return float(row[0]) if row else 0.0


if __name__ == "__main__":
    sys.exit(main())
