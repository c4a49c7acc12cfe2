"""Referrals in the store: one version after the other, each with its event, and no two at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from lendgate.decision.refusals import DecisionRefusedError
from lendgate.errors import NotFoundError
from lendgate.review.lease import LEASE
from lendgate.review.refusals import HeldError, StaleError, VerdictRefusedError
from lendgate.schema import RequestedItem
from lendgate.schema.requests import ReferralDocumentRequests, RequestedDocument
from lendgate.store.referrals import load_referral
from lendgate.store.reviews import load_review_for_work
from lendgate.workflow.desk import Desk
from lendgate.workflow.referrals import (
    ask_for_person,
    assign_referral,
    claim_referral,
    note_conditions,
    release_referral,
    request_documents,
    requested_documents,
)
from lendgate.workflow.verdicts import decide_referral
from tests.review.builders import verdict
from tests.support.service import now
from tests.support.traces import Records
from tests.workflow.conftest import AcceptOne
from tests.workflow.decisions import read, referred

pytestmark = pytest.mark.anyio


async def test_every_change_is_the_next_version_with_its_event(
    desk: Desk, accept_one: AcceptOne, records: Records
) -> None:
    """Claim, conditions, documents, release, assign: as stored, and as the audit trail tells."""
    one = await referred(desk, accept_one)
    one = await claim_referral(desk, read(one))
    one = await note_conditions(desk, read(one), [RequestedItem(text="Proof of insurance")])
    one = await request_documents(desk, read(one), [RequestedItem(text="A W-2", document="w2")])
    one = await release_referral(desk, read(one))
    one = await assign_referral(desk, read(one), "bo")
    async with desk.database.tenant("acme") as tx:
        assert await load_referral(tx, UUID(one.referral_id)) == one
    assert (one.version, one.assigned_to, one.state) == (6, "bo", "waiting")
    told = records.connection.execute(
        "SELECT kind, event #>> '{actor}' FROM lendgate.audit_event WHERE subject = %s ORDER BY seq",
        (one.referral_id,),
    ).fetchall()
    assert {actor for _, actor in told} == {"underwriter:ada"}
    assert [kind.partition(".")[2] for kind, _ in told] == [
        "claimed",
        "conditions_added",
        "documents_requested",
        "released",
        "assigned",
    ]


async def test_what_people_wrote_is_sealed(desk: Desk, accept_one: AcceptOne, records: Records) -> None:
    """Neither a condition nor a written reason lies open in any table."""
    one = await referred(desk, accept_one)
    one = await note_conditions(desk, read(one), [RequestedItem(text="Letter about Zanzibar")])
    said = verdict("approve", reason="Because of Timbuktu, in short.", override_codes=["policy_exception"])
    one = (await decide_referral(desk, read(one), said)).referral
    await decide_referral(desk, read(one, "bo"), said)
    everything = records.everything()
    assert one.referral_id in everything
    assert [word for word in ("Zanzibar", "Timbuktu") if word in everything] == []


async def test_a_stale_change_changes_nothing(desk: Desk, accept_one: AcceptOne) -> None:
    """Whoever read an earlier version reads again."""
    one = await referred(desk, accept_one)
    await claim_referral(desk, read(one))
    with pytest.raises(StaleError):
        await release_referral(desk, read(one))
    with pytest.raises(StaleError):
        await decide_referral(desk, read(one), verdict())


async def test_a_held_referral_is_the_holders_until_the_lease_ends(desk: Desk, accept_one: AcceptOne) -> None:
    """By the clock of the desk."""
    one = await claim_referral(desk, read(await referred(desk, accept_one)))
    with pytest.raises(HeldError):
        await claim_referral(desk, read(one, "bo"))
    later = replace(desk, now=lambda: now() + LEASE)
    assert (await claim_referral(later, read(one, "bo"))).held_by == "bo"


async def test_two_who_claim_one_version_are_told_apart(desk: Desk, accept_one: AcceptOne) -> None:
    """At the same moment, over and over: one has it, the other hears that it is stale."""
    for _ in range(10):
        one = await referred(desk, accept_one)
        answers = await asyncio.gather(
            claim_referral(desk, read(one, "ada")),
            claim_referral(desk, read(one, "bo")),
            return_exceptions=True,
        )
        assert sorted(type(answer).__name__ for answer in answers) == ["Referral", "StaleError"]


async def test_another_tenants_referral_is_not_there(desk: Desk, accept_one: AcceptOne) -> None:
    """Knowing the id is no help, and neither is an id of nothing."""
    one = await referred(desk, accept_one)
    for stranger in (read(one, tenant="other"), replace(read(one), referral_id=uuid4())):
        with pytest.raises(NotFoundError):
            await claim_referral(desk, stranger)


async def test_somebody_who_asks_for_a_person_joins_the_open_referral(
    desk: Desk, accept_one: AcceptOne
) -> None:
    """One open case a review; after a decision it is a case of its own."""
    one = await referred(desk, accept_one)
    review_id = UUID(one.review_id)

    async def ask() -> str:
        async with desk.database.tenant("acme") as tx:
            stored = await load_review_for_work(tx, review_id)
            assert stored is not None
            return (await ask_for_person(tx, desk, stored, "broker:broker-1")).referral_id

    assert await ask() == one.referral_id
    with pytest.raises(StaleError):
        await decide_referral(desk, read(one), verdict())  # ada has not read what was asked
    await decide_referral(desk, replace(read(one), version=2), verdict())
    again = await ask()
    assert again != one.referral_id
    async with desk.database.tenant("acme") as tx:
        opened = await load_referral(tx, UUID(again))
    assert opened is not None
    assert (opened.cause, opened.state) == ("person_request", "open")


async def test_what_may_not_go_out_is_not_asked_for(desk: Desk, accept_one: AcceptOne) -> None:
    """The linter stands before the store."""
    one = await referred(desk, accept_one)
    with pytest.raises(DecisionRefusedError, match="may not be told outside"):
        await request_documents(desk, read(one), [RequestedItem(text="Proof that the W-2 is not forged")])


def test_documents_are_asked_for_by_their_plain_names() -> None:
    """With what the underwriter adds; one of no known type needs words."""
    body = ReferralDocumentRequests(
        documents=[RequestedDocument(type="bank_statement", note="March"), RequestedDocument(type="w2")]
    )
    assert [item.text for item in requested_documents(body)] == ["A bank statement: March", "A W-2"]
    with pytest.raises(VerdictRefusedError, match="which document"):
        requested_documents(ReferralDocumentRequests(documents=[RequestedDocument(type="other")]))
