"""Sealing anew: what lay in the open, or under an older key, says the same under the key in force."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from lendgate.audit import AuditKey, Event
from lendgate.policy.model import Assessment
from lendgate.schema import Review
from lendgate.store import data_keys, endings, reviews
from lendgate.store.applications import StoredApplication, load_application
from lendgate.store.assessments import facts_to_json, findings_to_json
from lendgate.store.audit_log import append_event
from lendgate.store.data_keys import make_next_key, sealer_of
from lendgate.store.database import Database
from lendgate.store.document_evidence import evidence_place
from lendgate.store.inspections import doubt_place, verdict_place
from lendgate.store.intake import content_place, digits_place, state_place
from lendgate.store.memos import memo_place
from lendgate.store.resealing import Step, seal_anew
from lendgate.store.retention import reason_place
from lendgate.store.sealed_columns import COLUMNS, MONITORING
from lendgate.store.sealing import Sealer, SealingError, data_key_of
from lendgate.store.support import request_place, turn_place
from tests.support.keys import MASTERS

pytestmark = pytest.mark.anyio
NOW = timedelta(0)
NewCase = Callable[..., tuple[StoredApplication, Review]]
IN_THE_OPEN = """
    SET lendgate.sealing_anew = on;
    UPDATE lendgate.application SET document = %(document)s, document_sealed = NULL
        WHERE application_id = %(application_id)s;
    UPDATE lendgate.review SET body = %(body)s, body_sealed = NULL, assessment_sealed = NULL,
        facts = %(facts)s, findings = %(findings)s WHERE review_id = %(review_id)s;
"""
ROW = "SELECT document_sealed FROM lendgate.application WHERE application_id = %s"
SEALED = """
    SELECT document_sealed, body_sealed, assessment_sealed, document IS NULL AND body IS NULL
        AND facts IS NULL AND findings IS NULL
    FROM lendgate.application JOIN lendgate.review USING (tenant, application_id) WHERE tenant = %s
"""


@dataclass
class Kept:
    """A tenant with one completed review, and what it said when it was stored."""

    database: Database
    looking: psycopg.Connection[tuple[object, ...]]
    tenant: str
    application: StoredApplication
    review: Review
    assessment: Assessment

    async def says_the_same(self) -> bool:
        """Whether everything reads as it was written, by a process that remembers no key."""
        review_id = UUID(self.review.review_id)
        async with self.database.tenant(self.tenant) as tx:
            application = await load_application(tx, self.application.application_id)
            review = await reviews.load_review_for_work(tx, review_id)
            found = await reviews.load_assessment(tx, review_id)
        assert application is not None
        assert review is not None
        return (
            application.document == self.application.document
            and review.review == self.review
            and found == (self.assessment.facts, self.assessment.findings)
        )

    def keys(self) -> set[UUID]:
        """The data keys that the row is sealed with; fails when anything of it lies in the open."""
        row = self.looking.execute(SEALED, (self.tenant,)).fetchone()
        assert row is not None
        *sealed, nothing_open = row
        assert nothing_open
        return {data_key_of(each) for each in sealed if isinstance(each, bytes)}

    async def anew(self, settled: timedelta = NOW) -> list[int | None]:
        """Seal one batch of each column that was once in the open anew; how many rows of each."""
        done = []
        for column in (one for one in COLUMNS if one.before):
            async with self.database.tenant(self.tenant) as tx:
                done.append(rows_of(await seal_anew(tx, column, settled)))
        return done


def rows_of(step: Step | None) -> int | None:
    """How many rows a step sealed; 0 is the end, None that there was nothing to do."""
    return None if step is None else step.sealed


@pytest.fixture
async def kept(  # noqa: PLR0917 - fixtures
    database: Database,
    superuser_url: str,
    new_case: NewCase,
    audit_key: AuditKey,
    accepted: Callable[[Review], Event],
    complete: Callable[[Review], Review],
    assessment: Assessment,
    at: datetime,
) -> AsyncIterator[Kept]:
    """A tenant with a completed review."""
    application, review = new_case()
    tenant = f"tenant-{uuid4().hex}"
    async with database.tenant(tenant) as tx:
        await reviews.accept(tx, application, review)
        await append_event(tx, audit_key, accepted(review))
    ended = complete(review)
    async with database.tenant(tenant) as tx:
        await endings.complete_review(tx, ended, assessment, at)
        await append_event(tx, audit_key, Event("review.completed", review.review_id, "system:workflow", at))
    with psycopg.connect(superuser_url, autocommit=True) as looking:
        yield Kept(database, looking, tenant, application, ended, assessment)


def into_the_open(kept: Kept) -> None:
    """Put the row back as a version kept it that did not seal yet."""
    values = {
        "application_id": kept.application.application_id,
        "document": kept.application.document.model_dump_json(exclude_none=True),
        "review_id": kept.review.review_id,
        "body": kept.review.model_dump_json(exclude_none=True),
        "facts": facts_to_json(kept.assessment.facts),
        "findings": findings_to_json(kept.assessment.findings),
    }
    for statement in IN_THE_OPEN.split(";\n")[:-1]:
        kept.looking.execute(statement.encode(), values)


async def test_what_was_kept_in_the_open_is_readable_and_gets_sealed(kept: Kept) -> None:
    """An upgrade loses nothing, and in the end nothing lies in the open."""
    into_the_open(kept)
    assert await kept.says_the_same()
    assert await kept.anew() == [1, 1, 1]
    assert len(kept.keys()) == 1
    assert await kept.says_the_same()


async def test_what_an_older_key_sealed_is_sealed_with_the_new_one(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the moment the new one is in force; the old one is needed for nothing afterwards."""
    (old,) = kept.keys()
    monkeypatch.setattr(data_keys, "LEAD", NOW)
    async with kept.database.tenant(kept.tenant) as tx:
        new = await make_next_key(tx, "records")
    kept.database._keyring.clock = lambda: float("inf")  # it has forgotten
    assert await kept.anew() == [1, 1, 1]
    assert kept.keys() == {new} != {old}
    assert await kept.says_the_same()


DOCUMENT: Final = (
    "WITH filed AS (INSERT INTO lendgate.document (document_id, application_id, broker_id, filed_under, "
    "declared_type, media_type, size, sha256, file_name, status, created_at, expires_at) "
    "VALUES (%(id)s, %(id)s, 'b', %(id)s, 'w2', 'application/pdf', 1, sha256('x'), '', 'awaiting_content', "
    "now(), now()) ON CONFLICT DO NOTHING) "
)
"""The document that a row hangs on."""
ROWS: Final[dict[str, tuple[str, Callable[..., bytes], tuple[Any, ...]]]] = {
    "document_evidence.evidence": (
        (
            "INSERT INTO lendgate.document_evidence (application_id, revision, evidence, at) "
            "VALUES (%(id)s, %(part)s, %(sealed)s, now())"
        ),
        evidence_place,
        (1, 2),
    ),
    "intake_session.state": (
        (
            "INSERT INTO lendgate.intake_session (session_id, state, broker_id, owner, applicant_id, phase, "
            "created_at, expires_at) VALUES (%(id)s, %(sealed)s, 'b', 'o', 'a', 'asking', now(), now())"
        ),
        lambda session_id, _: state_place(session_id),
        (None,),
    ),
    "intake_message.content": (
        (
            "INSERT INTO lendgate.intake_message (session_id, seq, content, message_id, at) "
            "VALUES (%(id)s, %(part)s, %(sealed)s, %(part)s::text, now())"
        ),
        content_place,
        (1, 2, 10),
    ),
    "intake_identifier.digits": (
        (
            "INSERT INTO lendgate.intake_identifier (session_id, token, digits, at) "
            "VALUES (%(id)s, %(part)s, %(sealed)s, now())"
        ),
        lambda _, token: digits_place(token),
        ("tok_a", "tok_b"),
    ),
    "support_turn.sealed": (
        (
            "WITH opened AS (INSERT INTO lendgate.support_conversation "
            "(conversation_id, review_id, broker_id, opened_at) "
            "VALUES (%(id)s, %(review)s, 'b', now()) ON CONFLICT DO NOTHING) "
            "INSERT INTO lendgate.support_turn (conversation_id, turn_id, sealed, at) "
            "VALUES (%(id)s, %(part)s, %(sealed)s, now())"
        ),
        lambda _, turn_id: turn_place(turn_id),
        (UUID(int=7), UUID(int=8)),
    ),
    "support_request.sealed": (
        (
            "INSERT INTO lendgate.support_request (request_id, review_id, broker_id, kind, sealed, "
            "opened_at, due_on) VALUES (%(id)s, %(review)s, 'b', 'correction', %(sealed)s, now(), now())"
        ),
        lambda request_id, _: request_place(request_id),
        (None,),
    ),
    "memo_revision.sealed": (
        (
            "INSERT INTO lendgate.memo_revision (memo_id, review_id, revision, sealed, at) "
            "VALUES (%(id)s, %(review)s, 2, %(sealed)s, now())"
        ),
        lambda memo_id, _: memo_place(memo_id),
        (None,),
    ),
    "document_doubt.reasons": (
        (
            f"{DOCUMENT}INSERT INTO lendgate.document_doubt (document_id, revision, reasons, at) "
            "VALUES (%(id)s, %(part)s, %(sealed)s, now())"
        ),
        doubt_place,
        (1, 2),
    ),
    "document_verdict.body": (
        (
            f"{DOCUMENT}INSERT INTO lendgate.document_verdict "
            "(verdict_id, document_id, number, action, body, at) "
            "VALUES (%(id)s, %(id)s, 1, 'accept', %(sealed)s, now())"
        ),
        lambda verdict_id, _: verdict_place(verdict_id),
        (None,),
    ),
    "legal_hold.reason": (
        (
            "INSERT INTO lendgate.legal_hold (hold_id, application_id, reason, placed_by, placed_at) "
            "VALUES (%(id)s, %(id)s, %(sealed)s, 'p', now())"
        ),
        lambda hold_id, _: reason_place(hold_id),
        (None,),
    ),
}
"""How a row of each of these columns is kept: the statement, its place, and the parts of one id."""


async def keep_rows(kept: Kept) -> None:
    """A row of each of these columns for each part, all of one id."""
    one = kept.application.application_id
    async with kept.database.tenant(kept.tenant) as tx:
        sealer = await sealer_of(tx)
        for name, (insert, place, parts) in ROWS.items():
            for part in parts:
                sealed = sealer.seal(f"{name} {part}".encode(), place(one, part))
                values = {"id": one, "part": part, "sealed": sealed, "review": kept.review.review_id}
                await tx.connection.execute(insert.encode(), values)


async def new_key(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """A data key that seals at once, in a process that has forgotten the one before."""
    monkeypatch.setattr(data_keys, "LEAD", NOW)
    async with kept.database.tenant(kept.tenant) as tx:
        new = await make_next_key(tx, "records")
    kept.database._keyring.clock = lambda: float("inf")
    return new


async def test_rows_that_share_an_id_are_sealed_anew_each_in_its_own_place(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Evidence, conversations, the vault, support, later memos, holds: the same words, under the new key."""
    one = kept.application.application_id
    await keep_rows(kept)
    new = await new_key(kept, monkeypatch)
    for column in (each for each in COLUMNS if each.name in ROWS):
        _, place, parts = ROWS[column.name]
        async with kept.database.tenant(kept.tenant) as tx:
            assert await seal_anew(tx, column, NOW, limit=1) == Step(len(parts))
            assert await seal_anew(tx, column, NOW, limit=1) == Step(ended=True)
            rows = await tx.connection.execute(column.written(sql.SQL("SELECT {sealed} FROM {table}")))
            found = [row[0] for row in await rows.fetchall()]
            sealer = await sealer_of(tx)
        assert [data_key_of(each) for each in found] == [new] * len(parts)
        opened = {opened for part in parts for opened in opening(sealer, found, place(one, part))}
        assert opened == {f"{column.name} {part}".encode() for part in parts}


def opening(sealer: Sealer, found: list[bytes], where: bytes) -> Iterator[bytes]:
    """What of these opens in this place."""
    for each in found:
        with contextlib.suppress(SealingError):
            yield sealer.open(each, where)


async def test_a_key_that_is_not_in_force_does_not_seal_yet(kept: Kept, service_url: str) -> None:
    """A minute passes before a new key seals: processes that know it open what those that do not sealed."""
    (old,) = kept.keys()
    async with kept.database.tenant(kept.tenant) as tx:
        await make_next_key(tx, "records")
    async with Database(service_url, size=1, masters=MASTERS) as other, other.tenant(kept.tenant) as tx:
        assert (await sealer_of(tx)).current == old


async def test_it_waits_until_nobody_seals_otherwise(kept: Kept) -> None:
    """A process of an older version may still be running."""
    into_the_open(kept)
    assert await kept.anew(timedelta(hours=1)) == [None, None, None]
    assert await kept.says_the_same()


async def test_it_ends_and_stays_ended(kept: Kept) -> None:
    """The batch after the last is empty; after that there is nothing to look for."""
    assert await kept.anew() == [0, 0, 0]
    assert await kept.anew() == [None, None, None]


async def test_it_goes_on_where_it_stopped(kept: Kept, new_case: NewCase, audit_key: AuditKey) -> None:
    """A batch a transaction: of three rows two, then one, then none."""
    for _ in range(2):
        application, review = new_case()
        async with kept.database.tenant(kept.tenant) as tx:
            await reviews.accept(tx, application, review)
            await append_event(
                tx, audit_key, Event("application.accepted", review.review_id, "b", review.created_at)
            )
    kept.looking.execute("SET lendgate.sealing_anew = on")
    kept.looking.execute(
        "UPDATE lendgate.application SET document = '{}', document_sealed = NULL WHERE tenant = %s",
        (kept.tenant,),
    )
    sealed = []
    for _ in range(4):
        async with kept.database.tenant(kept.tenant) as tx:
            sealed.append(rows_of(await seal_anew(tx, COLUMNS[0], NOW, limit=2)))
    assert sealed == [2, 1, 0, None]


async def test_an_ended_review_changes_in_no_other_way(kept: Kept) -> None:
    """A transaction that seals anew may not change an outcome on the way."""
    kept.looking.execute("SET lendgate.sealing_anew = on")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="a review that ended never changes"):
        kept.looking.execute("UPDATE lendgate.review SET outcome = 'refer' WHERE tenant = %s", (kept.tenant,))


async def test_what_does_not_open_is_named_and_holds_up_nothing(
    kept: Kept, new_case: NewCase, audit_key: AuditKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One altered row of three: the others are sealed anew, it stays as it is, and it is counted."""
    for _ in range(2):
        application, review = new_case()
        async with kept.database.tenant(kept.tenant) as tx:
            await reviews.accept(tx, application, review)
            await append_event(
                tx, audit_key, Event("application.accepted", review.review_id, "b", review.created_at)
            )
    altered = str(kept.application.application_id)
    kept.looking.execute("SET lendgate.sealing_anew = on")
    kept.looking.execute(
        "UPDATE lendgate.application SET document_sealed = set_byte(document_sealed, 40, "
        "get_byte(document_sealed, 40) # 1) WHERE application_id = %s",
        (altered,),
    )
    before = kept.looking.execute(ROW, (altered,)).fetchone()
    await new_key(kept, monkeypatch)
    steps = []
    for _ in range(3):
        async with kept.database.tenant(kept.tenant) as tx:
            steps.append(await seal_anew(tx, COLUMNS[0], NOW))
    assert steps == [Step(2, (altered,), left=1), Step(ended=True, left=1), None]
    assert kept.looking.execute(ROW, (altered,)).fetchone() == before


async def test_what_was_erased_is_not_sealed_again(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason of a hold on what was erased since is empty, and neither damaged nor anybody's."""
    await keep_rows(kept)
    kept.looking.execute("SET lendgate.sealing_anew = on")
    kept.looking.execute("UPDATE lendgate.legal_hold SET reason = '' WHERE tenant = %s", (kept.tenant,))
    await new_key(kept, monkeypatch)
    async with kept.database.tenant(kept.tenant) as tx:
        assert await seal_anew(tx, COLUMNS[-1], NOW) == Step(ended=True)


CHANGES = {
    "support_turn": ("at = now()", "what was asked and answered stays as it was"),
    "support_request": ("kind = 'human_review'", "what was asked for stays as it was"),
    "memo_revision": ("revision = 9", "a memo never changes"),
    "legal_hold": ("placed_by = 'somebody else'", "the reason of a hold stays as it was"),
}


@pytest.mark.parametrize("table", CHANGES)
async def test_what_these_say_never_changes(kept: Kept, table: str) -> None:
    """Their bytes change in a transaction that seals anew alone, and nothing else on the way."""
    change, why = CHANGES[table]
    column = next(each for each in COLUMNS if each.table == table)
    await keep_rows(kept)
    other = column.written(sql.SQL("UPDATE {table} SET {sealed} = '\\x01'"))
    more = sql.SQL(", {} WHERE tenant = %s").format(sql.SQL(change))
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=why):
        async with kept.database.tenant(kept.tenant) as tx:
            await tx.connection.execute(other)
    kept.looking.execute("SET lendgate.sealing_anew = on")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=why):
        kept.looking.execute(other + more, (kept.tenant,))


def test_every_bytea_is_sealed_anew_or_is_not_sealed(superuser_url: str) -> None:
    """Whatever table or column comes later: it is sealed anew, too, or this test is told why not."""
    apart = {
        "model_reply.reply_sealed": "goes within a month",
        "data_key.wrapped": "the keys themselves: wrapped anew",
        "application.body_sha256": "a digest",
        "document.sha256": "a digest",
        "idempotency.body_sha256": "a digest",
        "model_reply.fingerprint": "a digest",
        "document_page.fingerprint": "of a picture; opens nothing",
        "document_number.digest": "keyed, and cannot be turned back",
        "policy_pack.content": "the lender's rules, nobody's data",
        "audit_event.previous": "the chain",
        "audit_event.mac": "the chain",
        "audit_head.mac": "the chain",
        "audit_checkpoint.mac": "the chain",
        "audit_checkpoint.signature": "the chain",
    }
    with psycopg.connect(superuser_url) as looking:
        found = looking.execute(
            "SELECT relname || '.' || attname FROM pg_attribute JOIN pg_class c ON c.oid = attrelid "
            "WHERE relkind IN ('r', 'p') AND relnamespace::regnamespace::text LIKE 'lendgate%' "
            "AND attnum > 0 AND NOT attisdropped AND format_type(atttypid, NULL) IN ('bytea', 'bytea[]')"
        ).fetchall()
    named = [column.name for column in (*COLUMNS, MONITORING)]
    assert sorted(name for (name,) in found) == sorted([*named, *apart])
