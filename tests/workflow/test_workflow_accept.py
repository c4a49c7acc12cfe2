"""Accepting: all of it is stored or nothing is, and monitoring data goes its own way."""

from __future__ import annotations

import hashlib
import json
from uuid import UUID

import pytest

from lendgate.errors import InvalidBodyError
from lendgate.store.applications import load_application
from lendgate.workflow.desk import Desk
from lendgate.workflow.review import load_accepted
from tests.support.edge_hand import GOOD
from tests.support.traces import Records
from tests.workflow.conftest import AcceptOne

pytestmark = pytest.mark.anyio
MONITORED = json.dumps({**json.loads(GOOD), "monitoring": {"applicants": [{"race": ["Asian"]}]}}).encode()


async def test_an_accepted_application_is_stored_with_its_queued_review(
    accept_one: AcceptOne, desk: Desk
) -> None:
    """What was accepted reads back as it was; the review is queued and names the request."""
    accepted = await accept_one()
    stored = await load_accepted(desk, "acme", UUID(accepted.review.review_id))
    assert stored is not None
    assert stored == accepted
    assert (accepted.review.status, accepted.review.applicant_id) == ("queued", "TEST-001")
    assert accepted.application.body_sha256 == hashlib.sha256(GOOD).digest()
    assert accepted.review.request_id == accepted.application.request_id


async def test_invariant_e_acceptance_has_its_audit_event(accept_one: AcceptOne, records: Records) -> None:
    """Ids, product and digest; no figure and no person."""
    accepted = await accept_one()
    (row,) = records.connection.execute(
        "SELECT event FROM lendgate.audit_event WHERE subject = %s",
        (str(accepted.application.application_id),),
    ).fetchall()
    assert row[0]["kind"] == "application.accepted"
    assert row[0]["actor"] == "broker:broker-1"
    assert row[0]["data"] == {
        "body_sha256": hashlib.sha256(GOOD).hexdigest(),
        "product": "personal_loan",
        "request_id": accepted.review.request_id,
        "review_id": accepted.review.review_id,
    }


@pytest.mark.parametrize("body", [b"", b"[]", b'{"applicant_id":"A1"}', GOOD + b"x"])
async def test_what_is_no_application_stores_nothing(
    body: bytes, accept_one: AcceptOne, records: Records
) -> None:
    """The refusal comes before the first statement."""
    before = records.stored()
    with pytest.raises(InvalidBodyError):
        await accept_one(body)
    assert records.stored() == before


async def test_invariant_f_monitoring_data_is_stored_apart(
    desk: Desk, accept_one: AcceptOne, records: Records
) -> None:
    """Its own table has it; the application's document does not."""
    accepted = await accept_one(MONITORED)
    ours = (str(accepted.application.application_id),)
    count = "SELECT count(*) FROM lendgate_monitoring.monitoring WHERE application_id = %s"
    assert records.number(count, *ours) == 1
    async with desk.database.tenant("acme") as tx:
        stored = await load_application(tx, accepted.application.application_id)
    assert stored is not None
    assert stored.document == accepted.application.document
    assert "Asian" not in stored.document.model_dump_json()


async def test_invariant_e_acceptance_is_one_transaction(accept_one: AcceptOne, records: Records) -> None:
    """When the last part cannot be stored (monitoring data), nothing of it is."""
    before = records.stored()
    records.connection.execute("REVOKE INSERT ON lendgate_monitoring.monitoring FROM lendgate_service")
    try:
        with pytest.raises(Exception, match="permission denied"):
            await accept_one(MONITORED)
    finally:
        records.connection.execute("GRANT INSERT ON lendgate_monitoring.monitoring TO lendgate_service")
    assert records.stored() == before
