"""Data keys at their end: those that nothing is sealed with any more are dropped.

Law: a key goes only when nothing names it any more: no sealed column of any table, which the database sees to
itself, and no file of a document, which is looked at here, one by one. What cannot be looked at, keeps it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from lendgate.audit import Event
from lendgate.store.audit_log import append_event, tenants
from lendgate.store.blobs import Blobs, reading_of
from lendgate.store.data_keys import StoredKey, drop_key, stored_keys
from lendgate.store.documents import blobs_named
from lendgate.store.sealing import SealingError
from lendgate.store.shelves import BlobMissingError
from lendgate.workflow.desk import Desk
from lendgate.workflow.key_care import OPERATOR

_AT_A_TIME: Final = 16


@dataclass(frozen=True, slots=True)
class Fate:
    """An older data key, and why it stays; None: it is gone."""

    tenant: str
    key_id: UUID
    why: str | None


async def drop_keys(desk: Desk, blobs: Blobs) -> list[Fate]:
    """Drop every older data key that nothing is sealed with any more; what became of each.

    Raises:
        ShelfUnavailableError, StoreUnavailableError: those before are dropped, the others are there.
    """
    return [fate for tenant in await tenants(desk.database) for fate in await _drop_of(desk, blobs, tenant)]


async def _drop_of(desk: Desk, blobs: Blobs, tenant: str) -> list[Fate]:
    async with desk.database.tenant(tenant) as tx:
        older = _older(await stored_keys(tx))
        named = await blobs_named(tx) if any(key.purpose == "records" for key in older) else set()
    sealing = await _keys_of_files(blobs, sorted(named))
    return [await _drop(desk, tenant, key, sealing) for key in older]


def _older(keys: Sequence[StoredKey]) -> list[StoredKey]:
    """All but the newest of each purpose; ``keys`` are in order."""
    newest = {key.purpose: key.key_id for key in keys}
    return [key for key in keys if key.key_id != newest[key.purpose]]


async def _drop(desk: Desk, tenant: str, key: StoredKey, sealing: dict[UUID | None, str]) -> Fate:
    if key.purpose == "records":
        if None in sealing:
            return Fate(tenant, key.key_id, f"{sealing[None]} is lost or damaged, or lies elsewhere")
        if key.key_id in sealing:
            return Fate(tenant, key.key_id, f"{sealing[key.key_id]} names it")
    async with desk.database.tenant(tenant) as tx:
        why = await drop_key(tx, key.key_id)
        if why is None:
            event = Event("data_key.dropped", str(key.key_id), OPERATOR, desk.now(), {"purpose": key.purpose})
            await append_event(tx, desk.audit_key, event)
    return Fate(tenant, key.key_id, why)


async def _keys_of_files(blobs: Blobs, named: Sequence[str]) -> dict[UUID | None, str]:
    """The data keys of these originals and their readings, each with one of them; None: it is damaged."""
    found: dict[UUID | None, str] = {}
    for first in range(0, len(named), _AT_A_TIME):
        some = named[first : first + _AT_A_TIME]
        for keys in await asyncio.gather(*(_keys_of_document(blobs, original) for original in some)):
            found |= keys
    return found


async def _keys_of_document(blobs: Blobs, original: str) -> dict[UUID | None, str]:
    found: dict[UUID | None, str] = {}
    for name in (original, reading_of(original)):
        try:
            found[await blobs.data_key(name)] = name
        except BlobMissingError:
            if name == original:  # a reading need not be there
                found[None] = name
        except SealingError:
            found[None] = name
    return found
