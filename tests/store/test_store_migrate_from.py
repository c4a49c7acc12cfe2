"""From each released revision to the newest: what was in the database is there, and its work goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from itertools import count
from uuid import uuid4

import psycopg
import pytest

from lendgate.store import migrate as migration
from lendgate.store.embedded import EmbeddedPostgres
from lendgate.store.migrate import REVISIONS, current_revision, migrate, newest_revision
from lendgate.store.upgrade import upgrade

EARLIER = sorted(file.name[:4] for file in REVISIONS.glob("[0-9]*.py"))[:-1]
STATES = ("queued", "running", "failed")
TENANTS = ("acme", "rival")
# As the first revision's service wrote it.
REVIEW = """
    WITH a AS (
        INSERT INTO lendgate.application (
            tenant, application_id, broker_id, applicant_id, product, document, body_sha256, request_id,
            received_at
        ) VALUES (
            %(tenant)s, %(id)s, 'b', 'A1', 'personal_loan',
            '{"applicant_id": "A1", "income": "95000", "debt_to_income": "0.3"}', %(mac)s, 'r', now()
        )
    ), h AS (
        INSERT INTO lendgate.audit_head VALUES (%(tenant)s, 1, %(mac)s) ON CONFLICT DO NOTHING
    )
    INSERT INTO lendgate.review (tenant, review_id, application_id, broker_id, status, body, created_at,
                                 completed_at)
    VALUES (%(tenant)s, %(id)s, %(id)s, 'b', %(status)s, '{"status": "old"}', now(),
            CASE WHEN %(status)s = 'failed' THEN now() END)
"""
_numbers = count()


@pytest.fixture
def at_revision(postgres: EmbeddedPostgres, database_name: str) -> Iterator[Callable[[str], str]]:
    """Makes a database at a revision; gives its name."""
    name = f"{database_name}_from_{next(_numbers)}"

    def make(revision: str) -> str:
        postgres.create_database(name)
        with migration._locked(postgres.url("lendgate_owner", name)) as connection:
            connection.execute("CREATE SCHEMA lendgate")
            connection.commit()
            upgrade(connection, revision)
        return name

    yield make
    with psycopg.connect(postgres.url("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


def fill(url: str) -> dict[tuple[str, str], str]:
    """A review of each state for each tenant, past row-level security; their ids."""
    ids = {(tenant, state): str(uuid4()) for tenant in TENANTS for state in STATES}
    with psycopg.connect(url) as administrator:
        for (tenant, state), review_id in ids.items():
            values = {"tenant": tenant, "status": state, "id": review_id, "mac": b"\x01" * 32}
            administrator.execute(REVIEW, values)
    return ids


@pytest.mark.parametrize("revision", EARLIER)
def test_from_each_released_revision_to_the_newest(
    revision: str, at_revision: Callable[[str], str], postgres: EmbeddedPostgres
) -> None:
    """With rows in it, in one call; every one of them is there afterwards."""
    name = at_revision(revision)
    owner, administrator = (postgres.url(role, name) for role in ("lendgate_owner", "postgres"))
    assert current_revision(owner) == revision
    ids = fill(administrator)
    assert migrate(owner) == newest_revision()
    with psycopg.connect(administrator) as looking:
        found = looking.execute("SELECT tenant, status, review_id::text FROM lendgate.review").fetchall()
        applications = looking.execute("SELECT application_id::text FROM lendgate.application").fetchall()
    assert {(tenant, status): review_id for tenant, status, review_id in found} == ids
    assert {application_id for (application_id,) in applications} == set(ids.values())


def test_unfinished_reviews_of_the_first_revision_become_jobs(
    at_revision: Callable[[str], str], postgres: EmbeddedPostgres
) -> None:
    """Each tenant's, queued and running, once; what has ended is left alone."""
    name = at_revision("0001")
    ids = fill(postgres.url("postgres", name))
    migrate(postgres.url("lendgate_owner", name))
    with psycopg.connect(postgres.url("postgres", name)) as looking:
        found = looking.execute(
            "SELECT args->>'tenant', args->>'review_id', lock, queue_name, status::text "
            "FROM lendgate_queue.procrastinate_jobs"
        ).fetchall()
    expected = {
        (tenant, review_id, f"review:{review_id}", f"interactive:{tenant}", "todo")
        for (tenant, state), review_id in ids.items()
        if state != "failed"
    }
    assert set(found) == expected
    assert len(found) == len(expected)


WAITS = """
    INSERT INTO lendgate.document (
        tenant, document_id, application_id, broker_id, filed_under, declared_type, media_type, size, sha256,
        file_name, status, blob, route, triage, findings, created_at, expires_at, received_at, triaged_at
    ) VALUES (
        %(tenant)s, gen_random_uuid(), %(id)s, 'b', %(id)s, 'w2', 'application/pdf', 1, %(sha256)s, '',
        'triaged', 'blob', %(route)s, '{}', '', now(), now(), now(), now()
    ) RETURNING document_id
"""


def test_documents_that_wait_for_a_person_since_before_the_queue_are_in_it(
    at_revision: Callable[[str], str], postgres: EmbeddedPostgres
) -> None:
    """Each tenant's, and nothing that was accepted."""
    name = at_revision("0012")
    ids = fill(postgres.url("postgres", name))
    waiting = set()
    with psycopg.connect(postgres.url("postgres", name)) as administrator:
        for tenant in TENANTS:
            for route in ("accept", "human_review"):
                digest = hashlib.sha256(route.encode()).digest()
                values = {"tenant": tenant, "id": ids[tenant, "failed"], "route": route, "sha256": digest}
                row = administrator.execute(WAITS, values).fetchone()
                if route == "human_review" and row:
                    waiting.add((tenant, row[0], "open", 1))
    migrate(postgres.url("lendgate_owner", name))
    with psycopg.connect(postgres.url("postgres", name)) as looking:
        found = looking.execute(
            "SELECT tenant, document_id, state, version FROM lendgate.inspection"
        ).fetchall()
    assert set(found) == waiting
    assert len(found) == len(TENANTS)
