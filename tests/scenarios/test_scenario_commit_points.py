"""Killed at every point where something is about to be kept, or has just been: nothing is lost or doubled.

One review a point, all of them held there by the database at the same time; then the process is killed.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, LiteralString
from uuid import UUID

import httpx
import psycopg
import pytest

from bench.fleet import Fleet, fleet, wait_until
from bench.referee import ended, judge
from lendgate.web.signature import Signer
from lendgate.web.signature_base import decode_base64url
from lendgate.web.signature_keys import HmacKey
from tests.support.edge_hand import EdgeHand, as_http, principal
from tests.support.served import data_directory

pytestmark = pytest.mark.live
LOCK: Final = 4_202
WAIT_SECONDS: Final = 30
# Each point is a tenant of its own, whose statements are held there.
POINTS: Final[Mapping[str, LiteralString]] = {
    "key": "BEFORE INSERT ON lendgate.idempotency",
    "accepting": "BEFORE INSERT ON lendgate.application",
    "accepted": "AFTER INSERT ON lendgate.audit_event",
    "begun": "BEFORE UPDATE OF started_at ON lendgate.review",
    "paid": "BEFORE INSERT ON lendgate.model_reply",
    "saved": "AFTER INSERT ON lendgate.model_reply",
    "outcome": "BEFORE UPDATE OF outcome ON lendgate.review",
    "told": "BEFORE INSERT ON lendgate.outbox_event",
    "job": "BEFORE DELETE ON lendgate_queue.procrastinate_jobs",
    "answer": "BEFORE UPDATE ON lendgate.idempotency",
}
QUEUED: Final = "claim"
HOLD: Final = f"""
    CREATE FUNCTION public.hold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        IF current_setting('lendgate.tenant', true) = TG_ARGV[0] OR TG_ARGV[0] = '' THEN
            PERFORM pg_advisory_xact_lock_shared({LOCK});
        END IF;
        RETURN coalesce(NEW, OLD);
    END $$;
    GRANT EXECUTE ON FUNCTION public.hold() TO PUBLIC;
    CREATE TRIGGER hold_claim BEFORE UPDATE ON lendgate_queue.procrastinate_jobs FOR EACH ROW
        WHEN (NEW.queue_name = 'bulk:{QUEUED}' AND NEW.status = 'doing') EXECUTE FUNCTION public.hold('');
"""
WAITING: Final = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"
BUSY: Final = """
    SELECT count(*) FROM pg_stat_activity WHERE usename = 'lendgate_service' AND state <> 'idle'
"""


@dataclass
class Callers:
    """One broker a point; each sends the same request with the same key until it is answered."""

    hands: Mapping[str, EdgeHand]
    answered: dict[str, UUID] = field(default_factory=dict)

    def send(self, point: str, port: int) -> bool:
        """Send a point's request once; whether it was answered."""
        wait = {QUEUED: "wait=0", "answer": "wait=0.001"}.get(point, "wait=20")
        body = json.dumps({"applicant_id": "P-1", "income": 90000, "debt_to_income": 0.2}).encode()
        request = self.hands[point].post(body, idempotency_key="key-1", prefer=wait)
        with suppress(httpx.TransportError), httpx.Client(timeout=WAIT_SECONDS, verify=False) as http:
            answer = http.send(as_http(request, f"http://127.0.0.1:{port}"))
            assert answer.status_code in (200, 202, 409), answer.text
            if answer.is_success:
                self.answered[point] = UUID(answer.json()["review_id"])
        return point in self.answered


@pytest.fixture
def ships() -> Iterator[Fleet]:
    """A fleet without members, its database prepared to hold everything at its point."""
    with (
        data_directory() as directory,
        fleet(directory, model_ms=1, hands=32, model_calls=32, pool=24) as found,
    ):
        with found.records() as records:
            records.execute(HOLD)
            for number, (point, when) in enumerate(POINTS.items()):
                records.execute(
                    f"CREATE TRIGGER hold_{number} {when} FOR EACH ROW "
                    f"EXECUTE FUNCTION public.hold('{point}')"
                )
        yield found


@pytest.fixture
def callers(ships: Fleet) -> Callers:
    """A broker of each point's tenant."""
    key = ships.keys.origin
    signer = Signer(key.key_id, HmacKey(decode_base64url(key.secret)))
    return Callers({point: EdgeHand(signer, principal(point, "broker-1")) for point in (*POINTS, QUEUED)})


def number(records: psycopg.Connection[psycopg.rows.TupleRow], query: LiteralString, *values: object) -> int:
    row = records.execute(query, values).fetchone()
    return int(row[0]) if row else 0


def test_invariant_i_killed_at_every_commit_point_nothing_is_lost_or_doubled(
    ships: Fleet, callers: Callers
) -> None:
    """All eleven held, killed, started again, asked again with the same keys: each carried out once.

    What was saved is not paid again: only a call whose reply was not kept yet is made a second time.
    """
    points = (*POINTS, QUEUED)
    port = ships.start("service").port
    with ships.records() as records:
        records.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        calling = [threading.Thread(target=callers.send, args=(point, port)) for point in points]
        for each in calling:
            each.start()
        wait_until(lambda: number(records, WAITING, LOCK) == len(points), WAIT_SECONDS)
        ships.kill(ships.members[0])
        records.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))
        for each in calling:
            each.join()
        wait_until(lambda: number(records, BUSY) == 0, WAIT_SECONDS)
        records.execute("DROP FUNCTION public.hold() CASCADE")
        assert set(callers.answered) <= {QUEUED}, "whoever was held was not answered"
        port = ships.start("service").port
        for point in points:
            wait_until(lambda point=point: callers.send(point, port), WAIT_SECONDS)  # type: ignore[misc]  # bound now
        wait_until(lambda: ended(records, set(callers.answered.values())), WAIT_SECONDS)
    ships.stop()
    paid = ships.paid_calls()
    by_point = {point: paid[str(review_id)] for point, review_id in callers.answered.items()}
    assert judge(ships, {point: callers.answered[point] for point in points}).faults(len(points) + 2) == []
    assert {point for point, calls in by_point.items() if calls == 2} <= {"paid", "saved"}
    assert max(by_point.values()) <= 2
