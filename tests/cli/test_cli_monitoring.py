"""``lendgate monitoring export``: the owner reads what was collected; the service's role reads nothing."""

from __future__ import annotations

import asyncio
import json

import psycopg
import pytest
from typer.testing import CliRunner, Result

from lendgate.cli.monitoring import monitoring_app
from lendgate.store.database import Database
from lendgate.store.monitoring_report import monitoring_of
from lendgate.workflow.accept import Accepted, accept_application
from tests.support.command import said
from tests.support.edge_hand import BROKER, GOOD, metadata_of
from tests.support.keys import DATA_KEY, MASTERS
from tests.support.service import desk_on, now

MONITORED = json.dumps({**json.loads(GOOD), "monitoring": {"applicants": [{"race": ["Asian"]}]}}).encode()


def export(*arguments: str) -> Result:
    return CliRunner().invoke(monitoring_app, ["export", *arguments])


@pytest.fixture
def accepted(service_url: str, monkeypatch: pytest.MonkeyPatch) -> Accepted:
    """An application with monitoring data, of tenant ``local``."""
    monkeypatch.setenv("LENDGATE_DATABASE_URL", service_url)
    monkeypatch.setenv("LENDGATE_DATA_KEY", DATA_KEY.get_secret_value())

    async def accept() -> Accepted:
        async with Database(service_url, size=2, masters=MASTERS) as database:
            return await accept_application(desk_on(database), MONITORED, BROKER, metadata_of(BROKER, now()))

    return asyncio.run(accept())


def test_the_owner_reads_what_was_collected(
    accepted: Accepted, owner_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By application; another tenant's is not among it."""
    monkeypatch.setenv("LENDGATE_DATABASE_OWNER_URL", owner_url)
    lines = {line["application_id"]: line for line in map(json.loads, export().stdout.splitlines())}
    found = lines[str(accepted.application.application_id)]
    assert found["monitoring"]["applicants"][0]["race"] == ["Asian"]
    assert export("--tenant", "rival").stdout == ""


@pytest.mark.usefixtures("accepted")
def test_without_the_owners_url_nothing_is_read() -> None:
    """The service's own URL is no substitute."""
    answer = export()
    assert answer.exit_code == 4
    assert "LENDGATE_DATABASE_OWNER_URL is not set" in said(answer)


@pytest.mark.usefixtures("accepted")
def test_invariant_f_the_services_role_reads_nothing(service_url: str) -> None:
    """Even with this code and the key."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
        list(monitoring_of(service_url, "local", MASTERS))
