"""How far sealing anew has come: what an operator waits for before an older data key can go.

Law: it is told for the newest key of each purpose, from what each step has committed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from lendgate.store.audit_log import tenants
from lendgate.store.data_keys import stored_keys
from lendgate.store.sealed_columns import COLUMNS, MONITORING
from lendgate.store.sealing_progress import Standing, standings
from lendgate.workflow.blob_renewal import PLACE
from lendgate.workflow.desk import Desk


@dataclass(frozen=True, slots=True)
class Renewal:
    """How far a place has come with the tenant's newest key: ``share`` of it, and what does not open."""

    tenant: str
    place: str
    state: Literal["waits", "at work", "done"]
    share: float
    left_behind: int


async def renewals(desk: Desk) -> list[Renewal]:
    """How far every place of every tenant has come.

    Raises:
        StoreUnavailableError: the database is away.
    """
    found: list[Renewal] = []
    for tenant in await tenants(desk.database):
        async with desk.database.tenant(tenant) as tx:
            newest = {key.purpose: key.key_id for key in await stored_keys(tx)}
            known = await standings(tx)
        records = (*(column.name for column in COLUMNS), PLACE)
        places = {"records": records, "monitoring": (MONITORING.name,)}
        found += [
            _renewal(tenant, place, key_id, known.get(place))
            for purpose, key_id in newest.items()
            for place in places[purpose]
        ]
    return found


def _renewal(tenant: str, place: str, key_id: UUID, standing: Standing | None) -> Renewal:
    if standing is None or standing.key_id != key_id:
        return Renewal(tenant, place, "waits", 0.0, 0)
    if standing.done:
        return Renewal(tenant, place, "done", 1.0, standing.left_behind)
    # Ids are drawn evenly, so the last one says how much lies before it.
    return Renewal(tenant, place, "at work", standing.last_id.int / 2**128, standing.left_behind)
