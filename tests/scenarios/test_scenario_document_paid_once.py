"""Killed between Claude's reply about a document and the commit of its triage: the reply is paid for once."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from lendgate.client import LendgateClient
from lendgate.store.embedded import EmbeddedPostgres
from tests.scenarios.test_scenario_document_crash import HOLD, LOCK, STUB, WAITING, until
from tests.support.edge_hand import GOOD
from tests.support.served import data_directory, served, speaking_to
from tests.support.standin import served_standin
from tests.support.traces import Records

pytestmark = pytest.mark.live
PAID = "SELECT count(*) FROM lendgate.spend_entry WHERE purpose = 'document' AND subject = %s"
KEPT = "SELECT count(*) FROM lendgate.model_reply WHERE purpose = 'document' AND subject = %s"
READ = """
    SELECT count(*) FROM lendgate.audit_event WHERE kind = 'document.triaged' AND subject = %s
        AND event #>> '{data,second_reading,0,model}' LIKE 'standin-%%'
"""


@pytest.fixture(scope="module")
def standin_url() -> Iterator[str]:
    """A stand-in on a port of this machine."""
    with served_standin() as url:
        yield url


def test_a_reply_that_was_kept_is_used_by_the_service_that_takes_over(standin_url: str) -> None:
    """Held just before the result is stored, killed outright, started again: one entry of the ledger."""
    model = {"ANTHROPIC_API_KEY": "simulated", "LENDGATE_MODEL_BASE_URL": standin_url}
    with (
        data_directory() as directory,
        served(directory, environment=model) as first,
        EmbeddedPostgres(directory / "postgres") as server,
        psycopg.connect(server.url("postgres"), autocommit=True) as connection,
    ):
        with speaking_to(first.worker, first.token) as gate:
            answer = gate.post("/lending-review", content=GOOD, headers={"content-type": "application/json"})
        review_id = answer.json()["review_id"]
        path = directory / "stub.pdf"
        path.write_bytes(STUB)
        records = Records(connection)
        with connection.cursor() as cursor:
            cursor.execute(HOLD)
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        with LendgateClient(first.worker, first.token) as broker:
            document_id = broker.documents.submit(path, application_id=review_id).document_id
        until(WAITING, records, LOCK)
        assert (records.number(PAID, review_id), records.number(KEPT, review_id)) == (1, 1)
        first.kill()
        connection.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))
        connection.execute("DROP FUNCTION public.hold_triage() CASCADE")
        with (
            served(directory, environment=model) as second,
            LendgateClient(second.worker, second.token) as broker,
        ):
            assert broker.documents.wait(document_id, seconds=60).status == "triaged"
        assert (records.number(PAID, review_id), records.number(READ, document_id)) == (1, 1)
