"""The tenants' data keys: wrapped in the database, unwrapped into sealers.

Law: a tenant's first data key is made by the first transaction that seals, and stays or goes with it. A
later one seals only a minute after it was made, when every process has heard of it (``keyring``): what one
process seals, any other opens.
"""

from __future__ import annotations

from typing import Final
from uuid import uuid4

from lendgate.store.database import Transaction
from lendgate.store.keyring import Owner, Purpose, WrappedKey
from lendgate.store.sealing import Sealer

_LOAD: Final = """
    SELECT key_id, master_id, wrapped, seals_from <= clock_timestamp() FROM lendgate.data_key
    WHERE purpose = %s ORDER BY seals_from, created_at
"""
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
