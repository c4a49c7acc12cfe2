"""The tenants' data keys: wrapped in the database, unwrapped into sealers.

Law: a tenant's first data key is made by the first transaction that seals, and stays or goes with it. A
later one seals only a minute after it was made, when every process has heard of it (``keyring``): what one
process seals, any other opens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from psycopg.rows import class_row

from lendgate.store.database import Transaction
from lendgate.store.keyring import Owner, Purpose, WrappedKey
from lendgate.store.sealing import Sealer

_LOAD: Final = """
    SELECT key_id, master_id, wrapped, seals_from <= clock_timestamp() FROM lendgate.data_key
    WHERE purpose = %s ORDER BY seals_from, created_at
"""
_INSERT_NEXT: Final = """
    INSERT INTO lendgate.data_key (key_id, purpose, master_id, wrapped, created_at, seals_from)
    VALUES (%s, %s, %s, %s, now(), now() + %s)
"""
_ALL: Final = """
    SELECT key_id, purpose, master_id, wrapped, created_at FROM lendgate.data_key ORDER BY created_at, key_id
"""
_DROP: Final = "SELECT lendgate.drop_data_key(%s)"
_PATIENCE: Final = "SET LOCAL statement_timeout = '30min'"
_REWRAP: Final = "UPDATE lendgate.data_key SET master_id = %s, wrapped = %s WHERE key_id = %s"
LEAD: Final = timedelta(seconds=60)
"""How long a new data key waits before it seals: twice what a process remembers a sealer for."""
_LOCK: Final = "SELECT lendgate.lock_audit_head(0)"
_INSERT_FIRST: Final = """
    INSERT INTO lendgate.data_key (key_id, purpose, master_id, wrapped, created_at, seals_from)
    VALUES (%s, %s, %s, %s, now(), '-infinity')
"""


async def sealer_of(tx: Transaction, purpose: Purpose = "records") -> Sealer:
    """The sealer of the transaction's tenant; get it anew in each transaction, it costs nothing.

    Raises:
        SettingsError: LENDGATE_DATA_KEY is not set, or lacks a key that this tenant's data keys need.
    """
    owner = Owner(tx.tenant, purpose)
    sealer = tx.sealers.get(purpose) or tx.keyring.find(owner)
    if sealer is not None:
        return sealer
    sealer = await _load(tx, owner)
    if sealer is not None:
        tx.keyring.keep(owner, sealer)
        return sealer
    return await _begin(tx, owner)


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A data key as it is kept, and since when (UTC)."""

    key_id: UUID
    purpose: Purpose
    master_id: str
    wrapped: bytes
    created_at: datetime


async def stored_keys(tx: Transaction) -> list[StoredKey]:
    """The tenant's data keys, oldest first."""
    cursor = tx.connection.cursor(row_factory=class_row(StoredKey))
    return await (await cursor.execute(_ALL)).fetchall()


async def make_next_key(tx: Transaction, purpose: Purpose) -> UUID:
    """Make the key that will seal from ``LEAD`` on; its id.

    Raises:
        SettingsError: LENDGATE_DATA_KEY is not set.
    """
    key = tx.keyring.masters.new(Owner(tx.tenant, purpose), uuid4())
    await tx.connection.execute(_INSERT_NEXT, (key.id, purpose, key.master_id, key.wrapped, LEAD))
    return key.id


async def rewrap(tx: Transaction, stored: StoredKey) -> bool:
    """Wrap a data key with the master key in force. False: it is already.

    Raises:
        SettingsError: the master key that wrapped it is not in LENDGATE_DATA_KEY.
    """
    masters, owner = tx.keyring.masters, Owner(tx.tenant, stored.purpose)
    if stored.master_id == masters.current:
        return False
    key = masters.unwrap(owner, WrappedKey(stored.key_id, stored.master_id, stored.wrapped))
    anew = masters.wrap(owner, key)
    await tx.connection.execute(_REWRAP, (anew.master_id, anew.wrapped, anew.id))
    return True


async def drop_key(tx: Transaction, key_id: UUID) -> str | None:
    """Delete a data key that nothing in the database is sealed with. None: it is gone; otherwise why not.

    Files are for the caller to look at, first.
    """
    await tx.connection.execute(_PATIENCE)  # it looks at every sealed row there is
    row = await (await tx.connection.execute(_DROP, (key_id,))).fetchone()
    if row is None or row[0] is not None:
        return str(row[0]) if row else "the database did not say"
    tx.unaudited = f"data key {key_id} is dropped"
    return None


async def _begin(tx: Transaction, owner: Owner) -> Sealer:
    """Make the first key, unless another transaction just did; of all that try, one goes on at a time."""
    await tx.connection.execute(_LOCK)  # the audit trail's: whoever changes anything takes it, once
    sealer = await _load(tx, owner)
    if sealer is None:
        await _insert_first(tx, owner)
        sealer = await _load(tx, owner)
    if sealer is None:
        raise RuntimeError(f"the data key just made for {owner} is not there")
    # Not for the keyring: it is there for others only once this transaction has committed.
    tx.sealers[owner.purpose] = sealer
    return sealer


async def _insert_first(tx: Transaction, owner: Owner) -> None:
    key = tx.keyring.masters.new(owner, uuid4())
    await tx.connection.execute(_INSERT_FIRST, (key.id, owner.purpose, key.master_id, key.wrapped))


async def _load(tx: Transaction, owner: Owner) -> Sealer | None:
    rows = await (await tx.connection.execute(_LOAD, (owner.purpose,))).fetchall()
    if not rows:
        return None
    masters = tx.keyring.masters
    keys = [masters.unwrap(owner, WrappedKey(*row[:3])) for row in rows]
    in_force = [key.id for key, row in zip(keys, rows, strict=True) if row[3]]
    return Sealer.of(tx.tenant, keys, in_force[-1])
