"""Whatever table is added later: what an erasure does with it was thought of."""

from __future__ import annotations

from typing import Final

import psycopg

KEPT: Final = {
    "lendgate.application": "emptied",
    "lendgate.review": "emptied",
    "lendgate.review_progress": "states and times",
    "lendgate.audit_event": "holds nothing personal, and is never changed",
    "lendgate.audit_head": "",
    "lendgate.audit_checkpoint": "",
    "lendgate.data_key": "keys",
    "lendgate.sealing_progress": "",
    "lendgate.outbox_event": "ids and codes; goes after a month",
    "lendgate.webhook_endpoint": "the tenant's own addresses",
    "lendgate.webhook_delivery": "goes with its event",
    "lendgate.spend_day": "sums",
    "lendgate.spend_subject": "sums",
    "lendgate.spend_entry": "sums",
    "lendgate.policy_pack": "what was applied, of nobody",
    "lendgate.intake_message": "goes with its session",
    "lendgate.inspection": "goes with its document",
    "lendgate.document_doubt": "goes with its document",
    "lendgate.document_verdict": "goes with its document",
    "lendgate.memo_revision": "goes with its review, by a trigger",
}
"""Tables that an erasure does not delete from, and why not."""


def test_an_erasure_deals_with_every_table(superuser_url: str) -> None:
    """Each of a tenant's tables is deleted from by ``lendgate.erase_application``, or said above to stay."""
    with psycopg.connect(superuser_url) as looking:
        tables = looking.execute(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
            "WHERE a.attname = 'tenant' AND c.relkind IN ('r', 'p') "
            "AND c.relnamespace::regnamespace::text LIKE 'lendgate%'"
        ).fetchall()
        row = looking.execute(
            "SELECT pg_get_functiondef('lendgate.erase_application(uuid, timestamptz)'::regprocedure)"
        ).fetchone()
    assert row is not None
    deleted = {name for (name,) in tables if f"DELETE FROM {name} " in row[0]}
    assert {name for (name,) in tables} == deleted | set(KEPT) | {"lendgate.legal_hold"}
    assert not deleted & set(KEPT)
