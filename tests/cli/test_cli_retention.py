"""``lendgate retention``: holds and erasures by hand, each with somebody's name on it."""

from __future__ import annotations

import asyncio
import json
from uuid import UUID

import psycopg
import pytest
from typer.testing import CliRunner, Result

from lendgate.cli.retention import retention_app
from lendgate.store.database import Database
from lendgate.workflow.accept import accept_application
from lendgate.workflow.review import carry_out
from tests.support.command import said
from tests.support.edge_hand import BROKER, GOOD, metadata_of
from tests.support.keys import DATA_KEY, MASTERS
from tests.support.service import desk_on, now

NOBODY = "00000000-0000-0000-0000-000000000000"


def retention(*arguments: str) -> Result:
    return CliRunner().invoke(retention_app, list(arguments))


@pytest.fixture(autouse=True)
def _settings(service_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENDGATE_DATABASE_URL", service_url)
    monkeypatch.setenv("LENDGATE_DATA_KEY", DATA_KEY.get_secret_value())


@pytest.fixture
def application(service_url: str, superuser_url: str) -> str:
    """A reviewed application of tenant ``local`` that waits for no underwriter; its id."""

    async def reviewed() -> UUID:
        async with Database(service_url, size=2, masters=MASTERS) as database:
            desk = desk_on(database)
            accepted = await accept_application(desk, GOOD, BROKER, metadata_of(BROKER, now()))
            await carry_out(desk, accepted)
            return accepted.application.application_id

    application_id = asyncio.run(reviewed())
    with psycopg.connect(superuser_url) as administrator:
        administrator.execute("UPDATE lendgate.referral SET state = 'decided' WHERE state <> 'decided'")
    return str(application_id)


def test_a_hold_is_placed_listed_and_lifted(application: str, superuser_url: str) -> None:
    """With the name of whoever said so, in the audit trail, too."""
    assert retention("hold", application, "--reason", "suit", "--by", "counsel").exit_code == 0
    (hold,) = json.loads(retention("holds", "--json").stdout)
    assert (hold["application"], hold["reason"], hold["placed_by"]) == (
        application,
        "suit",
        "operator:counsel",
    )
    held = retention("erase", application, "--because", "never_an_application")
    assert held.exit_code == 1
    assert "under a legal hold" in said(held)
    assert retention("lift", hold["hold"], "--by", "counsel").exit_code == 0
    assert json.loads(retention("holds", "--json").stdout) == []
    with psycopg.connect(superuser_url) as looking:
        found = looking.execute(
            "SELECT kind, event->>'actor' FROM lendgate.audit_event WHERE subject = %s ORDER BY seq",
            (application,),
        ).fetchall()
    assert found[-2:] == [("hold.placed", "operator:counsel"), ("hold.lifted", "operator:counsel")]


def test_an_application_is_erased_once_it_may_be(application: str) -> None:
    """Asked for too early: until when. A mistake: at once. Again: there is none."""
    early = retention("erase", application, "--because", "asked_for")
    assert early.exit_code == 1
    assert "has to be kept until" in said(early)
    assert retention("erase", application, "--because", "never_an_application").exit_code == 0
    again = retention("erase", application, "--because", "never_an_application")
    assert "or it is erased" in said(again)


def test_nothing_is_due_of_what_came_in_today() -> None:
    """And a run by hand erases nothing."""
    assert json.loads(retention("due", "--json").stdout) == []
    assert json.loads(retention("run", "--json").stdout) == {"erased": 0}


@pytest.mark.parametrize(
    "arguments",
    [
        ("hold", NOBODY, "--reason", "suit"),
        ("lift", NOBODY),
        ("erase", NOBODY, "--because", "asked_for"),
    ],
)
def test_what_is_not_there_is_said(arguments: tuple[str, ...]) -> None:
    """No success for nothing done."""
    answer = retention(*arguments)
    assert answer.exit_code == 1
    assert "there is no" in said(answer)


def test_a_reason_that_is_none_is_wrong_usage(application: str) -> None:
    """Why something was erased is one of a few words, for whoever reads the trail."""
    assert retention("erase", application, "--because", "tidying up").exit_code == 2
