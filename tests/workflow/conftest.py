"""What the workflow's tests share: a desk on the module's database, and accepted applications."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

import psycopg
import pytest

from lendgate.store.database import Database
from lendgate.workflow.accept import Accepted, accept_application
from lendgate.workflow.desk import Desk
from tests.support.edge_hand import GOOD, metadata_of, principal
from tests.support.service import desk_on, now
from tests.support.traces import Records

AcceptOne = Callable[..., Awaitable[Accepted]]


@pytest.fixture
def desk(database: Database) -> Desk:
    """A desk with the packaged policy and the rules reviewer."""
    return desk_on(database)


@pytest.fixture
def accept_one(desk: Desk) -> AcceptOne:
    """Accepts an application of a tenant, as a broker sent it."""

    async def make(body: bytes = GOOD, tenant: str = "acme", received_at: datetime | None = None) -> Accepted:
        caller = principal(tenant, "broker-1")
        return await accept_application(desk, body, caller, metadata_of(caller, received_at or now()))

    return make


@pytest.fixture
async def records(superuser_url: str) -> AsyncIterator[Records]:
    """The module's tables, past their row-level security."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        yield Records(connection)
