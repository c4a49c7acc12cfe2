"""Data keys in the database: one first key a tenant, kept with what it sealed, seen by its tenant only."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import psycopg
import pytest

from lendgate.errors import SettingsError
from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Database, Transaction
from lendgate.store.keyring import MasterKeys, Owner, WrappedKey
from lendgate.store.sealing import Sealer, SealingError
from tests.support.keys import MASTERS

pytestmark = pytest.mark.anyio


@pytest.fixture
def tenant() -> str:
    """A tenant nobody has heard of."""
    return f"tenant-{uuid4().hex}"


async def count(tx: Transaction) -> int:
    """How many data keys the tenant has."""
    row = await (await tx.connection.execute("SELECT count(*) FROM lendgate.data_key")).fetchone()
    assert row is not None
    return int(row[0])


async def sealed_in(database: Database, tenant: str) -> tuple[Sealer, bytes]:
    """A transaction that seals something."""
    async with database.tenant(tenant) as tx:
        sealer = await sealer_of(tx)
        return sealer, sealer.seal(b"secret", b"here")


async def test_what_one_process_sealed_another_opens(
    database: Database, service_url: str, tenant: str
) -> None:
    """The key is in the database, unwrapped by the same master key."""
    _, sealed = await sealed_in(database, tenant)
    async with Database(service_url, size=1, masters=MASTERS) as other, other.tenant(tenant) as tx:
        assert (await sealer_of(tx)).open(sealed, b"here") == b"secret"


async def test_a_tenant_has_one_first_key_however_many_begin(database: Database, tenant: str) -> None:
    """Eight at once: one makes it, the others find it."""
    found = await asyncio.gather(*(sealed_in(database, tenant) for _ in range(8)))
    assert len({sealer.current for sealer, _ in found}) == 1
    async with database.tenant(tenant) as tx:
        assert await count(tx) == 1


async def test_a_key_goes_with_the_transaction_that_made_it(database: Database, tenant: str) -> None:
    """A rollback takes key and sealed rows; no process goes on sealing with a key that is nowhere."""
    rolled_back: list[Sealer] = []

    async def seal_and_fail() -> None:
        async with database.tenant(tenant) as tx:
            rolled_back.extend([await sealer_of(tx), await sealer_of(tx)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await seal_and_fail()
    first, second = rolled_back
    kept, _ = await sealed_in(database, tenant)
    assert first is second
    assert kept.current != first.current


async def test_monitoring_data_has_a_key_of_its_own(database: Database, tenant: str) -> None:
    """Invariant f: who may open records cannot open it."""
    async with database.tenant(tenant) as tx:
        records, monitoring = await sealer_of(tx), await sealer_of(tx, "monitoring")
    with pytest.raises(SealingError, match="does not have"):
        records.open(monitoring.seal(b"age", b"here"), b"here")


async def test_another_tenant_sees_no_key(database: Database, tenant: str) -> None:
    """Row-level security holds here, too."""
    await sealed_in(database, tenant)
    async with database.tenant(f"{tenant}-other") as tx:
        assert await count(tx) == 0


async def test_the_database_alone_opens_nothing(superuser_url: str, database: Database, tenant: str) -> None:
    """Whoever has every row of it, and another master key of that name, has no data key."""
    await sealed_in(database, tenant)
    with psycopg.connect(superuser_url) as reader:
        row = reader.execute(
            "SELECT key_id, master_id, wrapped FROM lendgate.data_key WHERE tenant = %s", (tenant,)
        ).fetchone()
    assert row is not None
    key, owner = WrappedKey(*row), Owner(tenant, "records")
    assert MASTERS.unwrap(owner, key).secret not in key.wrapped
    with pytest.raises(SettingsError, match="does not open"):
        MasterKeys({"m1": b"guessed " * 4}).unwrap(owner, key)


async def test_without_a_master_key_nothing_is_sealed(service_url: str, tenant: str) -> None:
    """The message names the setting."""
    async with Database(service_url, size=1) as keyless:
        with pytest.raises(SettingsError, match="LENDGATE_DATA_KEY is not set"):
            await sealed_in(keyless, tenant)
