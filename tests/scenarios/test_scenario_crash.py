"""Invariant i with real processes: killed, stopped and started again, nothing accepted is lost or doubled.

The tests of this file are one story, told in order, on a platform of their own.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest

from lendgate.store.embedded import EmbeddedPostgres
from tests.support.command import json_lines, lendgate
from tests.support.edge_hand import GOOD, JSON
from tests.support.served import Served, data_directory, run, speaking_to, start
from tests.support.traces import Records

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="watches processes through /proc"),
]
REVIEWS = 5
DEADLINE_SECONDS = 20
LOCK = 4_201
HOLD = f"""
    CREATE FUNCTION public.hold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
        $$ BEGIN PERFORM pg_advisory_xact_lock({LOCK}); RETURN NEW; END $$;
    GRANT EXECUTE ON FUNCTION public.hold() TO PUBLIC;
    CREATE TRIGGER hold BEFORE UPDATE ON lendgate.review FOR EACH ROW EXECUTE FUNCTION public.hold();
"""


@dataclass
class Story:
    """What the tests of this file hand on."""

    data_dir: Path
    platform: Served
    accepted: list[str] = field(default_factory=list)

    @contextmanager
    def gate(self) -> Iterator[httpx.Client]:
        """The same broker at whatever gate now runs."""
        with speaking_to(self.platform.worker, self.platform.token) as client:
            yield client

    @contextmanager
    def records(self) -> Iterator[Records]:
        """Its database, while it runs."""
        with (
            EmbeddedPostgres(self.data_dir / "postgres") as server,
            psycopg.connect(server.url("postgres"), autocommit=True) as connection,
        ):
            yield Records(connection)


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    with data_directory() as directory:
        told = Story(directory, start(directory))
        yield told
        if told.platform.process.poll() is None:
            told.platform.terminate()
        if told.platform.process.stdout:
            told.platform.process.stdout.close()


def alive(pid: int) -> bool:
    """Whether a process still does anything."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while any(map(alive, pids)) and time.monotonic() < deadline:
        os.sched_yield()
    return not any(map(alive, pids))


def descendants(pid: int) -> list[int]:
    """Every process below one."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [below for child in map(int, children) for below in (child, *descendants(child))]


def postmaster(story: Story) -> int:
    return int((story.data_dir / "postgres/data/postmaster.pid").read_text().splitlines()[0])


def test_invariant_i_a_killed_service_leaves_its_accepted_reviews_unfinished(story: Story) -> None:
    """Reviews are held just before their result is stored; then the process is killed: none is completed."""
    with story.records() as records, story.gate() as gate:
        with records.connection.transaction(), records.connection.cursor() as cursor:
            cursor.execute(HOLD)
        records.connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        for _ in range(REVIEWS):
            answer = gate.post("/lending-review", content=GOOD, headers=JSON | {"prefer": "wait=0"})
            assert answer.status_code == 202
            story.accepted.append(answer.json()["review_id"])
        worker = descendants(story.platform.process.pid)
        story.platform.kill()
        records.connection.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))
        records.connection.execute("DROP FUNCTION public.hold() CASCADE")
        unfinished = records.number("SELECT count(*) FROM lendgate.review WHERE status = 'queued'")
    assert unfinished == REVIEWS
    assert gone(worker), "a killed service leaves no workerd behind"


def test_invariant_i_a_restart_completes_every_accepted_review_once(story: Story) -> None:
    """The same ids, completed; as many applications and completions as were accepted, and no more."""
    if story.platform.process.stdout:
        story.platform.process.stdout.close()
    story.platform = start(story.data_dir)
    with story.gate() as gate:
        deadline = time.monotonic() + DEADLINE_SECONDS
        for review_id in story.accepted:
            while (answer := gate.get(f"/lending-review/{review_id}")).status_code == 202:
                assert time.monotonic() < deadline, "the review was not taken up"
                time.sleep(0.2)  # as a caller within its limits would ask
            assert answer.json()["status"] == "completed"
            assert answer.json()["recommendation"]["risk"] == "low"
    completed = "SELECT count(*) FROM lendgate.audit_event WHERE kind = 'review.completed'"
    with story.records() as records:
        assert records.stored() == (REVIEWS, REVIEWS)
        assert records.number(completed) == REVIEWS
        assert records.number("SELECT count(DISTINCT subject) FROM lendgate.audit_event") == 2 * REVIEWS


def test_invariant_i_the_trail_is_whole_after_the_crash(story: Story) -> None:
    """Exported from the running platform and verified offline."""
    trail = story.data_dir / "trail.jsonl"
    place = ("--data-dir", str(story.data_dir))
    assert lendgate("audit", "export", "--to", str(trail), *place).exit_code == 0
    (verdict,) = json_lines(lendgate("audit", "verify", str(trail), "--json", *place))
    assert verdict["ok"] is True
    assert verdict["rows"] >= 2 * REVIEWS


def test_a_port_in_use_is_one_clear_sentence(story: Story) -> None:
    """A second service on the first one's port: exit 4 and what to do; the first one does not notice."""
    port = story.platform.origin.rpartition(":")[2]
    second = run("serve", "--port", "0", "--origin-port", port, "--data-dir", str(story.data_dir))
    assert second.returncode == 4
    assert f"cannot listen on 127.0.0.1:{port}" in " ".join(second.stderr.split())
    assert "Traceback" not in second.stderr
    with story.gate() as gate:
        assert gate.get("/readyz").status_code == 200


def test_a_gate_that_dies_ends_the_platform(story: Story) -> None:
    """Without its gate the service is unreachable: it ends with exit 4 and says so, instead of idling."""
    (worker,) = descendants(story.platform.process.pid)
    os.kill(worker, signal.SIGKILL)
    assert story.platform.process.wait(DEADLINE_SECONDS) == 4
    assert "the gate stopped by itself" in story.platform.stderr.read_text()


def test_sigterm_ends_everything_with_exit_code_0(story: Story) -> None:
    """No workerd, no PostgreSQL, no pid file; what was accepted before is still there at the next start."""
    if story.platform.process.stdout:
        story.platform.process.stdout.close()
    story.platform = start(story.data_dir)
    with story.gate() as gate:
        assert gate.get(f"/lending-review/{story.accepted[0]}").status_code == 200
    processes = [*descendants(story.platform.process.pid), postmaster(story)]
    assert story.platform.terminate() == 0
    assert gone(processes)
    assert not (story.data_dir / "postgres/data/postmaster.pid").exists()
