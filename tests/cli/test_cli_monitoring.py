"""``lendgate monitoring``: the owner reads and renews what was collected; the service neither."""

from __future__ import annotations

import asyncio
import json

import psycopg
import pytest
from typer.testing import CliRunner, Result

from lendgate.cli.keys import keys_app
from lendgate.cli.monitoring import monitoring_app
from lendgate.store.database import Database
from lendgate.store.monitoring_report import monitoring_of
from lendgate.workflow.accept import Accepted, accept_application
from tests.support.command import said
from tests.support.edge_hand import BROKER, GOOD, metadata_of
from tests.support.keys import DATA_KEY, MASTERS
from tests.support.service import desk_on, now

MONITORED = json.dumps({**json.loads(GOOD), "monitoring": {"applicants": [{"race": ["Asian"]}]}}).encode()


TWO_HOURS_AGO = """
    UPDATE lendgate.data_key SET created_at = created_at - interval '2 hours',
        seals_from = seals_from - interval '2 hours'
"""
SEALED_WITH = """
    SELECT count(*), count(*) FILTER (WHERE substring(document_sealed FROM 2 FOR 16) = uuid_send((
        SELECT key_id FROM lendgate.data_key WHERE purpose = 'monitoring' ORDER BY seals_from DESC LIMIT 1
    ))) FROM lendgate_monitoring.monitoring
"""


def export(*arguments: str) -> Result:
    return CliRunner().invoke(monitoring_app, ["export", *arguments])


def renew() -> Result:
    return CliRunner().invoke(monitoring_app, ["renew"])


def standing() -> dict[str, object]:
    """What `lendgate keys progress` says of monitoring data."""
    lines = json.loads(CliRunner().invoke(keys_app, ["progress", "--json"]).stdout)
    (found,) = [line for line in lines if line["place"] == "monitoring.document_sealed"]
    return {name: found[name] for name in ("state", "left_behind")}


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


def test_the_owner_seals_it_anew_once_a_new_key_is_settled(
    accepted: Accepted, owner_url: str, superuser_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not before the hour is over; then every row, once, those of before that lay in the open, too."""
    monkeypatch.setenv("LENDGATE_DATABASE_OWNER_URL", owner_url)
    before = export().stdout
    with psycopg.connect(superuser_url, autocommit=True) as looking:
        opened = (before.splitlines()[0], str(accepted.application.application_id))
        looking.execute(
            "UPDATE lendgate_monitoring.monitoring SET document = (%s::json)->'monitoring', "
            "document_sealed = NULL WHERE application_id <> %s",
            opened,
        )
        assert CliRunner().invoke(keys_app, ["rotate", "--renew"]).exit_code == 0
        assert "0 rows sealed anew" in said(renew())
        assert standing() == {"state": "waits", "left_behind": 0}
        looking.execute(TWO_HOURS_AGO)
        rows, _ = looking.execute(SEALED_WITH).fetchone() or (0, 0)
        assert f"{rows} rows sealed anew" in said(renew())
        assert looking.execute(SEALED_WITH).fetchone() == (rows, rows)
    assert standing() == {"state": "done", "left_behind": 0}
    assert "0 rows sealed anew" in said(renew())
    assert export().stdout.count('"Asian"') == before.count('"Asian"')


@pytest.mark.usefixtures("accepted")
def test_invariant_f_the_service_seals_nothing_anew_here(
    service_url: str, superuser_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its role, given as the owner's by mistake, reads not even what is sealed."""
    monkeypatch.setenv("LENDGATE_DATABASE_OWNER_URL", service_url)
    assert CliRunner().invoke(keys_app, ["rotate", "--renew"]).exit_code == 0
    with psycopg.connect(superuser_url, autocommit=True) as looking:
        looking.execute(TWO_HOURS_AGO)
    assert isinstance(renew().exception, psycopg.errors.InsufficientPrivilege)
