"""Referrals, decisions, clocks and kept policy in the store: walled off, sealed, and never rewritten."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from lendgate.audit import AuditKey, Event
from lendgate.decision.clocks import clock
from lendgate.review.case import add_conditions
from lendgate.review.lease import claim
from lendgate.review.refusals import StaleError
from lendgate.schema import Contact, Decision, RequestedItem, Review
from lendgate.schema.referral import Referral
from lendgate.store import clocks, data_keys, decisions, policy_packs, referrals, reviews
from lendgate.store.applications import StoredApplication
from lendgate.store.audit_log import append_event
from lendgate.store.database import Database, Transaction, UnauditedChangeError
from lendgate.store.decisions import StoredDecision
from lendgate.store.resealing import seal_anew
from lendgate.store.sealed_columns import COLUMNS

pytestmark = pytest.mark.anyio
NewCase = Callable[..., tuple[StoredApplication, Review]]
AT = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)
TABLES = ("lendgate.referral", "lendgate.decision", "lendgate.clock", "lendgate.policy_pack")
SHA = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # of b"abc"


def referral_of(review: Review) -> Referral:
    """An open referral of a review."""
    return Referral(
        referral_id=str(uuid4()),
        review_id=review.review_id,
        broker_id="broker-1",
        applicant_id=review.applicant_id,
        product=review.product,
        cause="refer",
        outcome="refer",
        opened_at=AT,
    )


def decision_of(review: Review) -> StoredDecision:
    """A decision on a review."""
    body = Decision(
        decision_id=str(uuid4()),
        review_id=review.review_id,
        product=review.product,
        action="withdrawn",
        statement="Withdrawn.",
        creditor=Contact(name="Sample Lender", address="100 Sample Street"),
        decided_by="underwriter",
        decided_at=AT,
        decided_on=date(2026, 11, 26),
    )
    return StoredDecision(
        decision_id=UUID(body.decision_id),
        review_id=UUID(review.review_id),
        referral_id=None,
        broker_id="broker-1",
        number=0,
        body=body.model_dump_json(exclude_none=True).encode(),
        record=b'{"secret": "Zanzibar"}',
        letter=None,
    )


@pytest.fixture
async def case(database: Database, new_case: NewCase, audit_key: AuditKey) -> tuple[Review, Referral]:
    """A row of tenant-a in every one of the tables."""
    application, review = new_case()
    referral = referral_of(review)
    async with database.tenant("tenant-a") as tx:
        await reviews.accept(tx, application, review)
        await referrals.open_referral(tx, referral)
        await decisions.insert_decision(tx, decision_of(review))
        running = clock("notify", date(2026, 11, 26))
        await clocks.start_clock(tx, uuid4(), UUID(review.review_id), running)
        await policy_packs.keep_pack(tx, SHA, b"abc", AT)
        await audited(tx, audit_key, review)
    return review, referral


async def audited(tx: Transaction, key: AuditKey, review: Review) -> None:
    """The audit event that lets a change be committed."""
    await append_event(tx, key, Event("referral.opened", review.review_id, "system:test", AT))


async def test_other_tenant_sees_and_changes_nothing(
    database: Database, case: tuple[Review, Referral], audit_key: AuditKey
) -> None:
    """Not a row, not by any id, and not by any change."""
    review, referral = case
    review_id = UUID(review.review_id)
    async with database.tenant("tenant-b") as tx:
        for table in TABLES:
            query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*table.split(".")))
            assert await (await tx.connection.execute(query)).fetchone() == (0,)
        assert await referrals.load_referral(tx, UUID(referral.referral_id)) is None
        assert await referrals.load_referral_of(tx, review_id) is None
        assert await decisions.load_standing(tx, review_id) is None
        assert await clocks.load_clocks(tx, review_id) == []
        assert await policy_packs.load_pack_text(tx, SHA) is None
        with pytest.raises(StaleError):
            await referrals.save_referral(tx, claim(referral, "eve", AT))
        await audited(tx, audit_key, review)


@pytest.mark.parametrize("table", TABLES)
async def test_without_a_tenant_every_table_refuses(table: str, service_url: str) -> None:
    """Fail closed."""
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*table.split(".")))
    async with Database(service_url, size=1) as single, single.connection() as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no tenant is set"):
            await connection.execute(query)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM lendgate.referral",
        "UPDATE lendgate.referral SET cause = 'refer'",
        "DELETE FROM lendgate.decision",
        "UPDATE lendgate.decision SET action = 'approve'",
        "DELETE FROM lendgate.clock",
        "UPDATE lendgate.clock SET due_on = '2099-01-01'",
        "DELETE FROM lendgate.policy_pack",
        "UPDATE lendgate.policy_pack SET content = ''",
    ],
)
async def test_service_may_not(database: Database, statement: str) -> None:
    """What was decided, due or applied is not the service's to rewrite."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
        async with database.tenant("tenant-a") as tx:
            await tx.connection.execute(statement.encode())


async def test_a_change_without_its_audit_event_is_not_committed(
    database: Database, case: tuple[Review, Referral]
) -> None:
    """Invariant e, for each kind of change."""
    review, referral = case
    review_id = UUID(review.review_id)
    changes: tuple[Callable[[Transaction], object], ...] = (
        lambda tx: referrals.save_referral(tx, claim(referral, "ada", AT)),
        lambda tx: decisions.insert_decision(tx, decision_of(review)),
        lambda tx: clocks.stop_clocks(tx, review_id, ["notify"], AT),
        lambda tx: clocks.start_clock(tx, uuid4(), review_id, clock("counteroffer", date(2026, 11, 26))),
    )
    for change in changes:
        with pytest.raises(UnauditedChangeError):
            async with database.tenant("tenant-a") as tx:
                await change(tx)  # type: ignore[misc]  # every one of them is awaited
    async with database.tenant("tenant-a") as tx:
        assert await referrals.load_referral(tx, UUID(referral.referral_id)) == referral


async def test_the_verdict_behind_a_decision_is_sealed(
    database: Database, case: tuple[Review, Referral], superuser_url: str
) -> None:
    """Given back byte for byte to its tenant, unreadable in the table."""
    async with database.tenant("tenant-a") as tx:
        stored = await decisions.load_standing(tx, UUID(case[0].review_id))
    assert stored is not None
    assert stored.record == b'{"secret": "Zanzibar"}'
    with psycopg.connect(superuser_url) as attacker:
        rows = attacker.execute("SELECT body_sealed, record_sealed FROM lendgate.decision").fetchall()
    assert not any(b"Zanzibar" in cell or b"Withdrawn" in cell for row in rows for cell in row)


async def test_what_is_sealed_is_sealed_anew_and_says_the_same(
    database: Database,
    case: tuple[Review, Referral],
    audit_key: AuditKey,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A decision that never changes changes its key, a decided referral its notes' key."""
    review, referral = case
    review_id = UUID(review.review_id)
    noted = add_conditions(referral, [RequestedItem(text="Proof of insurance")], "ada", AT)
    async with database.tenant("tenant-a") as tx:
        await referrals.save_referral(tx, noted)
        closed = noted.model_copy(update={"state": "decided", "version": noted.version + 1})
        await referrals.save_referral(tx, closed)
        before = await decisions.load_standing(tx, review_id)
        await audited(tx, audit_key, review)
    monkeypatch.setattr(data_keys, "LEAD", timedelta(0))
    async with database.tenant("tenant-a") as tx:
        await data_keys.make_next_key(tx, "records")
    database._keyring.clock = lambda: float("inf")  # it has forgotten
    anew = [column for column in COLUMNS if not column.before]
    for column in anew:
        async with database.tenant("tenant-a") as tx:
            assert await seal_anew(tx, column, timedelta(0)) is not None
    async with database.tenant("tenant-a") as tx:
        assert await decisions.load_standing(tx, review_id) == before
        assert await referrals.load_referral(tx, UUID(referral.referral_id)) == closed
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="a decision never changes"):
        async with database.tenant("tenant-a") as tx:
            await tx.connection.execute("UPDATE lendgate.decision SET body_sealed = record_sealed")


async def test_one_referral_and_one_clock_of_a_kind_are_open(
    database: Database, case: tuple[Review, Referral], audit_key: AuditKey
) -> None:
    """Opening again opens nothing, and what was due first stays due."""
    review, _ = case
    async with database.tenant("tenant-a") as tx:
        assert not await referrals.open_referral(tx, referral_of(review))
        await clocks.start_clock(tx, uuid4(), UUID(review.review_id), clock("notify", date(2027, 1, 1)))
        running = await clocks.load_clocks(tx, UUID(review.review_id))
        await audited(tx, audit_key, review)
    assert [one.due_on for one in running] == [date(2026, 12, 26)]


async def test_a_pack_is_kept_under_its_own_hash(database: Database) -> None:
    """The database checks it; the same again is nothing new."""
    async with database.tenant("tenant-a") as tx:
        await policy_packs.keep_pack(tx, SHA, b"abc", AT)
        await policy_packs.keep_pack(tx, SHA, b"abc", AT)
        assert await policy_packs.load_pack_text(tx, SHA) == b"abc"
    with pytest.raises(psycopg.errors.CheckViolation):
        async with database.tenant("tenant-a") as tx:
            await policy_packs.keep_pack(tx, SHA.replace("b", "c"), b"abc", AT)
