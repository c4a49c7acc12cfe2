"""Keys in the long run: data keys wrapped anew, made anew, and what older ones sealed, sealed anew.

Law: a rotation can be broken off anywhere and begun again; nothing is unreadable in between. Each step that
changes a key is in the tenant's audit trail. What does not open is named in the log and left as it is.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from lendgate.audit import Event
from lendgate.audit.canonical import Json
from lendgate.store.audit_log import append_event, tenants
from lendgate.store.data_keys import make_next_key, rewrap, sealer_of, stored_keys
from lendgate.store.database import Transaction
from lendgate.store.resealing import seal_anew
from lendgate.store.sealed_columns import COLUMNS, MONITORING, Column
from lendgate.workflow.desk import Desk

_LOG: Final = logging.getLogger("lendgate.workflow")
SETTLED: Final = timedelta(hours=1)
"""How long a key has been in force before what older ones sealed is sealed anew: by then no process of an
older version is left that would keep anything otherwise."""
_BATCHES: Final = 500
"""Of a column in one go; the next go begins where this one ended."""
OPERATOR: Final = "operator:keys"
_WORKFLOW: Final = "system:workflow"


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did: data keys wrapped with the master key in force, and new ones made."""

    rewrapped: int
    made: int


async def rotate_keys(desk: Desk, *, renew: bool = False) -> Rotated:
    """Wrap every data key with the first of LENDGATE_DATA_KEY; with ``renew``, make new ones, too.

    Raises:
        SettingsError: LENDGATE_DATA_KEY lacks a key that is needed; tenants before that one are done.
        StoreUnavailableError: the database is away.
    """
    rewrapped = made = 0
    for tenant in await tenants(desk.database):
        rewrapped += await _rewrap_all(desk, tenant)
        if renew:
            made += await _renew(desk, tenant)
    return Rotated(rewrapped, made)


async def _rewrap_all(desk: Desk, tenant: str) -> int:
    async with desk.database.tenant(tenant) as tx:
        changed = [key for key in await stored_keys(tx) if await rewrap(tx, key)]
        for key in changed:
            data = {"purpose": key.purpose, "master_key": tx.keyring.masters.current}
            event = Event("data_key.rewrapped", str(key.key_id), OPERATOR, desk.now(), data)
            await append_event(tx, desk.audit_key, event)
    return len(changed)


async def _renew(desk: Desk, tenant: str) -> int:
    """A new key for each purpose the tenant has one for."""
    async with desk.database.tenant(tenant) as tx:
        purposes = {key.purpose for key in await stored_keys(tx)}
        for purpose in sorted(purposes):
            key_id = await make_next_key(tx, purpose)
            event = Event("data_key.made", str(key_id), OPERATOR, desk.now(), {"purpose": purpose})
            await append_event(tx, desk.audit_key, event)
    return len(purposes)


async def seal_all_anew(desk: Desk, settled: timedelta = SETTLED) -> int:
    """Seal with the key in force what is not; how many rows. What remains, remains for the next time.

    Raises:
        StoreUnavailableError: the database is away; what was sealed stays.
    """
    rows = 0
    for tenant in await tenants(desk.database):
        for column in COLUMNS:
            rows += await _seal_column(desk, tenant, column, settled)
    return rows


async def seal_monitoring_anew(desk: Desk, settled: timedelta = SETTLED) -> int:
    """The same for monitoring data; its desk is the owner's (DESIGN 3 f).

    Raises:
        StoreUnavailableError: the database is away; what was sealed stays.
        psycopg.Error: the desk is the service's, which reads nothing there.
    """
    rows = 0
    for tenant in await tenants(desk.database):
        async with desk.database.tenant(tenant) as tx:
            collected = any(key.purpose == "monitoring" for key in await stored_keys(tx))
        while collected and (sealed := await _seal_column(desk, tenant, MONITORING, settled)):
            rows += sealed
    return rows


async def record_took_over(tx: Transaction, desk: Desk, key: UUID, place: str, left: int) -> None:
    """Put on record that a place has been gone through with a key, and how much of it does not open."""
    data: dict[str, Json] = {"column": place, "left": left} if left else {"column": place}
    await append_event(tx, desk.audit_key, Event("data_key.took_over", str(key), _WORKFLOW, desk.now(), data))


def name_damaged(tenant: str, place: str, damaged: str) -> None:
    """Say in the log what does not open; ids are nobody's data."""
    _LOG.error("%s %s of tenant %s does not open and stays as it is", place, damaged, tenant)


async def _seal_column(desk: Desk, tenant: str, column: Column, settled: timedelta) -> int:
    rows = 0
    for _ in range(_BATCHES):
        async with desk.database.tenant(tenant) as tx:
            step = await seal_anew(tx, column, settled)
            if step is not None and step.ended:
                key = (await sealer_of(tx, column.purpose)).current
                await record_took_over(tx, desk, key, column.name, step.left)
        if step is None or step.ended:
            break
        for damaged in step.damaged:
            name_damaged(tenant, column.name, damaged)
        rows += step.sealed
    return rows
