"""Verdicts kept: decision, notice, clocks and event in one transaction, and one of two at once."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import replace
from types import MappingProxyType
from uuid import UUID

import psycopg
import pytest

from lendgate.decision.letter import Letter
from lendgate.decision.refusals import DecisionRefusedError
from lendgate.review.refusals import ClosedError, VerdictRefusedError
from lendgate.schema import DecisionAction
from lendgate.schema.referral import Referral
from lendgate.store.clocks import load_clocks
from lendgate.store.decisions import StoredDecision, load_standing
from lendgate.store.referrals import load_referral
from lendgate.workflow.desk import Desk
from lendgate.workflow.verdicts import Record, decide_referral
from tests.review.builders import verdict
from tests.support.traces import Records
from tests.workflow.conftest import AcceptOne
from tests.workflow.decisions import read, referred

pytestmark = pytest.mark.anyio


async def standing(desk: Desk, referral: Referral) -> StoredDecision | None:
    """The decision that stands on a referral's review."""
    async with desk.database.tenant("acme") as tx:
        return await load_standing(tx, UUID(referral.review_id))


async def clocks(desk: Desk, referral: Referral) -> dict[str, bool]:
    """The clocks of a referral's review: by kind, whether they run."""
    async with desk.database.tenant("acme") as tx:
        return {one.kind: one.stopped_at is None for one in await load_clocks(tx, UUID(referral.review_id))}


async def test_a_decline_is_kept_with_its_reasons_and_its_notice(
    desk: Desk, accept_one: AcceptOne, records: Records
) -> None:
    """The audit event covers the very bytes of both."""
    one = await referred(desk, accept_one)
    decided = await decide_referral(desk, read(one), verdict())
    stored = await standing(desk, one)
    assert stored is not None
    assert stored.letter is not None
    assert (stored.decision, decided.referral.state) == (decided.decision, "decided")
    assert [reason.code for reason in stored.decision.reasons] == ["AA09"]
    assert Letter.model_validate_json(stored.letter).form == "C-1"
    row = records.connection.execute(
        "SELECT event::text FROM lendgate.audit_event WHERE subject = %s", (str(stored.decision_id),)
    ).fetchone()
    assert row is not None
    event = json.loads(row[0])
    assert (event["kind"], event["actor"]) == ("decision.made", "underwriter:ada")
    assert event["data"]["body_sha256"] == hashlib.sha256(stored.body).hexdigest()
    assert event["data"]["letter_sha256"] == hashlib.sha256(stored.letter).hexdigest()


@pytest.mark.parametrize(
    ("action", "running"),
    [
        ("decline", {"notify": False}),
        ("withdrawn", {"notify": False}),
        ("counteroffer", {"notify": False, "counteroffer": True, "response": True}),
        ("incomplete", {"notify": False, "response": True}),
    ],
)
async def test_a_decision_turns_the_clocks(
    action: DecisionAction, running: dict[str, bool], desk: Desk, accept_one: AcceptOne
) -> None:
    """What was waited for stops, what is waited for now begins."""
    one = await referred(desk, accept_one)
    codes = ["compensating_factors"] if action == "counteroffer" else None
    said = verdict(action, override_codes=codes)
    decided = await decide_referral(desk, read(one), said)
    if decided.decision is None:
        decided = await decide_referral(desk, read(decided.referral, "bo"), said)
    assert await clocks(desk, one) == running


async def test_above_policy_two_people_decide(desk: Desk, accept_one: AcceptOne, records: Records) -> None:
    """R17: a proposal is no decision; the checker's is, and both are named."""
    one = await referred(desk, accept_one)
    said = verdict("approve", override_codes=["document_evidence"])
    proposed = await decide_referral(desk, read(one, "ada"), said)
    assert (proposed.decision, await standing(desk, one)) == (None, None)
    with pytest.raises(VerdictRefusedError, match="another underwriter"):
        await decide_referral(desk, read(proposed.referral, "ada"), said)
    confirmed = await decide_referral(desk, read(proposed.referral, "bo"), said)
    assert confirmed.decision is not None
    stored = await standing(desk, one)
    assert stored is not None
    record = Record.model_validate_json(stored.record)
    assert (record.maker, record.actor) == ("ada", "underwriter:bo")
    reported = records.number(
        "SELECT count(*) FROM lendgate.audit_event WHERE kind IN ('referral.proposed', 'decision.made') "
        "AND event::jsonb #>> '{data,override_codes,0}' = 'document_evidence'"
    )
    assert reported == 2


async def test_a_later_decision_stands(desk: Desk, accept_one: AcceptOne) -> None:
    """Incomplete first, then declined: the referral waits in between, and both stay on record."""
    one = await referred(desk, accept_one)
    waiting = (await decide_referral(desk, read(one), verdict("incomplete"))).referral
    assert waiting.state == "waiting"
    await decide_referral(desk, read(waiting), verdict())
    stored = await standing(desk, one)
    assert stored is not None
    assert (stored.number, stored.decision.action) == (2, "decline")


async def test_what_is_refused_leaves_nothing(desk: Desk, accept_one: AcceptOne) -> None:
    """No version, no decision: reasons without support, and a lender that nobody knows."""
    one = await referred(desk, accept_one)
    with pytest.raises(DecisionRefusedError, match="do not support AA21"):
        await decide_referral(desk, read(one), verdict(codes=["AA21"]))
    nobody = replace(desk, creditors=MappingProxyType({}))
    with pytest.raises(DecisionRefusedError, match="LENDGATE_CREDITORS"):
        await decide_referral(nobody, read(one), verdict())
    async with desk.database.tenant("acme") as tx:
        assert await load_referral(tx, UUID(one.referral_id)) == one
    assert await standing(desk, one) is None


async def test_what_is_decided_is_decided(desk: Desk, accept_one: AcceptOne, records: Records) -> None:
    """Neither the service nor the tables' owner changes it."""
    one = (await decide_referral(desk, read(await referred(desk, accept_one)), verdict())).referral
    with pytest.raises(ClosedError):
        await decide_referral(desk, read(one), verdict())
    for statement in (
        "UPDATE lendgate.referral SET version = version + 1",
        "UPDATE lendgate.decision SET action = 'approve'",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="never changes"):
            records.connection.execute(statement)


@pytest.mark.parametrize("rounds", [20])
async def test_two_underwriters_who_race_make_one_decision(
    rounds: int, desk: Desk, accept_one: AcceptOne, records: Records
) -> None:
    """Each time one decides and the other hears that the referral has changed."""
    before = records.number("SELECT count(*) FROM lendgate.decision")
    for _ in range(rounds):
        one = await referred(desk, accept_one)
        answers = await asyncio.gather(
            decide_referral(desk, read(one, "ada"), verdict()),
            decide_referral(desk, read(one, "bo"), verdict("withdrawn")),
            return_exceptions=True,
        )
        assert sorted(type(answer).__name__ for answer in answers) == ["Decided", "StaleError"]
    assert records.number("SELECT count(*) FROM lendgate.decision") == before + rounds
