"""``lendgate jobs``: what was set aside is seen, let go again, or ended for good."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from typer.testing import CliRunner, Result

from lendgate.cli.jobs import jobs_app
from tests.support.command import said
from tests.support.traces import Records

MISSING = "987654321"


def jobs(*arguments: str) -> Result:
    return CliRunner().invoke(jobs_app, list(arguments))


def listed(*options: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(jobs("list", "--json", *options).stdout)
    return found


@pytest.fixture(autouse=True)
def _database(service_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENDGATE_DATABASE_URL", service_url)


@pytest.fixture
def records(superuser_url: str) -> Iterator[Records]:
    """The module's tables, with an empty queue."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("DELETE FROM lendgate_queue.procrastinate_jobs")
        yield Records(connection)


def put(records: Records, state: str, subject: str | None = None) -> str:
    """A job of a review; its number."""
    row = records.connection.execute(
        "INSERT INTO lendgate_queue.procrastinate_jobs (queue_name, task_name, lock, args, status, attempts) "
        "VALUES ('bulk:acme', 'review', %s, jsonb_build_object('tenant', 'acme', 'review_id', %s::text), "
        "%s::lendgate_queue.procrastinate_job_status, 3) RETURNING id",
        (f"review:{uuid4()}", subject or str(uuid4()), state),
    ).fetchone()
    assert row is not None
    return str(row[0])


def test_what_was_set_aside_is_listed_with_what_else_there_is(records: Records) -> None:
    """Failed jobs, and how many of each kind there are."""
    failed = put(records, "failed", "r-1")
    put(records, "todo")
    found = listed()
    assert found["counts"] == {"bulk failed": 1, "bulk todo": 1}
    assert found["jobs"] == [
        {
            "job": int(failed),
            "task": "review",
            "queue": "bulk:acme",
            "state": "failed",
            "attempts": 3,
            "not_before": None,
            "about": "review_id=r-1",
        }
    ]
    assert len(listed("--state", "all")["jobs"]) == 2
    assert len(listed("--state", "all", "--limit", "1")["jobs"]) == 1


def test_people_get_a_table(records: Records) -> None:
    """And a sentence when there is nothing."""
    assert "no failed jobs" in jobs("list").stdout
    put(records, "failed")
    answer = jobs("list")
    assert "bulk:acme" in answer.stdout
    assert "bulk failed: 1" in said(answer)


def test_one_job_is_shown(records: Records) -> None:
    """By its number."""
    number = put(records, "todo", "r-2")
    assert "about: review_id=r-2" in jobs("show", number).stdout
    assert json.loads(jobs("show", number, "--json").stdout)["state"] == "todo"


def test_a_failed_job_is_let_go_again(records: Records) -> None:
    """It waits for the next worker."""
    number = put(records, "failed")
    assert jobs("retry", number).exit_code == 0
    assert json.loads(jobs("show", number, "--json").stdout)["state"] == "todo"


def test_a_job_under_way_is_left_alone(records: Records) -> None:
    """Neither tried again nor cancelled: somebody is at it."""
    number = put(records, "doing")
    assert jobs("retry", number).exit_code == 1
    answer = jobs("cancel", number)
    assert answer.exit_code == 1
    assert "a worker is at job" in said(answer)


@pytest.mark.parametrize("command", ["show", "retry", "cancel"])
def test_a_job_that_is_not_there_is_said(command: str, records: Records) -> None:
    """One sentence, exit 1."""
    answer = jobs(command, MISSING)
    assert answer.exit_code == 1
    assert MISSING in said(answer)


def test_a_state_there_is_not_is_wrong_usage(records: Records) -> None:
    """With those there are."""
    answer = jobs("list", "--state", "lost")
    assert answer.exit_code == 2
    assert "failed, todo, doing or all" in said(answer)
