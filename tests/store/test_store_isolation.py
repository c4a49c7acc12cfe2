"""Tenants see nothing of each other, and the service may do what it needs and no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import sql

from lendgate.audit import AuditKey, CheckpointKey, Event, make_checkpoint
from lendgate.errors import SettingsError
from lendgate.schema import Review
from lendgate.schema.monitoring import ApplicantMonitoring, Monitoring
from lendgate.store import applications, audit_log, progress, reviews
from lendgate.store.applications import StoredApplication
from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Database
from lendgate.store.monitoring import insert_monitoring, monitoring_place

pytestmark = pytest.mark.anyio
NewCase = Callable[..., tuple[StoredApplication, Review]]
READABLE = (
    "lendgate.application",
    "lendgate.review",
    "lendgate.review_progress",
    "lendgate.audit_event",
    "lendgate.audit_head",
    "lendgate.audit_checkpoint",
)
ONLY_ADDED_TO = ("lendgate.audit_event", "lendgate.audit_checkpoint")
SIGNER = CheckpointKey("c1", Ed25519PrivateKey.generate())


@pytest.fixture
async def case(
    database: Database,
    new_case: NewCase,
    audit_key: AuditKey,
    accepted: Callable[[Review], Event],
    at: datetime,
) -> tuple[StoredApplication, Review]:
    """A row of tenant-a in every table."""
    application, review = new_case()
    async with database.tenant("tenant-a") as tx:
        await reviews.accept(tx, application, review)
        await insert_monitoring(
            tx, application.application_id, Monitoring(applicants=[ApplicantMonitoring(age=44)])
        )
        added = await audit_log.append_event(tx, audit_key, accepted(review))
        await audit_log.insert_checkpoint(tx, make_checkpoint(SIGNER, added.head, at))
    return application, review


async def count(database: Database, tenant: str, table: str) -> int:
    """How many rows of a table a tenant sees."""
    async with database.tenant(tenant) as tx:
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*table.split(".")))
        row = await (await tx.connection.execute(query)).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.usefixtures("case")
@pytest.mark.parametrize("table", READABLE)
async def test_other_tenant_sees_no_row(database: Database, table: str) -> None:
    """What one tenant has is there for it and for nobody else."""
    assert await count(database, "tenant-a", table) > 0
    assert await count(database, "tenant-b", table) == 0


async def test_every_lookup_of_another_tenant_finds_nothing(
    database: Database, case: tuple[StoredApplication, Review]
) -> None:
    """Knowing the ids, even the broker's, is no help."""
    application, review = case
    review_id = UUID(review.review_id)
    async with database.tenant("tenant-b") as tx:
        assert await applications.load_application(tx, application.application_id) is None
        assert await reviews.load_review(tx, review_id, application.broker_id) is None
        assert await reviews.load_review_for_work(tx, review_id) is None
        assert await reviews.load_assessment(tx, review_id) is None
        assert await progress.load_progress(tx, review_id) == []
        assert await audit_log.load_checkpoints(tx) == []
        assert (await audit_log.current_head(tx)).sequence == 0
        assert len([line async for line in audit_log.export_trail(tx, SIGNER, application.received_at)]) == 1


async def test_other_tenant_cannot_change_a_review(
    database: Database, case: tuple[StoredApplication, Review], at: datetime
) -> None:
    """A change by another tenant finds no review to change."""
    running = case[1].model_copy(update={"status": "running"})
    async with database.tenant("tenant-b") as tx:
        assert not await reviews.start_review(tx, running, at)


@pytest.mark.usefixtures("case")
@pytest.mark.parametrize("column", ["document", "document_sealed"])
async def test_an_accepted_application_never_changes(database: Database, column: str) -> None:
    """Not even by the service, whose role may seal it anew."""
    statement = f"UPDATE lendgate.application SET {column} = NULL"
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="an accepted application never changes"):
        async with database.tenant("tenant-a") as tx:
            await tx.connection.execute(statement.encode())


async def test_row_cannot_be_written_for_another_tenant(
    database: Database, case: tuple[StoredApplication, Review]
) -> None:
    """Naming another tenant in an insert is refused."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        async with database.tenant("tenant-b") as tx:
            await tx.connection.execute(
                "INSERT INTO lendgate.review_progress (tenant, review_id, seq, event, at) "
                "VALUES ('tenant-a', %s, 99, 'forged', now())",
                (case[1].review_id,),
            )


async def test_row_cannot_be_hung_on_another_tenants_review(
    database: Database, case: tuple[StoredApplication, Review], at: datetime
) -> None:
    """Foreign keys carry the tenant, so another tenant's id does not resolve."""
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        async with database.tenant("tenant-b") as tx:
            await progress.append_progress(tx, UUID(case[1].review_id), "forged", at)


@pytest.mark.parametrize("table", READABLE)
async def test_without_a_tenant_every_table_refuses(service_url: str, table: str) -> None:
    """Fail closed: no setting, or one that a transaction left empty, is an error and not an empty answer."""
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*table.split(".")))
    async with Database(service_url, size=1) as single:
        for _ in ("never set", "left empty by the transaction between"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no tenant is set"):
                async with single.connection() as connection:
                    await connection.execute(query)
            await count(single, "tenant-a", table)


async def test_tenant_name_is_quoted(database: Database) -> None:
    """A name that looks like SQL is a name."""
    assert await count(database, "x'; RESET ROLE; SELECT '\\", "lendgate.review") == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE lendgate.audit_event SET key_id = 'x'",
        "DELETE FROM lendgate.audit_event",
        "TRUNCATE lendgate.audit_event",
        "INSERT INTO lendgate.audit_event (seq, key_id, previous, mac, event) VALUES (1, '', '', '', '{}')",
        "UPDATE lendgate.audit_head SET seq = 1",
        "DELETE FROM lendgate.audit_head",
        "UPDATE lendgate.audit_checkpoint SET seq = 0",
        "DELETE FROM lendgate.audit_checkpoint",
        "UPDATE lendgate.application SET broker_id = 'x'",
        "DELETE FROM lendgate.application",
        "DELETE FROM lendgate.review",
        "UPDATE lendgate.review SET broker_id = 'x'",
        "UPDATE lendgate.review SET tenant = 'x'",
        "DELETE FROM lendgate.review_progress",
        "UPDATE lendgate.support_turn SET at = now()",
        "UPDATE lendgate.support_request SET kind = 'correction'",
        "UPDATE lendgate.memo_revision SET revision = 3",
        "UPDATE lendgate.legal_hold SET placed_by = 'x'",
        "DELETE FROM lendgate.data_key",
        "SELECT * FROM lendgate_monitoring.monitoring",
        "SELECT count(*) FROM lendgate_monitoring.monitoring",
        "UPDATE lendgate_monitoring.monitoring SET document = '{}'",
        "UPDATE lendgate_monitoring.monitoring SET document_sealed = ''",
        "DELETE FROM lendgate_monitoring.monitoring",
        "INSERT INTO lendgate_monitoring.monitoring VALUES ('x', gen_random_uuid(), '{}') RETURNING document",
        "CREATE TABLE lendgate.own (a int)",
        "CREATE TABLE public.own (a int)",
        "CREATE TEMPORARY TABLE own (a int)",
        "CREATE SCHEMA own",
        "ALTER TABLE lendgate.review DISABLE ROW LEVEL SECURITY",
        "DROP TABLE lendgate.review",
        "UPDATE lendgate.schema_revision SET version_num = 'x'",
        "SET ROLE lendgate_owner",
        "SET session_replication_role = replica",
    ],
)
async def test_service_may_not(database: Database, statement: str) -> None:
    """The service's role has no privilege to undo, to look behind the wall, or to change tables."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"permission denied|must be owner"):
        async with database.tenant("tenant-a") as tx:
            await tx.connection.execute(statement.encode())


@pytest.mark.usefixtures("case")
@pytest.mark.parametrize("table", ONLY_ADDED_TO)
@pytest.mark.parametrize("statement", ["UPDATE {} SET seq = 0", "DELETE FROM {}", "TRUNCATE {}"])
async def test_owner_may_not_change_the_trail(owner_url: str, table: str, statement: str) -> None:
    """Even the tables' owner is stopped by the trigger."""
    with psycopg.connect(owner_url) as owner:
        owner.execute("SET lendgate.tenant = 'tenant-a'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only ever added"):
            owner.execute(statement.format(table).encode())


@pytest.mark.usefixtures("case")
async def test_owner_is_kept_to_one_tenant_too(owner_url: str) -> None:
    """FORCE ROW LEVEL SECURITY: owning the table is no way around."""
    with psycopg.connect(owner_url) as owner:
        owner.execute("SET lendgate.tenant = 'tenant-b'")
        assert owner.execute("SELECT count(*) FROM lendgate.application").fetchone() == (0,)


def test_every_table_with_a_tenant_is_walled(superuser_url: str) -> None:
    """Whatever table is added later: a tenant column means forced row-level security and a policy."""
    with psycopg.connect(superuser_url) as connection:
        tables = connection.execute(
            """
            SELECT c.oid::regclass::text, c.relrowsecurity AND c.relforcerowsecurity
                AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'own_tenant')
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant'
            WHERE c.relkind IN ('r', 'p') AND c.relnamespace::regnamespace::text LIKE 'lendgate%'
            """
        ).fetchall()
    assert {name for name, _ in tables} >= {*READABLE, "lendgate_monitoring.monitoring"}
    assert [name for name, walled in tables if not walled] == []


@pytest.mark.parametrize("role", ["owner_url", "superuser_url"])
async def test_service_does_not_run_with_more_power(role: str, request: pytest.FixtureRequest) -> None:
    """Serving as the owner or as a superuser is refused at the start."""
    with pytest.raises(SettingsError, match="connect as lendgate_service"):
        async with Database(request.getfixturevalue(role), size=1):
            pass


async def test_monitoring_data_is_kept_where_only_others_read(
    database: Database,
    new_case: NewCase,
    audit_key: AuditKey,
    accepted: Callable[[Review], Event],
    superuser_url: str,
) -> None:
    """Invariant f: the service writes it once; reading it takes another role."""
    application, review = new_case()
    monitoring = Monitoring(applicants=[ApplicantMonitoring(race=["Asian"], collected="self")])
    tenant = f"tenant-{uuid4().hex}"
    async with database.tenant(tenant) as tx:
        await reviews.accept(tx, application, review)
        await insert_monitoring(tx, application.application_id, monitoring)
        await audit_log.append_event(tx, audit_key, accepted(review))
    with psycopg.connect(superuser_url) as reporting:
        row = reporting.execute(
            "SELECT document_sealed FROM lendgate_monitoring.monitoring WHERE tenant = %s", (tenant,)
        ).fetchone()
    assert row is not None
    async with database.tenant(tenant) as tx:
        sealer = await sealer_of(tx, "monitoring")
    text = sealer.open_text(row[0], monitoring_place(application.application_id))
    assert Monitoring.model_validate_json(text) == monitoring
