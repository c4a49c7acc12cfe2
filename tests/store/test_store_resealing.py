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
from lendgate.store.intake import content_place, digits_place, state_place
from lendgate.store.resealing import COLUMNS, seal_anew
from lendgate.store.sealing import Sealer, SealingError, data_key_of
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
                done.append(await seal_anew(tx, column, settled))
        return done


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
}
"""How a row of each of these columns is kept: the statement, its place, and the parts of one id."""


async def test_rows_that_share_an_id_are_sealed_anew_each_in_its_own_place(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What documents prove, conversations and the vault: the same words, under the new key."""
    one = kept.application.application_id
    async with kept.database.tenant(kept.tenant) as tx:
        sealer = await sealer_of(tx)
        for name, (insert, place, parts) in ROWS.items():
            for part in parts:
                sealed = sealer.seal(f"{name} {part}".encode(), place(one, part))
                await tx.connection.execute(insert.encode(), {"id": one, "part": part, "sealed": sealed})
    monkeypatch.setattr(data_keys, "LEAD", NOW)
    async with kept.database.tenant(kept.tenant) as tx:
        new = await make_next_key(tx, "records")
    kept.database._keyring.clock = lambda: float("inf")  # it has forgotten
    for column in (each for each in COLUMNS if each.name in ROWS):
        _, place, parts = ROWS[column.name]
        async with kept.database.tenant(kept.tenant) as tx:
            assert await seal_anew(tx, column, NOW, limit=1) == len(parts)
            assert await seal_anew(tx, column, NOW, limit=1) == 0
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
            sealed.append(await seal_anew(tx, COLUMNS[0], NOW, limit=2))
    assert sealed == [2, 1, 0, None]


async def test_an_ended_review_changes_in_no_other_way(kept: Kept) -> None:
    """A transaction that seals anew may not change an outcome on the way."""
    kept.looking.execute("SET lendgate.sealing_anew = on")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="a review that ended never changes"):
        kept.looking.execute("UPDATE lendgate.review SET outcome = 'refer' WHERE tenant = %s", (kept.tenant,))


def test_every_sealed_column_is_among_them(superuser_url: str) -> None:
    """Whatever is sealed later: it is sealed anew, too, or this test is told why not."""
    apart = {
        "model_reply.reply_sealed": "goes within a month",
        "monitoring.document_sealed": "nobody reads it",
    }
    with psycopg.connect(superuser_url) as looking:
        found = looking.execute(
            "SELECT table_name || '.' || column_name FROM information_schema.columns "
            "WHERE table_schema LIKE 'lendgate%' AND column_name LIKE '%\\_sealed'"
        ).fetchall()
    named = {column.name for column in COLUMNS if column.sealed.endswith("_sealed")}
    assert {name for (name,) in found} == named | set(apart)
